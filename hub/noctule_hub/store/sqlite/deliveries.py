"""The queue of deliveries in hub.db: one event of the log for one channel, tried until it is delivered or dead."""

import sqlite3
from typing import Any, Final

import msgspec
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.events import AlertEvent

from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.notifications import (
    KEPT_MS,
    MAX_ATTEMPTS_KEPT,
    MAX_KEPT,
    MAX_NAMED,
    MAX_WAITING,
    Attempt,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Item,
    NewDelivery,
    Outcome,
    Parcel,
)
from noctule_hub.store.channels import Route, Waiting
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.channels import note_position, read_channel, read_channels
from noctule_hub.store.sqlite.head import read_head

_COLUMNS: Final = """id, channel_id, seq, alert_id, kind, state, attempts, created_ms, next_ms, outcome,
    ifnull(bundle, public_id), alert ->> 'title'"""
# A problem is told before its end: an end waits for a problem that is tried again later.
_READY: Final = """next_ms <= ?1 AND NOT (kind = 'resolved' AND EXISTS (
    SELECT 1 FROM delivery p WHERE p.channel_id = d.channel_id AND p.alert_id = d.alert_id AND p.kind = 'new'
    AND p.next_ms > ?1))"""
_RANDOM: Final = "lower(hex(randomblob(16)))"
_CROWDED: Final = f"more than {MAX_WAITING} were waiting"
_UNTOLD: Final = "its problem was never delivered"
_PRUNED_AT_ONCE: Final = 1_000


def _insert(connection: sqlite3.Connection, new: NewDelivery, epoch: str, now_ms: int) -> int:
    about = (new.channel_id, new.alert.id)
    told = "SELECT 1 FROM delivery WHERE channel_id = ? AND alert_id = ? AND kind = ?"
    known = connection.execute(f"{told} AND state != 'dead'", (*about, DeliveryKind.NEW)).fetchone()
    if new.kind is DeliveryKind.NEW:
        wanted = known is None
    else:
        wanted = known is not None and not connection.execute(told, (*about, DeliveryKind.RESOLVED)).fetchone()
    if not wanted:
        return 0
    return connection.execute(
        f"""INSERT INTO delivery (channel_id, seq, epoch, alert_id, kind, alert, state, created_ms, begun_ms, next_ms,
                public_id) VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, {_RANDOM}) ON CONFLICT DO NOTHING""",  # noqa: S608  constants
        (
            new.channel_id,
            new.seq,
            epoch,
            new.alert.id,
            new.kind,
            msgspec.json.encode(new.alert).decode(),
            *[now_ms] * 3,
        ),
    ).rowcount


def _limit(connection: sqlite3.Connection, channel_id: int) -> None:
    """Give up the oldest of what waits for a channel beyond `MAX_WAITING`."""
    connection.execute(
        f"""UPDATE delivery SET state = 'dead', next_ms = NULL, outcome = ? WHERE id IN (
                SELECT id FROM delivery WHERE channel_id = ? AND next_ms IS NOT NULL
                ORDER BY id DESC LIMIT -1 OFFSET {MAX_WAITING})""",  # noqa: S608  constants
        (_CROWDED, channel_id),
    )


def _prune(connection: sqlite3.Connection, now_ms: int) -> None:
    rows = connection.execute(
        """SELECT id FROM (SELECT id, next_ms, created_ms FROM delivery ORDER BY id LIMIT ?)
               WHERE next_ms IS NULL AND (created_ms < ? OR id <= (SELECT max(id) FROM delivery) - ?)""",
        (_PRUNED_AT_ONCE, now_ms - KEPT_MS, MAX_KEPT),
    ).fetchall()
    connection.executemany("DELETE FROM delivery_attempt WHERE delivery_id = ?", rows)
    connection.executemany("DELETE FROM delivery WHERE id = ?", rows)


def _delivery(row: tuple[Any, ...]) -> Delivery:
    kind, state = DeliveryKind(row[4]), DeliveryState(row[5])
    return Delivery(row[0], row[1], row[2], row[3], kind, state, *row[6:])


def _read(connection: sqlite3.Connection, delivery_id: int) -> Delivery:
    row = connection.execute(f"SELECT {_COLUMNS} FROM delivery WHERE id = ?", (delivery_id,)).fetchone()  # noqa: S608  a constant
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no delivery {delivery_id}")
    return _delivery(row)


def _take(connection: sqlite3.Connection, channel_id: int, *, bundle: bool, now_ms: int) -> Parcel | None:
    ready = f"FROM delivery d WHERE channel_id = ?2 AND {_READY}"
    first = connection.execute(
        f"SELECT id, public_id, bundle {ready} ORDER BY id LIMIT 1",
        (now_ms, channel_id),
    ).fetchone()
    if first is None:
        return None
    delivery_id, public_id, bundled = first
    if bundle and bundled is None:
        # An id of its own: the receiver may know one of its deliveries already.
        bundled = connection.execute(f"SELECT {_RANDOM}").fetchone()[0]
        connection.execute(
            f"UPDATE delivery SET bundle = ?3 WHERE id IN (SELECT id {ready} AND bundle IS NULL)",  # noqa: S608  constants
            (now_ms, channel_id, bundled),
        )
    where, value = ("bundle = ?", bundled) if bundled is not None else ("id = ?", delivery_id)
    mine = f"FROM delivery WHERE channel_id = ? AND next_ms IS NOT NULL AND {where}"
    count, attempts, begun_ms = connection.execute(
        f"SELECT count(*), max(attempts), max(begun_ms) {mine}",
        (channel_id, value),
    ).fetchone()
    rows = connection.execute(f"SELECT kind, alert {mine} ORDER BY id LIMIT {MAX_NAMED}", (channel_id, value))
    items = tuple(Item(DeliveryKind(kind), msgspec.json.decode(alert, type=AlertEvent)) for kind, alert in rows)
    return Parcel(channel_id, bundled or public_id, items, count, bundled is not None, attempts, begun_ms)


def _settle(connection: sqlite3.Connection, public_id: str, outcome: Outcome, next_ms: int | None, now_ms: int) -> None:
    if outcome.delivered:
        state, again_ms = DeliveryState.DELIVERED, None
    else:
        state, again_ms = (DeliveryState.DEAD if next_ms is None else DeliveryState.FAILED), next_ms
    ids = connection.execute(
        """UPDATE delivery SET state = ?, next_ms = ?, outcome = ?, attempts = attempts + 1
               WHERE ifnull(bundle, public_id) = ? AND next_ms IS NOT NULL RETURNING id""",
        (state, again_ms, outcome.text, public_id),
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
    if state is DeliveryState.DEAD:
        connection.executemany(
            """UPDATE delivery SET state = 'dead', next_ms = NULL, outcome = ? WHERE kind = 'resolved'
                   AND next_ms IS NOT NULL AND (channel_id, alert_id) IN (
                       SELECT channel_id, alert_id FROM delivery WHERE id = ? AND kind = 'new')""",
            [(_UNTOLD, delivery_id) for (delivery_id,) in ids],
        )


class SqliteDeliveries(Backed):
    """`Deliveries` in SQLite."""

    async def queue_alerts(self, route: Route, *, up_to_seq: int, now_ms: int) -> int:
        """Queue what `route` decides and note that the log was looked at up to `up_to_seq`."""

        def queue(connection: sqlite3.Connection) -> int:
            new = route(read_channels(connection))
            count = sum(_insert(connection, one, self._head.epoch, now_ms) for one in new)
            if count:
                for channel_id in {one.channel_id for one in new}:
                    _limit(connection, channel_id)
                _prune(connection, now_ms)
            note_position(connection, self._head.epoch, up_to_seq)
            return count

        return await self._writer.submit(queue)

    async def notified_seq(self) -> int:
        """Return up to where in the log everything is queued; the head when that is not known for its epoch."""

        def read(connection: sqlite3.Connection) -> int:
            row = connection.execute("SELECT seq FROM notified WHERE epoch = ?", (self._head.epoch,)).fetchone()
            return read_head(connection) if row is None else int(row[0])

        return await self._readers.read(read)

    async def waiting(self, now_ms: int) -> list[Waiting]:
        """Return the enabled channels for which something waits."""

        def read(connection: sqlite3.Connection) -> list[Waiting]:
            rows = connection.execute(
                f"""SELECT channel_id, count(*) FILTER (WHERE {_READY}),
                        ifnull(min(next_ms) FILTER (WHERE next_ms > ?1), ?1)
                    FROM delivery d WHERE next_ms IS NOT NULL GROUP BY channel_id""",  # noqa: S608  constants
                (now_ms,),
            ).fetchall()
            found = [Waiting(read_channel(connection, row[0]), row[1], row[2]) for row in rows]
            return [one for one in found if one.channel.fields.enabled]

        return await self._readers.read(read)

    async def take_parcel(self, channel_id: int, *, bundle: bool, now_ms: int) -> Parcel | None:
        """Return what goes to a channel next, oldest first; None: nothing is due."""

        def take(connection: sqlite3.Connection) -> Parcel | None:
            return _take(connection, channel_id, bundle=bundle, now_ms=now_ms)

        return await (self._writer.submit(take) if bundle else self._readers.read(take))

    async def settle_parcel(self, public_id: str, outcome: Outcome, *, next_ms: int | None, now_ms: int) -> None:
        """Note an attempt at all deliveries of a parcel."""
        await self._writer.submit(lambda connection: _settle(connection, public_id, outcome, next_ms, now_ms))

    async def deliveries(
        self, *, channel_id: int | None, state: DeliveryState | None, before_id: int | None, limit: int
    ) -> list[Delivery]:
        """Return up to `limit` deliveries with an id below `before_id` (None: the newest), newest first."""

        def read(connection: sqlite3.Connection) -> list[Delivery]:
            rows = connection.execute(
                f"""SELECT {_COLUMNS} FROM delivery WHERE (?1 IS NULL OR id < ?1)
                        AND (?2 IS NULL OR channel_id = ?2) AND (?3 IS NULL OR state = ?3)
                    ORDER BY id DESC LIMIT ?4""",  # noqa: S608  a constant
                (before_id, channel_id, state, limit),
            )
            return [_delivery(row) for row in rows]

        return await self._readers.read(read)

    async def delivery(self, delivery_id: int) -> tuple[Delivery, list[Attempt]]:
        """Return a delivery with its newest attempts, oldest first. Raises `Refused` (not-found)."""

        def read(connection: sqlite3.Connection) -> tuple[Delivery, list[Attempt]]:
            query = "SELECT at_ms, delivered, outcome FROM delivery_attempt WHERE delivery_id = ? ORDER BY id"
            attempts = connection.execute(query, (delivery_id,))
            return _read(connection, delivery_id), [Attempt(row[0], bool(row[1]), row[2]) for row in attempts]

        return await self._readers.read(read)

    async def retry_delivery(self, delivery_id: int, *, by: Authorship) -> Delivery:
        """Queue a dead delivery again. Raises `Refused` (not-found; invalid, field id)."""

        def retry(connection: sqlite3.Connection) -> Delivery:
            old = _read(connection, delivery_id)
            if old.state is not DeliveryState.DEAD:
                raise invalid("id", f"this delivery is {old.state}; only dead ones are retried")
            if not read_channel(connection, old.channel_id).fields.enabled:
                raise invalid("id", "the delivery's channel is disabled; enable it first")
            connection.execute(
                "UPDATE delivery SET state = 'queued', next_ms = ?, begun_ms = ?, bundle = NULL WHERE id = ?",
                (by.at_ms, by.at_ms, delivery_id),
            )
            new = _read(connection, delivery_id)
            name = str(delivery_id)
            record(connection, by, AuditAction.CHANGED, "delivery", object_id=new.id, name=name, before=old, after=new)
            return new

        return await self._writer.submit(retry)
