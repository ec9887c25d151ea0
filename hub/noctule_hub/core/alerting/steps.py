"""The story of an alert: each change of it as a step, made by comparing the alert before and after.

Steps are only ever added. What they come to is told by `explain`, where they are kept is the store's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import msgspec
from noctule_shared.alerts import Assignee, IncidentRef
from noctule_shared.events import AlertState, Severity
from noctule_shared.silences import SilenceRef

from noctule_hub.core.alerting.evidence import Evidence
from noctule_hub.core.records import Alert

# Steps that are kept of one alert: its first ones and its newest; those between are dropped and counted.
MAX_STEPS: Final = 100
FIRST_STEPS: Final = 10


class StepKind(StrEnum):
    """What became of an alert. `followed`: its rule was changed and it with it; `lapsed`: an acknowledgement did."""

    PENDING = "pending"
    FIRED = "fired"
    RESOLVED = "resolved"
    FORGOTTEN = "forgotten"
    FOUND_LATE = "found-late"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    LAPSED = "lapsed"
    SILENCED = "silenced"
    UNSILENCED = "unsilenced"
    INHIBITED = "inhibited"
    FREED = "freed"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    FOLLOWED = "followed"
    JOINED = "joined"
    LEFT = "left"


class Step(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One step, decided at `at_ms`; `observed_ms` is when it came about, None: then.

    `text` are the words of that moment, `by` who did it (None: nobody, it came by itself). The other members are what
    was new, None where the step is not about them.
    """

    kind: StepKind
    at_ms: int
    text: str
    observed_ms: int | None = None
    by: str | None = None
    severity: Severity | None = None
    note: str | None = None
    until_ms: int | None = None
    silence: SilenceRef | None = None
    inhibited_by: str | None = None
    assignee: Assignee | None = None
    incident: IncidentRef | None = None
    evidence: Evidence | None = None
    rule_revision: int | None = None


@dataclass(frozen=True, slots=True)
class AlertStep:
    """A step of the alert with that id."""

    alert_id: int
    step: Step


@dataclass(frozen=True, slots=True)
class Story:
    """The steps of an alert that are kept, oldest first; `dropped` others came after the first `FIRST_STEPS`."""

    steps: tuple[Step, ...] = ()
    dropped: int = 0


_STATES: Final = {
    AlertState.PENDING: StepKind.PENDING,
    AlertState.FIRING: StepKind.FIRED,
    AlertState.RESOLVED: StepKind.RESOLVED,
    AlertState.INACTIVE: StepKind.FORGOTTEN,
}


def steps_between(
    before: Alert | None, after: Alert, *, now_ms: int, by: str | None = None, revision: int | None = None
) -> list[Step]:
    """Return what became of an alert, in the order in which it is told; `before` None: it has just opened.

    `by` is who changed it, None: it came by itself. `revision` is its rule's now, None: the rule is gone.
    """
    steps = []
    if before is None or before.state is not after.state:
        steps.append(_state_step(before, after, now_ms))
    if before is not None and before.severity is not after.severity:
        words = f"its rule is of severity {after.severity} now, it was {before.severity}"
        steps.append(
            Step(kind=StepKind.FOLLOWED, at_ms=now_ms, text=words, severity=after.severity, rule_revision=revision)
        )
    return [
        *steps,
        *_care_steps(before, after, now_ms, by),
        *_quiet_steps(before, after, now_ms),
        *_incident_steps(before, after, now_ms),
    ]


def late_steps(alert: Alert, *, began: str, now_ms: int) -> list[Step]:
    """Return the story of an alert that was over when it was found at `now_ms`; `began` is the reason of its begin.

    What became of it has the times at which a hub would have decided it then.
    """
    fired_ms, resolved_ms = alert.fired_ms or alert.started_ms, alert.resolved_ms or now_ms
    opened = replace(alert, state=AlertState.FIRING, reason=began)
    return [
        _state_step(None, opened, fired_ms),
        _state_step(opened, alert, resolved_ms),
        Step(kind=StepKind.FOUND_LATE, at_ms=now_ms, text="found later, from the agent's backlog: nobody was notified"),
    ]


def _state_step(before: Alert | None, after: Alert, now_ms: int) -> Step:
    observed_ms = after.resolved_ms if after.state is AlertState.RESOLVED else None
    if before is None:
        observed_ms = after.started_ms
    return Step(
        kind=_STATES[after.state],
        at_ms=now_ms,
        text=after.reason,
        observed_ms=None if observed_ms == now_ms else observed_ms,
        severity=after.severity if before is None else None,
        evidence=after.evidence,
        rule_revision=after.rule_revision,
    )


def _care_steps(before: Alert | None, after: Alert, now_ms: int, by: str | None) -> list[Step]:
    steps = []
    if _acknowledgement(before) != _acknowledgement(after):
        if after.acknowledged_by is not None:
            step = Step(
                kind=StepKind.ACKNOWLEDGED,
                at_ms=now_ms,
                text=f"{after.acknowledged_by} takes care of it",
                by=after.acknowledged_by,
                note=after.note,
                until_ms=after.acknowledged_until_ms,
            )
        elif by is None:
            step = Step(kind=StepKind.LAPSED, at_ms=now_ms, text="the time of its acknowledgement has passed")
        else:
            step = Step(kind=StepKind.UNACKNOWLEDGED, at_ms=now_ms, text=f"{by} took the acknowledgement back", by=by)
        steps.append(step)
    former = None if before is None else before.assignee
    if former != after.assignee:
        if after.assignee is not None:
            words = f"assigned to {after.assignee.name}"
            steps.append(Step(kind=StepKind.ASSIGNED, at_ms=now_ms, text=words, by=by, assignee=after.assignee))
        elif former is not None:
            gone = f"{former.name} may not take care of alerts any more" if by is None else f"taken from {former.name}"
            steps.append(Step(kind=StepKind.UNASSIGNED, at_ms=now_ms, text=gone, by=by))
    return steps


def _acknowledgement(alert: Alert | None) -> tuple[str | None, int | None, int | None, str | None] | None:
    if alert is None or alert.acknowledged_by is None:
        return None
    return alert.acknowledged_by, alert.acknowledged_ms, alert.acknowledged_until_ms, alert.note


def _quiet_steps(before: Alert | None, after: Alert, now_ms: int) -> list[Step]:
    steps = []
    former_silence = None if before is None else before.silenced_by
    if former_silence != after.silenced_by:
        if after.silenced_by is not None:
            words = f"silence {after.silenced_by.id}: {after.silenced_by.comment}"
            steps.append(Step(kind=StepKind.SILENCED, at_ms=now_ms, text=words, silence=after.silenced_by))
        elif former_silence is not None:
            words = f"silence {former_silence.id} does not hold any more"
            steps.append(Step(kind=StepKind.UNSILENCED, at_ms=now_ms, text=words))
    former = None if before is None else before.inhibited_by
    if former != after.inhibited_by:
        if after.inhibited_by is not None:
            step = Step(kind=StepKind.INHIBITED, at_ms=now_ms, text=after.inhibited_by, inhibited_by=after.inhibited_by)
        else:
            step = Step(kind=StepKind.FREED, at_ms=now_ms, text=f"no more: {former}")
        steps.append(step)
    return steps


def _incident_steps(before: Alert | None, after: Alert, now_ms: int) -> list[Step]:
    former = None if before is None else before.incident
    # What it is called, and counts, changes as it grows.
    if _id_of(former) == _id_of(after.incident):
        return []
    if after.incident is not None:
        words = f"part of incident {after.incident.id}: {after.incident.title}"
        return [Step(kind=StepKind.JOINED, at_ms=now_ms, text=words, incident=after.incident)]
    assert former is not None  # noqa: S101  they differ
    return [Step(kind=StepKind.LEFT, at_ms=now_ms, text=f"no part of incident {former.id} any more")]


def _id_of(incident: IncidentRef | None) -> int | None:
    return None if incident is None else incident.id


@dataclass(frozen=True, slots=True)
class Standing:
    """What the steps of an alert come to; None: nobody has, nothing does, it is part of no incident."""

    state: AlertState = AlertState.INACTIVE
    severity: Severity = Severity.INFO
    acknowledged_by: str | None = None
    acknowledged_until_ms: int | None = None
    note: str | None = None
    silenced_by: SilenceRef | None = None
    inhibited_by: str | None = None
    assignee: Assignee | None = None
    incident_id: int | None = None


def standing(alert: Alert) -> Standing:
    """Return how an alert stands."""
    return Standing(
        state=alert.state,
        severity=alert.severity,
        acknowledged_by=alert.acknowledged_by,
        acknowledged_until_ms=alert.acknowledged_until_ms,
        note=alert.note,
        silenced_by=alert.silenced_by,
        inhibited_by=alert.inhibited_by,
        assignee=alert.assignee,
        incident_id=_id_of(alert.incident),
    )


_STATE_OF: Final = {kind: state for state, kind in _STATES.items()}


def replay(steps: Iterable[Step]) -> Standing:
    """Return how an alert stands after all its steps, of which none was dropped."""
    now = Standing()
    for step in steps:
        if step.severity is not None:
            now = replace(now, severity=step.severity)
        if step.kind in _STATE_OF:
            now = replace(now, state=_STATE_OF[step.kind])
            continue
        match step.kind:
            case StepKind.ACKNOWLEDGED | StepKind.UNACKNOWLEDGED | StepKind.LAPSED:
                acknowledged_by = step.by if step.kind is StepKind.ACKNOWLEDGED else None
                now = replace(now, acknowledged_by=acknowledged_by, acknowledged_until_ms=step.until_ms, note=step.note)
            case StepKind.SILENCED | StepKind.UNSILENCED:
                now = replace(now, silenced_by=step.silence)
            case StepKind.INHIBITED | StepKind.FREED:
                now = replace(now, inhibited_by=step.inhibited_by)
            case StepKind.ASSIGNED | StepKind.UNASSIGNED:
                now = replace(now, assignee=step.assignee)
            case StepKind.JOINED | StepKind.LEFT:
                now = replace(now, incident_id=_id_of(step.incident))
    return now
