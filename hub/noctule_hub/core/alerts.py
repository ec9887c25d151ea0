"""The condition of an alert as a table: inactive, pending, firing, resolved.

A rule says how long its condition must hold; a finding says whether it holds now. Acknowledgement is kept beside
the condition and never changes it. What is found about which object is left to `judgement`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from noctule_shared.events import AlertState, EventName, Severity

from noctule_hub.core.records import Alert


class Signal(Enum):
    """What happened to the condition of an alert."""

    MET = "met"
    HELD = "held"
    CLEARED = "cleared"


class IllegalTransitionError(Exception):
    """A signal that cannot happen in a state: a programming error."""


# MET: the condition holds, its `for` has not elapsed. HELD: it has. A resolved alert is history and takes no signal:
# the next time, a new alert opens.
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
class Rule:
    """What is alerted and how soon: the condition must hold for `for_ms` before the alert fires.

    `trouble` is what a customer is told of its service, such as `is down`. None: customers are not told.
    """

    name: str
    severity: Severity
    for_ms: int
    trouble: str | None = None


DEVICE_OFFLINE: Final = Rule("device-offline", Severity.CRITICAL, for_ms=0, trouble="is down")
AGENT_SILENT: Final = Rule("agent-silent", Severity.CRITICAL, for_ms=0)
AGENT_CONTESTED: Final = Rule("agent-contested", Severity.CRITICAL, for_ms=0)
# A port that comes back by itself within ten seconds is a flap, not an outage.
INTERFACE_DOWN: Final = Rule("interface-down", Severity.WARNING, for_ms=10_000, trouble="is down")
RULES: Final[Mapping[str, Rule]] = {
    rule.name: rule for rule in (DEVICE_OFFLINE, AGENT_SILENT, AGENT_CONTESTED, INTERFACE_DOWN)
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
    """Whether a rule's condition holds for its subject at `at_ms`; `holds` None: nobody can know, nothing changes."""

    rule: Rule
    subject: Subject
    holds: bool | None
    reason: str
    at_ms: int

    @property
    def key(self) -> str:
        """Return what tells this alert from others that are not resolved."""
        return f"{self.rule.name}:{self.subject.key}"


@dataclass(frozen=True, slots=True)
class AlertChange:
    """A new version of an alert; `event` is what to tell clients, None for nothing."""

    alert: Alert
    event: EventName | None


def judge(alert: Alert | None, finding: Finding, *, new_id: int, now_ms: int) -> AlertChange | None:
    """Return how a finding changes the alert that is open for it (None: no such alert), or None for no change.

    `new_id` is used when a new alert opens. A pending alert that clears comes back as inactive: forget it.
    """
    if finding.holds is None:
        return None
    state = AlertState.INACTIVE if alert is None else alert.state
    started_ms = finding.at_ms if alert is None else alert.started_ms
    if not finding.holds:
        signal = Signal.CLEARED
    else:
        signal = Signal.HELD if now_ms - started_ms >= finding.rule.for_ms else Signal.MET
    new = _next(state, signal)
    if new is state:
        return None
    if alert is None:
        alert = _opened(finding, new_id)
    return _changed(alert, new, finding.reason, finding.at_ms, now_ms)


def ripen(alert: Alert, *, now_ms: int) -> AlertChange | None:
    """Return the firing version of a pending alert whose `for` has elapsed, or None."""
    rule = RULES.get(alert.rule)
    if alert.state is not AlertState.PENDING or rule is None or now_ms - alert.started_ms < rule.for_ms:
        return None
    return _changed(alert, _next(alert.state, Signal.HELD), alert.reason, now_ms, now_ms)


def withdraw(alert: Alert, *, reason: str, now_ms: int) -> AlertChange:
    """Return an open alert ended because its subject is gone: resolved when it fired, else forgotten."""
    return _changed(alert, _next(alert.state, Signal.CLEARED), reason, now_ms, now_ms)


def _next(state: AlertState, signal: Signal) -> AlertState:
    try:
        return TRANSITIONS[state, signal]
    except KeyError as error:
        raise IllegalTransitionError(f"{signal.value} in state {state.value}") from error


def _opened(finding: Finding, new_id: int) -> Alert:
    subject = finding.subject
    return Alert(
        id=new_id,
        key=finding.key,
        rule=finding.rule.name,
        title=subject.title,
        severity=finding.rule.severity,
        state=AlertState.INACTIVE,
        reason=finding.reason,
        started_ms=finding.at_ms,
        fired_ms=None,
        resolved_ms=None,
        device_id=subject.device_id,
        interface_id=subject.interface_id,
        agent_id=subject.agent_id,
        site_id=subject.site_id,
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


def inhibit(alert: Alert, reason: str | None, event: EventName | None) -> AlertChange:
    """Return a change of an alert with why it alarms nobody (`reason`, None: it does) taken into account.

    `event` is what the change would tell by itself. An inhibited alert is told as an update only, so that lists stay
    right and nothing rings; one that fires and is not inhibited any more rings then.
    """
    changed = replace(alert, inhibited_by=reason)
    firing = alert.state is AlertState.FIRING
    if firing and event is None and alert.inhibited_by != reason:
        event = EventName.ALERT_UPDATE if reason is not None else EventName.ALERT_NEW
    elif event is EventName.ALERT_NEW and reason is not None:
        event = EventName.ALERT_UPDATE
    return AlertChange(changed, event)
