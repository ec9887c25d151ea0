"""Rules of alerts and silences as HTTP answers show them."""

import msgspec
from noctule_shared.events import Severity

from noctule_hub.core.alert_rules import Condition


class SelectorView(msgspec.Struct, frozen=True, rename="camel"):
    """To what it applies: an empty member leaves all; `names` and `interfaceNames` are patterns."""

    site_ids: list[int] = []
    device_ids: list[int] = []
    tags: list[str] = []
    names: list[str] = []
    if_types: list[int] = []
    interface_names: list[str] = []


class RuleView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A rule. Its condition must hold for `for_s`; `trouble` is what customers are told, null: they are not."""

    id: int
    name: str
    condition: Condition
    severity: Severity
    for_s: int
    trouble: str | None
    selector: SelectorView
    enabled: bool
    created_at: str
    revision: int


class MatchersView(msgspec.Struct, frozen=True, rename="camel"):
    """Which alerts a silence is about: an empty member, or a null `severity`, leaves all; that severity and above."""

    rules: list[str]
    severity: Severity | None
    site_ids: list[int]
    device_ids: list[int]
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
