"""Putting one delivery into the queue in hub.db: whether it is news to its channel, and which message it joins."""

import sqlite3
from typing import Final

import msgspec

from noctule_hub.core.notifying.deliveries import DeliveryKind, Gathering, Group, NewDelivery
from noctule_hub.core.notifying.policies import FOLLOWS_WITHIN_MS

RANDOM: Final = "lower(hex(randomblob(16)))"
_TOLD: Final = "SELECT 1 FROM delivery WHERE channel_id = ? AND alert_id = ? AND kind = ?"
_WAITS: Final = "SELECT 1 FROM delivery WHERE channel_id = ? AND alert_id = ? AND next_ms IS NOT NULL"


def insert_delivery(connection: sqlite3.Connection, new: NewDelivery, epoch: str, now_ms: int) -> int:
    """Queue what is news to its channel; returns 1, or 0 when it is not."""
    kind = _news(connection, new)
    if kind is None:
        return 0
    topic, bundle, gathering, due_ms = None, None, None, now_ms
    if new.group is not None and not (kind is DeliveryKind.RESOLVED and _waits(connection, new)):
        topic = f"{kind}:{new.group.key}"
        bundle, gathering, due_ms = _joined(connection, new.channel_id, topic, new.group, now_ms)
    return connection.execute(
        f"""INSERT INTO delivery (channel_id, seq, epoch, alert_id, kind, alert, state, created_ms, begun_ms, next_ms,
                public_id, policy_id, occasion, bundle, gathering, topic, joinable)
            VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, {RANDOM}, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",  # noqa: S608  constants
        (
            new.channel_id,
            new.seq,
            epoch,
            new.alert.id,
            kind,
            msgspec.json.encode(new.alert).decode(),
            now_ms,
            now_ms,
            due_ms,
            new.policy_id,
            new.occasion,
            bundle,
            gathering,
            topic,
            topic is not None,
        ),
    ).rowcount


def _news(connection: sqlite3.Connection, new: NewDelivery) -> DeliveryKind | None:
    """Return as what a delivery is news to its channel, None: it is none."""
    about = (new.channel_id, new.alert.id)
    told = connection.execute(f"{_TOLD} AND state != 'dead'", (*about, DeliveryKind.NEW)).fetchone() is not None
    match new.kind:
        case DeliveryKind.NEW:
            return None if told else DeliveryKind.NEW
        case DeliveryKind.REMINDER:
            if not told:
                return DeliveryKind.NEW
            # A receiver that is away hears once that it still is so, not once for each time.
            return None if _waits(connection, new) else DeliveryKind.REMINDER
        case DeliveryKind.RESOLVED:
            ended = connection.execute(_TOLD, (*about, DeliveryKind.RESOLVED)).fetchone()
            return DeliveryKind.RESOLVED if told and not ended else None


def _waits(connection: sqlite3.Connection, new: NewDelivery) -> bool:
    return connection.execute(_WAITS, (new.channel_id, new.alert.id)).fetchone() is not None


def _joined(
    connection: sqlite3.Connection, channel_id: int, topic: str, group: Group, now_ms: int
) -> tuple[str, Gathering, int]:
    """Return the message that a delivery joins, or its own new one, and when that is due.

    A message that waits and is due no later by what joins it comes at the earlier of both times.
    """
    about = (channel_id, topic)
    waiting = connection.execute(
        """SELECT bundle, gathering, next_ms FROM delivery WHERE channel_id = ? AND topic = ? AND joinable
               AND next_ms IS NOT NULL LIMIT 1""",
        about,
    ).fetchone()
    if waiting is None:
        went = connection.execute(
            "SELECT 1 FROM delivery WHERE channel_id = ? AND topic = ? AND created_ms > ? LIMIT 1",
            (*about, now_ms - FOLLOWS_WITHIN_MS),
        ).fetchone()
        own: str = connection.execute(f"SELECT {RANDOM}").fetchone()[0]
        if went is None:
            return own, Gathering.GROUP, now_ms + group.wait_ms
        return own, Gathering.FOLLOW_UP, now_ms + group.follow_up_wait_ms
    bundle, gathering, next_ms = waiting[0], Gathering(waiting[1]), waiting[2]
    due_ms = now_ms + (group.wait_ms if gathering is Gathering.GROUP else group.follow_up_wait_ms)
    if due_ms < next_ms:
        connection.execute("UPDATE delivery SET next_ms = ? WHERE ifnull(bundle, public_id) = ?", (due_ms, bundle))
    return bundle, gathering, min(due_ms, next_ms)


def withdraw_reminders(connection: sqlite3.Connection, alert_id: int) -> None:
    """Take back what still waits to say that an alert goes on: it does not, or somebody takes care of it."""
    waiting = "FROM delivery WHERE alert_id = ? AND kind = 'reminder' AND next_ms IS NOT NULL"
    connection.execute(f"DELETE FROM delivery_attempt WHERE delivery_id IN (SELECT id {waiting})", (alert_id,))  # noqa: S608  a constant
    connection.execute(f"DELETE {waiting}", (alert_id,))
