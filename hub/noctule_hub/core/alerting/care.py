"""Who takes care of an alert: acknowledged by whoever does, assigned to whoever is to.

Both stand beside the condition, are audited, and end with the alert.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from noctule_shared.alerts import Assignee
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.events import EventName

from noctule_hub.core.alerting.findings import apply_change, open_alerts
from noctule_hub.core.alerting.machine import AlertChange, acknowledge, assign, unacknowledge
from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.commit import AuditedChange
from noctule_hub.core.records import Alert
from noctule_hub.core.world import Draft

AUDIT_KIND = "alert"


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Somebody takes care of alerts; `note` is for colleagues, `until_ms` None: for good."""

    note: str | None = None
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Unacknowledge:
    """Nobody takes care of alerts any more."""


@dataclass(frozen=True, slots=True)
class Assign:
    """A user is to take care of alerts, None: nobody in particular."""

    user_id: int | None


Care = Acknowledge | Unacknowledge | Assign


def observe_care(draft: Draft, alert_ids: Sequence[int], care: Care, by: Authorship) -> list[Alert | Refused]:
    """Take who takes care of alerts, each for itself; returns of each how it is then, or why it stays as it was."""
    return [_observe_one(draft, alert_id, care, by) for alert_id in alert_ids]


def _observe_one(draft: Draft, alert_id: int, care: Care, by: Authorship) -> Alert | Refused:
    try:
        match care:
            case Acknowledge(note, until_ms):
                return observe_acknowledgement(draft, alert_id, by, note=note, until_ms=until_ms)
            case Unacknowledge():
                return observe_unacknowledgement(draft, alert_id, by)
            case Assign(user_id):
                return observe_assignment(draft, alert_id, by, user_id=user_id)
            case _:
                assert_never(care)
    except Refused as refusal:
        return refusal


def observe_acknowledgement(
    draft: Draft, alert_id: int, by: Authorship, *, note: str | None, until_ms: int | None
) -> Alert:
    """Take that somebody acknowledges an alert. Raises `Refused` when it is not open, or `until_ms` has passed."""
    if until_ms is not None and until_ms <= draft.now_ms:
        raise invalid("until", "has passed already")
    alert = _open_alert(draft, alert_id)
    return _audited(draft, alert, acknowledge(alert, who=by.name, note=note, at_ms=by.at_ms, until_ms=until_ms), by)


def observe_unacknowledgement(draft: Draft, alert_id: int, by: Authorship) -> Alert:
    """Take that nobody takes care of an alert any more. Raises `Refused` when it is not open or acknowledged."""
    alert = _open_alert(draft, alert_id)
    if alert.acknowledged_by is None:
        raise invalid("id", "this alert is not acknowledged")
    return _audited(draft, alert, unacknowledge(alert), by)


def observe_lapses(draft: Draft) -> None:
    """Take that time has passed until which alerts were acknowledged: what still fires rings once more."""
    for alert in open_alerts(draft.world):
        if alert.acknowledged_until_ms is not None and alert.acknowledged_until_ms <= draft.now_ms:
            change = unacknowledge(alert)
            apply_change(draft, replace(change, event=change.event and EventName.ALERT_NEW))


def observe_assignment(draft: Draft, alert_id: int, by: Authorship, *, user_id: int | None) -> Alert:
    """Take that somebody gives an alert to a user, or with None takes it back.

    Raises `Refused`: not-found; invalid, field id when it is not open or assigned to nobody, field userId for one who
    may not take care of alerts.
    """
    alert = _open_alert(draft, alert_id)
    if user_id is None:
        if alert.assignee is None:
            raise invalid("id", "this alert is assigned to nobody")
        return _audited(draft, alert, assign(alert, None), by)
    name = (draft.world.assignees or {}).get(user_id)
    if name is None:
        raise invalid("userId", "is no user who may read alerts: an admin, operator or viewer who is not disabled")
    return _audited(draft, alert, assign(alert, Assignee(user_id, name)), by)


def observe_assignees(draft: Draft) -> None:
    """Take alerts from users who may not take care of them any more; once after each change of the configuration."""
    world = draft.world
    if world.judged_assignees:
        return
    if world.assignees is not None:
        for alert in open_alerts(world):
            if alert.assignee is not None and alert.assignee.user_id not in world.assignees:
                apply_change(draft, assign(alert, None))
    world.judged_assignees = True


def _open_alert(draft: Draft, alert_id: int) -> Alert:
    alert = draft.world.alerts.of_id(alert_id)
    if alert is not None:
        return alert
    if 0 < alert_id < draft.world.next_alert_id:
        raise invalid("id", "this alert is resolved; only what is pending or firing can be acknowledged or assigned")
    raise Refused(ErrorCode.NOT_FOUND, f"there is no alert {alert_id}")


def _audited(draft: Draft, alert: Alert, change: AlertChange, by: Authorship) -> Alert:
    apply_change(draft, change, by=by.name)
    after = draft.world.alerts.get(alert.key) or change.alert
    draft.audited.append(
        AuditedChange(
            by, AuditAction.CHANGED, AUDIT_KIND, object_id=alert.id, name=alert.title, before=alert, after=after
        )
    )
    return after
