"""The focus call over real sockets: staff alone, a few devices each, and what the agent says counts."""

from typing import TYPE_CHECKING

import pytest
from noctule_shared.axes import LatencySource
from noctule_shared.commands import FocusArgs
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.times import iso_from_ms
from noctule_shared.updates import LatencyItem

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import SocketHub


@pytest.mark.parametrize("who", ["admin", "operator", "viewer"])
async def test_staff_have_a_device_measured_each_second_for_five_minutes(hub: "SocketHub", who: str) -> None:
    client = await hub.join({"token": who, "subscribe": []})
    answer = await client.call("focus", {"deviceId": 7, "on": True})
    assert answer == {"ok": True, "until": iso_from_ms(hub.clock() + 300_000), "intervalS": 1.0}
    hub.clock.now_ms += 60_000
    renewed = await client.call("focus", {"deviceId": 7})
    assert renewed["until"] == iso_from_ms(hub.clock() + 300_000)
    assert await client.call("focus", {"deviceId": 7, "on": False}) == {"ok": True, "until": None, "intervalS": None}
    assert hub.agents.asked == [
        (1, FocusArgs(7, on=True)), (1, FocusArgs(7, on=True)), (1, FocusArgs(7, on=False)),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["billing", "customer", "metrics", None])
async def test_others_are_refused_and_no_agent_hears_of_it(hub: "SocketHub", who: str | None) -> None:
    client = await hub.join(None if who is None else {"token": who, "subscribe": []})
    answer = await client.call("focus", {"deviceId": 7, "on": True})
    assert (answer["ok"], answer["error"]["code"]) == (False, "forbidden")
    assert hub.agents.asked == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (None, "invalid"),
        (7, "invalid"),
        ({"deviceId": "7"}, "invalid"),
        ({"deviceId": True}, "invalid"),
        ({"deviceId": 7, "on": "yes"}, "invalid"),
        ({"deviceId": 95}, "invalid"),
        ({"deviceId": 100}, "not-found"),
    ],
)
async def test_what_cannot_be_looked_at_is_refused_with_a_reason(hub: "SocketHub", asked: object, code: str) -> None:
    client = await hub.join({"token": "viewer", "subscribe": []})
    answer = await client.call("focus", asked)
    assert (answer["ok"], answer["error"]["code"]) == (False, code)
    assert hub.agents.asked == []


async def test_user_has_five_devices_in_focus_over_all_connections(hub: "SocketHub") -> None:
    first, second = [await hub.join({"token": "viewer", "subscribe": []}) for _ in range(2)]
    for device_id in range(1, 6):
        assert (await first.call("focus", {"deviceId": device_id}))["ok"]
    assert (await second.call("focus", {"deviceId": 6}))["error"]["code"] == "too-many"
    assert (await second.call("focus", {"deviceId": 5}))["ok"]


async def test_device_stays_in_focus_while_another_looks_at_it(hub: "SocketHub") -> None:
    one, other = [await hub.join({"token": who, "subscribe": []}) for who in ("viewer", "operator")]
    for client in (one, other):
        await client.call("focus", {"deviceId": 7})
    await one.call("focus", {"deviceId": 7, "on": False})
    assert all(args.on for _, args in hub.agents.asked)
    await other.call("focus", {"deviceId": 7, "on": False})
    assert hub.agents.asked[-1] == (1, FocusArgs(7, on=False))


async def test_what_the_agent_refuses_takes_no_place(hub: "SocketHub") -> None:
    client = await hub.join({"token": "viewer", "subscribe": []})
    hub.agents.refusal = Refused(ErrorCode.BUSY, "the device's agent is not connected", retry_after_s=5.0)
    for device_id in range(1, 7):
        answer = await client.call("focus", {"deviceId": device_id})
        assert answer["error"] == {
            "code": "busy", "message": "the device's agent is not connected", "retryAfterS": 5.0,
        }  # fmt: skip
    hub.agents.refusal = None
    assert (await client.call("focus", {"deviceId": 7}))["ok"]


async def test_device_in_focus_is_told_between_the_ticks(hub: "SocketHub") -> None:
    client = await hub.join({"token": "viewer", "subscribe": ["device:7", "device:8"]})
    assert (await client.call("focus", {"deviceId": 7}))["ok"] is True
    for device_id in (7, 8):
        item = LatencyItem(device_id, 0.01, 0.0, None, LatencySource.ICMP, iso_from_ms(hub.clock()))
        hub.service.emit_latency_update(item)
    hub.service.focused_turn()
    await client.until(lambda c: c.of("latency:update") != [], "the latency of the device in focus")
    assert [item["deviceId"] for item in client.of("latency:update")[0]["items"]] == [7]
    hub.clock.now_ms += 300_000
    assert hub.service.calls.focus is not None
    assert hub.service.calls.focus.rooms() == []
