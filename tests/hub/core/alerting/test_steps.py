"""The story of an alert: each change leaves its step, and all steps together come to what the alert is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.alerting.care import observe_acknowledgement, observe_assignees, observe_assignment
from noctule_hub.core.alerting.evidence import Evidence, Sample
from noctule_hub.core.alerting.steps import StepKind, late_steps, replay, standing, steps_between
from noctule_hub.core.audit import Authorship
from noctule_hub.core.judgement import observe_axis
from noctule_hub.core.records import Alert
from noctule_hub.core.world import Draft, World
from noctule_shared.alerts import Assignee, IncidentRef
from noctule_shared.axes import Axis
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.events import AlertState, Severity
from noctule_shared.observations import AxisChanged
from noctule_shared.silences import SilenceRef

NOW_MS = 1_795_000_000_000
ADA = Authorship("user:1", "ada", None, NOW_MS)
BOB = Assignee(7, "bob")
EVIDENCE = Evidence(quantity="rttS", threshold=0.25, samples=(Sample(NOW_MS, 0.3),))

Drafted = Callable[[int], Draft]


def alert(**changes: Any) -> Alert:
    one = Alert(
        id=1,
        key="high-latency:device:1",
        rule="high-latency",
        title="core1 is slow",
        severity=Severity.WARNING,
        state=AlertState.PENDING,
        reason="slow",
        started_ms=NOW_MS,
        fired_ms=None,
        resolved_ms=None,
        device_id=1,
        interface_id=None,
        agent_id=None,
        site_id=1,
    )
    return replace(one, **changes)


FIRING = alert(state=AlertState.FIRING)
ACKNOWLEDGED = replace(FIRING, acknowledged_by="ada", acknowledged_ms=NOW_MS, note="on my way")
CARD = SilenceRef(3, "new card")


@pytest.mark.parametrize(
    ("before", "after", "by", "kinds", "text"),
    [
        (None, alert(), None, ["pending"], "slow"),
        (None, FIRING, None, ["fired"], "slow"),
        (alert(), FIRING, None, ["fired"], "slow"),
        (alert(), alert(state=AlertState.INACTIVE, reason="quick"), None, ["forgotten"], "quick"),
        (FIRING, replace(FIRING, state=AlertState.RESOLVED, resolved_ms=NOW_MS), None, ["resolved"], "slow"),
        (FIRING, ACKNOWLEDGED, "ada", ["acknowledged"], "ada takes care of it"),
        (ACKNOWLEDGED, replace(ACKNOWLEDGED, note="later"), "ada", ["acknowledged"], "ada takes care of it"),
        (ACKNOWLEDGED, FIRING, "eve", ["unacknowledged"], "eve took the acknowledgement back"),
        (ACKNOWLEDGED, FIRING, None, ["lapsed"], "the time of its acknowledgement has passed"),
        (FIRING, replace(FIRING, silenced_by=CARD), None, ["silenced"], "silence 3: new card"),
        (replace(FIRING, silenced_by=CARD), FIRING, None, ["unsilenced"], "silence 3 does not hold any more"),
        (FIRING, replace(FIRING, inhibited_by="behind core2"), None, ["inhibited"], "behind core2"),
        (replace(FIRING, inhibited_by="behind core2"), FIRING, None, ["freed"], "no more: behind core2"),
        (FIRING, replace(FIRING, assignee=BOB), "ada", ["assigned"], "assigned to bob"),
        (replace(FIRING, assignee=BOB), FIRING, "ada", ["unassigned"], "taken from bob"),
        (replace(FIRING, assignee=BOB), FIRING, None, ["unassigned"], "bob may not take care of alerts any more"),
        (FIRING, replace(FIRING, incident=IncidentRef(4, "fibre")), None, ["joined"], "part of incident 4: fibre"),
        (replace(FIRING, incident=IncidentRef(4, "fibre")), FIRING, None, ["left"], "no part of incident 4 any more"),
        (
            replace(FIRING, incident=IncidentRef(4, "fibre")),
            replace(FIRING, incident=IncidentRef(4, "fibre and power")),
            None,
            [],
            None,
        ),
        (
            FIRING,
            replace(FIRING, severity=Severity.INFO),
            None,
            ["followed"],
            "its rule is of severity info now, it was warning",
        ),
        (None, replace(FIRING, silenced_by=CARD), None, ["fired", "silenced"], "slow"),
        (FIRING, replace(FIRING, reason="other"), None, [], None),
    ],
)
def test_each_change_is_a_step_in_words(
    before: Alert | None, after: Alert, by: str | None, kinds: list[str], text: str | None
) -> None:
    steps = steps_between(before, after, now_ms=NOW_MS + 5, by=by, revision=2)
    assert [step.kind for step in steps] == kinds
    assert [step.at_ms for step in steps] == [NOW_MS + 5] * len(kinds)
    assert (steps[0].text if steps else None) == text


def test_a_step_of_the_condition_keeps_what_was_measured_and_the_rule_of_that_moment() -> None:
    after = replace(FIRING, evidence=EVIDENCE, rule_revision=4)
    (step,) = steps_between(alert(), after, now_ms=NOW_MS)
    assert (step.evidence, step.rule_revision) == (EVIDENCE, 4)


def test_a_step_says_when_it_came_about_where_that_was_earlier() -> None:
    ended = replace(FIRING, state=AlertState.RESOLVED, resolved_ms=NOW_MS + 10)
    (step,) = steps_between(FIRING, ended, now_ms=NOW_MS + 900)
    assert (step.at_ms, step.observed_ms) == (NOW_MS + 900, NOW_MS + 10)


def test_the_story_of_what_was_found_late_ends_with_how_it_was_found() -> None:
    over = replace(FIRING, state=AlertState.RESOLVED, fired_ms=NOW_MS + 1, resolved_ms=NOW_MS + 9, reason="answers")
    steps = late_steps(over, began="silent", now_ms=NOW_MS + 900)
    assert [(step.kind.value, step.at_ms, step.text[:7]) for step in steps] == [
        ("fired", NOW_MS + 1, "silent"),
        ("resolved", NOW_MS + 9, "answers"),
        ("found-late", NOW_MS + 900, "found l"),
    ]
    assert replay(steps) == standing(over)


VERSIONS = st.builds(
    alert,
    state=st.sampled_from([AlertState.PENDING, AlertState.FIRING]),
    severity=st.sampled_from(Severity),
    silenced_by=st.sampled_from([None, CARD, SilenceRef(4, "b")]),
    inhibited_by=st.sampled_from([None, "behind core2", "suspended"]),
    assignee=st.sampled_from([None, BOB, Assignee(8, "eve")]),
    incident=st.sampled_from([None, IncidentRef(4, "fibre"), IncidentRef(4, "fibre, cut"), IncidentRef(5, "power")]),
)


@given(st.lists(st.tuples(VERSIONS, st.sampled_from([None, "ada", "bob"]), st.booleans()), min_size=1, max_size=12))
def test_all_steps_together_come_to_what_the_alert_is(versions: list[tuple[Alert, str | None, bool]]) -> None:
    before, steps = None, []
    for at, (version, who, ends) in enumerate(versions):
        after = version
        if who is not None:
            after = replace(after, acknowledged_by=who, acknowledged_ms=at, acknowledged_until_ms=at + 9, note=f"n{at}")
        if ends and at == len(versions) - 1:
            after = replace(after, state=AlertState.RESOLVED, resolved_ms=NOW_MS)
        steps += steps_between(before, after, now_ms=NOW_MS + at, by=who)
        before = after
        assert replay(steps) == standing(after)


def fall(draft: Draft, *, up: bool = False) -> None:
    old, new = ("down", "up") if up else ("up", "down")
    observe_axis(draft, 1, AxisChanged(1, Axis.ICMP, old, new, "seen", draft.now_ms))


def kinds(draft: Draft) -> list[tuple[int, str]]:
    return [(one.alert_id, one.step.kind.value) for one in draft.commit().steps]


def test_what_is_decided_is_committed_with_its_steps(drafted: Drafted, world: World) -> None:
    world.assignees = {7: "bob"}
    fall(draft := drafted(0))
    assert kinds(draft) == [(1, "fired"), (1, "joined")]
    draft = drafted(1_000)
    observe_acknowledgement(draft, 1, ADA, note=None, until_ms=None)
    observe_assignment(draft, 1, ADA, user_id=7)
    assert [(one.step.kind, one.step.by) for one in draft.steps] == [
        (StepKind.ACKNOWLEDGED, "ada"),
        (StepKind.ASSIGNED, "ada"),
    ]
    fall(draft := drafted(2_000), up=True)
    assert kinds(draft) == [(1, "resolved")]


class TestAssignment:
    def test_whom_it_is_assigned_to_hears_of_it_and_whom_it_is_taken_from_too(
        self, drafted: Drafted, world: World
    ) -> None:
        world.assignees = {7: "bob", 8: "eve"}
        fall(drafted(0))
        rooms = []
        for user_id in (7, 8, None):
            draft = drafted(1_000)
            observe_assignment(draft, 1, ADA, user_id=user_id)
            rooms.append([room for room in draft.events[0].rooms if room.startswith("user:")])
        assert rooms == [["user:7"], ["user:8", "user:7"], ["user:8"]]
        observe_assignment(drafted(2_000), 1, ADA, user_id=7)
        fall(draft := drafted(3_000), up=True)
        assert "user:7" in draft.events[-1].rooms

    @pytest.mark.parametrize(
        ("wanted", "refused"),
        [
            ((1, 9), (ErrorCode.INVALID, "userId")),
            ((1, None), (ErrorCode.INVALID, "id")),
            ((99, 7), (ErrorCode.NOT_FOUND, None)),
        ],
    )
    def test_what_cannot_be_is_refused_by_field(
        self, drafted: Drafted, world: World, wanted: tuple[int, int | None], refused: tuple[ErrorCode, str | None]
    ) -> None:
        world.assignees = {7: "bob"}
        fall(drafted(0))
        with pytest.raises(Refused) as refusal:
            observe_assignment(drafted(1_000), wanted[0], ADA, user_id=wanted[1])
        assert (refusal.value.code, refusal.value.field) == refused

    def test_who_may_not_any_more_is_relieved_once_the_configuration_says_so(
        self, drafted: Drafted, world: World, configure: Callable[..., None]
    ) -> None:
        configure(assignees={7: "bob"})
        fall(drafted(0))
        observe_assignment(drafted(0), 1, ADA, user_id=7)
        observe_assignees(draft := drafted(1_000))
        assert kinds(draft) == []
        configure(assignees={})
        observe_assignees(draft := drafted(2_000))
        assert kinds(draft) == [(1, "unassigned")]
        # A draft that is dropped has relieved nobody: it is looked at again.
        world.drop()
        observe_assignees(draft := drafted(3_000))
        assert kinds(draft) == [(1, "unassigned")]
        assert [event.rooms[-1] for event in draft.events] == ["user:7"]
