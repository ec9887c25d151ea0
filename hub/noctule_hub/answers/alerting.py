"""Rules of alerts and silences as HTTP answers show them."""

import msgspec
from noctule_shared.events import Severity

from noctule_hub.core.alerting.conditions import Condition


class SelectorView(msgspec.Struct, frozen=True, rename="camel"):
    """To what it applies: an empty member leaves all; `names` and `interfaceNames` are patterns."""

    site_ids: list[int] = []
    device_ids: list[int] = []
    roles: list[str] = []
    tags: list[str] = []
    names: list[str] = []
    if_types: list[int] = []
    interface_names: list[str] = []


class RuleView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A rule. Its condition must hold for `for_s`; `trouble` is what customers are told, null: they are not.

    `policy_id` is of the notification policy that it names, null: the default one.
    """

    id: int
    name: str
    condition: Condition
    severity: Severity
    for_s: int
    trouble: str | None
    selector: SelectorView
    enabled: bool
    policy_id: int | None
    created_at: str
    revision: int


class MatchersView(msgspec.Struct, frozen=True, rename="camel"):
    """Which alerts a silence is about: an empty member, or a null `severity`, leaves all; that severity and above."""

    rules: list[str]
    severity: Severity | None
    site_ids: list[int]
    device_ids: list[int]
    roles: list[str]
    tags: list[str]
    names: list[str]


class SilenceView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A silence; `active`: it holds now."""

    id: int
    matchers: MatchersView
    comment: str
    starts_at: str
    ends_at: str
    active: bool
    created_by: str
    created_at: str
    revision: int


class RuleTrialItem(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What a rule would have found in one object: how often it would have fired, and for how long in all."""

    title: str
    device_id: int | None
    interface_id: int | None
    agent_id: int | None
    times: int
    seconds: float
    longest_s: float
    last_at: str


class RuleTrialRival(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What a rule that the hub has would have found in the same objects; `objects`: in how many of them."""

    rule: str
    times: int
    seconds: float
    objects: int


class RuleTrial(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One part of a trial: of `objects` to which the rule applies those up to `done`.

    `items` are the objects in which it would have fired, `present` the enabled rules about the same condition.
    `resolution`: of what it was made, null where that is single events. `next_cursor` null: this was the last part.
    """

    from_: str = msgspec.field(name="from")
    to: str
    resolution: str | None
    objects: int
    done: int
    items: list[RuleTrialItem]
    present: list[RuleTrialRival]
    next_cursor: str | None
