"""From a finding to the drafted alerts: opens, fires, resolves and announces. The table is in `alerts`.

Also what changes open alerts beside their condition: rules, silences, inhibitions and acknowledgements.
"""

from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.silences import SilenceRef

from noctule_hub.core.alert_rules import Rule, Target
from noctule_hub.core.alerts import (
    AlertChange,
    Finding,
    Subject,
    acknowledge,
    follow,
    judge,
    quieten,
    ripen,
    unacknowledge,
    withdraw,
)
from noctule_hub.core.announcements import announce_alert
from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.commit import AuditedChange
from noctule_hub.core.records import Alert
from noctule_hub.core.world import Draft, World

AUDIT_KIND = "alert"


def find(draft: Draft, finding: Finding) -> None:
    """Judge a finding by every rule about such a condition, against the alerts that are open for it."""
    for rule in draft.world.rules.of(finding.kind):
        _judge(draft, rule, finding)


def find_anew(draft: Draft, finding: Finding) -> None:
    """Judge a finding that holds since before by the rules that have no alert open for it: they may be new."""
    for rule in draft.world.rules.of(finding.kind):
        if draft.world.alerts.get(finding.key(rule)) is None:
            _judge(draft, rule, finding)


def _judge(draft: Draft, rule: Rule, finding: Finding) -> None:
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


def apply_change(draft: Draft, change: AlertChange) -> None:
    """Draft the new version of an alert and, when it is to be told, its event."""
    inhibited_by, silenced_by = _kept_quiet(draft, change.alert)
    change = quieten(change.alert, change.event, inhibited_by=inhibited_by, silenced_by=silenced_by)
    alert = change.alert
    draft.world.alerts.set(alert.key, alert if alert.is_open else None)
    if not alert.is_open:
        draft.ended_alerts.append(alert)
    if change.event is not None:
        announce_alert(draft, alert, change.event)


def _kept_quiet(draft: Draft, alert: Alert) -> tuple[str | None, SilenceRef | None]:
    """Return by what an alert is inhibited and silenced, None: it is not. One that has ended keeps what it had."""
    if not alert.is_open:
        return alert.inhibited_by, alert.silenced_by
    world = draft.world
    suspended = None if alert.device_id is None else world.tenancy.suspension(alert.device_id, alert.interface_id)
    return suspended, world.quiet(draft.now_ms).of(alert, target_of(world, alert))


def target_of(world: World, what: Subject | Alert) -> Target:
    """Return what a finding or an alert is about, as it is now."""
    device = None if what.device_id is None else world.devices.get(what.device_id)
    interface = None if what.interface_id is None else world.interfaces.get(what.interface_id)
    agent = None if what.agent_id is None else world.agents.get(what.agent_id)
    named = device or agent
    return Target(
        name="" if named is None else named.name,
        device_id=what.device_id,
        site_id=what.site_id if named is None else named.site_id,
        tags=() if device is None else device.tags,
        interface_names=() if interface is None else (interface.identity, interface.if_alias),
        if_type=None if interface is None else interface.if_type,
    )


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
        if _kept_quiet(draft, alert) != (alert.inhibited_by, alert.silenced_by):
            apply_change(draft, AlertChange(alert, None))
    draft.world.judged_quiet = draft.world.quiet(draft.now_ms)


def observe_silences(draft: Draft) -> None:
    """Take that time has passed the begin or end of a silence. Between boundaries this does nothing."""
    if draft.world.quiet(draft.now_ms) is not draft.world.judged_quiet:
        observe_quiet(draft)


def observe_alert_time(draft: Draft, alert: Alert) -> None:
    """Take that time has passed for an open alert: a pending one may ripen."""
    rule = draft.world.rules.by_name.get(alert.rule)
    change = None if rule is None else ripen(rule, alert, now_ms=draft.now_ms)
    if change is not None:
        apply_change(draft, change)


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
    """Take that time has passed until which alerts were acknowledged."""
    for alert in open_alerts(draft.world):
        if alert.acknowledged_until_ms is not None and alert.acknowledged_until_ms <= draft.now_ms:
            apply_change(draft, unacknowledge(alert))


def open_alerts(world: World) -> list[Alert]:
    """Return all open alerts as drafted."""
    return [alert for _, alert in world.alerts.items()]


def _open_alert(draft: Draft, alert_id: int) -> Alert:
    for alert in open_alerts(draft.world):
        if alert.id == alert_id:
            return alert
    if 0 < alert_id < draft.world.next_alert_id:
        raise invalid("id", "this alert is resolved; only what is pending or firing can be acknowledged")
    raise Refused(ErrorCode.NOT_FOUND, f"there is no alert {alert_id}")


def _audited(draft: Draft, alert: Alert, change: AlertChange, by: Authorship) -> Alert:
    apply_change(draft, change)
    after = draft.world.alerts.get(alert.key) or change.alert
    draft.audited.append(
        AuditedChange(
            by, AuditAction.CHANGED, AUDIT_KIND, object_id=alert.id, name=alert.title, before=alert, after=after
        )
    )
    return after
