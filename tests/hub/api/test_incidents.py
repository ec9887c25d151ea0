"""Incidents over HTTP: listed, and shown with their alerts and what they made unreachable."""

from dataclasses import replace
from typing import Any

import pytest
from noctule_hub.core.alerting.incidents import Incident
from noctule_hub.core.commit import Commit
from noctule_hub.core.principal import Role
from noctule_hub.core.records import Axes, DeviceState, IcmpSettings, NewDevice
from noctule_shared.axes import Reachability
from noctule_shared.events import AlertState, DeviceStatus
from noctule_shared.times import iso_from_ms

from tests.hub.api.harness import NOW_MS, Hub
from tests.hub.store.samples import alert

PATH = "/api/v1/incidents"


def incident(incident_id: int, **changes: Any) -> Incident:
    return replace(Incident(incident_id, "core1 is offline", "device:1", 2, 1, NOW_MS), **changes)


@pytest.mark.parametrize(
    ("query", "ids", "cursor"),
    [
        ("", [3, 1], None),
        ("?state=all", [3, 2, 1], None),
        ("?limit=1", [3], "-3"),
        ("?limit=1&cursor=-3", [1], None),
        ("?cursor=0", [], None),
    ],
)
async def test_incidents_are_listed_newest_first(hub: Hub, query: str, ids: list[int], cursor: str | None) -> None:
    kept = [incident(1), incident(2, ended_ms=NOW_MS + 1), incident(3)]
    await hub.store.commit(Commit(now_ms=NOW_MS, incidents=kept))
    answer = await hub.get(PATH + query, role=Role.VIEWER)
    assert [one["id"] for one in answer.json["items"]] == ids
    assert answer.json["nextCursor"] == cursor


async def test_one_is_shown_with_its_root_cause_first_and_what_is_unreachable(hub: Hub) -> None:
    new = NewDevice("edge", "192.0.2.9", hub.site.id, Reachability.ICMP, IcmpSettings(), None)
    edge = (await hub.add_device(new)).id
    hub.engine.states[edge] = DeviceState(edge, Axes(), DeviceStatus.UNREACHABLE, "behind core1", NOW_MS)
    fell = incident(5, alerts=3, unreachable=frozenset({edge, edge + 40}))
    alerts = [
        replace(alert(1, key="a"), incident=fell.ref),
        replace(alert(2, key="b", state=AlertState.RESOLVED), incident=fell.ref),
        alert(3, key="c"),
    ]
    await hub.store.commit(Commit(now_ms=NOW_MS, incidents=[fell], alerts=alerts))
    answer = (await hub.get(f"{PATH}/5", role=Role.VIEWER)).json
    assert [one["id"] for one in answer.pop("members")] == [2, 1]
    assert answer == {
        "id": 5,
        "title": "core1 is offline",
        "rootAlertId": 2,
        "siteId": 1,
        "startedAt": iso_from_ms(NOW_MS),
        "endedAt": None,
        "alerts": 3,
        "unreachable": 2,
        "mergedInto": None,
        "devices": [
            {"deviceId": edge, "deviceName": "edge", "status": "unreachable"},
            {"deviceId": edge + 40, "deviceName": None, "status": None},
        ],
    }


async def test_the_root_cause_is_shown_however_many_alerts_there_are(hub: Hub) -> None:
    fell = incident(5, root_alert_id=1_100, alerts=1_100)
    alerts = [replace(alert(number, key=str(number)), incident=fell.ref) for number in range(1, 1_101)]
    await hub.store.commit(Commit(now_ms=NOW_MS, incidents=[fell], alerts=alerts))
    shown = (await hub.get(f"{PATH}/5")).json["members"]
    assert [one["id"] for one in shown] == [1_100, *range(1, 1_000)]


async def test_one_that_was_taken_over_says_by_which(hub: Hub) -> None:
    await hub.store.commit(Commit(now_ms=NOW_MS, incidents=[incident(1, ended_ms=NOW_MS, merged_into=2)]))
    answer = (await hub.get(f"{PATH}/1")).json
    assert (answer["mergedInto"], answer["members"]) == (2, [])


async def test_what_is_not_there_is_not_found_and_only_staff_may_ask(hub: Hub) -> None:
    assert (await hub.get(f"{PATH}/9")).status == 404
    for role in (Role.CUSTOMER, Role.ANONYMOUS):
        for path in (PATH, f"{PATH}/9"):
            assert (await hub.get(path, role=role)).status in {401, 403}
