"""A real hub and the real link of an agent: keys that are rotated, a link by POST only, revocation."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from noctule_agent.devices import DeviceList, open_credentials
from noctule_agent.enrolment import Enrolment
from noctule_agent.errors import Fenced, JoinFailed
from noctule_agent.join import JoinOrder, join
from noctule_agent.keys import load_keys, next_keys
from noctule_agent.link_connection import LinkIdentity, Transport
from noctule_agent.outbox import Outbox
from noctule_agent.outbox_file import OUTBOX_FILES, OUTBOX_NAME
from noctule_agent.outbox_frames import Limits, NewFrame
from noctule_agent.rotation import rotate_keys
from noctule_agent.uplink import Uplink
from noctule_shared.axes import Axis, CanaryLevel, DeviceLevels, IcmpLevel
from noctule_shared.frames import EventsBody, FrameClass, encode_frame
from noctule_shared.join_token import parse_join_token
from noctule_shared.link import Command, Result, SnmpCredentials
from noctule_shared.observations import AxisChanged

from tests.agent.proxy import HttpOnlyProxy
from tests.hub.ingest.wire import COMMUNITY, DEADLINE_S, Hub


class Side:
    """What a session asks of the agent; `changed` is set with each new device list."""

    def __init__(self) -> None:
        self.device_list = DeviceList()
        self.canary = CanaryLevel.OK
        self.rows: list[DeviceLevels] = []
        self.changed = asyncio.Event()

    def levels(self) -> list[DeviceLevels]:
        return self.rows

    async def apply_devices(self, devices: DeviceList) -> None:
        self.device_list = devices
        self.changed.set()

    async def obey(self, command: Command, *, skew_ms: int) -> Result:
        raise AssertionError(f"nobody commands here: {command.kind} at a skew of {skew_ms} ms")

    def welcomed(self, *, hub_went_back: bool) -> None:
        assert not hub_went_back


class Site:
    """An enrolled agent's folder, outbox and rest."""

    def __init__(self, enrolment: Enrolment, data_dir: Path) -> None:
        self.enrolment = enrolment
        self.data_dir = data_dir
        self.side = Side()
        self.outbox = self.opened()

    def opened(self) -> Outbox:
        return Outbox(self.data_dir / OUTBOX_NAME, Limits(max_bytes=1 << 30, max_age_ms=1 << 40))

    def uplink(self) -> Uplink:
        identity = LinkIdentity(self.enrolment, load_keys(self.data_dir), started_ms=time.time_ns() // 1_000_000)
        return Uplink(identity, self.outbox, self.side, backoff=lambda _attempt, _rng: 0.01)

    async def keep(self, *events: AxisChanged) -> None:
        body = encode_frame(EventsBody(list(events)))
        await self.outbox.append([NewFrame(FrameClass.EVENTS, body, len(events), 1, 1)])

    async def until_acked(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while self.outbox.acked_seq < self.outbox.counts.next_seq - 1:
                self.outbox.changed.clear()
                await self.outbox.changed.wait()

    async def until_listed(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await self.side.changed.wait()
        self.side.changed.clear()


@pytest.fixture
async def site(hub: Hub, tmp_path: Path) -> AsyncIterator[Site]:
    token = parse_join_token((await hub.call("POST", "/agents/tokens", site="default"))["token"])
    enrolment = await join(JoinOrder(url=hub.running.url, token=token, name="a1", data_dir=tmp_path / "agent"))
    site = Site(enrolment, tmp_path / "agent")
    await site.outbox.open()
    yield site
    await site.outbox.close()


@asynccontextmanager
async def running(uplink: Uplink) -> AsyncIterator[None]:
    task = asyncio.create_task(uplink.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def add_device(hub: Hub) -> int:
    snmp = {"version": "2c", "community": COMMUNITY}
    added = await hub.call("POST", "/devices", name="core1", address="127.0.0.9", site="default", snmp=snmp)
    return int(added["id"])


async def test_rotated_keys_sign_in_and_open_what_is_sealed_from_then_on(hub: Hub, site: Site) -> None:
    device_id = await add_device(hub)
    async with running(site.uplink()):
        await site.until_listed()
    former = load_keys(site.data_dir)
    await rotate_keys(site.data_dir)
    keys = load_keys(site.data_dir)
    assert keys.signing_public_hex != former.signing_public_hex
    # The list that is kept was sealed to the former key.
    kept = site.side.device_list.devices
    assert open_credentials(keys.opening, kept) == {device_id: SnmpCredentials(community=COMMUNITY)}
    async with running(site.uplink()):
        await site.until_listed()
    sealed_anew = site.side.device_list.devices
    assert open_credentials([keys.sealing], sealed_anew) == {device_id: SnmpCredentials(community=COMMUNITY)}
    stale = Site(site.enrolment, site.data_dir)
    stale.outbox = site.outbox
    uplink = stale.uplink()
    uplink._identity = LinkIdentity(site.enrolment, former, started_ms=1)
    states: list[str] = []

    class EnoughError(Exception):
        pass

    def backoff(_attempt: int, _rng: object) -> float:
        states.append(str(uplink.reason))
        raise EnoughError

    uplink._backoff = backoff
    with pytest.raises(EnoughError):
        await uplink.run()
    assert "the agent's token is not valid" in states[0]


async def test_rotation_that_was_interrupted_after_the_hub_knew_leaves_the_former_keys_in_use(
    hub: Hub, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("noctule_agent.rotation.take_next_keys", crash)
        task = asyncio.ensure_future(asyncio.to_thread(lambda: asyncio.run(interrupted(site.data_dir))))
        assert await task
    await add_device(hub)
    async with running(site.uplink()):
        await site.until_listed()
    begun = next_keys(site.data_dir)
    await rotate_keys(site.data_dir)
    assert load_keys(site.data_dir).signing_public_hex == begun.signing_public_hex
    async with running(site.uplink()):
        await site.until_listed()


async def interrupted(data_dir: Path) -> bool:
    try:
        await rotate_keys(data_dir)
    except KeyboardInterrupt:
        return True
    return False


async def test_keys_that_the_present_key_has_not_signed_are_refused(
    hub: Hub, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (await hub.call("GET", "/agents"))["items"]
    stranger = next_keys(site.data_dir)
    monkeypatch.setattr("noctule_agent.rotation.load_keys", lambda _data_dir: next_keys(site.data_dir / "stranger"))
    with pytest.raises(JoinFailed, match="not signed by this agent"):
        await rotate_keys(site.data_dir)
    assert (await hub.call("GET", "/agents"))["items"] == before
    assert next_keys(site.data_dir).signing_public_hex == stranger.signing_public_hex


async def test_frames_reach_a_real_hub_where_only_plain_http_gets_through(hub: Hub, site: Site) -> None:
    device_id = await add_device(hub)
    proxy = HttpOnlyProxy(hub.running.url)
    await proxy.start()
    site.enrolment = msgspec.structs.replace(site.enrolment, hub_url=proxy.url)
    site.side.rows = [DeviceLevels(device_id, icmp=IcmpLevel.UP)]
    uplink = site.uplink()
    async with running(uplink):
        await site.until_listed()
        assert uplink.transport is Transport.POLLING
        for old, new in (("none", "up"), ("up", "down"), ("down", "up")) * 5:
            await site.keep(AxisChanged(device_id, Axis.ICMP, old, new, "round", time.time_ns() // 1_000_000))
        await site.until_acked()
    await proxy.stop()
    assert (await hub.call("GET", f"/devices/{device_id}"))["status"] == "online"
    told = [row["data"].get("status") for row in (await hub.call("GET", "/events"))["items"]]
    assert told.count("offline") == 5


async def test_an_agent_whose_disk_was_set_back_delivers_what_it_kept_since_then(hub: Hub, site: Site) -> None:
    device_id = await add_device(hub)
    started_ms = time.time_ns() // 1_000_000

    def change(old: str, new: str, at_s: int) -> AxisChanged:
        return AxisChanged(device_id, Axis.ICMP, old, new, "round", started_ms + at_s * 1000)

    site.side.rows = [DeviceLevels(device_id, icmp=IcmpLevel.UP)]
    async with running(site.uplink()):
        await site.until_listed()
        await site.keep(change("none", "up", 0))
        await site.until_acked()
        await site.outbox.close()
        snapshot = (site.data_dir / OUTBOX_NAME).read_bytes()
    # What it delivers from here on, its disk does not remember afterwards.
    site.outbox = site.opened()
    await site.outbox.open()
    async with running(site.uplink()):
        await site.keep(change("up", "down", 1))
        await site.keep(change("down", "up", 2))
        await site.until_acked()
    await site.outbox.close()
    for name in OUTBOX_FILES:
        (site.data_dir / name).unlink(missing_ok=True)
    (site.data_dir / OUTBOX_NAME).write_bytes(snapshot)
    site.outbox = site.opened()
    await site.outbox.open()
    # Without its hub it makes more than it was set back by.
    for second in range(3, 9, 2):
        await site.keep(change("up", "down", second))
        await site.keep(change("down", "up", second + 1))
    async with running(site.uplink()):
        await site.until_acked()
    told = [row["data"].get("status") for row in (await hub.call("GET", "/events"))["items"]]
    assert told.count("offline") == 4


async def test_revoked_agent_is_told_why_and_ends_before_the_revocation_is_answered(hub: Hub, site: Site) -> None:
    await add_device(hub)
    task = asyncio.create_task(site.uplink().run())
    await site.until_listed()
    await hub.call("DELETE", f"/agents/{site.enrolment.agent_id}")
    # The word is on its way and the link cut: what is left is this process' own turn.
    assert hub.running.engine.world.agents[site.enrolment.agent_id].revoked_ms is not None
    with pytest.raises(Fenced, match="this agent was revoked on the hub"):
        await asyncio.wait_for(task, DEADLINE_S)
    with pytest.raises(Fenced, match="this agent is revoked; let it join again with a new token"):
        await asyncio.wait_for(site.uplink().run(), DEADLINE_S)
