"""From a finding to the drafted alert: opens, fires, resolves and announces. The table is in `alerts`."""

from noctule_shared.events import AlertState

from noctule_hub.core.alerts import AlertChange, Finding, judge
from noctule_hub.core.announcements import announce_alert
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
    alert = change.alert
    if alert.state in {AlertState.PENDING, AlertState.FIRING}:
        draft.world.alerts.set(alert.key, alert)
    else:
        draft.world.alerts.set(alert.key, None)
        draft.ended_alerts.append(alert)
    if change.event is not None:
        announce_alert(draft, alert, change.event)
