"""What is sent to channels, when, and again when: pure decisions. Sending is `notify`'s, keeping the store's.

A delivery is one event of the log for one channel. Deliveries that come faster than `MAX_MESSAGES` a minute go
together as one message, a bundle.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec
from noctule_shared.events import AlertEvent, AlertState, EventName

from noctule_hub.core.channels import Channel, wants
from noctule_hub.core.records import EventRow

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
MAX_TITLE_CHARS: Final = 200
MAX_TEXT_CHARS: Final = 500

ALERT_EVENTS: Final = frozenset({EventName.ALERT_NEW, EventName.ALERT_UPDATE})
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]+")


class DeliveryKind(StrEnum):
    """What a delivery tells: a problem, or its end."""

    NEW = "new"
    RESOLVED = "resolved"


class DeliveryState(StrEnum):
    """`queued`: not tried yet; `failed`: to be tried again; `dead`: given up, until somebody retries it."""

    QUEUED = "queued"
    FAILED = "failed"
    DELIVERED = "delivered"
    DEAD = "dead"


WAITING: Final = frozenset({DeliveryState.QUEUED, DeliveryState.FAILED})


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """What one channel is to be told of one event."""

    channel_id: int
    seq: int
    kind: DeliveryKind
    alert: AlertEvent


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
    """What became of sending a message, in words that hold no secret."""

    delivered: bool
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One alert of a message."""

    kind: DeliveryKind
    alert: AlertEvent


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent as one message: the first `MAX_NAMED` of `count` deliveries, whose number of attempts is alike."""

    channel_id: int
    public_id: str
    items: tuple[Item, ...]
    count: int
    bundle: bool
    attempts: int
    begun_ms: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message in plain words: `title` is one line, neither holds controls. `event` is `alert.new` and the like."""

    public_id: str
    event: str
    title: str
    text: str
    alerts: tuple[AlertEvent, ...]
    more: int


def route(
    rows: Sequence[EventRow], channels: Sequence[Channel], tags_of: Callable[[int], Collection[str]]
) -> list[NewDelivery]:
    """Return what `channels` may have to be told of events. Late ones, tests and what is inhibited are nobody's news.

    Of ends of alerts the store keeps those alone whose problem the channel was told of.
    """
    deliveries = []
    for row in rows:
        if row.name not in ALERT_EVENTS or row.late or row.data.get("test"):
            continue
        try:
            alert = msgspec.convert(row.data, AlertEvent)
        except msgspec.ValidationError:
            # Of another version of the hub.
            continue
        tags = () if alert.device_id is None else tags_of(alert.device_id)
        for channel in channels:
            if not channel.fields.enabled or row.seq <= channel.since_seq:
                continue
            alarms = row.name is EventName.ALERT_NEW and alert.inhibited_by is None
            if alarms and wants(channel.fields, alert, tags):
                deliveries.append(NewDelivery(channel.id, row.seq, DeliveryKind.NEW, alert))
            elif row.name is EventName.ALERT_UPDATE and alert.state is AlertState.RESOLVED:
                deliveries.append(NewDelivery(channel.id, row.seq, DeliveryKind.RESOLVED, alert))
    return deliveries


def retry_after_ms(attempts: int, age_ms: int, jitter: float) -> int | None:
    """Return how long to wait after the failed attempt number `attempts`, None: give up.

    `jitter` is 0..1; half of the wait depends on it, so that many channels of one receiver do not come at once.
    """
    if age_ms >= GIVE_UP_MS:
        return None
    longest = min(2 * FIRST_RETRY_MS << min(attempts - 1, 16), MAX_RETRY_MS)
    return round(longest * (0.5 + 0.5 * jitter))


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a channel may send at once (`wait_ms` 0) and whether all that is due goes as one message."""

    wait_ms: int
    bundle: bool = False


def turn(due: int, sent_ms: Sequence[int], now_ms: int) -> Turn:
    """Return how a channel with `due` deliveries goes on, which sent messages at `sent_ms`, oldest first."""
    # What was sent in the future was sent before the clock was set back.
    within = [at_ms for at_ms in sent_ms if now_ms - WINDOW_MS < at_ms <= now_ms]
    left = MAX_MESSAGES - len(within)
    if left <= 0:
        return Turn(within[0] + WINDOW_MS - now_ms)
    return Turn(0, bundle=left == 1 and due > 1)


def inert(text: str, most: int = MAX_TEXT_CHARS) -> str:
    """Return text of a device as one line of at most `most` characters: no controls, no marks of direction."""
    line = " ".join(_CONTROLS.sub(" ", text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def inert_alert(alert: AlertEvent) -> AlertEvent:
    """Return an alert whose every text is inert."""
    return msgspec.convert(_inert_value(msgspec.to_builtins(alert)), AlertEvent)


def _inert_value(value: Any) -> Any:  # noqa: ANN401  JSON of any depth
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, dict):
        return {key: _inert_value(one) for key, one in value.items()}
    return [_inert_value(one) for one in value] if isinstance(value, list) else value


def message_of(parcel: Parcel, *, url: str | None) -> Message:
    """Return a parcel in words; `url` is where people open the hub, None: nobody said."""
    alerts = tuple(inert_alert(item.alert) for item in parcel.items)
    if parcel.bundle:
        return _bundled(parcel, alerts, url)
    (item,), (alert,) = parcel.items, alerts
    word = "resolved" if item.kind is DeliveryKind.RESOLVED else alert.severity.value
    return Message(
        parcel.public_id,
        f"alert.{item.kind}",
        inert(f"[{word}] {_named(alert)}", MAX_TITLE_CHARS),
        "\n".join(_facts(item.kind, alert, url)),
        alerts,
        0,
    )


def _bundled(parcel: Parcel, alerts: Sequence[AlertEvent], url: str | None) -> Message:
    lines = [
        f"- {'resolved' if item.kind is DeliveryKind.RESOLVED else alert.severity}: {inert(_named(alert), 160)}"
        for item, alert in zip(parcel.items, alerts, strict=True)
    ]
    more = parcel.count - len(lines)
    if more:
        lines.append(f"and {more} more")
    if url is not None:
        lines += ["", url]
    first = inert(_named(alerts[0]), 80)
    title = f"{parcel.count} more alerts: {first}" + (", ..." if parcel.count > 1 else "")
    return Message(parcel.public_id, "alert.summary", title, "\n".join(lines), tuple(alerts), more)


def _named(alert: AlertEvent) -> str:
    return alert.title if alert.device_name is None else f"{alert.device_name}: {alert.title}"


def _facts(kind: DeliveryKind, alert: AlertEvent, url: str | None) -> list[str]:
    facts = [alert.title, ""]
    if alert.device_name is not None:
        facts.append(f"Device: {alert.device_name}")
    facts += [f"Severity: {alert.severity}", f"Reason: {alert.reason}", f"Since: {alert.started_at}"]
    if kind is DeliveryKind.RESOLVED and alert.resolved_at is not None:
        facts.append(f"Resolved: {alert.resolved_at}")
    facts.append(f"Alert: {alert.id}")
    return facts if url is None else [*facts, "", url]


def trial(public_id: str, channel: str, *, url: str | None) -> Message:
    """Return the message by which somebody tries a channel."""
    text = f"This is a test of the notification channel {inert(channel)}. Nothing is wrong."
    return Message(
        public_id,
        "test",
        inert(f"[test] Noctule channel {channel}", MAX_TITLE_CHARS),
        text if url is None else f"{text}\n\n{url}",
        (),
        0,
    )
