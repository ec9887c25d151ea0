import asyncio
import dataclasses
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from noctule_agent import session
from noctule_agent.devices import DeviceList
from noctule_agent.enrolment import Enrolment
from noctule_agent.errors import Fenced, OutboxUnavailable
from noctule_agent.join import JoinOrder, join
from noctule_agent.keys import load_keys
from noctule_agent.link_connection import LinkIdentity, Transport
from noctule_agent.outbox import Outbox
from noctule_agent.outbox_frames import Limits, NewFrame
from noctule_agent.session import DRAINING_FRAMES
from noctule_agent.told_levels import PART_DEVICES
from noctule_agent.uplink import LinkState, Uplink
from noctule_shared.axes import CanaryLevel, DeviceLevels, IcmpLevel, Reachability
from noctule_shared.frames import (
    FLAG_SHUFFLED,
    FLAG_ZLIB,
    LATENCY_COLUMNS,
    EventsBody,
    FrameClass,
    MeasurementsBody,
    TableName,
    decode_frame,
    encode_frame,
    frame_digest,
    pack_table,
)
from noctule_shared.link import PROTOCOL, Command, ConfigPage, DeviceConfig, IcmpConfig, Levels, Result
from noctule_shared.observations import Gap

from tests.agent.fake_hub import FakeHub
from tests.agent.proxy import HttpOnlyProxy

LIMITS = Limits(max_bytes=50_000_000, max_age_ms=7 * 86_400_000)


class Side:
    """The rest of the agent as a session sees it."""

    def __init__(self) -> None:
        self.device_list = DeviceList()
        self.applied: list[DeviceList] = []
        self.canary = CanaryLevel.OK
        self.welcomes: list[bool] = []
        self.level = IcmpLevel.UP
        self.devices = 1
        self.commanded = asyncio.Event()
        self.obeyed = asyncio.Event()

    def levels(self) -> list[DeviceLevels]:
        return [DeviceLevels(number, icmp=self.level, icmp_since_ms=5) for number in range(1, self.devices + 1)]

    async def apply_devices(self, devices: DeviceList) -> None:
        self.device_list = devices
        self.applied.append(devices)

    async def obey(self, command: Command, *, skew_ms: int) -> Result:
        assert skew_ms > 1000
        self.commanded.set()
        await self.obeyed.wait()
        return Result(command.id, ok=True, reason=None, body={"kind": command.kind})

    def welcomed(self, *, hub_went_back: bool) -> None:
        self.welcomes.append(hub_went_back)


class Rig:
    """A fake hub, an enrolled agent with its outbox, and an uplink that retries at once."""

    def __init__(self, hub: FakeHub, enrolment: Enrolment, data_dir: Path, outbox: Outbox) -> None:
        self.hub = hub
        self.side = Side()
        self.outbox = outbox
        self.data_dir = data_dir
        self.acked = asyncio.Event()
        take_ack = outbox.acked

        def note_ack(seq: int) -> None:
            take_ack(seq)
            self.acked.set()

        outbox.acked = note_ack  # type: ignore[method-assign]  # observed, not replaced
        identity = LinkIdentity(enrolment, load_keys(data_dir), started_ms=1, ack_timeout_s=0.5)
        self.uplink = Uplink(identity, outbox, self.side, backoff=lambda _attempt, _rng: 0.01)

    def behind(self, url: str) -> None:
        """Let the hub be reached at another address."""
        enrolment = msgspec.structs.replace(self.uplink._identity.enrolment, hub_url=url)
        self.uplink._identity = dataclasses.replace(self.uplink._identity, enrolment=enrolment)

    async def keep(self, *bodies: bytes) -> None:
        await self.outbox.append([NewFrame(FrameClass.MEASUREMENTS, body, 1, 10, 10) for body in bodies])

    async def delivered(self, count: int) -> None:
        await self.hub.until(lambda: len(self.hub.accepted) >= count)

    async def until_acked(self, seq: int) -> None:
        """Wait for an ack; each one wakes whoever waits for the outbox."""
        async with asyncio.timeout(10):
            while self.outbox.acked_seq < seq:
                self.acked.clear()
                await self.acked.wait()


def damage(path: Path) -> None:
    """Overwrite the tables of an SQLite file and its log, as a failing disk does."""
    for name in (path, path.with_name(f"{path.name}-wal")):
        size = name.stat().st_size
        with name.open("r+b") as file:
            file.seek(min(size, 100))
            file.write(b"\xa5" * max(0, size - 100))


def bodies(count: int) -> list[bytes]:
    return [f"frame {number}".encode() for number in range(1, count + 1)]


def numbered(count: int) -> list[tuple[int, bytes]]:
    return list(enumerate(bodies(count), start=1))


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    hub = FakeHub()
    await hub.start()
    enrolment = await join(JoinOrder(url=hub.url, token=hub.token(), name="a1", data_dir=tmp_path))
    outbox = Outbox(tmp_path / "outbox.db", LIMITS)
    await outbox.open()
    yield Rig(hub, enrolment, tmp_path, outbox)
    await outbox.close()
    await hub.stop()


@asynccontextmanager
async def running(rig: Rig) -> AsyncIterator[None]:
    task = asyncio.create_task(rig.uplink.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_frames_kept_before_and_during_a_link_arrive_in_order(rig: Rig) -> None:
    await rig.keep(*bodies(10))
    async with running(rig):
        await rig.delivered(10)
        await rig.keep(b"frame 11")
        await rig.delivered(11)
        await rig.until_acked(11)
    assert rig.hub.accepted == numbered(11)
    assert rig.hub.duplicates == 0
    assert rig.uplink.clock_skew_ms is not None
    assert 1500 < rig.uplink.clock_skew_ms <= 2000


async def test_hello_tells_where_the_outbox_stands_and_the_present_levels(rig: Rig) -> None:
    await rig.keep(b"a", b"b")
    async with running(rig):
        await rig.delivered(2)
    hello = rig.hub.hellos[0]
    assert (hello.epoch, hello.first_seq, hello.next_seq, hello.config_revision) == (rig.outbox.epoch, 1, 3, 0)
    assert hello.levels.devices == rig.side.levels()
    assert hello.levels.next_seq == 3


async def test_no_more_frames_than_credit_are_on_the_way(rig: Rig) -> None:
    rig.hub.lose_acks = True
    await rig.keep(*bodies(20))
    async with running(rig):
        await rig.delivered(4)
        assert rig.uplink.in_flight == 4
        assert rig.hub.next_seq == 5


async def test_credit_zero_pauses_and_more_credit_resumes(rig: Rig) -> None:
    rig.hub.credit = 0
    await rig.keep(*bodies(3))
    async with running(rig):
        await rig.hub.until(lambda: bool(rig.hub.hellos))
        assert rig.hub.accepted == []
        await rig.hub.emit("credit", {"frames": 2})
        await rig.delivered(3)
    assert rig.hub.accepted == numbered(3)


async def test_lost_acks_lead_to_duplicates_that_take_no_effect(rig: Rig) -> None:
    rig.hub.lose_acks = True
    await rig.keep(*bodies(4))
    async with running(rig):
        await rig.delivered(4)
        # The hub goes back to what it had committed before the acks were lost.
        rig.hub.next_seq, rig.hub.accepted = 3, rig.hub.accepted[:2]
        rig.hub.lose_acks = False
        await rig.hub.until(lambda: len(rig.hub.hellos) >= 2)
        await rig.delivered(4)
        await rig.until_acked(4)
    assert rig.hub.accepted == numbered(4)


async def test_a_link_cut_mid_way_loses_and_doubles_nothing(rig: Rig) -> None:
    cuts = {3, 8, 9, 15}
    tasks: list[asyncio.Task[None]] = []

    def cut(sid: str, seq: int) -> bool:
        if seq in cuts:
            cuts.discard(seq)
            tasks.append(asyncio.create_task(rig.hub.cut(sid)))
            return True
        return False

    rig.hub.interfere = cut
    await rig.keep(*bodies(20))
    async with running(rig):
        await rig.delivered(20)
        await rig.until_acked(20)
    await asyncio.gather(*tasks)
    assert rig.hub.accepted == numbered(20)
    assert len(rig.hub.hellos) == 5


async def test_a_frame_dropped_by_the_hub_is_sent_again_after_its_nack(rig: Rig) -> None:
    drops = {2: 1, 5: 2}

    def drop(_sid: str, seq: int) -> bool:
        if drops.get(seq):
            drops[seq] -= 1
            return True
        return False

    rig.hub.interfere = drop
    await rig.keep(*bodies(12))
    async with running(rig):
        await rig.delivered(12)
        await rig.until_acked(12)
    assert rig.hub.accepted == numbered(12)


async def test_a_hub_that_restarts_is_found_again(rig: Rig) -> None:
    await rig.keep(*bodies(3))
    async with running(rig):
        await rig.delivered(3)
        await rig.hub.stop()
        await rig.keep(b"frame 4")
        await rig.hub.start()
        await rig.delivered(4)
    assert rig.hub.accepted == numbered(4)


async def test_a_hub_restored_from_a_backup_gets_again_what_is_kept(rig: Rig) -> None:
    await rig.keep(*bodies(6))
    async with running(rig):
        await rig.until_acked(6)
        rig.hub.next_seq, rig.hub.accepted = 3, rig.hub.accepted[:2]
        await rig.hub.cut(rig.hub.sids[-1])
        await rig.delivered(6)
    assert rig.hub.accepted == numbered(6)
    assert rig.side.welcomes == [False, True]


async def test_a_hub_ahead_of_the_outbox_makes_it_begin_a_new_epoch(rig: Rig) -> None:
    await rig.keep(*bodies(2))
    rig.hub.epoch, rig.hub.next_seq = rig.outbox.epoch, 50
    async with running(rig):
        await rig.delivered(2)
    assert rig.hub.hellos[0].epoch != rig.hub.hellos[-1].epoch
    assert rig.hub.accepted == numbered(2)


async def test_an_outbox_that_was_set_back_and_went_on_delivers_what_it_made_since(rig: Rig) -> None:
    await rig.keep(*bodies(2))
    async with running(rig):
        await rig.until_acked(2)
    await rig.outbox.maintain()
    rig.hub.accepted += [(3, b"frame 3 of a future"), (4, b"frame 4 of a future")]
    rig.hub.next_seq = 5
    await rig.keep(*(f"frame {number} anew".encode() for number in range(3, 7)))
    async with running(rig):
        await rig.delivered(8)
        await rig.until_acked(4)
    assert rig.hub.accepted[4:] == list(enumerate((f"frame {number} anew".encode() for number in range(3, 7)), start=1))
    reason = rig.hub.hellos[-1].epoch_reason
    assert reason == "its file was set back, and went on with other frames than the hub has"


async def test_frames_that_another_outbox_of_this_identity_told_as_a_hole_are_delivered(rig: Rig) -> None:
    await rig.keep(*bodies(2))
    async with running(rig):
        await rig.until_acked(2)
    await rig.outbox.maintain()
    hole = encode_frame(EventsBody([Gap(3, 4, 1, 2, 9, "outbox full")]))
    rig.hub.accepted.append((3, hole))
    rig.hub.next_seq = 5
    await rig.keep(*(f"frame {number} anew".encode() for number in range(3, 7)))
    async with running(rig):
        await rig.delivered(7)
        await rig.until_acked(4)
    assert rig.hub.accepted[3:] == list(enumerate((f"frame {number} anew".encode() for number in range(3, 7)), start=1))


async def test_a_frame_that_is_no_longer_there_is_not_taken_for_another(rig: Rig) -> None:
    await rig.keep(*bodies(3))
    async with running(rig):
        await rig.until_acked(3)
    epoch = rig.outbox.epoch
    assert [await rig.outbox.digest(seq) for seq in (3, 4)] == [frame_digest(b"frame 3"), None]
    await rig.outbox._change(lambda file: file._db.execute("DELETE FROM frame WHERE seq = 3"))
    await rig.keep(b"frame 4")
    async with running(rig):
        await rig.delivered(4)
    assert (rig.outbox.epoch, rig.hub.accepted) == (epoch, numbered(4))


async def test_a_broken_outbox_is_told_to_the_hub_with_its_reason_and_time(rig: Rig) -> None:
    await rig.keep(*bodies(3))
    async with running(rig):
        await rig.until_acked(3)
        await rig.hub.stop()
        await rig.outbox.append([NewFrame(FrameClass.MEASUREMENTS, b"x" * 50_000, 1, 77_000, 77_000)])
        epoch = rig.outbox.epoch
        damage(rig.data_dir / "outbox.db")
        rig.outbox._opened._db.execute("PRAGMA shrink_memory")
        with pytest.raises(OutboxUnavailable):
            await rig.outbox.read(4, limit=1, max_bytes=1)
        await rig.hub.start()
        await rig.hub.until(lambda: rig.hub.hellos[-1].epoch != epoch)
        await rig.keep(b"frame 1 of the new epoch")
        await rig.delivered(4)
    hello = rig.hub.hellos[-1]
    assert (rig.hub.hellos[0].epoch_reason, hello.lost_from_ms) == (None, 77_000)
    assert hello.epoch_reason is not None
    assert hello.epoch_reason.startswith("its file was broken: ")


async def test_levels_that_change_while_a_backlog_drains_go_ahead_of_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "DRAIN_LEVELS_S", 0.01)
    rig.uplink._identity = dataclasses.replace(rig.uplink._identity, ack_timeout_s=60.0)
    rig.hub.credit = 0
    await rig.keep(*bodies(DRAINING_FRAMES + 1))
    async with running(rig):
        await rig.hub.until(lambda: bool(rig.hub.hellos))
        rig.side.level = IcmpLevel.DOWN
        await rig.hub.until(lambda: bool(rig.hub.received))
        rig.hub.credit = 4
        await rig.hub.emit("credit", {"frames": 4})
        await rig.delivered(DRAINING_FRAMES + 1)
    name, levels = rig.hub.received[0]
    assert (name, levels["full"], levels["nextSeq"]) == ("levels", False, DRAINING_FRAMES + 2)
    assert [(row["deviceId"], row["icmp"]) for row in levels["devices"]] == [(1, "down")]
    assert len(rig.hub.received) == 1


async def test_an_agent_with_nothing_to_say_is_heard_of_by_its_heartbeat(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "DRAIN_LEVELS_S", 0.01)
    monkeypatch.setattr(session, "HEARTBEAT_S", 0.02)
    async with running(rig):
        await rig.hub.until(lambda: len(rig.hub.received) >= 2)
    # It claims nothing of frames: what these tell has not been told by levels.
    assert {(name, len(levels["devices"]), levels["nextSeq"]) for name, levels in rig.hub.received} == {
        ("levels", 0, 0)
    }


async def test_levels_of_many_devices_come_in_messages_of_bounded_size(rig: Rig) -> None:
    rig.side.devices = 2 * PART_DEVICES + 1
    async with running(rig):
        await rig.hub.until(lambda: len(rig.hub.received) >= 2)
    parts = [rig.hub.hellos[0].levels, *(msgspec.convert(data, Levels) for _, data in rig.hub.received)]
    assert [len(part.devices) for part in parts] == [PART_DEVICES, PART_DEVICES, 1]
    assert {part.full for part in parts} == {False}


async def test_where_no_web_socket_gets_through_the_same_frames_go_by_post(rig: Rig) -> None:
    proxy = HttpOnlyProxy(rig.hub.url)
    await proxy.start()
    rig.behind(proxy.url)
    large = [os.urandom(250_000) for _ in range(4)]
    await rig.keep(*large)
    async with running(rig):
        await rig.delivered(4)
        await rig.until_acked(4)
        assert rig.uplink.transport is Transport.POLLING
    await proxy.stop()
    assert [body for _, body in rig.hub.accepted] == large
    assert rig.hub.duplicates == 0
    assert proxy.upgrades_refused >= 1
    # What a hub takes at most in one body.
    assert proxy.largest_post_bytes <= 512 * 1024


async def test_after_a_link_by_post_a_web_socket_is_tried_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "POLLING_S", 0.0)
    proxy = HttpOnlyProxy(rig.hub.url)
    await proxy.start()
    rig.behind(proxy.url)
    async with running(rig):
        await rig.hub.until(lambda: len(rig.hub.hellos) >= 2)
    await proxy.stop()
    assert proxy.upgrades_refused >= 2


async def test_where_web_sockets_are_swallowed_the_third_in_a_row_is_followed_by_a_post(rig: Rig) -> None:
    transports: list[Transport] = []
    rig.hub.swallow_hellos = 3

    def backoff(_attempt: int, _rng: Callable[[], float]) -> float:
        transports.append(rig.uplink.transport)
        return 0.01

    rig.uplink._backoff = backoff
    await rig.keep(b"frame 1")
    async with running(rig):
        await rig.delivered(1)
    assert transports == [Transport.WEBSOCKET, Transport.WEBSOCKET, Transport.POLLING]


async def test_a_hub_that_is_only_away_does_not_make_the_agent_give_up_web_sockets(rig: Rig) -> None:
    await rig.hub.stop()
    transports: list[Transport] = []
    enough = asyncio.Event()

    def backoff(_attempt: int, _rng: Callable[[], float]) -> float:
        transports.append(rig.uplink.transport)
        if len(transports) >= 3:
            enough.set()
        return 0.01

    rig.uplink._backoff = backoff
    async with running(rig), asyncio.timeout(10):
        await enough.wait()
    await rig.hub.start()
    assert set(transports) == {Transport.WEBSOCKET}


@pytest.mark.parametrize(("protocol", "flags"), [(PROTOCOL, FLAG_ZLIB | FLAG_SHUFFLED), (1, FLAG_ZLIB)])
async def test_a_hub_of_the_previous_protocol_gets_columns_as_it_reads_them(
    rig: Rig, protocol: int, flags: int
) -> None:
    rig.hub.protocol = protocol
    body = MeasurementsBody(
        {"latency": pack_table(TableName.LATENCY, {column: range(1, 40) for column in LATENCY_COLUMNS})}
    )
    await rig.keep(encode_frame(body))
    async with running(rig):
        await rig.delivered(1)
    frame = rig.hub.accepted[0][1]
    assert frame[1] == flags
    assert decode_frame(frame) == body


async def test_evicted_frames_are_delivered_as_one_gap(rig: Rig) -> None:
    frame = encode_frame(EventsBody([]))
    await rig.outbox.append([NewFrame(FrameClass.MEASUREMENTS, frame, 5, 10 * n, 10 * n) for n in range(1, 6)])
    rig.outbox._limits = rig.outbox._opened._limits = Limits(max_bytes=1, max_age_ms=LIMITS.max_age_ms)
    await rig.outbox.append([NewFrame(FrameClass.EVENTS, frame, 1, 60, 60)])
    async with running(rig):
        await rig.delivered(2)
        await rig.until_acked(6)
    seqs = [seq for seq, _ in rig.hub.accepted]
    body = decode_frame(rig.hub.accepted[0][1])
    assert seqs == [1, 6]
    assert isinstance(body, EventsBody)
    assert body.events == [Gap(1, 5, 10, 50, 25, "outbox-full")]


async def test_a_link_without_acks_is_given_up(rig: Rig) -> None:
    rig.hub.lose_acks = True
    await rig.keep(b"a")
    async with running(rig):
        await rig.hub.until(lambda: len(rig.hub.hellos) >= 2)
        assert rig.uplink.session_count >= 1


async def test_a_hub_that_cannot_prove_itself_gets_no_frame(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.hub.forge_welcome = True
    await rig.keep(b"secret")
    async with running(rig):
        await rig.hub.until(lambda: len(rig.hub.hellos) >= 3)
    assert rig.hub.accepted == []
    assert caplog.text.count("no link to the hub: the hub could not prove its identity") == 1


async def test_being_fenced_for_good_ends_the_uplink(rig: Rig) -> None:
    async with asyncio.timeout(10):
        task = asyncio.create_task(rig.uplink.run())
        await rig.hub.until(lambda: bool(rig.hub.hellos))
        await rig.hub.emit("fenced", {"code": "revoked", "message": "agent 7 was revoked", "retry": False})
        with pytest.raises(Fenced, match="agent 7 was revoked"):
            await task
    assert rig.uplink.state is LinkState.FENCED


async def test_being_fenced_with_retry_comes_back(rig: Rig) -> None:
    await rig.keep(b"frame 1")
    async with running(rig):
        await rig.delivered(1)
        await rig.hub.emit("fenced", {"code": "fenced", "message": "another link", "retry": True})
        await rig.hub.until(lambda: len(rig.hub.hellos) >= 2)


async def test_a_refused_connection_for_good_ends_the_uplink(rig: Rig) -> None:
    rig.hub.refuse_with = {"code": "revoked", "message": "no longer welcome", "retry": False}
    with pytest.raises(Fenced, match="no longer welcome"):
        async with asyncio.timeout(10):
            await rig.uplink.run()


async def test_a_device_list_in_pages_is_applied_once_and_confirmed(rig: Rig) -> None:
    def device(number: int) -> DeviceConfig:
        return DeviceConfig(number, f"d{number}", "127.0.0.2", Reachability.ICMP, IcmpConfig(), None)

    async with running(rig):
        await rig.hub.until(lambda: bool(rig.hub.hellos))
        for page in (1, 2):
            message = ConfigPage(9, 0, page, 2, [device(page)], [])
            await rig.hub.emit("config", msgspec.to_builtins(message))
        await rig.hub.until(lambda: ("config-applied", {"revision": 9}) in rig.hub.received)
        await rig.hub.emit("config", msgspec.to_builtins(ConfigPage(10, 9, 1, 1, [device(3)], [1])))
        await rig.hub.until(lambda: ("config-applied", {"revision": 10}) in rig.hub.received)
    assert [sorted(devices.devices) for devices in rig.side.applied] == [[1, 2], [2, 3]]


async def test_a_delta_from_another_revision_makes_the_agent_ask_for_all(rig: Rig) -> None:
    rig.side.device_list = DeviceList(4)
    async with running(rig):
        await rig.hub.until(lambda: bool(rig.hub.hellos))
        await rig.hub.emit("config", msgspec.to_builtins(ConfigPage(6, 5, 1, 1, [], [])))
        await rig.hub.until(lambda: len(rig.hub.hellos) >= 2)
    assert [hello.config_revision for hello in rig.hub.hellos[:2]] == [4, 0]


async def test_a_command_that_takes_long_holds_nothing_up_and_its_result_follows(rig: Rig) -> None:
    async with running(rig):
        await rig.hub.until(lambda: bool(rig.hub.hellos))
        await rig.hub.emit("command", {"id": "c1", "kind": "probe", "deadlineMs": 1, "args": {}})
        async with asyncio.timeout(10):
            await rig.side.commanded.wait()
        await rig.keep(b"a")
        await rig.delivered(1)
        await rig.until_acked(1)
        rig.side.obeyed.set()
        await rig.hub.until(lambda: any(name == "result" for name, _ in rig.hub.received))
    assert rig.hub.received == [("result", {"id": "c1", "ok": True, "reason": None, "body": {"kind": "probe"}})]


async def test_a_hub_that_is_away_is_named_once_with_what_is_kept(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    await rig.keep(b"a", b"b")
    await rig.hub.stop()
    tries: list[int] = []
    enough = asyncio.Event()

    def backoff(attempt: int, _rng: Callable[[], float]) -> float:
        tries.append(attempt)
        if len(tries) >= 3:
            enough.set()
        return 0.01

    rig.uplink._backoff = backoff
    async with running(rig), asyncio.timeout(10):
        await enough.wait()
    await rig.hub.start()
    assert caplog.text.count("hub unreachable") == 1
    assert "measurements are kept (2 frames)" in caplog.text
    assert tries[:3] == [1, 2, 3]
