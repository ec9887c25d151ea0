"""Payments, their history and idempotency keys in hub.db."""

import sqlite3
from dataclasses import replace
from typing import Any, Final

import msgspec
from noctule_shared.errors import ErrorCode, Refused, invalid

from noctule_hub.core.payments import (
    KEYS_KEPT_MS,
    MAX_KEYS,
    MAX_UPDATES_OF_PAYMENT,
    Applied,
    HistoryRow,
    Payment,
    PaymentUpdate,
    apply_update,
    payment_event,
)
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.log import append_events

_PAYMENT: Final = "payment_id, customer_id, status, amount, currency, occurred_ms, received_ms, updates"
_UPDATE: Final = "payment_id, customer_id, status, amount, currency, occurred_ms"
MAX_PAGE: Final = 1_001


def _read(connection: sqlite3.Connection, payment_id: str) -> Payment | None:
    query = f"SELECT {_PAYMENT} FROM payment WHERE payment_id = ?"  # noqa: S608  a constant
    row = connection.execute(query, (payment_id,)).fetchone()
    return None if row is None else Payment(*row)


def _answered(connection: sqlite3.Connection, subject: str, key: str, request_hash: str) -> Applied | None:
    """Return what the key was answered with, None when it is new. Raises `Refused` when it was used otherwise."""
    query = "SELECT request_hash, answer FROM idempotency_key WHERE subject = ? AND key = ?"
    row = connection.execute(query, (subject, key)).fetchone()
    if row is None:
        return None
    if row[0] != request_hash:
        raise invalid("Idempotency-Key", "this key was used for another request; take a new one for each update")
    return replace(msgspec.json.decode(row[1], type=Applied), repeated=True)


def _keep_key(  # noqa: PLR0917  a key and what it stands for
    connection: sqlite3.Connection, subject: str, key: str, request_hash: str, applied: Applied, now_ms: int
) -> None:
    row = connection.execute("SELECT min(id), max(id) FROM idempotency_key").fetchone()
    # Ids are handed out in order and the oldest go first, so their span is their number.
    if row[0] is not None and row[1] - row[0] + 1 >= MAX_KEYS:
        message = f"{MAX_KEYS} idempotency keys were used within seven days; wait until the oldest are forgotten"
        raise Refused(ErrorCode.TOO_MANY, message, field="Idempotency-Key")
    connection.execute(
        "INSERT INTO idempotency_key (subject, key, request_hash, answer, at_ms) VALUES (?, ?, ?, ?, ?)",
        (subject, key, request_hash, msgspec.json.encode(applied).decode(), now_ms),
    )


def _keep(connection: sqlite3.Connection, update: PaymentUpdate, applied: Applied, subject: str, now_ms: int) -> None:
    payment = applied.payment
    if payment.updates > MAX_UPDATES_OF_PAYMENT:
        message = f"{MAX_UPDATES_OF_PAYMENT} updates of one payment at most"
        raise Refused(ErrorCode.TOO_MANY, message, field="paymentId")
    connection.execute(
        f"INSERT OR REPLACE INTO payment ({_PAYMENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  a constant
        (
            payment.payment_id,
            payment.customer_id,
            payment.status,
            payment.amount,
            payment.currency,
            payment.occurred_ms,
            payment.received_ms,
            payment.updates,
        ),
    )
    connection.execute(
        f"""INSERT INTO payment_update ({_UPDATE}, received_ms, late, subject)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",  # noqa: S608  a constant
        (
            update.payment_id,
            update.customer_id,
            update.status,
            update.amount,
            update.currency,
            update.occurred_ms,
            now_ms,
            applied.late,
            subject,
        ),
    )


class SqlitePayments(Backed):
    """`Payments` in SQLite."""

    async def update_payment(
        self, update: PaymentUpdate, *, key: str, request_hash: str, subject: str, now_ms: int
    ) -> Applied:
        """Keep an update, its event and its key in one transaction. Raises `Refused` (invalid, too-many)."""

        def keep(connection: sqlite3.Connection) -> tuple[Applied, list[int]]:
            connection.execute("DELETE FROM idempotency_key WHERE at_ms < ?", (now_ms - KEYS_KEPT_MS,))
            answered = _answered(connection, subject, key, request_hash)
            if answered is not None:
                return answered, []
            if not connection.execute("SELECT 1 FROM customer WHERE id = ?", (update.customer_id,)).fetchone():
                raise invalid("customerId", f"there is no customer {update.customer_id}")
            applied = apply_update(_read(connection, update.payment_id), update, now_ms=now_ms)
            _keep(connection, update, applied, subject, now_ms)
            _keep_key(connection, subject, key, request_hash, applied, now_ms)
            return applied, append_events(connection, [payment_event(update, applied)], now_ms)

        applied, _ = await self._writer.submit(keep, after=lambda done: self._head.note(done[1]))
        return applied

    async def payments(self, *, customer_id: int | None, after: str | None, limit: int) -> list[Payment]:
        """Return up to `limit` (at most `MAX_PAGE`) payments by id, those after id `after`."""
        query = f"""SELECT {_PAYMENT} FROM payment
            WHERE (?1 IS NULL OR customer_id = ?1) AND (?2 IS NULL OR payment_id > ?2)
            ORDER BY payment_id LIMIT ?3"""  # noqa: S608  a constant
        values = (customer_id, after, max(0, min(limit, MAX_PAGE)))
        return await self._readers.read(lambda connection: [Payment(*row) for row in connection.execute(query, values)])

    async def payment(self, payment_id: str) -> Payment:
        """Return one payment. Raises `Refused` (not-found)."""
        found = await self._readers.read(lambda connection: _read(connection, payment_id))
        if found is None:
            raise Refused(ErrorCode.NOT_FOUND, f"there is no payment {payment_id[:64]!r}")
        return found

    async def payment_history(self, payment_id: str) -> list[HistoryRow]:
        """Return the updates of a payment in the order of their occurrence, at most `MAX_UPDATES_OF_PAYMENT`."""
        query = f"""SELECT id, {_UPDATE}, received_ms, late, subject FROM payment_update
            WHERE payment_id = ? ORDER BY occurred_ms, id LIMIT ?"""  # noqa: S608  a constant

        def read(connection: sqlite3.Connection) -> list[HistoryRow]:
            rows = connection.execute(query, (payment_id, MAX_UPDATES_OF_PAYMENT))
            return [_history(row) for row in rows]

        return await self._readers.read(read)

    async def payment_counts(self, *, since_ms: int) -> dict[str, int]:
        """Return how many updates were received since `since_ms`, by status."""
        query = "SELECT status, count(*) FROM payment_update WHERE received_ms >= ? GROUP BY status ORDER BY 2 DESC"
        return await self._readers.read(lambda connection: dict(connection.execute(query, (since_ms,)).fetchall()))


def _history(row: tuple[Any, ...]) -> HistoryRow:
    return HistoryRow(row[0], PaymentUpdate(*row[1:7]), row[7], bool(row[8]), row[9])
