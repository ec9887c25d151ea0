"""From a judged row to the alert of its object: what it changes there, and what ends when no row comes any more.

Which rows are looked at is left to `measured`, what people read of them to `level_words`.
"""

from dataclasses import dataclass, replace
from typing import Final

from noctule_shared.events import AlertState, DeviceStatus

from noctule_hub.core.alerting.conditions import About, HighLoss
from noctule_hub.core.alerting.evidence import Evidence, Sample
from noctule_hub.core.alerting.findings import apply_change, find_by, open_alerts, target_of
from noctule_hub.core.alerting.gauges import LookedAt
from noctule_hub.core.alerting.level_words import Level
from noctule_hub.core.alerting.levels import Verdict
from noctule_hub.core.alerting.machine import Finding, Subject, withdraw
from noctule_hub.core.alerting.rules import Rule
from noctule_hub.core.records import Alert, Device, Interface
from noctule_hub.core.world import Draft, World

# A pending alert whose measurements paused for longer begins anew with the next.
PAUSE_MS: Final = 300_000
# An alert whose object was not measured for so long, although its device is there, is over: nobody measures it.
UNMEASURED_MS: Final = 3_600_000
# Of any other status nobody can know, or the device's own alert tells enough.
JUDGED: Final = frozenset({DeviceStatus.ONLINE, DeviceStatus.DEGRADED})


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    """One row that is looked at: its object and what the rule's condition says of it."""

    object_id: int
    ts_ms: int
    verdict: Verdict
    level: Level


def consider(draft: Draft, rule: Rule, one: MeasuredRow) -> None:
    """Find what a row says of a rule's condition, when that changes anything."""
    world = draft.world
    what = _object(world, rule, one.object_id)
    if what is None:
        return
    device, interface = what
    subject = _subject(device, interface, one.level.words)
    alert = world.alerts.get(f"{rule.name}:{subject.key}")
    if world.status(device.id) not in JUDGED or (alert is None and one.verdict is not Verdict.MET):
        return
    if alert is None and not rule.applies_to(target_of(world, subject)):
        world.gauges.exempt.add(rule.id, one.object_id)
        return
    # What waits goes by the hub's clock, also where that was set back.
    if one.ts_ms > draft.now_ms:
        one = replace(one, ts_ms=draft.now_ms)
    begins_uncertain = alert is None and _may_be_a_fall(rule, device)
    _judge(draft, rule, alert, subject, one, certain_ms=draft.now_ms + 1 if begins_uncertain else 0)


def _may_be_a_fall(rule: Rule, device: Device) -> bool:
    """Return whether the loss of a round may be that of a device that fell in it: the next that has a reply tells.

    Not where rounds are so rare that what is pending begins anew with each.
    """
    rare = device.icmp is None or device.icmp.interval_s * 1000 >= PAUSE_MS
    return isinstance(rule.condition, HighLoss) and not rare


def _judge(
    draft: Draft, rule: Rule, alert: Alert | None, subject: Subject, one: MeasuredRow, *, certain_ms: int
) -> None:
    gauges, level = draft.world.gauges, one.level
    kept = () if alert is None or alert.evidence is None else alert.evidence.samples
    key = f"{rule.name}:{subject.key}"
    if alert is None:
        gauges.looked_at.set(key, None)
    elif alert.state is AlertState.PENDING and _has_paused(gauges.looked_at.get(key), rule, one.ts_ms):
        apply_change(draft, withdraw(alert, reason="its measurements paused", now_ms=draft.now_ms))
        gauges.looked_at.set(key, None)
        kept = ()
        if one.verdict is not Verdict.MET:
            return
    samples = gauges.look_at(key, kept, Sample(one.ts_ms, level.value), now_ms=draft.now_ms)
    firing = alert is not None and alert.state is AlertState.FIRING
    if one.verdict is Verdict.BETWEEN or (firing and one.verdict is Verdict.MET):
        return
    holds = one.verdict is Verdict.MET
    reason = f"{level.words}; alerts {level.limit}" if holds else level.words
    evidence = Evidence(
        quantity=level.quantity, threshold=level.threshold, clear=level.clear, usual=level.usual, samples=samples
    )
    finding = Finding(type(rule.condition), subject, holds, reason, one.ts_ms, evidence, certain_ms, one.ts_ms)
    find_by(draft, rule, finding)
    if not holds:
        gauges.looked_at.set(key, None)


def _has_paused(before: LookedAt | None, rule: Rule, ts_ms: int) -> bool:
    """Return whether nothing was measured for so long that nobody knows that it held meanwhile.

    After a start of the hub nothing is known: what was measured while it was away is told as history.
    """
    return before is not None and ts_ms - before.samples[-1].ts_ms > max(PAUSE_MS, rule.for_ms)


def _object(world: World, rule: Rule, object_id: int) -> tuple[Device, Interface | None] | None:
    """Return the device, and where the rule is about interfaces the interface, of a row; None: it is gone."""
    interface: Interface | None = None
    device_id = object_id
    if rule.condition.about is About.INTERFACE:
        interface = world.interfaces.get(object_id)
        if interface is None or interface.removed_ms is not None:
            return None
        device_id = interface.device_id
    device = world.devices.get(device_id)
    return None if device is None else (device, interface)


def _subject(device: Device, interface: Interface | None, words: str) -> Subject:
    if interface is None:
        return Subject(f"device:{device.id}", f"{device.name}: {words}", device_id=device.id, site_id=device.site_id)
    return Subject(
        f"interface:{interface.id}",
        f"{device.name} {interface.label}: {words}",
        device_id=device.id,
        interface_id=interface.id,
        site_id=device.site_id,
    )


def observe_unmeasured(draft: Draft) -> None:
    """Take that time has passed: alerts about what is there no more, or measured no more, end.

    What is pending is forgotten while nobody can know whether it holds; what fires is left until somebody does.
    """
    world = draft.world
    kept: set[str] = set()
    for alert in open_alerts(world):
        rule = world.rules.by_name.get(alert.rule)
        if rule is None or not rule.condition.measured:
            continue
        kept.add(alert.key)
        interface = None if alert.interface_id is None else world.interfaces.get(alert.interface_id)
        if interface is not None and interface.removed_ms is not None:
            apply_change(draft, withdraw(alert, reason="the interface is gone", now_ms=draft.now_ms))
            continue
        state = None if alert.device_id is None else world.states.get(alert.device_id)
        if state is None or state.status not in JUDGED:
            if alert.state is AlertState.PENDING:
                apply_change(draft, withdraw(alert, reason="nobody can know whether it holds", now_ms=draft.now_ms))
            continue
        looked_at = world.gauges.looked_at.get(alert.key)
        known_ms = max(world.started_ms, state.since_ms, 0 if looked_at is None else looked_at.at_ms)
        if draft.now_ms - known_ms > UNMEASURED_MS:
            apply_change(draft, withdraw(alert, reason="it is not measured any more", now_ms=draft.now_ms))
    for key in [key for key, _ in world.gauges.looked_at.items() if key not in kept]:
        world.gauges.looked_at.set(key, None)
