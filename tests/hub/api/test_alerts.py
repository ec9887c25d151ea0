"""Alerts over HTTP: read by filter and by id, acknowledged."""

from dataclasses import replace
from typing import Any

import pytest
from noctule_hub.core.commit import Commit
from noctule_hub.core.principal import Role
from noctule_hub.core.records import Alert
from noctule_shared.events import AlertState, Severity
from noctule_shared.silences import SilenceRef
from noctule_shared.times import iso_from_ms

from tests.hub.api.harness import NOW_MS, Hub

PATH = "/api/v1/alerts"
MINUTE_MS = 60_000


def alert(alert_id: int, **changes: Any) -> Alert:
    one = Alert(
        id=alert_id,
        key=f"device-offline:device:{alert_id}",
        rule="device-offline",
        title="core1 is offline",
        severity=Severity.CRITICAL,
        state=AlertState.FIRING,
        reason="icmp-down",
        started_ms=NOW_MS + alert_id,
        fired_ms=NOW_MS + alert_id,
        resolved_ms=None,
        device_id=None,
        interface_id=None,
        agent_id=None,
        site_id=1,
    )
    return replace(one, **changes)


async def kept(hub: Hub, *alerts: Alert) -> None:
    await hub.store.commit(Commit(now_ms=NOW_MS, alerts=list(alerts)))
    hub.engine.alerts = {one.id: one for one in alerts}


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [4, 3, 2]),
        ("?state=all", [4, 3, 2, 1]),
        ("?severity=warning", [4, 3]),
        ("?siteId=2", [3]),
        ("?deviceId=8", []),
        ("?rule=interface-down", [2]),
        ("?acknowledged=true", [4]),
        ("?acknowledged=false&state=all", [3, 2, 1]),
        ("?cursor=0", []),
        ("?cursor=-3", [2]),
        ("?cursor=-9223372036854775808", [4, 3, 2]),
    ],
)
async def test_alerts_are_listed_by_what_is_asked_for(hub: Hub, query: str, ids: list[int]) -> None:
    await kept(
        hub,
        alert(1, state=AlertState.RESOLVED, resolved_ms=NOW_MS + 9),
        alert(2, severity=Severity.INFO, rule="interface-down"),
        alert(3, severity=Severity.WARNING, site_id=2),
        alert(4, acknowledged_by="ada"),
    )
    answer = await hub.get(PATH + query, role=Role.VIEWER)
    assert [one["id"] for one in answer.json["items"]] == ids


async def test_pages_follow_each_other_without_a_gap(hub: Hub) -> None:
    await kept(hub, *(alert(number) for number in range(1, 6)))
    seen: list[int] = []
    query = "?limit=2"
    while True:
        answer = (await hub.get(PATH + query)).json
        seen += [one["id"] for one in answer["items"]]
        if answer["nextCursor"] is None:
            break
        query = f"?limit=2&cursor={answer['nextCursor']}"
    assert seen == [5, 4, 3, 2, 1]


async def test_an_alert_is_shown_by_id_with_what_keeps_it_quiet(hub: Hub) -> None:
    await kept(hub, alert(1, silenced_by=SilenceRef(3, "new card"), trouble="is down"))
    answer = await hub.get(f"{PATH}/1", role=Role.VIEWER)
    assert (answer.status, answer.json["silencedBy"]) == (200, {"id": 3, "comment": "new card"})
    assert (await hub.get(f"{PATH}/9")).status == 404


async def test_an_alert_is_acknowledged_and_not_any_more(hub: Hub) -> None:
    await kept(hub, alert(1))
    until = iso_from_ms(NOW_MS + MINUTE_MS)
    answer = await hub.post(f"{PATH}/1/acknowledge", {"note": " on my way ", "until": until}, role=Role.OPERATOR)
    assert answer.status == 200, answer.text
    assert {name: answer.json[name] for name in ("acknowledgedBy", "acknowledgedAt", "acknowledgedUntil", "note")} == {
        "acknowledgedBy": "operator",
        "acknowledgedAt": iso_from_ms(NOW_MS),
        "acknowledgedUntil": until,
        "note": "on my way",
    }
    answer = await hub.ask("DELETE", f"{PATH}/1/acknowledge", role=Role.OPERATOR)
    assert (answer.status, "acknowledgedBy" in answer.json) == (200, False)
    assert (await hub.post(f"{PATH}/9/acknowledge", {})).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"until": iso_from_ms(NOW_MS)}, "until"),
        ({"until": iso_from_ms(NOW_MS + 91 * 86_400_000)}, "until"),
        ({"until": "soon"}, "until"),
        ({"note": "a\x1b[31m"}, "note"),
        ({"note": "x" * 4_001}, "note"),
        ({"who": "ada"}, "who"),
    ],
)
async def test_a_wrong_acknowledgement_is_refused_by_field(hub: Hub, body: dict[str, Any], field: str) -> None:
    await kept(hub, alert(1))
    answer = await hub.post(f"{PATH}/1/acknowledge", body)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert hub.engine.alerts[1].acknowledged_by is None


@pytest.mark.parametrize("query", ["?severity=bad", "?siteId=0", "?acknowledged=maybe", "?rule=" + "x" * 65])
async def test_a_wrong_query_is_refused_by_parameter(hub: Hub, query: str) -> None:
    answer = await hub.get(PATH + query)
    assert (answer.status, answer.json["field"]) == (400, query[1:].split("=", maxsplit=1)[0])
