"""A rule tried over what is stored, beside the rules that the hub has; nothing is changed by it."""

import math
from typing import Any

import pytest
from noctule_hub.core.commit import Commit
from noctule_hub.core.principal import Role
from noctule_hub.core.records import NewDevice, NewEvent
from noctule_hub.core.resolution import DAY_MS, FIVE_MINUTES_MS, HOUR_MS
from noctule_shared.axes import Reachability
from noctule_shared.events import EventName

from tests.hub.api.harness import NOW_MS, Hub
from tests.hub.api.test_series import PORT, give_traffic, watched
from tests.hub.store.samples import interface, measured

PATH = "/api/v1/rules/test"
OFFLINE = {"name": "offline-long", "condition": {"kind": "device-offline"}, "severity": "warning", "forS": 600}


async def devices(hub: Hub, *names: str) -> list[int]:
    added = [
        await hub.add_device(NewDevice(name, f"192.0.2.{number}", hub.site.id, Reachability.ICMP, None, None))
        for number, name in enumerate(names, 1)
    ]
    return [device.id for device in added]


async def fell(hub: Hub, device_id: int, from_ms: int, for_ms: int) -> None:
    for at_ms, word in ((from_ms, "offline"), (from_ms + for_ms, "online")):
        data = {"deviceId": device_id, "status": word, "previous": "online", "reason": word}
        event = NewEvent(EventName.DEVICE_STATUS, data, ("devices",), at_ms, device_id=device_id)
        await hub.store.commit(Commit(now_ms=NOW_MS, events=[event]))


async def test_a_rule_says_how_often_it_would_have_fired_where_and_for_how_long(hub: Hub) -> None:
    core, edge, _ = await devices(hub, "core1", "edge1", "edge2")
    await fell(hub, core, NOW_MS - 10 * DAY_MS, HOUR_MS)
    await fell(hub, core, NOW_MS - 5 * DAY_MS, 2 * HOUR_MS)
    await fell(hub, core, NOW_MS - 4 * DAY_MS, 300_000)
    await fell(hub, edge, NOW_MS - 3 * DAY_MS, 660_000)
    await fell(hub, edge, NOW_MS - 50 * DAY_MS, HOUR_MS)
    answer = await hub.post(PATH, {"rule": OFFLINE, "days": 30}, role=Role.VIEWER)
    assert answer.status == 200, answer.text
    found = answer.json
    assert (found["objects"], found["done"], found["nextCursor"], found["resolution"]) == (3, 3, None, None)
    assert [(one["title"], one["times"], one["seconds"], one["longestS"]) for one in found["items"]] == [
        ("core1", 2, 3 * 3600 - 1200, 2 * 3600 - 600),
        ("edge1", 1, 60, 60),
    ]
    assert found["present"] == [
        {"rule": "device-offline", "times": 4, "seconds": 3 * 3600 + 300 + 660, "objects": 2},
    ]
    assert "offline-long" not in {rule["name"] for rule in (await hub.get("/api/v1/rules")).json["items"]}


async def test_only_what_the_rule_is_about_counts_for_it_and_what_the_others_are_about_for_them(hub: Hub) -> None:
    core, edge = await devices(hub, "core1", "edge1")
    await fell(hub, core, NOW_MS - DAY_MS, HOUR_MS)
    await fell(hub, edge, NOW_MS - DAY_MS, HOUR_MS)
    found = (await hub.post(PATH, {"rule": OFFLINE | {"selector": {"names": ["edge*"]}}})).json
    assert [one["title"] for one in found["items"]] == ["edge1"]
    assert found["present"][0]["objects"] == 2


async def test_ports_and_agents_are_tried_by_the_event_log(hub: Hub) -> None:
    (core,) = await devices(hub, "core1")
    hub.engine.ports[core] = [interface(7, core)]
    for at_ms, was, now in ((NOW_MS - HOUR_MS, "up", "down"), (NOW_MS - HOUR_MS + 30_000, "down", "up")):
        data = {"deviceId": core, "interfaceId": 7, "ifAdminStatus": "up", "ifOperStatus": now, "previous": was}
        event = NewEvent(EventName.INTERFACE_STATUS, data, (f"device:{core}",), at_ms, device_id=core)
        await hub.store.commit(Commit(now_ms=NOW_MS, events=[event]))
    rule = {"name": "port", "condition": {"kind": "interface-down"}, "severity": "info", "forS": 20}
    found = (await hub.post(PATH, {"rule": rule})).json
    assert [(one["deviceId"], one["interfaceId"], one["seconds"]) for one in found["items"]] == [(core, 7, 10)]
    assert found["items"][0]["title"].startswith("core1 ")
    rule["forS"] = 31
    assert (await hub.post(PATH, {"rule": rule})).json["items"] == []


async def test_measurements_are_tried_by_steps_of_five_minutes(hub: Hub) -> None:
    agent_id = await watched(hub)
    start_ms = NOW_MS // FIVE_MINUTES_MS * FIVE_MINUTES_MS - HOUR_MS
    busy = list(range(start_ms, start_ms + 20 * 60_000, 10_000))
    idle = list(range(start_ms + 20 * 60_000, start_ms + 40 * 60_000, 10_000))
    await give_traffic(hub, agent_id, 1, busy, 1_200_000_000.0)
    await give_traffic(hub, agent_id, 2, idle, 1_000.0)
    hub.engine.ports[1] = [interface(PORT, 1)]
    rule = {"name": "full", "condition": {"kind": "high-utilisation"}, "severity": "info", "forS": 300}
    found = (await hub.post(PATH, {"rule": rule, "days": 2})).json
    assert (found["resolution"], found["present"]) == ("5m", [])
    assert [(one["interfaceId"], one["times"], one["seconds"]) for one in found["items"]] == [(PORT, 1, 20 * 60 - 300)]
    rule["condition"] = {"kind": "high-loss"}
    assert (await hub.post(PATH, {"rule": rule, "days": 2})).json["items"] == []


async def test_loss_is_that_of_pings_while_the_device_is_not_down(hub: Hub) -> None:
    agent_id = await watched(hub)
    snmp_only = {"name": "r2", "address": "192.0.2.2", "site": "north", "icmp": None, "reachability": "snmp"}
    await hub.post("/api/v1/devices", snmp_only | {"snmp": {"version": "2c", "community": "c"}})
    start_ms = NOW_MS // FIVE_MINUTES_MS * FIVE_MINUTES_MS - HOUR_MS
    rows = [
        (device_id, start_ms + number * 10_000, math.nan if number % 2 else 0.002)
        for number in range(180)
        for device_id in (1, 2)
    ]
    await hub.store.commit(measured(agent_id, 1, rows))
    await fell(hub, 1, start_ms + 2 * FIVE_MINUTES_MS, 4 * FIVE_MINUTES_MS)
    rule = {"name": "lossy", "condition": {"kind": "high-loss"}, "severity": "info", "forS": 0}
    found = (await hub.post(PATH, {"rule": rule, "days": 2})).json
    assert [(one["title"], one["times"]) for one in found["items"]] == [("r1", 1)]
    await fell(hub, 1, start_ms - 1, 2 * FIVE_MINUTES_MS)
    assert (await hub.post(PATH, {"rule": rule, "days": 2})).json["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rule": OFFLINE | {"name": "Not A Name"}}, "name"),
        ({"rule": OFFLINE, "days": 0}, "days"),
        ({"rule": OFFLINE, "days": 401}, "days"),
        ({"rule": OFFLINE | {"condition": {"kind": "storage-low"}}}, "rule.condition.kind"),
        ({}, "rule"),
    ],
)
async def test_what_cannot_be_tried_is_refused_by_field(hub: Hub, body: dict[str, Any], field: str) -> None:
    answer = await hub.post(PATH, body)
    assert (answer.status, answer.json["field"]) == (400, field)
