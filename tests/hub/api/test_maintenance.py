"""Maintenance windows over HTTP."""

from typing import Any

import pytest
from noctule_hub.core.principal import Role
from noctule_hub.core.records import IcmpSettings, NewDevice
from noctule_shared.axes import Reachability
from noctule_shared.times import iso_from_ms

from tests.hub.api.harness import NOW_MS, Hub

PATH = "/api/v1/maintenance"
HOUR_MS = 3_600_000
ONCE = {"startsAt": iso_from_ms(NOW_MS + HOUR_MS), "endsAt": iso_from_ms(NOW_MS + 2 * HOUR_MS)}
# 2026-11-18T11:06:40Z is a Wednesday.
NIGHTLY = {"weekdays": ["sun", "thu"], "start": "02:30", "durationS": 3600, "timezone": "Europe/Berlin"}


async def device_id(hub: Hub) -> int:
    new = NewDevice("core1", "192.0.2.1", hub.site.id, Reachability.ICMP, IcmpSettings(), None)
    return (await hub.add_device(new)).id


async def added(hub: Hub, **changes: Any) -> dict[str, Any]:
    answer = await hub.post(PATH, {"name": "power", "siteIds": [hub.site.id], "once": ONCE} | changes)
    assert answer.status == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


async def test_a_window_is_added_shown_changed_and_removed(hub: Hub) -> None:
    device = await device_id(hub)
    window = await added(hub, note=" two\nlines ", deviceIds=[device, device], tags=["core", "core"])
    assert window == {
        "id": 1,
        "name": "power",
        "note": "two\nlines",
        "deviceIds": [device],
        "siteIds": [hub.site.id],
        "tags": ["core"],
        "once": ONCE,
        "recurring": None,
        "running": None,
        "next": ONCE,
        "createdAt": iso_from_ms(NOW_MS),
        "revision": 1,
    }
    assert hub.engine.reloads == 1
    path = f"{PATH}/1"
    assert (await hub.get(path, role=Role.VIEWER)).json == window
    assert (await hub.get(PATH, role=Role.VIEWER)).json == {"items": [window], "nextCursor": None}
    changed = await hub.ask("PATCH", path, json={"revision": 1, "tags": [], "recurring": NIGHTLY}, role=Role.OPERATOR)
    assert (changed.status, changed.json["once"], changed.json["tags"]) == (200, None, [])
    assert changed.json["recurring"] == {
        "weekdays": ["thu", "sun"],
        "start": "02:30",
        "durationS": 3600,
        "timezone": "Europe/Berlin",
        "firstDate": "2026-11-18",
        "lastDate": None,
    }
    assert changed.json["next"] == {"startsAt": "2026-11-19T01:30:00.000Z", "endsAt": "2026-11-19T02:30:00.000Z"}
    assert (await hub.ask("PATCH", path, json={"revision": 1, "name": "x"})).json["field"] == "revision"
    assert (await hub.ask("DELETE", path)).status == 204
    assert (await hub.get(path)).status == 404
    assert hub.engine.reloads == 3


async def test_occurrences_are_told_by_range_and_page(hub: Hub) -> None:
    await added(hub, once=None, recurring=NIGHTLY | {"lastDate": "2026-11-30"})
    path = f"{PATH}/1/occurrences"
    starts = [item["startsAt"][:10] for item in (await hub.get(path, role=Role.VIEWER)).json["items"]]
    assert starts == ["2026-11-19", "2026-11-22", "2026-11-26", "2026-11-29"]
    first = (await hub.get(f"{path}?limit=1&from=2026-11-20T00:00:00Z&to=2026-11-28T00:00:00Z")).json
    assert [item["startsAt"][:10] for item in first["items"]] == ["2026-11-22"]
    rest = f"{path}?limit=1&from=2026-11-20T00:00:00Z&to=2026-11-28T00:00:00Z&cursor={first['nextCursor']}"
    assert [item["startsAt"][:10] for item in (await hub.get(rest)).json["items"]] == ["2026-11-26"]


async def test_what_runs_is_ended_now(hub: Hub) -> None:
    await added(hub)
    early = await hub.ask("POST", f"{PATH}/1/end")
    assert (early.status, early.json["field"]) == (400, "id")
    hub.now_ms += HOUR_MS
    assert (await hub.get(f"{PATH}/1")).json["running"] == ONCE
    ended = await hub.ask("POST", f"{PATH}/1/end", role=Role.OPERATOR)
    assert (ended.status, ended.json["running"], ended.json["next"]) == (200, None, None)
    assert (await hub.ask("POST", f"{PATH}/9/end")).status == 404


async def test_a_zone_that_is_not_named_is_the_hubs(hub: Hub) -> None:
    await hub.ask("PATCH", "/api/v1/settings", json={"revision": 1, "timezone": "Pacific/Kiritimati"})
    unzoned = {key: value for key, value in NIGHTLY.items() if key != "timezone"}
    window = await added(hub, once=None, recurring=unzoned)
    # At noon UTC it is already the next day there.
    assert window["recurring"]["timezone"] == "Pacific/Kiritimati"
    assert window["recurring"]["firstDate"] == "2026-11-19"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a\x1b[2J"}, "name"),
        ({"note": "a\x00"}, "note"),
        ({"siteIds": []}, "deviceIds"),
        ({"siteIds": [99]}, "siteIds"),
        ({"deviceIds": [99]}, "deviceIds"),
        ({"deviceIds": [0]}, "deviceIds[0]"),
        ({"deviceIds": [1] * 1001}, "deviceIds"),
        ({"tags": ["\u202e"]}, "tags[0]"),
        ({"once": None}, "once"),
        ({"recurring": NIGHTLY}, "recurring"),
        ({"once": ONCE | {"endsAt": ONCE["startsAt"]}}, "once.endsAt"),
        ({"once": ONCE | {"endsAt": "2028-01-01T00:00:00Z"}}, "once.endsAt"),
        ({"once": {"startsAt": "2026-11-18T10:00:00Z", "endsAt": "2026-11-18T11:00:00Z"}}, "once.endsAt"),
        ({"once": {"startsAt": "2050-11-18T10:00:00Z", "endsAt": "2050-11-18T11:00:00Z"}}, "once.startsAt"),
        ({"once": ONCE | {"startsAt": "2026-11-18T10:00:00"}}, "once.startsAt"),
        ({"once": None, "recurring": NIGHTLY | {"start": "24:00"}}, "recurring.start"),
        ({"once": None, "recurring": NIGHTLY | {"start": "02:30\n"}}, "recurring.start"),
        ({"once": None, "recurring": NIGHTLY | {"durationS": 59}}, "recurring.durationS"),
        ({"once": None, "recurring": NIGHTLY | {"weekdays": []}}, "recurring.weekdays"),
        ({"once": None, "recurring": NIGHTLY | {"weekdays": ["monday"]}}, "recurring.weekdays[0]"),
        ({"once": None, "recurring": NIGHTLY | {"timezone": "Mars/Olympus"}}, "recurring.timezone"),
        ({"once": None, "recurring": NIGHTLY | {"timezone": "../../etc/passwd"}}, "recurring.timezone"),
        ({"once": None, "recurring": NIGHTLY | {"timezone": "Europe"}}, "recurring.timezone"),
        ({"once": None, "recurring": NIGHTLY | {"firstDate": "2026-02-30"}}, "recurring.firstDate"),
        ({"once": None, "recurring": NIGHTLY | {"firstDate": "9999-12-31"}}, "recurring.firstDate"),
        ({"once": None, "recurring": NIGHTLY | {"lastDate": "2026-11-17"}}, "recurring.lastDate"),
        ({"once": None, "recurring": NIGHTLY | {"lastDate": "2026-11-18"}}, "recurring.weekdays"),
        ({"device": 1}, "device"),
    ],
)
async def test_bad_input_names_the_field_and_changes_nothing(hub: Hub, changes: dict[str, Any], field: str) -> None:
    answer = await hub.post(PATH, {"name": "power", "siteIds": [hub.site.id], "once": ONCE} | changes)
    assert (answer.status, answer.json["field"]) == (400, field), answer.text
    assert await hub.store.windows() == []
    assert hub.engine.reloads == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from"),
        ("from=2026-01-01T00:00:00Z&to=2028-01-01T00:00:00Z", "from"),
        ("from=0001-01-01T00:00:00Z", "from"),
        ("to=9999-12-31T23:59:59Z", "from"),
        ("from=yesterday", "from"),
        ("until=1", "until"),
    ],
)
async def test_a_range_that_is_none_is_refused(hub: Hub, query: str, field: str) -> None:
    await added(hub)
    answer = await hub.get(f"{PATH}/1/occurrences?{query}")
    assert (answer.status, answer.json["field"]) == (400, field)
