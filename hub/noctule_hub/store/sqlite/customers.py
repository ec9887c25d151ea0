"""Customers in hub.db, each change with its event and its audit entry. Their services are `services`'s."""

import sqlite3
from collections.abc import Callable
from typing import Any, Final, TypeVar

from noctule_shared.customers import CustomerState, SuspensionReason
from noctule_shared.errors import ErrorCode, Refused, invalid

from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.customers import (
    CHANGE_OF_STEP,
    MAX_CUSTOMERS,
    Customer,
    CustomerChange,
    CustomerFields,
    CustomerFilter,
    Service,
    StepRequest,
    customer_event,
    take_step,
)
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.log import append_events
from noctule_hub.store.sqlite.revisions import check_revision

T = TypeVar("T")
_COLUMNS: Final = "id, name, reference, timezone, note, state, suspension_reason, created_ms, revision"
# What a refusal names of the users that stand in its way.
MAX_NAMED: Final = 5


def _customer(row: tuple[Any, ...]) -> Customer:
    return Customer(
        id=row[0],
        name=row[1],
        reference=row[2],
        timezone=row[3],
        note=row[4],
        state=CustomerState(row[5]),
        suspension_reason=None if row[6] is None else SuspensionReason(row[6]),
        created_ms=row[7],
        revision=row[8],
    )


def read_customers(connection: sqlite3.Connection) -> list[Customer]:
    """Return all customers by id."""
    return [_customer(row) for row in connection.execute(f"SELECT {_COLUMNS} FROM customer ORDER BY id")]  # noqa: S608  a constant


def read_customer(connection: sqlite3.Connection, customer_id: int) -> Customer:
    """Return one customer. Raises `Refused` (not-found)."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM customer WHERE id = ?", (customer_id,)).fetchone()  # noqa: S608  a constant
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no customer {customer_id}")
    return _customer(row)


def tell(
    connection: sqlite3.Connection,
    customer: Customer,
    change: CustomerChange,
    by: Authorship,
    *,
    service_id: int | None = None,
) -> list[int]:
    """Log `customer:update`; returns its seq."""
    event = customer_event(customer, change, by.at_ms, service_id=service_id)
    return append_events(connection, [event], by.at_ms)


def _check_unique(connection: sqlite3.Connection, customer_id: int, fields: CustomerFields) -> None:
    others = "SELECT 1 FROM customer WHERE id <> ?"
    if connection.execute(f"{others} AND name = ?", (customer_id, fields.name)).fetchone():
        raise invalid("name", f"there is a customer named {fields.name!r} already; choose another name")
    if connection.execute(f"{others} AND reference = ?", (customer_id, fields.reference)).fetchone():
        raise invalid("reference", f"a customer has the reference {fields.reference!r} already")


def _insert(connection: sqlite3.Connection, fields: CustomerFields, at_ms: int) -> Customer:
    _check_unique(connection, 0, fields)
    if connection.execute("SELECT count(*) FROM customer").fetchone()[0] >= MAX_CUSTOMERS:
        raise Refused(ErrorCode.TOO_MANY, f"{MAX_CUSTOMERS} customers at most; remove one first")
    row = connection.execute(
        f"""INSERT INTO customer (name, reference, timezone, note, state, created_ms)
            VALUES (?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}""",  # noqa: S608  a constant
        (fields.name, fields.reference, fields.timezone, fields.note, CustomerState.ACTIVE, at_ms),
    )
    return _customer(row.fetchone())


def _refuse_users(connection: sqlite3.Connection, customer_id: int) -> None:
    query = "SELECT username FROM user WHERE customer_id = ? AND disabled = 0 ORDER BY id LIMIT ?"
    names = [row[0] for row in connection.execute(query, (customer_id, MAX_NAMED))]
    if names:
        raise invalid("id", f"{', '.join(names)} sign in as this customer; disable or remove them first")


class SqliteCustomers(Backed):
    """The customers of `Customers` in SQLite."""

    async def customers(self) -> list[Customer]:
        """Return all customers by id."""
        return await self._readers.read(read_customers)

    async def find_customers(self, wanted: CustomerFilter, *, after_id: int, limit: int) -> list[Customer]:
        """Return up to `limit` such customers by id, those above `after_id`."""
        query = f"""SELECT {_COLUMNS} FROM customer
            WHERE id > ?1 AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR name = ?3)
                AND (?4 IS NULL OR reference = ?4)
            ORDER BY id LIMIT ?5"""  # noqa: S608  a constant
        values = (after_id, wanted.state, wanted.name, wanted.reference, max(0, limit))
        return await self._readers.read(
            lambda connection: [_customer(row) for row in connection.execute(query, values)]
        )

    async def customer(self, customer_id: int) -> Customer:
        """Return one customer. Raises `Refused` (not-found)."""
        return await self._readers.read(lambda connection: read_customer(connection, customer_id))

    async def add_customer(self, fields: CustomerFields, *, by: Authorship) -> Customer:
        """Add a customer. Raises `Refused`: invalid (field name or reference) when it is taken; too-many."""

        def add(connection: sqlite3.Connection) -> tuple[Customer, list[int]]:
            added = _insert(connection, fields, by.at_ms)
            record(connection, by, AuditAction.ADDED, "customer", object_id=added.id, name=added.name, after=added)
            return added, tell(connection, added, CustomerChange.ADDED, by)

        return await self._told(add)

    async def update_customer(
        self, customer_id: int, fields: CustomerFields, *, revision: int, by: Authorship
    ) -> Customer:
        """Change what people write of a customer. Raises `Refused`: not-found; invalid (revision, name, reference)."""

        def update(connection: sqlite3.Connection) -> tuple[Customer, list[int]]:
            old = read_customer(connection, customer_id)
            check_revision("customer", old.revision, revision)
            _check_unique(connection, customer_id, fields)
            connection.execute(
                """UPDATE customer SET name = ?, reference = ?, timezone = ?, note = ?, revision = revision + 1
                   WHERE id = ?""",
                (fields.name, fields.reference, fields.timezone, fields.note, customer_id),
            )
            return self._changed(connection, old, CustomerChange.CHANGED, by)

        return await self._told(update)

    async def move_customer(self, customer_id: int, request: StepRequest, *, revision: int, by: Authorship) -> Customer:
        """Suspend, resume or close a customer. Raises `Refused`: not-found, invalid (revision, state), forbidden."""

        def move(connection: sqlite3.Connection) -> tuple[Customer, list[int]]:
            old = read_customer(connection, customer_id)
            check_revision("customer", old.revision, revision)
            state, reason = take_step(old, request)
            connection.execute(
                "UPDATE customer SET state = ?, suspension_reason = ?, revision = revision + 1 WHERE id = ?",
                (state, reason, customer_id),
            )
            return self._changed(connection, old, CHANGE_OF_STEP[request.step], by)

        return await self._told(move)

    async def remove_customer(self, customer_id: int, *, by: Authorship) -> None:
        """Remove a customer with its services. Raises `Refused`: not-found; invalid (field id)."""

        def remove(connection: sqlite3.Connection) -> tuple[None, list[int]]:
            old = read_customer(connection, customer_id)
            _refuse_users(connection, customer_id)
            for row in connection.execute("DELETE FROM service WHERE customer_id = ? RETURNING *", (customer_id,)):
                gone = Service(*row)
                record(connection, by, AuditAction.REMOVED, "service", object_id=gone.id, name=gone.label, before=gone)
            connection.execute("DELETE FROM customer WHERE id = ?", (customer_id,))
            record(connection, by, AuditAction.REMOVED, "customer", object_id=old.id, name=old.name, before=old)
            return None, tell(connection, old, CustomerChange.REMOVED, by)

        await self._told(remove)

    def _changed(
        self, connection: sqlite3.Connection, old: Customer, change: CustomerChange, by: Authorship
    ) -> tuple[Customer, list[int]]:
        new = read_customer(connection, old.id)
        record(connection, by, AuditAction.CHANGED, "customer", object_id=new.id, name=new.name, before=old, after=new)
        return new, tell(connection, new, change, by)

    async def _told(self, job: Callable[[sqlite3.Connection], tuple[T, list[int]]]) -> T:
        """Run a job that logs events; those who follow the log are woken once it is durable."""
        result, _ = await self._writer.submit(job, after=lambda done: self._head.note(done[1]))
        return result
