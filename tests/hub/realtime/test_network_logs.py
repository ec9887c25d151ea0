"""Network logs on sockets: bounded live, replayed all or not at all, and never in the way of states."""

from typing import TYPE_CHECKING, Any

import pytest
from noctule_hub.core.log_budget import LogBudget
from noctule_hub.core.log_retention import LogLimits

from tests.hub.store.samples import NOW_MS, network_log

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import Client, SocketHub


async def storm(hub: "SocketHub", count: int, *, device_id: int = 7) -> list[int]:
    logs = [network_log(f"line {number}", device_id=device_id) for number in range(count)]
    return await hub.store.append(logs, now_ms=hub.clock())


async def drop_logs(hub: "SocketHub", *, keep: int) -> None:
    keeper = hub.store.log_keeper()
    await keeper.copy_once(NOW_MS, at_rows=1)
    await keeper.delete_once(NOW_MS, LogLimits(), replayable=keep)


def told_of(client: "Client") -> int:
    return sum(skipped["count"] for skipped in client.of("logs:skipped"))


def since(hub: "SocketHub", seq: int) -> dict[str, Any]:
    return {"epoch": hub.store.epoch, "seq": seq}


async def test_few_logs_reach_their_rooms_as_they_come(hub: "SocketHub") -> None:
    noc = await hub.join({"token": "viewer"})
    panel = await hub.join({"token": "viewer", "subscribe": ["device:7"]})
    other = await hub.join({"token": "viewer", "subscribe": ["device:8", "devices"]})
    await storm(hub, 3)
    await hub.log(1)
    for client in (noc, panel):
        await client.until(lambda one: len(one.of("network:log")) == 3, "three logs")
        assert [data["message"] for data in client.of("network:log")] == ["line 0", "line 1", "line 2"]
    await other.until(lambda one: bool(one.of("device:status")), "the status")
    assert other.of("network:log") == []


async def test_a_storm_is_bounded_and_says_what_was_not_sent(hub: "SocketHub") -> None:
    hub.service.broadcaster.log_budget = LogBudget(per_s=1e-6, burst=100)
    noc = await hub.join({"token": "viewer"})
    seqs = await storm(hub, 4_000)
    (status,) = await hub.log(1)
    await noc.until(lambda one: bool(one.of("device:status")), "the status behind the storm")
    assert [data["seq"] for data in noc.of("network:log")] == seqs[:100]
    assert noc.of("device:status")[0]["seq"] == status
    await hub.settled()
    hub.service.turn()
    # A turn of the service's own may have come before.
    await noc.until(lambda one: told_of(one) >= 3_900, "what was not sent")
    told = noc.of("logs:skipped")
    assert told_of(noc) == 3_900
    assert (told[0]["room"], told[0]["fromSeq"], told[-1]["toSeq"]) == ("logs", seqs[100], seqs[-1])
    # The client's count of logged events agrees with the hub's: nothing is fetched again.
    hub.service.tell_positions()
    await noc.until(lambda one: bool(one.of("position")), "position")
    assert noc.of("position")[-1] == {"epoch": hub.store.epoch, "seq": status, "delivered": 101}


async def test_the_storm_of_one_device_does_not_silence_another(hub: "SocketHub") -> None:
    hub.service.broadcaster.log_budget = LogBudget(per_s=1e-6, burst=10)
    panel = await hub.join({"token": "viewer", "subscribe": ["device:8", "devices"]})
    await hub.join({"token": "viewer", "subscribe": ["logs", "device:7"]})
    await storm(hub, 500, device_id=7)
    await storm(hub, 5, device_id=8)
    await panel.until(lambda one: len(one.of("network:log")) == 5, "the logs of its device")


async def test_what_is_missed_is_replayed_in_order_with_the_events(hub: "SocketHub") -> None:
    first = await storm(hub, 3)
    await hub.log(1)
    rest = await storm(hub, 700)
    client = await hub.join({"token": "viewer", "since": since(hub, first[0])})
    assert client.seqs() == [*first[1:], first[-1] + 1, *rest]
    done = client.of("replay:done")[0]
    assert (done["recovered"], done["replayed"], "logs" in done) == (True, 703, False)


@pytest.mark.parametrize(
    ("rooms", "reason"),
    [(["devices", "logs"], "too-old"), (["devices", "device:7"], "too-old"), (None, "too-old")],
)
async def test_dropped_logs_leave_states_recoverable(hub: "SocketHub", rooms: list[str] | None, reason: str) -> None:
    seqs = []
    for number in range(1, 4):
        await storm(hub, 600)
        seqs += await hub.log(number, rooms=("devices", "device:7"))
    await drop_logs(hub, keep=100)
    chosen = {} if rooms is None else {"subscribe": rooms}
    client = await hub.join({"token": "viewer", "since": since(hub, seqs[0] - 1), **chosen})
    # No partial replay: not even those logs that are still there.
    assert client.seqs() == seqs
    done = client.of("replay:done")[0]
    assert done["recovered"] is True
    assert done["logs"] == {"recovered": False, "reason": reason, "url": "/api/v1/logs"}
    (live,) = await storm(hub, 1)
    await client.until(lambda one: one.seqs()[-1] == live, "the next log")


async def test_who_hears_no_logs_never_learns_that_some_are_gone(hub: "SocketHub") -> None:
    seqs = await hub.log(1)
    await storm(hub, 50)
    seqs += await hub.log(2)
    await drop_logs(hub, keep=0)
    client = await hub.join({"token": "viewer", "since": since(hub, 0), "subscribe": ["devices", "site:4"]})
    assert client.seqs() == seqs
    done = client.of("replay:done")[0]
    assert (done["recovered"], "logs" in done) == (True, False)


async def test_more_logs_than_anybody_reads_are_not_replayed(hub: "SocketHub", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noctule_hub.core.replay.MAX_REPLAYED_LOGS", 20)
    monkeypatch.setattr("noctule_hub.realtime.replay_reader.MAX_REPLAYED_LOGS", 20)
    await storm(hub, 21)
    (status,) = await hub.log(1)
    client = await hub.join({"token": "viewer", "since": since(hub, 0)})
    assert client.seqs() == [status]
    assert client.of("replay:done")[0]["logs"]["reason"] == "too-many"
    nearer = await hub.join({"token": "viewer", "since": since(hub, 1)})
    assert nearer.seqs() == list(range(2, status + 1))


async def test_only_the_logs_room_is_recovered_by_its_own_floor(hub: "SocketHub") -> None:
    await storm(hub, 10)
    await drop_logs(hub, keep=5)
    lost = await hub.join({"token": "viewer", "since": since(hub, 2), "subscribe": ["logs"]})
    assert (lost.of("replay:done")[0]["recovered"], lost.seqs()) == (False, [])
    kept = await hub.join({"token": "viewer", "since": since(hub, 5), "subscribe": ["logs"]})
    assert (kept.of("replay:done")[0]["recovered"], kept.seqs()) == (True, [6, 7, 8, 9, 10])


async def subscribed(client: "Client", hub: "SocketHub", room: str, seq: int) -> dict[str, Any]:
    return await client.call("subscribe", {"room": room, "since": since(hub, seq)})


async def test_a_room_that_is_joined_later_is_caught_up_by_class(hub: "SocketHub") -> None:
    await storm(hub, 10)
    (status,) = await hub.log(1, rooms=("devices", "device:7"))
    await storm(hub, 2)
    await drop_logs(hub, keep=5)
    client = await hub.join({"token": "viewer", "subscribe": ["stats"]})
    ack = await subscribed(client, hub, "device:7", 2)
    assert (ack["recovered"], ack["replayed"], ack["logs"]["recovered"]) == (True, 1, False)
    ack = await subscribed(client, hub, "logs", 2)
    assert (ack["recovered"], ack["snapshotUrl"]) == (False, "/api/v1/logs")
    # The room knows no more of the logs than before, so they are not taken for delivered.
    other = await hub.join({"token": "viewer", "subscribe": ["stats"]})
    await subscribed(other, hub, "device:7", 2)
    await other.call("unsubscribe", "device:7")
    ack = await subscribed(other, hub, "logs", 8)
    assert (ack["recovered"], ack["replayed"]) == (True, 4)
    (live,) = await storm(hub, 1)
    await other.until(lambda one: one.seqs()[-1] == live, "the next log")
    assert other.seqs() == [status, 9, 10, 12, 13, live]
    await client.until(lambda one: one.seqs()[-1] == live, "the next log")
    assert client.seqs() == [status, live]


async def test_logs_lost_in_one_room_are_replayed_by_another_that_reaches_them(hub: "SocketHub") -> None:
    await storm(hub, 10)
    await drop_logs(hub, keep=5)
    client = await hub.join({"token": "viewer", "since": since(hub, 2), "subscribe": ["devices", "device:7"]})
    assert client.seqs() == []
    ack = await subscribed(client, hub, "logs", 7)
    assert (ack["recovered"], ack["replayed"]) == (True, 3)
    assert client.seqs() == [8, 9, 10]
