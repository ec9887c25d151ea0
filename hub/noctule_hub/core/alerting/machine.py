"""The condition of an alert as a table: inactive, pending, firing, resolved.

A rule says how long its condition must hold; a finding says whether it holds now. Acknowledged, silenced and inhibited
are kept beside the condition and never change it. What is found about which object is left to `judgement`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from noctule_shared.alerts import Assignee
from noctule_shared.events import AlertState, EventName
from noctule_shared.silences import SilenceRef

from noctule_hub.core.alerting.conditions import ConditionKind
from noctule_hub.core.alerting.evidence import Evidence
from noctule_hub.core.alerting.rules import Rule
from noctule_hub.core.records import Alert


class Signal(Enum):
    """What happened to the condition of an alert."""

    MET = "met"
    HELD = "held"
    CLEARED = "cleared"


class IllegalTransitionError(Exception):
    """A signal that cannot happen in a state: a programming error."""


# MET: the condition holds, its `for` has not elapsed or it is not certain yet. HELD: it has and is. A resolved alert is
# history and takes no signal: the next time, a new alert opens.
TRANSITIONS: Final[Mapping[tuple[AlertState, Signal], AlertState]] = {
    (AlertState.INACTIVE, Signal.MET): AlertState.PENDING,
    (AlertState.INACTIVE, Signal.HELD): AlertState.FIRING,
    (AlertState.INACTIVE, Signal.CLEARED): AlertState.INACTIVE,
    (AlertState.PENDING, Signal.MET): AlertState.PENDING,
    (AlertState.PENDING, Signal.HELD): AlertState.FIRING,
    (AlertState.PENDING, Signal.CLEARED): AlertState.INACTIVE,
    (AlertState.FIRING, Signal.MET): AlertState.FIRING,
    (AlertState.FIRING, Signal.HELD): AlertState.FIRING,
    (AlertState.FIRING, Signal.CLEARED): AlertState.RESOLVED,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about. The ids that do not apply are None."""

    key: str
    title: str
    device_id: int | None = None
    interface_id: int | None = None
    agent_id: int | None = None
    site_id: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a condition holds for its subject at `at_ms`; `holds` None: nobody can know, nothing changes.

    `evidence` is what was judged, None: there is no more to it than the reason. Before `certain_ms` the condition may
    yet turn out to be a consequence of something else: until then an alert is pending, whatever its rule's `for`.
    `known_until_ms`: it is known to hold until then, as what is measured now and then does; None: until it is said to
    be over.
    """

    kind: ConditionKind
    subject: Subject
    holds: bool | None
    reason: str
    at_ms: int
    evidence: Evidence | None = None
    certain_ms: int = 0
    known_until_ms: int | None = None

    def key(self, rule: Rule) -> str:
        """Return what tells a rule's alert about this from others that are not resolved."""
        return f"{rule.name}:{self.subject.key}"


@dataclass(frozen=True, slots=True)
class AlertChange:
    """A new version of an alert; `event` is what to tell clients, None for nothing."""

    alert: Alert
    event: EventName | None


def judge(rule: Rule, alert: Alert | None, finding: Finding, *, new_id: int, now_ms: int) -> AlertChange | None:
    """Return how a finding changes a rule's alert that is open for it (None: no such alert), or None for no change.

    `new_id` is used when a new alert opens. A pending alert that clears comes back as inactive: forget it.
    """
    if finding.holds is None:
        return None
    state = AlertState.INACTIVE if alert is None else alert.state
    # A clock that is ahead, an agent's or that of this hub before it was set back, lets no `for` begin in the future.
    started_ms = min(finding.at_ms if alert is None else alert.started_ms, now_ms)
    until_ms = now_ms if finding.known_until_ms is None else finding.known_until_ms
    if not finding.holds:
        signal = Signal.CLEARED
    elif until_ms - started_ms >= rule.for_ms and now_ms >= finding.certain_ms:
        signal = Signal.HELD
    else:
        signal = Signal.MET
    new = _next(state, signal)
    if new is state:
        return None
    if alert is None:
        alert = replace(_opened(rule, finding, new_id), started_ms=started_ms)
    # What is pending is called by what was found first; what rings, by what it is then.
    title = finding.subject.title if new is AlertState.FIRING else alert.title
    judged = replace(alert, title=title, evidence=finding.evidence, rule_revision=rule.revision)
    return _changed(judged, new, finding.reason, finding.at_ms, now_ms)


def ripen(rule: Rule, alert: Alert, *, now_ms: int) -> AlertChange | None:
    """Return the firing version of a rule's pending alert whose `for` has elapsed since it began, or None.

    One about measurements does not ripen by itself: only the next of them tells that it holds still.
    """
    if rule.condition.measured or alert.state is not AlertState.PENDING or now_ms - alert.started_ms < rule.for_ms:
        return None
    by_it = replace(alert, rule_revision=rule.revision)
    return _changed(by_it, _next(alert.state, Signal.HELD), alert.reason, now_ms, now_ms)


def withdraw(alert: Alert, *, reason: str, now_ms: int) -> AlertChange:
    """Return an open alert ended because its subject or rule is gone: resolved when it fired, else forgotten."""
    return _changed(alert, _next(alert.state, Signal.CLEARED), reason, now_ms, now_ms)


def follow(rule: Rule, alert: Alert) -> AlertChange | None:
    """Return an open alert as its rule is now, None when that is no change. Its condition and its start stay."""
    changed = replace(alert, severity=rule.severity, trouble=rule.trouble)
    return None if changed == alert else _told(changed)


def renew(rule: Rule, alert: Alert, finding: Finding, evidence: Evidence | None) -> AlertChange:
    """Return an open alert whose condition was met once more, in the words of that time; its begin stays."""
    return _told(
        replace(
            alert,
            title=finding.subject.title,
            reason=finding.reason,
            evidence=evidence,
            rule_revision=rule.revision,
        )
    )


def acknowledge(alert: Alert, *, who: str, note: str | None, at_ms: int, until_ms: int | None) -> AlertChange:
    """Return an open alert that somebody takes care of from `at_ms` on; `until_ms` None: for good."""
    return _told(replace(alert, acknowledged_by=who, acknowledged_ms=at_ms, acknowledged_until_ms=until_ms, note=note))


def unacknowledge(alert: Alert) -> AlertChange:
    """Return an open alert that nobody takes care of any more."""
    return _told(replace(alert, acknowledged_by=None, acknowledged_ms=None, acknowledged_until_ms=None, note=None))


def quieten(
    alert: Alert, event: EventName | None, *, inhibited_by: str | None, silenced_by: SilenceRef | None
) -> AlertChange:
    """Return a change of an alert with what keeps it from ringing taken into account; None and None: nothing does.

    `event` is what the change would tell by itself. A quiet alert is told as an update only, so that lists stay right
    and nothing rings; one that fires and is not quiet any more rings then, unless somebody takes care of it.
    """
    changed = replace(alert, inhibited_by=inhibited_by, silenced_by=silenced_by)
    if alert.state is AlertState.FIRING and event is not EventName.ALERT_NEW and changed != alert:
        rings = alert.is_quiet and not changed.is_quiet and changed.acknowledged_by is None
        event = EventName.ALERT_NEW if rings else EventName.ALERT_UPDATE
    elif event is EventName.ALERT_NEW and (changed.is_quiet or changed.acknowledged_by is not None):
        event = EventName.ALERT_UPDATE
    return AlertChange(changed, event)


def assign(alert: Alert, assignee: Assignee | None) -> AlertChange:
    """Return an open alert that `assignee` is to take care of, None: nobody in particular."""
    return _told(replace(alert, assignee=assignee))


def _told(changed: Alert) -> AlertChange:
    # A pending alert that clears is forgotten without a word: clients must not have heard of it.
    return AlertChange(changed, EventName.ALERT_UPDATE if changed.state is AlertState.FIRING else None)


def _next(state: AlertState, signal: Signal) -> AlertState:
    try:
        return TRANSITIONS[state, signal]
    except KeyError as error:
        raise IllegalTransitionError(f"{signal.value} in state {state.value}") from error


def _opened(rule: Rule, finding: Finding, new_id: int) -> Alert:
    subject = finding.subject
    return Alert(
        id=new_id,
        key=finding.key(rule),
        rule=rule.name,
        title=subject.title,
        severity=rule.severity,
        state=AlertState.INACTIVE,
        reason=finding.reason,
        started_ms=finding.at_ms,
        fired_ms=None,
        resolved_ms=None,
        device_id=subject.device_id,
        interface_id=subject.interface_id,
        agent_id=subject.agent_id,
        site_id=subject.site_id,
        trouble=rule.trouble,
    )


def _changed(alert: Alert, new: AlertState, reason: str, at_ms: int, now_ms: int) -> AlertChange:
    match new:
        case AlertState.FIRING:
            fired = replace(alert, state=new, reason=reason, fired_ms=now_ms)
            return AlertChange(fired, EventName.ALERT_NEW)
        case AlertState.RESOLVED:
            resolved = replace(alert, state=new, reason=reason, resolved_ms=max(at_ms, alert.started_ms))
            return AlertChange(resolved, EventName.ALERT_UPDATE)
        case AlertState.PENDING | AlertState.INACTIVE:
            return AlertChange(replace(alert, state=new, reason=reason), None)
