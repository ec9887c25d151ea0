"""Services of customers in hub.db: which device or interface is whose."""

import sqlite3
from typing import Final

from noctule_shared.errors import ErrorCode, Refused, invalid

from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.customers import (
    MAX_SERVICES_OF_CUSTOMER,
    MAX_SERVICES_OF_DEVICE,
    CustomerChange,
    Service,
    ServiceFields,
)
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.customers import SqliteCustomers, read_customer, tell
from noctule_hub.store.sqlite.revisions import check_revision

_COLUMNS: Final = "id, customer_id, device_id, interface_id, label, committed_bps, since_ms, revision"


def read_services(connection: sqlite3.Connection, customer_id: int | None = None) -> list[Service]:
    """Return a customer's services by id, with None those of all."""
    query = f"SELECT {_COLUMNS} FROM service WHERE ?1 IS NULL OR customer_id = ?1 ORDER BY id"  # noqa: S608  a constant
    return [Service(*row) for row in connection.execute(query, (customer_id,))]


def _read_service(connection: sqlite3.Connection, customer_id: int, service_id: int) -> Service:
    query = f"SELECT {_COLUMNS} FROM service WHERE id = ? AND customer_id = ?"  # noqa: S608  a constant
    row = connection.execute(query, (service_id, customer_id)).fetchone()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, f"customer {customer_id} has no service {service_id}")
    return Service(*row)


def _check(connection: sqlite3.Connection, customer_id: int, service_id: int, fields: ServiceFields) -> None:
    """Raise `Refused` unless the object is there and free, and the label is the customer's only one."""
    ask = connection.execute
    if not ask("SELECT 1 FROM device WHERE id = ? AND removed_ms IS NULL", (fields.device_id,)).fetchone():
        raise invalid("deviceId", f"there is no device {fields.device_id}")
    held = (fields.interface_id, fields.device_id)
    if (
        fields.interface_id is not None
        and not ask("SELECT 1 FROM interface WHERE id = ? AND device_id = ?", held).fetchone()
    ):
        raise invalid("interfaceId", f"device {fields.device_id} has no interface {fields.interface_id}")
    query = f"SELECT {_COLUMNS} FROM service WHERE device_id = ? AND id <> ?"  # noqa: S608  a constant
    others = [Service(*row) for row in ask(query, (fields.device_id, service_id))]
    if len(others) >= MAX_SERVICES_OF_DEVICE:
        raise Refused(ErrorCode.TOO_MANY, f"{MAX_SERVICES_OF_DEVICE} services on one device at most", field="deviceId")
    for other in others:
        _refuse_shared(other, customer_id, fields)
    same = "SELECT 1 FROM service WHERE customer_id = ? AND label = ? AND id <> ?"
    if ask(same, (customer_id, fields.label, service_id)).fetchone():
        raise invalid("label", f"the customer has a service labelled {fields.label!r} already; choose another label")


def _refuse_shared(other: Service, customer_id: int, fields: ServiceFields) -> None:
    if other.interface_id == fields.interface_id:
        what, field = ("device", "deviceId") if fields.interface_id is None else ("interface", "interfaceId")
        raise invalid(field, f"this {what} is service {other.id} of customer {other.customer_id} already")
    if other.customer_id == customer_id or (other.interface_id is not None and fields.interface_id is not None):
        return
    if other.interface_id is None:
        raise invalid("interfaceId", f"the whole device is service {other.id} of customer {other.customer_id}")
    raise invalid(
        "deviceId", f"one of its interfaces is service {other.id} of customer {other.customer_id}; name an interface"
    )


class SqliteServices(SqliteCustomers):
    """`Customers` in SQLite, whole."""

    async def services(self) -> list[Service]:
        """Return the services of all customers by id."""
        return await self._readers.read(read_services)

    async def services_of(self, customer_id: int) -> list[Service]:
        """Return a customer's services by id."""
        return await self._readers.read(lambda connection: read_services(connection, customer_id))

    async def add_service(self, customer_id: int, fields: ServiceFields, *, by: Authorship) -> Service:
        """Give a customer a device or an interface as a service. Raises `Refused`: not-found, invalid, too-many."""

        def add(connection: sqlite3.Connection) -> tuple[Service, list[int]]:
            customer = read_customer(connection, customer_id)
            _check(connection, customer_id, 0, fields)
            held = connection.execute("SELECT count(*) FROM service WHERE customer_id = ?", (customer_id,)).fetchone()
            if held[0] >= MAX_SERVICES_OF_CUSTOMER:
                raise Refused(ErrorCode.TOO_MANY, f"{MAX_SERVICES_OF_CUSTOMER} services of one customer at most")
            row = connection.execute(
                f"""INSERT INTO service (customer_id, device_id, interface_id, label, committed_bps, since_ms)
                    VALUES (?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}""",  # noqa: S608  a constant
                (customer_id, *_values(fields), by.at_ms),
            )
            new = Service(*row.fetchone())
            record(connection, by, AuditAction.ADDED, "service", object_id=new.id, name=new.label, after=new)
            return new, tell(connection, customer, CustomerChange.SERVICE_ADDED, by, service_id=new.id)

        return await self._told(add)

    async def update_service(
        self, customer_id: int, service_id: int, fields: ServiceFields, *, revision: int, by: Authorship
    ) -> Service:
        """Change a service; with another object it begins anew. Raises `Refused`: not-found, invalid, too-many."""

        def update(connection: sqlite3.Connection) -> tuple[Service, list[int]]:
            customer = read_customer(connection, customer_id)
            old = _read_service(connection, customer_id, service_id)
            check_revision("service", old.revision, revision)
            _check(connection, customer_id, service_id, fields)
            same = (old.device_id, old.interface_id) == (fields.device_id, fields.interface_id)
            connection.execute(
                """UPDATE service SET device_id = ?, interface_id = ?, label = ?, committed_bps = ?, since_ms = ?,
                       revision = revision + 1 WHERE id = ?""",
                (*_values(fields), old.since_ms if same else by.at_ms, service_id),
            )
            new = _read_service(connection, customer_id, service_id)
            record(
                connection, by, AuditAction.CHANGED, "service", object_id=new.id, name=new.label, before=old, after=new
            )
            return new, tell(connection, customer, CustomerChange.SERVICE_CHANGED, by, service_id=new.id)

        return await self._told(update)

    async def remove_service(self, customer_id: int, service_id: int, *, by: Authorship) -> None:
        """Take a service from a customer. Raises `Refused` (not-found)."""

        def remove(connection: sqlite3.Connection) -> tuple[None, list[int]]:
            customer = read_customer(connection, customer_id)
            old = _read_service(connection, customer_id, service_id)
            connection.execute("DELETE FROM service WHERE id = ?", (service_id,))
            record(connection, by, AuditAction.REMOVED, "service", object_id=old.id, name=old.label, before=old)
            return None, tell(connection, customer, CustomerChange.SERVICE_REMOVED, by, service_id=service_id)

        await self._told(remove)


def _values(fields: ServiceFields) -> tuple[int, int | None, str, int | None]:
    return fields.device_id, fields.interface_id, fields.label, fields.committed_bps
