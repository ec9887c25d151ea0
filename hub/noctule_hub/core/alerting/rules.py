"""Rules as data: what is alerted, how severe it is, how soon, and on what.

Conditions are in `conditions`, to what a rule applies in `selectors`; what happens when one is met in `machine`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from noctule_shared.events import Severity

from noctule_hub.core.alerting.conditions import (
    AgentContested,
    AgentSilent,
    ClockSkew,
    Condition,
    ConditionKind,
    DeviceDegraded,
    DeviceFlapping,
    DeviceOffline,
    DeviceUnreachable,
    HighDiscards,
    HighErrors,
    HighLatency,
    HighLoss,
    HighUtilisation,
    InterfaceDown,
    InterfaceFlapping,
    LinkChanged,
    OverCommitted,
    Rebooted,
    StorageLow,
)
from noctule_hub.core.alerting.selectors import EVERYTHING, Selector, Target

MAX_RULES: Final = 200
MAX_FOR_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule as it shall be; the condition must hold for `for_ms` before the alert fires.

    `name` is its key and part of its alerts' keys. `trouble` is what a customer is told of its service, such as
    `is down`. None: customers are not told. `policy_id` is of the notification policy, None: the default one.
    """

    name: str
    condition: Condition
    severity: Severity
    for_ms: int
    trouble: str | None = None
    selector: Selector = EVERYTHING
    enabled: bool = True
    policy_id: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; see `NewRule`. Its name and its condition's kind never change, `revision` counts changes of the rest."""

    id: int
    name: str
    condition: Condition
    severity: Severity
    for_ms: int
    trouble: str | None = None
    selector: Selector = EVERYTHING
    enabled: bool = True
    created_ms: int = 0
    revision: int = 1
    policy_id: int | None = None

    def applies_to(self, target: Target) -> bool:
        """Return whether it alerts on a target at all."""
        return self.enabled and self.selector.matches(target)


# What a new hub has. A port that comes back by itself within ten seconds is a flap, not an outage.
SEEDED: Final = (
    Rule(1, "device-offline", DeviceOffline(), Severity.CRITICAL, for_ms=0, trouble="is down"),
    Rule(2, "agent-silent", AgentSilent(), Severity.CRITICAL, for_ms=0),
    Rule(3, "agent-contested", AgentContested(), Severity.CRITICAL, for_ms=0),
    Rule(4, "interface-down", InterfaceDown(), Severity.WARNING, for_ms=10_000, trouble="is down"),
    Rule(5, "high-latency", HighLatency(), Severity.WARNING, for_ms=60_000),
    Rule(6, "high-loss", HighLoss(), Severity.WARNING, for_ms=0),
    Rule(7, "device-degraded", DeviceDegraded(), Severity.WARNING, for_ms=60_000, enabled=False),
    Rule(8, "device-unreachable", DeviceUnreachable(), Severity.WARNING, for_ms=0, enabled=False),
    Rule(9, "device-flapping", DeviceFlapping(), Severity.WARNING, for_ms=0),
    Rule(10, "rebooted", Rebooted(), Severity.INFO, for_ms=0, enabled=False),
    Rule(11, "interface-flapping", InterfaceFlapping(), Severity.WARNING, for_ms=0),
    Rule(12, "link-changed", LinkChanged(), Severity.WARNING, for_ms=0, enabled=False),
    Rule(13, "high-utilisation", HighUtilisation(), Severity.WARNING, for_ms=300_000, enabled=False),
    Rule(14, "high-errors", HighErrors(), Severity.WARNING, for_ms=120_000, enabled=False),
    Rule(15, "high-discards", HighDiscards(), Severity.WARNING, for_ms=300_000, enabled=False),
    Rule(16, "over-committed", OverCommitted(), Severity.INFO, for_ms=0, enabled=False),
    Rule(17, "clock-skew", ClockSkew(), Severity.WARNING, for_ms=60_000, enabled=False),
    Rule(18, "storage-low", StorageLow(), Severity.CRITICAL, for_ms=60_000),
)


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, found by name and by condition. Each alerts on its own, whatever others do with the same target."""

    by_name: dict[str, Rule] = field(default_factory=dict)
    by_kind: dict[ConditionKind, tuple[Rule, ...]] = field(default_factory=dict)

    def of(self, kind: ConditionKind) -> tuple[Rule, ...]:
        """Return the rules with a condition of that kind, disabled ones too, by id."""
        return self.by_kind.get(kind, ())


def index_rules(rules: Iterable[Rule]) -> Rules:
    """Return rules as `Rules`."""
    by_kind: dict[ConditionKind, tuple[Rule, ...]] = {}
    ordered = sorted(rules, key=lambda rule: rule.id)
    for rule in ordered:
        by_kind[type(rule.condition)] = (*by_kind.get(type(rule.condition), ()), rule)
    return Rules({rule.name: rule for rule in ordered}, by_kind)
