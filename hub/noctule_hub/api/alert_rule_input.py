"""What people write of rules, checked: pure, names the field in every refusal."""

import re
from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType
from noctule_shared.errors import invalid
from noctule_shared.events import Severity

from noctule_hub.api.bodies import Id, check_name
from noctule_hub.api.device_input import Text, check_roles, check_tags
from noctule_hub.core.alerting.conditions import About, Condition, check_condition, tag_of
from noctule_hub.core.alerting.rules import MAX_FOR_MS, NewRule, Rule
from noctule_hub.core.alerting.selectors import Selector

MAX_SELECTED: Final = 1_000
MAX_PATTERNS: Final = 32
MAX_PATTERN_CHARS: Final = 100
MAX_RULE_NAME_CHARS: Final = 64
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)

Ids = Annotated[list[Id], msgspec.Meta(max_length=MAX_SELECTED)]
Patterns = Annotated[list[Text], msgspec.Meta(max_length=MAX_PATTERNS)]
IfTypes = Annotated[list[Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]], msgspec.Meta(max_length=MAX_PATTERNS)]
ForS = Annotated[int, msgspec.Meta(ge=0, le=MAX_FOR_MS // 1000)]


class SelectorInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """To what a rule applies: to what each member that is not empty finds something of itself in.

    `names` (of the device, or the agent) and `interfaceNames` (name or ifAlias) are patterns with `*` and `?`.
    """

    site_ids: Ids = []
    device_ids: Ids = []
    roles: list[Text] = []
    tags: list[Text] = []
    names: Patterns = []
    if_types: IfTypes = []
    interface_names: Patterns = []


class NewRuleInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `POST /api/v1/rules`. `name`: small letters, digits and hyphens; it is the rule's key for good.

    `trouble`: what customers are told of their service, such as `is down`; null: they are not told. `policyId`: who is
    told of its alerts, null: the default policy says it.
    """

    name: Text
    condition: Condition
    severity: Severity
    for_s: ForS = 0
    trouble: Text | None = None
    selector: SelectorInput = SelectorInput()
    enabled: bool = True
    policy_id: Id | None = None


class RuleChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `PATCH /api/v1/rules/{id}`: what is absent stays; `condition` and `selector` are replaced whole.

    `condition` is of the kind it was, with other figures; those that it leaves out are the defaults. `revision` is the
    one that was read.
    """

    revision: int
    condition: Condition | UnsetType = UNSET
    severity: Severity | UnsetType = UNSET
    for_s: ForS | UnsetType = UNSET
    trouble: Text | UnsetType | None = UNSET
    selector: SelectorInput | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    policy_id: Id | UnsetType | None = UNSET


def check_new_rule(body: NewRuleInput) -> NewRule:
    """Return a new rule. Raises `Refused` (invalid), naming the field."""
    if len(body.name) > MAX_RULE_NAME_CHARS or not _NAME.fullmatch(body.name):
        raise invalid(
            "name", f"use up to {MAX_RULE_NAME_CHARS} small letters, digits and single hyphens, such as core-down"
        )
    return _fitting(
        NewRule(
            name=body.name,
            condition=check_condition(body.condition),
            severity=body.severity,
            for_ms=body.for_s * 1000,
            trouble=_trouble(body.trouble),
            selector=_selector(body.selector),
            enabled=body.enabled,
            policy_id=body.policy_id,
        )
    )


def check_rule_change(rule: Rule, body: RuleChange) -> NewRule:
    """Return a rule after a change. Raises `Refused` (invalid), naming the field."""
    return _fitting(
        NewRule(
            name=rule.name,
            condition=rule.condition if body.condition is UNSET else _same_kind(rule.condition, body.condition),
            severity=rule.severity if body.severity is UNSET else body.severity,
            for_ms=rule.for_ms if body.for_s is UNSET else body.for_s * 1000,
            trouble=rule.trouble if body.trouble is UNSET else _trouble(body.trouble),
            selector=rule.selector if body.selector is UNSET else _selector(body.selector),
            enabled=rule.enabled if body.enabled is UNSET else body.enabled,
            policy_id=rule.policy_id if body.policy_id is UNSET else body.policy_id,
        )
    )


def check_patterns(field: str, patterns: Sequence[str]) -> tuple[str, ...]:
    """Return patterns in their order, each once. Raises `Refused` (invalid)."""
    checked = [
        check_name(f"{field}[{index}]", pattern, max_chars=MAX_PATTERN_CHARS) for index, pattern in enumerate(patterns)
    ]
    return tuple(dict.fromkeys(checked))


def sorted_ids(ids: Sequence[int]) -> tuple[int, ...]:
    """Return ids by their size, each once."""
    return tuple(sorted(set(ids)))


def _same_kind(before: Condition, condition: Condition) -> Condition:
    """Return the condition that a rule is to have. Raises `Refused` (invalid) for another kind: alerts go by it."""
    if type(condition) is not type(before):
        raise invalid("condition.kind", f"stays {tag_of(before)}; for another kind of condition add another rule")
    return check_condition(condition)


def _trouble(text: str | None) -> str | None:
    return None if text is None else check_name("trouble", text)


def _selector(body: SelectorInput) -> Selector:
    return Selector(
        site_ids=sorted_ids(body.site_ids),
        device_ids=sorted_ids(body.device_ids),
        roles=check_roles(body.roles, field="selector.roles"),
        tags=check_tags(body.tags, field="selector.tags"),
        names=check_patterns("selector.names", body.names),
        if_types=sorted_ids(body.if_types),
        interface_names=check_patterns("selector.interfaceNames", body.interface_names),
    )


def _fitting(new: NewRule) -> NewRule:
    """Return a rule of which nothing could never hold. Raises `Refused` (invalid)."""
    what, selector = new.condition.about, new.selector
    of_interfaces = (("ifTypes", selector.if_types), ("interfaceNames", selector.interface_names))
    of_devices = (("deviceIds", selector.device_ids), ("roles", selector.roles), ("tags", selector.tags))
    for name, given in (*of_interfaces, *of_devices):
        if given and what is About.AGENT:
            raise invalid(f"selector.{name}", "this condition is about agents; select them by siteIds and names")
        if given and what is About.DEVICE and (name, given) in of_interfaces:
            raise invalid(f"selector.{name}", "this condition is about devices, not about their interfaces")
    if new.trouble is not None and what is About.AGENT:
        raise invalid("trouble", "this condition is about agents, of which no customer is told")
    return new
