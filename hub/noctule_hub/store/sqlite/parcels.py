"""Messages out of the queue in hub.db: what goes together to a channel, and what became of it."""

import sqlite3
from typing import Final

import msgspec
from noctule_shared.events import AlertEvent

from noctule_hub.core.notifying.deliveries import (
    MAX_ATTEMPTS_KEPT,
    MAX_NAMED,
    ChannelState,
    DeliveryKind,
    DeliveryState,
    Gathering,
    Item,
    Outcome,
    Pace,
    Parcel,
    after_attempt,
)
from noctule_hub.core.notifying.policies import PolicyFields, Template
from noctule_hub.store.sqlite.queueing import RANDOM

# A problem is told before its end: an end waits for a problem that is tried again later.
READY: Final = """next_ms <= ?1 AND NOT (kind = 'resolved' AND EXISTS (
    SELECT 1 FROM delivery p WHERE p.channel_id = d.channel_id AND p.alert_id = d.alert_id AND p.kind = 'new'
    AND p.next_ms > ?1))"""
_UNTOLD: Final = "its problem was never delivered"


def take_parcel(connection: sqlite3.Connection, channel_id: int, *, bundle: bool, now_ms: int) -> Parcel | None:
    """Return what goes to a channel next, oldest first; `bundle`: all that is due as one message. None: nothing is.

    What is taken under an id for the first time names the incidents as they are then, and says just that whenever it
    is taken again: its receiver may have it already.
    """
    ready = f"FROM delivery d WHERE channel_id = ?2 AND {READY}"
    first = connection.execute(
        f"SELECT id, public_id, bundle, joinable {ready} ORDER BY id LIMIT 1",
        (now_ms, channel_id),
    ).fetchone()
    if first is None:
        return None
    delivery_id, public_id, bundled, joinable = first
    begins = joinable or (bundle and bundled is None)
    if begins and bundle:
        # An id of its own: the receiver may know one of its deliveries already.
        bundled = connection.execute(f"SELECT {RANDOM}").fetchone()[0]
        connection.execute(
            f"""UPDATE delivery SET bundle = ?3, gathering = 'summary', joinable = 0
                    WHERE id IN (SELECT id {ready} AND (bundle IS NULL OR joinable))""",  # noqa: S608  constants
            (now_ms, channel_id, bundled),
        )
    elif begins:
        # What comes from now on goes with the next message of this group: this one is on its way.
        connection.execute("UPDATE delivery SET joinable = 0 WHERE ifnull(bundle, public_id) = ?", (bundled,))
    where, value = ("d.bundle = ?", bundled) if bundled is not None else ("d.id = ?", delivery_id)
    mine = f"FROM delivery d WHERE channel_id = ? AND d.next_ms IS NOT NULL AND {where}"
    count, attempts, refusals, begun_ms, gathering, policy_id = connection.execute(
        f"""SELECT count(*), max(attempts), max(refusals), max(begun_ms), max(gathering), max(policy_id) {mine}""",
        (channel_id, value),
    ).fetchone()
    # The gravest first: those beyond `MAX_NAMED` are only counted.
    rows = connection.execute(
        f"""SELECT d.id, kind, d.alert {mine}
                ORDER BY gathering != 'summary' AND d.alert ->> 'severity' != 'critical', d.id LIMIT {MAX_NAMED}""",
        (channel_id, value),
    ).fetchall()
    if begins:
        rows = [(row[0], row[1], _with_newest_incident(connection, row[0], row[2])) for row in rows]
    return Parcel(
        channel_id,
        bundled or public_id,
        tuple(Item(DeliveryKind(kind), msgspec.json.decode(told, type=AlertEvent)) for _, kind, told in rows),
        count,
        None if gathering is None else Gathering(gathering),
        attempts,
        refusals,
        begun_ms,
        Template() if gathering == Gathering.SUMMARY else _template(connection, policy_id),
    )


def _with_newest_incident(connection: sqlite3.Connection, delivery_id: int, told: str) -> str:
    """Keep and return what a delivery tells, with its alert's incident as that has become meanwhile."""
    row = connection.execute(
        "SELECT e.alert FROM escalation e JOIN delivery d USING (alert_id) WHERE d.id = ?", (delivery_id,)
    ).fetchone()
    incident = None if row is None else msgspec.json.decode(row[0], type=AlertEvent).incident
    if incident is None:
        return told
    alert = msgspec.json.decode(told, type=AlertEvent)
    told = msgspec.json.encode(msgspec.structs.replace(alert, incident=incident)).decode()
    connection.execute("UPDATE delivery SET alert = ? WHERE id = ?", (told, delivery_id))
    return told


def _template(connection: sqlite3.Connection, policy_id: int) -> Template:
    row = connection.execute("SELECT fields FROM notification_policy WHERE id = ?", (policy_id,)).fetchone()
    return Template() if row is None else msgspec.json.decode(row[0], type=PolicyFields).template


def settle_parcel(
    connection: sqlite3.Connection, public_id: str, outcome: Outcome, next_ms: int | None, now_ms: int
) -> None:
    """Note an attempt at all deliveries of a parcel, and how its channel does; `next_ms` None: never again."""
    if outcome.delivered:
        state, again_ms = DeliveryState.DELIVERED, None
    else:
        state, again_ms = (DeliveryState.DEAD if next_ms is None else DeliveryState.FAILED), next_ms
    ids = connection.execute(
        """UPDATE delivery SET state = ?, next_ms = ?, outcome = ?, attempts = attempts + 1, refusals = refusals + ?,
                   joinable = 0
               WHERE ifnull(bundle, public_id) = ? AND next_ms IS NOT NULL RETURNING id""",
        (state, again_ms, outcome.text, outcome.permanent, public_id),
    ).fetchall()
    connection.executemany(
        "INSERT INTO delivery_attempt (delivery_id, at_ms, delivered, outcome) VALUES (?, ?, ?, ?)",
        [(delivery_id, now_ms, outcome.delivered, outcome.text) for (delivery_id,) in ids],
    )
    connection.executemany(
        f"""DELETE FROM delivery_attempt WHERE id IN (SELECT id FROM delivery_attempt WHERE delivery_id = ?
                ORDER BY id DESC LIMIT -1 OFFSET {MAX_ATTEMPTS_KEPT})""",  # noqa: S608  a constant
        ids,
    )
    if ids:
        query = "SELECT channel_id FROM delivery WHERE id = ?"
        (channel_id,) = connection.execute(query, ids[0]).fetchone()
        pace = after_attempt(read_pace(connection, channel_id), outcome, now_ms)
        _note_state(connection, channel_id, outcome, pace, now_ms)
    if state is DeliveryState.DEAD:
        connection.executemany(
            """UPDATE delivery SET state = 'dead', next_ms = NULL, outcome = ? WHERE kind = 'resolved'
                   AND next_ms IS NOT NULL AND (channel_id, alert_id) IN (
                       SELECT channel_id, alert_id FROM delivery WHERE id = ? AND kind = 'new')""",
            [(_UNTOLD, delivery_id) for (delivery_id,) in ids],
        )


def note_trial(connection: sqlite3.Connection, channel_id: int, outcome: Outcome, now_ms: int) -> None:
    """Note how a channel does after a test message, which leaves its pace alone; nothing of one that was removed."""
    if connection.execute("SELECT 1 FROM channel WHERE id = ?", (channel_id,)).fetchone():
        _note_state(connection, channel_id, outcome, read_pace(connection, channel_id), now_ms)


def _note_state(connection: sqlite3.Connection, channel_id: int, outcome: Outcome, pace: Pace, now_ms: int) -> None:
    connection.execute(
        """INSERT INTO channel_state (channel_id, last_ms, outcome, failing_since_ms, held_until_ms, sent_ms)
               VALUES (?1, ?2, ?3, iif(?4, NULL, ?2), ?5, ?6)
               ON CONFLICT (channel_id) DO UPDATE SET last_ms = excluded.last_ms, outcome = excluded.outcome,
                   failing_since_ms = iif(?4, NULL, ifnull(failing_since_ms, ?2)),
                   held_until_ms = excluded.held_until_ms, sent_ms = excluded.sent_ms""",
        (
            channel_id,
            now_ms,
            outcome.text,
            outcome.delivered,
            pace.held_until_ms,
            msgspec.json.encode(pace.sent_ms).decode(),
        ),
    )


def read_pace(connection: sqlite3.Connection, channel_id: int) -> Pace:
    """Return how fast a channel may go on."""
    query = "SELECT held_until_ms, sent_ms FROM channel_state WHERE channel_id = ?"
    row = connection.execute(query, (channel_id,)).fetchone()
    return Pace() if row is None else Pace(row[0], msgspec.json.decode(row[1], type=tuple[int, ...]))


def read_states(connection: sqlite3.Connection) -> dict[int, ChannelState]:
    """Return how each channel does, by its id."""
    rows = connection.execute(
        """SELECT c.id,
               (SELECT count(*) FROM delivery d WHERE d.channel_id = c.id AND d.next_ms IS NOT NULL),
               ifnull(dead.number, 0), s.last_ms, s.outcome, s.failing_since_ms
           FROM channel c LEFT JOIN channel_state s ON s.channel_id = c.id LEFT JOIN
               (SELECT channel_id, count(*) AS number FROM delivery WHERE state = 'dead' GROUP BY channel_id) dead
               ON dead.channel_id = c.id"""
    )
    return {row[0]: ChannelState(*row[1:]) for row in rows}
