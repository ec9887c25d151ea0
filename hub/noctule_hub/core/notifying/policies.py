"""Notification policies: who is told of a rule's alerts, when, again when, in which groups and in which words.

What a policy makes of one alert at one moment is decided in `escalation`, how its words are filled in in `templates`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from noctule_shared.events import AlertEvent, Severity

MAX_POLICIES: Final = 100
MAX_STEPS: Final = 10
MAX_AFTER_S: Final = 7 * 86_400
MIN_REPEAT_S: Final = 300
MAX_REPEAT_S: Final = 7 * 86_400
MAX_GROUP_WAIT_S: Final = 300
DEFAULT_GROUP_WAIT_S: Final = 10
# Something critical waits no longer for others to come: people are to run by then.
MAX_CRITICAL_WAIT_MS: Final = 3_000
# What joins a group that was told of already waits longer for its like: one message, not one for each poll.
FOLLOW_UP_WAIT_MS: Final = 60_000
# For so long after its last message a group counts as told of.
FOLLOWS_WITHIN_MS: Final = 3_600_000
DEFAULT_ID: Final = 1


class Grouping(StrEnum):
    """What goes together as one message."""

    NONE = "none"
    INCIDENT = "incident"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Step:
    """Who is told when an alert has rung for `after_s`. `channel_ids` None: all enabled channels, by their own filters.

    Channels that are named are told whatever their filters say, unless they are disabled.
    """

    after_s: int
    channel_ids: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Template:
    """Words of a policy's own; None: the built-in ones. See `templates`."""

    title: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyFields:
    """What people write of a policy. `steps` are in the order of their times, each time once.

    `repeat_s`: after the last step all of them are told again and again; None: once. `group_wait_s` is how long a
    message waits for what belongs to its group.
    """

    name: str
    steps: tuple[Step, ...]
    repeat_s: int | None
    recovery: bool
    group_by: Grouping
    group_wait_s: int
    template: Template


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy; the one with `DEFAULT_ID` is that of all rules that name none."""

    id: int
    fields: PolicyFields
    created_ms: int
    revision: int

    @property
    def is_default(self) -> bool:
        """Whether it is that of rules that name none."""
        return self.id == DEFAULT_ID


# What every hub has: all channels at once, each alert on its own.
DEFAULT_FIELDS: Final = PolicyFields(
    name="default",
    steps=(Step(0, None),),
    repeat_s=None,
    recovery=True,
    group_by=Grouping.NONE,
    group_wait_s=DEFAULT_GROUP_WAIT_S,
    template=Template(),
)


def group_of(grouping: Grouping, alert: AlertEvent) -> str | None:
    """Return the key of the group an alert belongs to, None: it goes on its own.

    Without an incident, alerts of one device or one agent belong together.
    """
    match grouping:
        case Grouping.NONE:
            return None
        case Grouping.SITE if alert.site_id is not None:
            return f"site:{alert.site_id}"
    if alert.incident is not None:
        return f"incident:{alert.incident.id}"
    if alert.device_id is not None:
        return f"device:{alert.device_id}"
    return None if alert.agent_id is None else f"agent:{alert.agent_id}"


def wait_ms(fields: PolicyFields, alert: AlertEvent, *, follows: bool) -> int:
    """Return how long an alert's message waits for others of its group; `follows`: the group was told of already."""
    if fields.group_by is Grouping.NONE:
        return 0
    most = fields.group_wait_s * 1000
    if alert.severity is Severity.CRITICAL:
        return min(most, MAX_CRITICAL_WAIT_MS)
    return max(most, FOLLOW_UP_WAIT_MS) if follows else most
