"""Rules as data: what is alerted, how severe it is, how soon, and on what.

A rule's condition is a struct of a union, kept as JSON: a new kind of condition brings its own parameters along and
needs no new column. What happens when a condition is met is left to `alerts`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import translate
from functools import lru_cache
from typing import Final

import msgspec
from noctule_shared.events import Severity

MAX_RULES: Final = 200
MAX_FOR_MS: Final = 86_400_000


class DeviceOffline(
    msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, tag_field="kind", tag="device-offline"
):
    """A device is offline."""


class AgentSilent(
    msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, tag_field="kind", tag="agent-silent"
):
    """An agent is not heard of."""


class AgentContested(
    msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, tag_field="kind", tag="agent-contested"
):
    """Two agents use one identity."""


class InterfaceDown(
    msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, tag_field="kind", tag="interface-down"
):
    """An interface that was up is down although its ifAdminStatus is up."""


Condition = DeviceOffline | AgentSilent | AgentContested | InterfaceDown
ConditionKind = type[DeviceOffline] | type[AgentSilent] | type[AgentContested] | type[InterfaceDown]


class About(StrEnum):
    """What a condition is about."""

    DEVICE = "device"
    INTERFACE = "interface"
    AGENT = "agent"


def about(condition: Condition) -> About:
    """Return what a condition is about."""
    match condition:
        case DeviceOffline():
            return About.DEVICE
        case InterfaceDown():
            return About.INTERFACE
        case AgentSilent() | AgentContested():
            return About.AGENT


@dataclass(frozen=True, slots=True)
class Target:
    """What a finding or an alert is about, as selectors see it.

    `name` is the device's, or for an alert about an agent the agent's. `interface_names` are an interface's identity
    and ifAlias; `if_type` None: it is about no interface, or about one that is gone.
    """

    name: str = ""
    device_id: int | None = None
    site_id: int | None = None
    tags: tuple[str, ...] = ()
    interface_names: tuple[str, ...] = ()
    if_type: int | None = None


class Selector(msgspec.Struct, frozen=True, rename="camel"):
    """To what a rule or a silence applies: to what every member that is not empty finds something of itself in.

    Empty: to all. `names` and `interface_names` are patterns with `*`, `?` and `[...]`, capitals or not.
    """

    site_ids: tuple[int, ...] = ()
    device_ids: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    if_types: tuple[int, ...] = ()
    interface_names: tuple[str, ...] = ()

    def matches(self, target: Target) -> bool:
        """Return whether it applies to a target."""
        return (
            (not self.site_ids or target.site_id in self.site_ids)
            and (not self.device_ids or target.device_id in self.device_ids)
            and (not self.tags or any(tag in self.tags for tag in target.tags))
            and (not self.names or _like(self.names, (target.name,)))
            and (not self.if_types or target.if_type in self.if_types)
            and (not self.interface_names or _like(self.interface_names, target.interface_names))
        )

    def is_empty(self) -> bool:
        """Return whether it applies to everything."""
        return self == EVERYTHING


EVERYTHING: Final = Selector()


# Every open alert is held against every silence when one begins or ends: patterns are compiled once.
@lru_cache(maxsize=2_048)
def _expression(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(translate(pattern.casefold()) for pattern in patterns))


def _like(patterns: tuple[str, ...], names: tuple[str, ...]) -> bool:
    matches = _expression(patterns).match
    for name in names:  # noqa: SIM110  half the time of any(): see above
        if name and matches(name.casefold()):
            return True
    return False


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule as it shall be; the condition must hold for `for_ms` before the alert fires.

    `name` is its key and part of its alerts' keys. `trouble` is what a customer is told of its service, such as
    `is down`. None: customers are not told.
    """

    name: str
    condition: Condition
    severity: Severity
    for_ms: int
    trouble: str | None = None
    selector: Selector = EVERYTHING
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; see `NewRule`. `name` and `condition` never change, `revision` counts changes of the rest."""

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

    def applies_to(self, target: Target) -> bool:
        """Return whether it alerts on a target at all."""
        return self.enabled and self.selector.matches(target)


# What a new hub has. A port that comes back by itself within ten seconds is a flap, not an outage.
SEEDED: Final = (
    Rule(1, "device-offline", DeviceOffline(), Severity.CRITICAL, for_ms=0, trouble="is down"),
    Rule(2, "agent-silent", AgentSilent(), Severity.CRITICAL, for_ms=0),
    Rule(3, "agent-contested", AgentContested(), Severity.CRITICAL, for_ms=0),
    Rule(4, "interface-down", InterfaceDown(), Severity.WARNING, for_ms=10_000, trouble="is down"),
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
