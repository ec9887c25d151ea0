"""The queue of deliveries in hub.db: one event of the log for one channel, tried until it is delivered or dead."""

import sqlite3
from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

from noctule_shared.errors import ErrorCode, Refused, invalid

from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.notifying.deliveries import (
    KEPT_MS,
    MAX_KEPT,
    MAX_WAITING,
    Attempt,
    ChannelState,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Outcome,
    Parcel,
)
from noctule_hub.core.notifying.escalation import is_held
from noctule_hub.core.notifying.routing import Decided, Situation
from noctule_hub.store.channels import Route, Waiting
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.channels import note_position, read_channel, read_channels
from noctule_hub.store.sqlite.escalations import put_escalations, read_due, read_escalations, read_next_ms
from noctule_hub.store.sqlite.head import read_head
from noctule_hub.store.sqlite.parcels import READY, note_trial, read_pace, read_states, settle_parcel, take_parcel
from noctule_hub.store.sqlite.policies import read_policies
from noctule_hub.store.sqlite.queueing import insert_delivery, withdraw_reminders

_COLUMNS: Final = """id, channel_id, seq, alert_id, kind, state, attempts, created_ms, next_ms, outcome,
    ifnull(bundle, public_id), alert ->> 'title'"""
_CROWDED: Final = f"more than {MAX_WAITING} were waiting"
_PRUNED_AT_ONCE: Final = 1_000


def _situation(connection: sqlite3.Connection) -> Situation:
    named = connection.execute("SELECT name, policy_id FROM alert_rule WHERE policy_id IS NOT NULL")
    policies = {policy.id: policy for policy in read_policies(connection)}
    return Situation(read_channels(connection), policies, dict(named.fetchall()))


def _queue(connection: sqlite3.Connection, decided: Decided, epoch: str, now_ms: int) -> int:
    """Keep what was decided; returns how many deliveries were queued."""
    put_escalations(connection, decided.escalations)
    for alert_id, one in decided.escalations.items():
        if one is None or is_held(one.alert):
            withdraw_reminders(connection, alert_id)
    count = sum(insert_delivery(connection, one, epoch, now_ms) for one in decided.deliveries)
    if count:
        for channel_id in {one.channel_id for one in decided.deliveries}:
            _limit(connection, channel_id)
        _prune(connection, now_ms)
    return count


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


class SqliteDeliveries(Backed):
    """`Deliveries` in SQLite."""

    async def queue_alerts(self, route: Route, alert_ids: Collection[int], *, up_to_seq: int, now_ms: int) -> int:
        """Queue what `route` decides and note that the log was looked at up to `up_to_seq`."""

        def queue(connection: sqlite3.Connection) -> int:
            situation = replace(_situation(connection), escalations=read_escalations(connection, alert_ids))
            count = _queue(connection, route(situation), self._head.epoch, now_ms)
            note_position(connection, self._head.epoch, up_to_seq)
            return count

        return await self._writer.submit(queue)

    async def queue_due(self, route: Route, *, now_ms: int) -> int:
        """Queue what `route` decides of alerts of which a step is due."""

        def queue(connection: sqlite3.Connection) -> int:
            situation = replace(_situation(connection), escalations=read_due(connection, now_ms))
            return _queue(connection, route(situation), self._head.epoch, now_ms)

        return await self._writer.submit(queue)

    async def next_step_ms(self) -> int | None:
        """Return when a step is due next, None: none is."""
        return await self._readers.read(read_next_ms)

    async def channel_states(self) -> dict[int, ChannelState]:
        """Return how each channel does, by its id."""
        return await self._readers.read(read_states)

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
                f"""SELECT channel_id, count(DISTINCT ifnull(bundle, public_id)) FILTER (WHERE {READY}),
                        ifnull(min(next_ms) FILTER (WHERE next_ms > ?1), ?1)
                    FROM delivery d WHERE next_ms IS NOT NULL GROUP BY channel_id""",  # noqa: S608  constants
                (now_ms,),
            ).fetchall()
            found = [
                Waiting(read_channel(connection, row[0]), row[1], row[2], read_pace(connection, row[0])) for row in rows
            ]
            return [one for one in found if one.channel.fields.enabled]

        return await self._readers.read(read)

    async def take_parcel(self, channel_id: int, *, bundle: bool, now_ms: int) -> Parcel | None:
        """Return what goes to a channel next, oldest first; None: nothing is due."""

        def take(connection: sqlite3.Connection) -> Parcel | None:
            return take_parcel(connection, channel_id, bundle=bundle, now_ms=now_ms)

        return await self._writer.submit(take)

    async def settle_parcel(self, public_id: str, outcome: Outcome, *, next_ms: int | None, now_ms: int) -> None:
        """Note an attempt at all deliveries of a parcel."""
        await self._writer.submit(lambda connection: settle_parcel(connection, public_id, outcome, next_ms, now_ms))

    async def note_trial(self, channel_id: int, outcome: Outcome, *, now_ms: int) -> None:
        """Note what became of a test message."""
        await self._writer.submit(lambda connection: note_trial(connection, channel_id, outcome, now_ms))

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
                """UPDATE delivery SET state = 'queued', next_ms = ?, begun_ms = ?, bundle = NULL, gathering = NULL,
                       refusals = 0 WHERE id = ?""",
                (by.at_ms, by.at_ms, delivery_id),
            )
            new = _read(connection, delivery_id)
            name = str(delivery_id)
            record(connection, by, AuditAction.CHANGED, "delivery", object_id=new.id, name=name, before=old, after=new)
            return new

        return await self._writer.submit(retry)
