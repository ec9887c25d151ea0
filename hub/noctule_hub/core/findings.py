"""From a finding to the drafted alert: opens, fires, resolves and announces. The table is in `alerts`."""

from noctule_shared.events import AlertState

from noctule_hub.core.alerts import AlertChange, Finding, inhibit, judge
from noctule_hub.core.announcements import announce_alert
from noctule_hub.core.records import Alert
from noctule_hub.core.world import Draft


def find(draft: Draft, finding: Finding) -> None:
    """Judge a finding against the alert that is open for it and draft what changes."""
    world = draft.world
    change = judge(world.alerts.get(finding.key), finding, new_id=world.next_alert_id, now_ms=draft.now_ms)
    if change is None:
        return
    if change.alert.id == world.next_alert_id:
        world.next_alert_id += 1
    apply_change(draft, change)


def apply_change(draft: Draft, change: AlertChange) -> None:
    """Draft the new version of an alert and, when it is to be told, its event."""
    change = inhibit(change.alert, inhibition(draft, change.alert), change.event)
    alert = change.alert
    if alert.state in {AlertState.PENDING, AlertState.FIRING}:
        draft.world.alerts.set(alert.key, alert)
    else:
        draft.world.alerts.set(alert.key, None)
        draft.ended_alerts.append(alert)
    if change.event is not None:
        announce_alert(draft, alert, change.event)


def inhibition(draft: Draft, alert: Alert) -> str | None:
    """Return why an alert alarms nobody, None: it does. One that has ended keeps what it had."""
    if alert.state not in {AlertState.PENDING, AlertState.FIRING}:
        return alert.inhibited_by
    if alert.device_id is None:
        return None
    return draft.world.tenancy.suspension(alert.device_id, alert.interface_id)


def observe_inhibitions(draft: Draft) -> None:
    """Take that customers were suspended or resumed, or services changed: every open alert is looked at anew."""
    for alert in [alert for _, alert in draft.world.alerts.items()]:
        if inhibition(draft, alert) != alert.inhibited_by:
            apply_change(draft, AlertChange(alert, None))
