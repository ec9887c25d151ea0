"""What is sent to channels, when, and again when: pure decisions. Sending is `notify`'s, keeping the store's.

A delivery tells one channel of one event of the log, or that an alert still fires. Deliveries of one group go together
as one message, and so do those that come faster than `MAX_MESSAGES` a minute.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from noctule_shared.events import AlertEvent

from noctule_hub.core.notifying.policies import Template

# Receivers that are down are asked again after 10 s, then ever later up to 10 minutes, for a day.
FIRST_RETRY_MS: Final = 10_000
MAX_RETRY_MS: Final = 600_000
GIVE_UP_MS: Final = 86_400_000
# So many messages a channel gets within `WINDOW_MS`; the last of them is kept for what comes together.
MAX_MESSAGES: Final = 10
WINDOW_MS: Final = 60_000
# So many alerts of a bundle are named in it, the others counted.
MAX_NAMED: Final = 20
# What waits for one channel beyond this makes the oldest dead letters.
MAX_WAITING: Final = 10_000
# Attempts that are kept of one delivery, the newest.
MAX_ATTEMPTS_KEPT: Final = 20
# Finished deliveries are kept so long: a recovery is sent only where its problem is known to have been.
KEPT_MS: Final = 90 * 86_400_000
MAX_KEPT: Final = 100_000
MAX_OUTCOME_CHARS: Final = 200
# Somebody who refuses a message for good is asked so many times in all: the second time might find a mended receiver.
MAX_REFUSALS: Final = 3
# How long a receiver may ask us to wait, within which it is obeyed.
MAX_RETRY_AFTER_MS: Final = 3_600_000


class DeliveryKind(StrEnum):
    """What a delivery tells: a problem, that it still is one, or its end."""

    NEW = "new"
    REMINDER = "reminder"
    RESOLVED = "resolved"


class DeliveryState(StrEnum):
    """`queued`: not tried yet; `failed`: to be tried again; `dead`: given up, until somebody retries it."""

    QUEUED = "queued"
    FAILED = "failed"
    DELIVERED = "delivered"
    DEAD = "dead"


WAITING: Final = frozenset({DeliveryState.QUEUED, DeliveryState.FAILED})


class Gathering(StrEnum):
    """Why deliveries go as one message: they are of one group, of one that was told of before, or they are too many."""

    GROUP = "group"
    FOLLOW_UP = "follow-up"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Group:
    """To what a delivery belongs. Its message waits `wait_ms` for others, `follow_up_wait_ms` when one went before."""

    key: str
    wait_ms: int
    follow_up_wait_ms: int


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """What one channel is to be told by the policy of `policy_id`.

    A reminder to a channel that was not told of the problem becomes the problem itself. `occasion` tells apart what
    follows from one event at several times. `group` None: it goes on its own, at once.
    """

    channel_id: int
    seq: int
    kind: DeliveryKind
    alert: AlertEvent
    policy_id: int
    occasion: int = 0
    group: Group | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as it stands. `next_ms` None: it is not tried any more; `outcome` None: it never was.

    `public_id` is what the receiver sees, the same at each attempt (of a bundle: of its first delivery).
    """

    id: int
    channel_id: int
    seq: int
    alert_id: int
    kind: DeliveryKind
    state: DeliveryState
    attempts: int
    created_ms: int
    next_ms: int | None
    outcome: str | None
    public_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a delivery."""

    at_ms: int
    delivered: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of sending a message, in words that hold no secret.

    `permanent`: the receiver refused it and would again. `retry_after_ms`: how long it asked to be left alone.
    """

    delivered: bool
    text: str
    permanent: bool = False
    retry_after_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One alert of a message."""

    kind: DeliveryKind
    alert: AlertEvent


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent as one message: the first `MAX_NAMED` of `count` deliveries, whose numbers of attempts are alike.

    `gathering` None: one delivery on its own. `template` are the words of its policy, of a summary none.
    """

    channel_id: int
    public_id: str
    items: tuple[Item, ...]
    count: int
    gathering: Gathering | None
    attempts: int
    refusals: int
    begun_ms: int
    template: Template


class ChannelHealth(StrEnum):
    """How a channel does, by its newest attempt, tests among them; `untried`: nothing was sent on it yet."""

    UNTRIED = "untried"
    WORKS = "works"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel does: what waits, what was given up, and what became of the newest attempt (None: there was none).

    `failing_since_ms` None: it works, or nobody knows yet.
    """

    queued: int = 0
    dead: int = 0
    last_ms: int | None = None
    last_outcome: str | None = None
    failing_since_ms: int | None = None

    @property
    def health(self) -> ChannelHealth:
        """Return it in a word."""
        if self.last_ms is None:
            return ChannelHealth.UNTRIED
        return ChannelHealth.WORKS if self.failing_since_ms is None else ChannelHealth.FAILING


def retry_ms(parcel: Parcel, outcome: Outcome, *, now_ms: int, jitter: float) -> int | None:
    """Return when a parcel that was not delivered just now is tried again, None: never.

    Receivers that are away are waited for, for a day; one that refuses for good is believed at the third time.
    `jitter` is 0..1; half of the wait depends on it, so that many channels of one receiver do not come at once.
    """
    if now_ms - parcel.begun_ms >= GIVE_UP_MS or (outcome.permanent and parcel.refusals + 1 >= MAX_REFUSALS):
        return None
    longest = min(2 * FIRST_RETRY_MS << min(parcel.attempts, 16), MAX_RETRY_MS)
    wait_ms = round(longest * (0.5 + 0.5 * jitter))
    return now_ms + max(wait_ms, min(outcome.retry_after_ms or 0, MAX_RETRY_AFTER_MS))


@dataclass(frozen=True, slots=True)
class Pace:
    """What a channel's attempts leave to the next: the times of the newest `MAX_MESSAGES`, oldest first.

    Until `held_until_ms` its receiver asked to be left alone.
    """

    held_until_ms: int = 0
    sent_ms: tuple[int, ...] = ()


def after_attempt(pace: Pace, outcome: Outcome, now_ms: int) -> Pace:
    """Return the pace of a channel after an attempt that ended just now."""
    held_ms = min(outcome.retry_after_ms or 0, MAX_RETRY_AFTER_MS)
    return Pace(now_ms + held_ms if held_ms else 0, (*pace.sent_ms, now_ms)[-MAX_MESSAGES:])


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a channel may send at once (`wait_ms` 0) and whether all that is due goes as one message, a summary."""

    wait_ms: int
    bundle: bool = False


def turn(due: int, pace: Pace, now_ms: int) -> Turn:
    """Return how a channel with `due` messages goes on."""
    # What is later than can be, sent or held, is of before the clock was set back.
    if 0 < pace.held_until_ms - now_ms <= MAX_RETRY_AFTER_MS:
        return Turn(pace.held_until_ms - now_ms)
    within = [at_ms for at_ms in pace.sent_ms if now_ms - WINDOW_MS < at_ms <= now_ms]
    left = MAX_MESSAGES - len(within)
    if left <= 0:
        return Turn(within[0] + WINDOW_MS - now_ms)
    return Turn(0, bundle=left == 1 and due > 1)
