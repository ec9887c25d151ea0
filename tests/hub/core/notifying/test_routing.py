"""Who is told what: by filters and by policies, of events and of steps that fall due."""

from typing import Any

import pytest
from noctule_hub.core.notifying.channels import wants
from noctule_hub.core.notifying.deliveries import DeliveryKind, Group
from noctule_hub.core.notifying.escalation import Escalation
from noctule_hub.core.notifying.policies import Grouping
from noctule_hub.core.notifying.routing import Decided, route, take_steps
from noctule_hub.core.records import EventRow
from noctule_shared.alerts import IncidentRef
from noctule_shared.events import AlertState, EventName, Severity

from tests.hub.core.notifying.samples import ACKNOWLEDGED, ALERT, RESOLVED, channel, fields, row, situation

UPDATE = EventName.ALERT_UPDATE


def told(decided: Decided) -> list[tuple[int, str]]:
    return [(one.channel_id, one.kind.value) for one in decided.deliveries]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"severity": Severity.INFO}, True),
        ({"severity": Severity.CRITICAL}, False),
        ({"site_ids": (2,)}, True),
        ({"site_ids": (3,)}, False),
        ({"site_ids": (3,), "tags": ("core",)}, True),
        ({"tags": ("edge",)}, False),
    ],
)
def test_a_channel_wants_its_severities_at_its_sites_or_tags(changes: dict[str, Any], *, expected: bool) -> None:
    assert wants(channel(**changes).fields, ALERT, ("core",)) is expected
    decided = route([row()], situation([channel(**changes)]), lambda _: ("core",), 0)
    assert bool(decided.deliveries) is expected


def test_only_new_alerts_that_alarm_and_ends_are_routed_unless_late() -> None:
    rows = [
        row(1),
        row(2, id=2, late=True),
        row(3, id=3, test=True),
        row(4, UPDATE, id=4),
        row(5, UPDATE, state=AlertState.RESOLVED),
        row(6, UPDATE, id=6, state=AlertState.RESOLVED, late=True),
        row(8, id=8, inhibited_by="customer suspended"),
        EventRow(9, EventName.ALERT_NEW, {"id": "odd"}, (), 0, 0, None, None, late=False),
        EventRow(10, EventName.DEVICE_STATUS, {}, (), 0, 0, None, None, late=False),
    ]
    decided = route(rows, situation([channel()]), lambda _: (), 0)
    assert [(one.seq, one.kind) for one in decided.deliveries] == [(1, DeliveryKind.NEW), (5, DeliveryKind.RESOLVED)]
    assert decided.escalations[1] is None
    assert decided.escalations[6] is None
    assert not {2, 3, 4} & set(decided.escalations)
    assert route(rows, situation([channel(since_seq=5)]), lambda _: (), 0).deliveries == []


def test_a_step_tells_the_channels_it_names_whatever_their_filters_say_but_not_disabled_ones() -> None:
    channels = [channel(1, severity=Severity.CRITICAL), channel(2, enabled=False), channel(3)]
    assert told(route([row()], situation(channels, fields((0, (1, 2)))), lambda _: (), 0)) == [(1, "new")]


def test_steps_that_are_due_together_tell_each_channel_once() -> None:
    policy = fields((0, (1,)), (60, (1, 2)))
    decided = route([row(at_ms=0)], situation([channel(1), channel(2)], policy), lambda _: (), 90_000)
    assert told(decided) == [(1, "new"), (2, "reminder")]


def test_ends_are_told_only_when_the_policy_says_so() -> None:
    ended = [row(5, UPDATE, state=AlertState.RESOLVED)]
    assert told(route(ended, situation([channel()]), lambda _: (), 0)) == [(1, "resolved")]
    assert told(route(ended, situation([channel()], fields(recovery=False)), lambda _: (), 0)) == []


@pytest.mark.parametrize(
    "held", [{"acknowledged_by": "ada"}, {"inhibited_by": "core1"}, {"silenced_by": {"id": 1, "comment": "works"}}]
)
def test_an_alert_that_was_held_back_from_its_beginning_rings_when_nothing_does_any_more(held: dict[str, Any]) -> None:
    data = row(1, UPDATE).data | {"acknowledgedBy": held.get("acknowledged_by")}
    data |= {"inhibitedBy": held.get("inhibited_by"), "silencedBy": held.get("silenced_by")}
    first = EventRow(1, UPDATE, data, (), 0, 0, 5, 2, late=False)
    before = route([first], situation([channel()]), lambda _: (), 0)
    assert before.deliveries == []
    kept = before.escalations[1]
    assert kept is not None
    after = route([row(2, UPDATE, at_ms=9_000)], situation([channel()], fields(), kept), lambda _: (), 9_000)
    assert told(after) == [(1, "new")]
    ringing = after.escalations[1]
    assert ringing is not None
    assert ringing.rang_ms == 9_000


def test_an_acknowledgement_stops_steps_and_its_end_takes_those_that_fell_due_at_once() -> None:
    policy, channels = fields((0, (1,)), (900, (2,))), [channel(1), channel(2)]
    rung = route([row()], situation(channels, policy), lambda _: (), 0).escalations[1]
    assert rung is not None
    assert rung.next_ms == 900_000
    acknowledged = row(2, UPDATE, acknowledged_by="ada")
    held = route([acknowledged], situation(channels, policy, rung), lambda _: (), 100_000)
    assert held.deliveries == []
    assert held.escalations[1] is not None
    assert held.escalations[1].next_ms is None
    lapsed = route([row(3, UPDATE)], situation(channels, policy, held.escalations[1]), lambda _: (), 1_000_000)
    assert told(lapsed) == [(2, "reminder")]


def test_what_has_ended_by_the_time_of_a_step_is_followed_no_more() -> None:
    policy = fields((0, (1,)), (900, (1,)))
    due = [Escalation(alert, 1, 0, 0, 0, 1, 900_000) for alert in (ALERT, RESOLVED, ACKNOWLEDGED)]
    decided = [take_steps(situation([channel()], policy, one), lambda _: (), 900_000) for one in due]
    assert [told(one) for one in decided] == [[(1, "reminder")], [], []]
    assert decided[1].escalations == {1: None}
    assert decided[2].escalations[1] is not None


def test_a_step_of_the_clock_tells_channels_made_after_the_alert_began() -> None:
    policy = fields((0, (1,)), (900, (2,)))
    due = Escalation(ALERT, 1, 0, 0, 0, 1, 900_000)
    decided = take_steps(situation([channel(2, since_seq=50)], policy, due), lambda _: (), 900_000)
    assert told(decided) == [(2, "reminder")]


@pytest.mark.parametrize(
    ("group_by", "changes", "expected"),
    [
        (Grouping.NONE, {}, None),
        (Grouping.INCIDENT, {}, Group("1:device:5", 10_000, 60_000)),
        (Grouping.INCIDENT, {"incident": IncidentRef(7, "core1")}, Group("1:incident:7", 10_000, 60_000)),
        (Grouping.INCIDENT, {"device_id": None, "agent_id": 4}, Group("1:agent:4", 10_000, 60_000)),
        (Grouping.INCIDENT, {"device_id": None}, None),
        (Grouping.SITE, {}, Group("1:site:2", 10_000, 60_000)),
        (Grouping.SITE, {"site_id": None}, Group("1:device:5", 10_000, 60_000)),
        # Something critical waits three seconds at most.
        (Grouping.SITE, {"severity": Severity.CRITICAL}, Group("1:site:2", 3_000, 3_000)),
    ],
)
def test_what_belongs_together_waits_for_it(
    group_by: Grouping, changes: dict[str, Any], expected: Group | None
) -> None:
    decided = route([row(**changes)], situation([channel()], fields(group_by=group_by)), lambda _: (), 0)
    assert [one.group for one in decided.deliveries] == [expected]
