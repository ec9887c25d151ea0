"""Alerts about what happened, not about what lasts: they are held for their rule's `hold_s` after its last time.

When it happened last stands in the alert's evidence, so that a hub that starts again goes on with it.
"""

from typing import Final

import msgspec

from noctule_hub.core.alerting.conditions import ConditionKind, LinkChanged, Rebooted
from noctule_hub.core.alerting.evidence import MAX_SAMPLES, Evidence, Sample
from noctule_hub.core.alerting.findings import alerts_about, apply_change, find_by
from noctule_hub.core.alerting.machine import Finding, renew
from noctule_hub.core.alerting.rules import Rule
from noctule_hub.core.alerting.subjects import subject_of
from noctule_hub.core.alerting.words import lasting
from noctule_hub.core.records import Alert
from noctule_hub.core.world import Draft

_HELD: Final[tuple[ConditionKind, ...]] = (Rebooted, LinkChanged)


def observe_happening(draft: Draft, finding: Finding) -> None:
    """Take that something happened, maybe again: alerts about it open, or are held anew, with `finding`'s words."""
    for rule in draft.world.rules.of(finding.kind):
        take_happening(draft, rule, finding)


def take_happening(draft: Draft, rule: Rule, finding: Finding) -> None:
    """Do for one rule what `observe_happening` does for all."""
    alert = draft.world.alerts.get(finding.key(rule))
    if alert is None:
        find_by(draft, rule, finding)
    else:
        apply_change(draft, renew(rule, alert, finding, _joined(alert.evidence, finding.evidence)))


def observe_holds(draft: Draft) -> None:
    """Take that time has passed: what happened long enough ago is over."""
    for kind in _HELD:
        for rule, alert in alerts_about(draft.world, kind):
            if not isinstance(rule.condition, Rebooted | LinkChanged):
                continue
            last_ms = _last_ms(alert)
            if draft.now_ms - last_ms < rule.condition.hold_s * 1000:
                continue
            reason = f"{alert.reason}; {lasting(draft.now_ms - last_ms)} ago"
            over = Finding(kind, subject_of(alert), holds=False, reason=reason, at_ms=draft.now_ms)
            find_by(draft, rule, over)


def _last_ms(alert: Alert) -> int:
    samples = () if alert.evidence is None else alert.evidence.samples
    return samples[-1].ts_ms if samples else alert.started_ms


def _joined(old: Evidence | None, new: Evidence | None) -> Evidence | None:
    """Return the new evidence with the samples of before: how often it happened."""
    if old is None or new is None:
        return new
    samples: tuple[Sample, ...] = (*old.samples, *new.samples)[-MAX_SAMPLES:]
    return msgspec.structs.replace(new, samples=samples)
