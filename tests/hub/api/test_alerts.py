"""Alerts over HTTP: read by filter and by id, acknowledged."""

from dataclasses import replace
from typing import Any

import pytest
from noctule_hub.core.announcements import alert_event
from noctule_hub.core.audit import local
from noctule_hub.core.commit import Commit
from noctule_hub.core.notifying.channels import ChannelFields, Webhook
from noctule_hub.core.notifying.deliveries import DeliveryKind, NewDelivery, Outcome
from noctule_hub.core.notifying.policies import DEFAULT_ID
from noctule_hub.core.notifying.routing import Decided
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


async def test_an_alert_is_assigned_and_not_any_more(hub: Hub) -> None:
    await kept(hub, alert(1))
    hub.engine.assignees = {7: "bob", 5: "ada"}
    answer = await hub.get(f"{PATH}/assignees", role=Role.VIEWER)
    assert answer.json["items"] == [{"userId": 5, "name": "ada"}, {"userId": 7, "name": "bob"}]
    answer = await hub.post(f"{PATH}/1/assign", {"userId": 7}, role=Role.OPERATOR)
    assert (answer.status, answer.json["assignee"]) == (200, {"userId": 7, "name": "bob"})
    answer = await hub.ask("DELETE", f"{PATH}/1/assign", role=Role.OPERATOR)
    assert (answer.status, "assignee" in answer.json) == (200, False)
    assert (await hub.post(f"{PATH}/1/assign", {"userId": 7}, role=Role.VIEWER)).status == 403
    for body in ({"userId": 9}, {"userId": 0}, {}):
        answer = await hub.post(f"{PATH}/1/assign", body)
        assert (answer.status, answer.json["field"]) == (400, "userId")


async def test_many_are_acknowledged_taken_back_and_assigned_each_for_itself(hub: Hub) -> None:
    await kept(hub, alert(1), alert(2))
    hub.engine.assignees = {7: "bob"}
    until = iso_from_ms(NOW_MS + MINUTE_MS)
    for deed, sent, told in (
        ("acknowledge", {"note": " storm ", "until": until}, {"acknowledgedUntil": until, "note": "storm"}),
        ("assign", {"userId": 7}, {"assignee": {"userId": 7, "name": "bob"}}),
        ("unacknowledge", {}, {}),
        ("assign", {"userId": None}, {}),
    ):
        answer = await hub.post(f"{PATH}/bulk-{deed}", {"ids": [2, 9, 1, 2], **sent}, role=Role.OPERATOR)
        assert answer.status == 200, answer.text
        rows = answer.json["rows"]
        assert [(row["alertId"], row["outcome"]) for row in rows] == [(2, "changed"), (9, "refused"), (1, "changed")]
        assert (rows[1]["message"], rows[1]["alert"]) == ("there is no alert 9", None)
        for row in (rows[0], rows[2]):
            names = ("acknowledgedUntil", "note", "assignee")
            standing = {name: row["alert"][name] for name in names if name in row["alert"]}
            assert standing == told if deed == "acknowledge" else told.items() <= standing.items()
    last = (await hub.post(f"{PATH}/bulk-assign", {"ids": [1], "userId": 9})).json["rows"]
    assert [(row["outcome"], row["field"]) for row in last] == [("refused", "userId")]


@pytest.mark.parametrize(
    ("deed", "body", "field"),
    [
        ("acknowledge", {"ids": []}, "ids"),
        ("acknowledge", {"ids": list(range(1, 1_002))}, "ids"),
        ("acknowledge", {"ids": [0]}, "ids[0]"),
        ("acknowledge", {"ids": [1], "until": iso_from_ms(NOW_MS)}, "until"),
        ("acknowledge", {"ids": [1], "note": "a\x1b[31m"}, "note"),
        ("unacknowledge", {"ids": [1], "note": "x"}, "note"),
        ("assign", {"ids": [1]}, "userId"),
        ("assign", {"ids": [1], "userId": 0}, "userId"),
    ],
)
async def test_what_cannot_be_meant_of_many_is_refused_before_any_changes(
    hub: Hub, deed: str, body: dict[str, Any], field: str
) -> None:
    await kept(hub, alert(1))
    answer = await hub.post(f"{PATH}/bulk-{deed}", body)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert hub.engine.alerts[1] == alert(1)


async def test_viewers_take_care_of_none_of_many(hub: Hub) -> None:
    await kept(hub, alert(1))
    for deed, sent in (("acknowledge", {}), ("unacknowledge", {}), ("assign", {"userId": None})):
        assert (await hub.post(f"{PATH}/bulk-{deed}", {"ids": [1], **sent}, role=Role.VIEWER)).status == 403


async def test_why_a_delivery_failed_is_for_administrators_alone(hub: Hub) -> None:
    await kept(hub, alert(1))
    hook = Webhook("https://example.net", signed=False)
    fields = ChannelFields("noc", enabled=True, severity=Severity.INFO, site_ids=(), tags=(), target=hook)
    channel = await hub.store.add_channel(fields, seal=lambda _: b"", by=local(NOW_MS))
    event = alert_event(alert(1), None, timestamp_ms=NOW_MS)
    new = NewDelivery(channel.id, 1, DeliveryKind.NEW, event, DEFAULT_ID)
    await hub.store.queue_alerts(lambda _: Decided([new], {}), (), up_to_seq=1, now_ms=NOW_MS)
    parcel = await hub.store.take_parcel(channel.id, bundle=False, now_ms=NOW_MS)
    assert parcel is not None
    outcome = Outcome(delivered=False, text="mail.internal did not answer")
    await hub.store.settle_parcel(parcel.public_id, outcome, next_ms=None, now_ms=NOW_MS)
    for role, words in ((Role.ADMIN, "mail.internal did not answer"), (Role.VIEWER, None)):
        answer = await hub.get(f"{PATH}/1/explanation", role=role)
        (told,) = answer.json["deliveries"]
        assert (told["channel"], told["state"], told["outcome"]) == ("noc", "dead", words)
        assert ("mail.internal" in " ".join(answer.json["sentences"])) is (words is not None)
