"""From a finding to the drafted alerts: opens, fires, resolves and announces. The table is in `machine`.

Also what changes open alerts beside their condition: rules, silences and inhibitions. Who takes care of them is in
`care`. Each change passes `apply_change`, which adds it to the alert's story.
"""

from dataclasses import replace

from noctule_shared.events import AlertState
from noctule_shared.silences import SilenceRef

from noctule_hub.core.alerting.conditions import ConditionKind
from noctule_hub.core.alerting.gathering import gather, leave
from noctule_hub.core.alerting.inhibition import inhibited_by, passes, waits
from noctule_hub.core.alerting.machine import (
    AlertChange,
    Finding,
    Subject,
    follow,
    judge,
    quieten,
    ripen,
    withdraw,
)
from noctule_hub.core.alerting.rules import Rule
from noctule_hub.core.alerting.selectors import Target, target_for
from noctule_hub.core.alerting.story import tell_steps
from noctule_hub.core.announcements import announce_alert
from noctule_hub.core.records import Alert
from noctule_hub.core.world import Draft, World


def find(draft: Draft, finding: Finding) -> None:
    """Judge a finding by every rule about such a condition, against the alerts that are open for it."""
    for rule in draft.world.rules.of(finding.kind):
        find_by(draft, rule, finding)


def find_anew(draft: Draft, finding: Finding) -> None:
    """Judge a finding that holds since before by the rules that have no alert open for it: they may be new."""
    for rule in draft.world.rules.of(finding.kind):
        if draft.world.alerts.get(finding.key(rule)) is None:
            find_by(draft, rule, finding)


def find_by(draft: Draft, rule: Rule, finding: Finding) -> None:
    """Judge a finding by one rule alone: one of those whose own figures it was found by."""
    world = draft.world
    alert = world.alerts.get(finding.key(rule))
    if alert is None and (not finding.holds or not rule.applies_to(target_of(world, finding.subject))):
        return
    change = judge(rule, alert, finding, new_id=world.next_alert_id, now_ms=draft.now_ms)
    if change is None:
        return
    if change.alert.id == world.next_alert_id:
        world.next_alert_id += 1
    apply_change(draft, change)


def apply_change(draft: Draft, change: AlertChange, *, by: str | None = None) -> None:
    """Draft the new version of an alert, what became of it as steps and, when it is to be told, its event.

    `by` is who changed it, None: it came by itself.
    """
    before = draft.world.alerts.get(change.alert.key)
    inhibited, silenced = _kept_quiet(draft, change.alert)
    change = quieten(change.alert, change.event, inhibited_by=inhibited, silenced_by=silenced)
    alert = gather(draft, change.alert) if change.alert.state is AlertState.FIRING else change.alert
    draft.world.alerts.set(alert.key, alert if alert.is_open else None)
    if not alert.is_open:
        alert = leave(draft, alert)
        draft.ended_alerts.append(alert)
    tell_steps(draft, before, alert, by=by)
    if change.event is not None:
        announce_alert(draft, alert, change.event, also=() if before is None else (before.assignee,))


def _kept_quiet(draft: Draft, alert: Alert) -> tuple[str | None, SilenceRef | None]:
    """Return by what an alert is inhibited and silenced, None: it is not. One that has ended keeps what it had."""
    if not alert.is_open:
        return alert.inhibited_by, alert.silenced_by
    world = draft.world
    return inhibited_by(world, alert, draft.now_ms), world.quiet(draft.now_ms).of(alert, target_of(world, alert))


def target_of(world: World, what: Subject | Alert) -> Target:
    """Return what a finding or an alert is about, as it is now."""
    device = None if what.device_id is None else world.devices.get(what.device_id)
    interface = None if what.interface_id is None else world.interfaces.get(what.interface_id)
    agent = None if what.agent_id is None else world.agents.get(what.agent_id)
    return target_for(device, interface, agent, device_id=what.device_id, site_id=what.site_id)


def observe_rules(draft: Draft) -> None:
    """Take that rules, or what they apply to, were changed: open alerts follow their rule, or end with it."""
    world = draft.world
    for alert in open_alerts(world):
        rule = world.rules.by_name.get(alert.rule)
        if rule is None:
            ended = "its rule was removed"
        elif not rule.enabled:
            ended = "its rule was disabled"
        elif not rule.selector.matches(target_of(world, alert)):
            ended = "its rule does not apply to it any more"
        else:
            change = follow(rule, alert)
            if change is not None:
                apply_change(draft, change)
            continue
        apply_change(draft, withdraw(alert, reason=ended, now_ms=draft.now_ms))


def observe_quiet(draft: Draft) -> None:
    """Take that customers, services or silences were changed: every open alert is looked at anew."""
    for alert in open_alerts(draft.world):
        requieten(draft, alert)
    draft.world.judged_quiet = draft.world.quiet(draft.now_ms)


def requieten(draft: Draft, alert: Alert) -> None:
    """Take that something may keep an open alert from ringing now, or not any more."""
    if _kept_quiet(draft, alert) != (alert.inhibited_by, alert.silenced_by):
        apply_change(draft, AlertChange(alert, None))


def observe_silences(draft: Draft) -> None:
    """Take that time has passed the begin or end of a silence. Between boundaries this does nothing."""
    if draft.world.quiet(draft.now_ms) is not draft.world.judged_quiet:
        observe_quiet(draft)


def observe_outage(draft: Draft, device_id: int) -> None:
    """Take that a device's status, or who is to blame for it, was changed: its open alerts are looked at anew."""
    for alert in draft.world.alerts.of_device(device_id):
        if inhibited_by(draft.world, alert, draft.now_ms) != alert.inhibited_by:
            apply_change(draft, AlertChange(alert, None))


def observe_alert_time(draft: Draft, alert: Alert) -> None:
    """Take that time has passed for an open alert: what held it back may be over, and a pending one may ripen."""
    if passes(alert) and inhibited_by(draft.world, alert, draft.now_ms) != alert.inhibited_by:
        apply_change(draft, AlertChange(alert, None))
        alert = draft.world.alerts.get(alert.key) or alert
    rule = draft.world.rules.by_name.get(alert.rule)
    if rule is None or alert.state is not AlertState.PENDING or waits(draft.world, alert, draft.now_ms):
        return
    if alert.started_ms > draft.now_ms:
        # The clock was set back: it cannot wait for a time that may be an hour off.
        alert = replace(alert, started_ms=draft.now_ms)
        draft.world.alerts.set(alert.key, alert)
    change = ripen(rule, alert, now_ms=draft.now_ms)
    if change is not None:
        apply_change(draft, change)


def alerts_about(world: World, kind: ConditionKind, subject_key: str | None = None) -> list[tuple[Rule, Alert]]:
    """Return the open alerts about such a condition, of one subject or (None) of all, each with its rule."""
    rules = world.rules.of(kind)
    if subject_key is not None:
        found = ((rule, world.alerts.get(f"{rule.name}:{subject_key}")) for rule in rules)
        return [(rule, alert) for rule, alert in found if alert is not None]
    # Asked each second: a rule that is disabled has no open alerts.
    by_name = {rule.name: rule for rule in rules if rule.enabled}
    if not by_name:
        return []
    return [(by_name[alert.rule], alert) for alert in open_alerts(world) if alert.rule in by_name]


def open_alerts(world: World) -> list[Alert]:
    """Return all open alerts as drafted."""
    return [alert for _, alert in world.alerts.items()]
