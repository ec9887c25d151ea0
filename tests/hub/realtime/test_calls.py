import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import SocketHub


@pytest.mark.parametrize(
    ("who", "room", "code"),
    [
        ("viewer", "payments", "forbidden"),
        ("viewer", "customer:9", "forbidden"),
        ("customer", "device:1", "forbidden"),
        ("customer", "site:4", "forbidden"),
        ("customer", "devices", "forbidden"),
        ("customer", "customer:8", "forbidden"),
        ("billing", "devices", "forbidden"),
        ("metrics", "stats", "forbidden"),
        ("admin", "nowhere", "not-found"),
        ("admin", "device:0", "not-found"),
        ("admin", "device:01", "not-found"),
        ("admin", "", "invalid"),
        ("admin", "x" * 99, "invalid"),
        ("admin", 7, "invalid"),
        ("admin", None, "invalid"),
        ("admin", {"room": ["devices"]}, "invalid"),
        ("admin", {"room": "devices", "since": 4}, "invalid"),
    ],
)
async def test_room_that_is_not_theirs_is_refused_with_a_reason(
    hub: "SocketHub", who: str, room: object, code: str
) -> None:
    client = await hub.join({"token": who, "subscribe": []})
    answer = await client.call("subscribe", room)
    assert answer["ok"] is False
    assert answer["error"]["code"] == code
    assert answer["error"]["message"]
    assert hub.service.clients()[0].rooms == ()


async def test_anonymous_cannot_subscribe_beyond_stats_and_public(hub: "SocketHub") -> None:
    client = await hub.join()
    for room in ("devices", "device:1", "user:1", "alerts", "logs"):
        answer = await client.call("subscribe", room)
        assert answer["error"]["code"] == "forbidden"


async def test_unsubscribed_room_is_silent(hub: "SocketHub") -> None:
    client = await hub.join({"token": "viewer", "subscribe": ["device:1", "device:2"]})
    assert await client.call("unsubscribe", "device:1") == {"ok": True, "room": "device:1"}
    await hub.log(1, rooms=("device:1",))
    await hub.log(2, rooms=("device:2",))
    await client.until(lambda c: 2 in c.seqs(), "the other room's event")
    assert client.seqs() == [2]


async def test_connection_is_in_200_rooms_at_most(hub: "SocketHub") -> None:
    client = await hub.join({"token": "viewer", "subscribe": [f"device:{n}" for n in range(1, 201)]})
    answer = await client.call("subscribe", "device:201")
    assert answer["error"]["code"] == "too-many"
    assert (await client.call("subscribe", "device:200"))["ok"] is True
    await client.call("unsubscribe", "device:1")
    since = {"epoch": hub.store.epoch, "seq": 0}
    both = await asyncio.gather(
        *(client.call("subscribe", {"room": room, "since": since}) for room in ("device:202", "device:203"))
    )
    assert [answer["ok"] for answer in both] == [True, False]
    await client.call("unsubscribe", "device:202")
    assert (await client.call("subscribe", "device:201"))["ok"] is True


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_events_of_clients_are_ignored_and_counted(hub: "SocketHub", transport: str) -> None:
    loud, other = await hub.join({"token": "admin"}, transport=transport), await hub.join({"token": "viewer"})
    await loud.sio.emit("device:status", {"deviceId": 1, "status": "offline"})
    assert await loud.call("ping", 42) == {"ok": True, "n": 42}
    await hub.log(1)
    await other.until(lambda c: bool(c.seqs()), "the hub's own event")
    assert len(other.of("device:status")) == 1
    assert hub.service.calls.counters.ignored == 1


async def test_call_that_fails_inside_is_answered_busy(hub: "SocketHub", monkeypatch: pytest.MonkeyPatch) -> None:
    client = await hub.join({"token": "viewer"})

    async def broken(_token: str) -> None:
        raise OSError("the store is away")

    monkeypatch.setattr(hub.people, "verify", broken)
    answer = await client.call("reauth", {"token": "viewer"})
    assert answer["error"]["code"] == "busy"
    assert answer["error"]["retryAfterS"] == 1.0
    assert hub.service.calls.counters.failed == 1


async def test_ping_refuses_what_is_not_a_number_or_short_text(hub: "SocketHub") -> None:
    client = await hub.join({"token": "viewer"})
    assert (await client.call("ping", {"a": 1}))["error"]["field"] == "n"
    assert (await client.call("ping", "x" * 65))["ok"] is False
    assert await client.call("ping") == {"ok": True, "n": None}
