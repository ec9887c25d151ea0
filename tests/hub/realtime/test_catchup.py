import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from noctule_hub.core.log_classes import LogClass

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import Client, SocketHub

EVENTS = 2_000


def has_events(count: int, client: "Client") -> bool:
    return len(client.seqs()) >= count


async def test_2000_events_over_aborted_connections_are_each_received_once_in_order(hub: "SocketHub") -> None:
    """The writer goes on while the client loses its connection, again and again, in the middle of things."""
    received: list[int] = []
    since: dict[str, Any] = {"epoch": hub.store.epoch, "seq": 0}

    async def write() -> None:
        for start in range(0, EVENTS, 20):
            await hub.log(*range(start + 1, start + 21), rooms=("devices", "device:1", "site:4"))

    writer = asyncio.create_task(write())
    connections = 0
    # Each connection is broken after it saw this many events; the last one stays.
    for patience in [1, 7, 150, 333, 600, None]:
        connections += 1
        client = hub.client()
        await client.connect({"token": "operator", "since": since, "subscribe": ["devices", "device:1", "site:4"]})
        wanted = EVENTS - len(received) if patience is None else min(patience, EVENTS - len(received))
        await client.until(partial(has_events, wanted), f"{wanted} events")
        if patience is not None:
            client.abort()
            await asyncio.wait_for(client.ended.wait(), 10)
        received += client.seqs()
        since = {"epoch": hub.store.epoch, "seq": received[-1]}
    await writer
    assert connections == 6
    assert received == list(range(1, EVENTS + 1))


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_handshake_replays_more_than_a_page_before_replay_done(hub: "SocketHub", transport: str) -> None:
    await hub.log(*range(1, 1_203))
    client = await hub.join({"token": "viewer", "since": {"epoch": hub.store.epoch, "seq": 2}}, transport=transport)
    assert client.seqs() == list(range(3, 1_203))
    done = client.of("replay:done")[0]
    order = [name for name, _ in client.received if name not in {"stats:update", "position"}]
    assert order.index("replay:done") == 1_200
    assert done["delivered"] == 1_200
    assert done["seq"] == 1_202
    assert done["epoch"] == hub.store.epoch
    assert done["recovered"] is True
    assert done["replayed"] == 1_200


async def test_a_long_replay_says_how_far_it_is_before_its_end(hub: "SocketHub") -> None:
    await hub.log(*range(1, 1_203))
    await hub.settled()
    client = await hub.join({"token": "viewer", "since": {"epoch": hub.store.epoch, "seq": 2}})
    heard = 0
    places = []
    for name, data in client.received:
        heard += name == "device:status"
        if name in {"position", "replay:done"}:
            assert data["delivered"] == heard
            places.append(data["seq"])
    # Two pages before the last one; each place is that of the event before it.
    assert len(places) == 3
    assert places == sorted(set(places))
    assert places[-1] == 1_202


async def test_who_lost_something_is_told_so_before_any_place_beyond_it(hub: "SocketHub") -> None:
    await hub.log(*range(1, 1_203))
    await hub.settled()
    client = await hub.join({"token": "viewer", "since": {"epoch": "0123456789abcdef", "seq": 2}})
    places = [(name, data["recovered"]) for name, data in client.received if name in {"position", "replay:done"}]
    assert places == [("replay:done", False)]


@pytest.mark.parametrize(("epoch", "seq"), [("0123456789abcdef", 0), (None, 99)])
async def test_position_of_another_log_is_not_recovered_and_nothing_is_replayed(
    hub: "SocketHub", epoch: str | None, seq: int
) -> None:
    await hub.log(1, 2, 3)
    await hub.settled()
    client = await hub.join({"token": "viewer", "since": {"epoch": epoch or hub.store.epoch, "seq": seq}})
    done = client.of("replay:done")[0]
    assert done["recovered"] is False
    assert done["seq"] == 3
    assert done["snapshots"]["devices"] == "/api/v1/devices"
    assert set(done["snapshots"]) <= set(done["rooms"])
    assert client.seqs() == []
    await hub.log(4)
    await client.until(lambda c: c.seqs() == [4], "the next live event")


async def test_rooms_besides_the_roles_are_caught_up_with_them_in_one_order(hub: "SocketHub") -> None:
    for number in range(1, 21):
        await hub.log(number, rooms=("devices",) if number % 2 else ("device:1",))
    since = {"epoch": hub.store.epoch, "seq": 4}
    client = await hub.join({"token": "viewer", "also": ["device:1", "devices", "customer:9"], "since": since})
    assert client.seqs() == list(range(5, 21))
    done = client.of("replay:done")[0]
    assert {"devices", "alerts", "device:1"} <= set(done["rooms"])
    assert done["denied"] == [{"room": "customer:9", "reason": "not-for-role"}]


async def test_event_in_two_shared_rooms_arrives_once(hub: "SocketHub") -> None:
    client = await hub.join({"token": "admin", "subscribe": ["devices", "device:1", "site:4"]})
    await hub.log(1, 2, rooms=("devices", "device:1", "site:4"))
    await client.until(lambda c: 2 in c.seqs(), "the second event")
    assert client.seqs() == [1, 2]


async def test_subscribe_since_replays_only_what_no_other_room_has_delivered(hub: "SocketHub") -> None:
    await hub.log(1, 2, rooms=("device:1",))
    await hub.settled()
    client = await hub.join({"token": "viewer", "subscribe": ["devices"]})
    await hub.log(3, 4, rooms=("devices", "device:1"))
    await client.until(lambda c: c.seqs() == [3, 4], "the live events")
    ack = await client.call("subscribe", {"room": "device:1", "since": {"epoch": hub.store.epoch, "seq": 1}})
    assert ack == {
        "ok": True, "room": "device:1", "epoch": hub.store.epoch, "head": 4, "recovered": True, "replayed": 1,
    }  # fmt: skip
    assert client.seqs() == [3, 4, 2]
    await hub.log(5, rooms=("device:1", "devices"))
    await client.until(lambda c: 5 in c.seqs(), "the live event after the replay")
    assert client.seqs() == [3, 4, 2, 5]


async def test_rooms_caught_up_while_events_flow_miss_none_and_double_none(hub: "SocketHub") -> None:
    rooms = [f"device:{number}" for number in range(1, 11)]
    for start in range(0, 600, 100):
        await hub.log(*range(start, start + 100), rooms=("devices", *rooms))
    client = await hub.join({"token": "viewer", "subscribe": ["device:99"]})

    async def write() -> None:
        for number in range(600, 1_000, 10):
            await hub.log(*range(number, number + 10), rooms=("devices", *rooms))

    writer = asyncio.create_task(write())
    zero = {"epoch": hub.store.epoch, "seq": 0}
    acks = await asyncio.gather(*(client.call("subscribe", {"room": room, "since": zero}) for room in rooms))
    await writer
    await client.until(lambda c: len(c.seqs()) >= 1_000, "all events")
    assert client.seqs() == list(range(1, 1_001))
    assert all(ack["recovered"] for ack in acks)
    assert acks[0]["replayed"] >= 600
    assert [ack["replayed"] for ack in acks[1:]] == [0] * 9


async def test_subscribe_without_since_names_where_the_present_state_is_read(hub: "SocketHub") -> None:
    await hub.log(1)
    await hub.settled()
    client = await hub.join({"token": "viewer", "subscribe": []})
    ack = await client.call("subscribe", "devices")
    assert ack == {
        "ok": True, "room": "devices", "epoch": hub.store.epoch, "head": 1, "recovered": False, "replayed": 0,
        "snapshotUrl": "/api/v1/devices",
    }  # fmt: skip
    await hub.log(2)
    await client.until(lambda c: c.seqs() == [2], "the next event")


async def test_replay_shows_a_room_only_to_those_who_may_be_in_it_now(hub: "SocketHub") -> None:
    await hub.log(1, rooms=("devices", "customer:9"))
    await hub.log(2, rooms=("devices", "customer:8"))
    since = {"epoch": hub.store.epoch, "seq": 0}
    client = await hub.join(
        {"token": "customer", "since": since, "subscribe": ["devices", "device:1", "customer:8", "customer:9"]}
    )
    done = client.of("replay:done")[0]
    assert done["rooms"] == ["customer:9"]
    assert {denial["room"]: denial["reason"] for denial in done["denied"]} == {
        "devices": "not-for-role",
        "device:1": "not-for-role",
        "customer:8": "not-your-own",
    }
    (event,) = client.of("device:status")
    assert event["seq"] == 1
    assert "detail" not in event
    assert "siteId" not in event


async def test_position_tells_where_a_client_is_and_how_much_it_was_sent(hub: "SocketHub") -> None:
    client = await hub.join({"token": "viewer"})
    await hub.log(1, 2)
    await hub.log(3, rooms=("payments",))
    await client.until(lambda c: c.seqs() == [1, 2], "the events")
    await hub.settled()
    hub.service.tell_positions()
    await client.until(lambda c: bool(c.of("position")), "position")
    assert client.of("position") == [{"epoch": hub.store.epoch, "seq": 3, "delivered": 2}]


async def test_failure_while_catching_up_cuts_the_client_rather_than_leave_a_hole(
    hub: "SocketHub", monkeypatch: pytest.MonkeyPatch
) -> None:
    await hub.log(1, 2)
    await hub.settled()

    async def broken(_: LogClass) -> int:
        raise OSError("the disk is gone")

    monkeypatch.setattr(hub.store, "floor", broken)
    client = hub.client()
    await client.begin({"token": "viewer", "since": {"epoch": hub.store.epoch, "seq": 0}})
    await asyncio.wait_for(client.sio.eio.wait(), 10)
    assert client.received == []
    assert hub.service.catch_up.failed == 1


async def test_a_room_of_the_handshake_that_is_asked_for_before_its_turn_is_caught_up_all_the_same(
    hub: "SocketHub", monkeypatch: pytest.MonkeyPatch
) -> None:
    await hub.log(*range(1, 6), rooms=("device:1",))
    await hub.settled()
    floor, goes_on = hub.store.floor, asyncio.Event()

    async def held(log_class: LogClass) -> int:
        await goes_on.wait()
        return await floor(log_class)

    monkeypatch.setattr(hub.store, "floor", held)
    client = hub.client()
    await client.connect({"token": "viewer", "also": ["device:1"], "since": {"epoch": hub.store.epoch, "seq": 2}})
    assert (await client.call("subscribe", "device:1"))["ok"] is True
    goes_on.set()
    await client.until(lambda c: bool(c.of("replay:done")), "replay:done")
    assert client.seqs() == [3, 4, 5]


async def test_rooms_asked_for_one_right_after_the_other_are_each_answered(hub: "SocketHub") -> None:
    """An ack may bring the next call in the very moment in which the work for the last one ends."""
    await hub.log(*range(1, 21), rooms=("device:1", "device:2"))
    client = await hub.join({"token": "viewer", "subscribe": []})
    zero = {"epoch": hub.store.epoch, "seq": 0}
    for turn in range(50):
        room = f"device:{turn % 2 + 1}"
        answer = await client.call("subscribe", {"room": room, "since": zero})
        assert answer["ok"] is True
        assert answer["replayed"] == 20
        await client.call("unsubscribe", room)
