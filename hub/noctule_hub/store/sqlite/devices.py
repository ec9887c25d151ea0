"""Devices and their sealed secrets in hub.db. A removed device keeps its row: history and late frames name it."""

import sqlite3
from typing import Any, Final

import msgspec
from noctule_shared.axes import Reachability
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.interface_filter import DEFAULT_FILTER, InterfaceFilter
from noctule_shared.link import SnmpVersion
from noctule_shared.thresholds import ICMP_THRESHOLDS, IcmpThresholds

from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.records import Device, IcmpSettings, NewDevice, SnmpSettings
from noctule_hub.store.protocol import Seal
from noctule_hub.store.sqlite.assignments import assign, check_agent, lowest_agent, note_config_change, unassign
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.discovered import forget
from noctule_hub.store.sqlite.parents import forget_parents, parents_of, read_parents, set_parents
from noctule_hub.store.sqlite.revisions import check_revision

SERIES_LATENCY: Final = "latency"
# What the audit log calls a device.
KIND: Final = "device"

_COLUMNS: Final = (
    "id, name, address, site_id, agent_id, reachability, tags, created_ms, revision, "
    "icmp_interval_s, icmp_count, icmp_spacing_s, icmp_timeout_s, icmp_thresholds, "
    "snmp_version, snmp_port, snmp_interval_s, snmp_failed_polls, snmp_max_requests_per_s, "
    "snmp_interfaces, note, role"
)


def _device(row: tuple[Any, ...], parents: tuple[int, ...]) -> Device:
    return Device(
        id=row[0],
        name=row[1],
        address=row[2],
        site_id=row[3],
        agent_id=row[4],
        reachability=Reachability(row[5]),
        icmp=_icmp(row[9:14]),
        snmp=_snmp(row[14:20]),
        tags=tuple(msgspec.json.decode(row[6], type=list[str])),
        created_ms=row[7],
        revision=row[8],
        parents=parents,
        note=row[20],
        role=row[21],
    )


def _icmp(row: tuple[Any, ...]) -> IcmpSettings | None:
    interval_s, count, spacing_s, timeout_s, own = row
    if count is None:
        return None
    thresholds = ICMP_THRESHOLDS if own is None else msgspec.json.decode(own, type=IcmpThresholds)
    return IcmpSettings(interval_s, count, spacing_s, timeout_s, thresholds)


def _snmp(row: tuple[Any, ...]) -> SnmpSettings | None:
    version, port, interval_s, failed_polls, max_requests_per_s, interfaces = row
    if version is None:
        return None
    chosen = DEFAULT_FILTER if interfaces == "{}" else msgspec.json.decode(interfaces, type=InterfaceFilter)
    return SnmpSettings(SnmpVersion(version), port, interval_s, failed_polls, max_requests_per_s, chosen)


def read_devices(connection: sqlite3.Connection) -> list[Device]:
    """Return all devices that are not removed, by id."""
    parents = read_parents(connection)
    rows = connection.execute(f"SELECT {_COLUMNS} FROM device WHERE removed_ms IS NULL ORDER BY id")  # noqa: S608  a constant
    return [_device(row, tuple(parents.get(row[0], ()))) for row in rows]


def read_device(connection: sqlite3.Connection, device_id: int) -> Device:
    """Return a device that is not removed. Raises `Refused` (not-found)."""
    query = f"SELECT {_COLUMNS} FROM device WHERE id = ? AND removed_ms IS NULL"  # noqa: S608  a constant
    row = connection.execute(query, (device_id,)).fetchone()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no device {device_id}")
    return _device(row, tuple(parents_of(connection, device_id)))


# What a client may change of a device, in the order of `_settings`.
_SETTINGS: Final = (
    "name", "address", "site_id", "reachability",
    "icmp_interval_s", "icmp_count", "icmp_spacing_s", "icmp_timeout_s", "icmp_thresholds",
    "snmp_version", "snmp_port", "snmp_interval_s", "snmp_failed_polls",
    "snmp_max_requests_per_s", "snmp_interfaces", "role", "tags", "note",
)  # fmt: skip


def _settings(new: NewDevice) -> tuple[Any, ...]:
    icmp, snmp = new.icmp, new.snmp
    # Thresholds of its own only: other devices follow when a default changes.
    own = icmp.thresholds if icmp and icmp.thresholds != ICMP_THRESHOLDS else None
    return (
        new.name,
        new.address,
        new.site_id,
        new.reachability,
        *((icmp.interval_s, icmp.count, icmp.spacing_s, icmp.timeout_s) if icmp else (None,) * 4),
        msgspec.json.encode(own).decode() if own else None,
        *(
            (snmp.version, snmp.port, snmp.interval_s, snmp.failed_polls, snmp.max_requests_per_s)
            if snmp
            else (None,) * 5
        ),
        msgspec.json.encode(snmp.interfaces).decode() if snmp else "{}",
        new.role,
        msgspec.json.encode(new.tags).decode(),
        new.note,
    )


def _check(connection: sqlite3.Connection, new: NewDevice, device_id: int, agent_id: int | None) -> None:
    """Raise `Refused` when what `new` names is not there, or another device has its name, or its address and port."""
    if not connection.execute("SELECT 1 FROM site WHERE id = ? AND removed_ms IS NULL", (new.site_id,)).fetchone():
        raise Refused(ErrorCode.NOT_FOUND, f"there is no site {new.site_id}", field="siteId")
    others = "SELECT name FROM device WHERE removed_ms IS NULL AND id <> ?"
    if connection.execute(f"{others} AND site_id = ? AND name = ?", (device_id, new.site_id, new.name)).fetchone():
        raise invalid("name", f"its site has a device named {new.name!r} already; choose another name")
    port = new.snmp.port if new.snmp else None
    same = connection.execute(
        f"{others} AND agent_id IS ? AND (agent_id IS NOT NULL OR site_id = ?) AND address = ? AND snmp_port IS ?",
        (device_id, agent_id, new.site_id, new.address, port),
    ).fetchone()
    if same:
        at = new.address if port is None else f"{new.address} port {port}"
        raise invalid("address", f"the device {same[0]} is polled at {at} already; change that one instead")


def _agent_for(connection: sqlite3.Connection, new: NewDevice) -> int | None:
    """Return who shall poll the device: the named agent, else the site's. Raises `Refused` (not-found)."""
    if new.agent_id is None:
        return lowest_agent(connection, new.site_id)
    check_agent(connection, new.agent_id)
    return new.agent_id


def _keep_secret(connection: sqlite3.Connection, device_id: int, seal: Seal | None) -> None:
    if seal is not None:
        connection.execute("INSERT OR REPLACE INTO device_secret VALUES (?, ?)", (device_id, seal(device_id)))


def insert_device(connection: sqlite3.Connection, new: NewDevice, seal: Seal | None, by: Authorship) -> Device:
    """Register a device inside a transaction. Raises `Refused` as `add_device` says."""
    agent_id = _agent_for(connection, new)
    _check(connection, new, 0, agent_id)
    device_id: int = connection.execute(
        f"""INSERT INTO device (created_ms, {", ".join(_SETTINGS)})
           VALUES (?, {", ".join("?" * len(_SETTINGS))}) RETURNING id""",  # noqa: S608  constants
        (by.at_ms, *_settings(new)),
    ).fetchone()[0]
    connection.execute("INSERT INTO series (kind, object_id) VALUES (?, ?)", (SERIES_LATENCY, device_id))
    set_parents(connection, device_id, new.parents)
    if agent_id is not None:
        assign(connection, device_id, agent_id, by.at_ms)
        note_config_change(connection, agent_id, [device_id])
    _keep_secret(connection, device_id, seal)
    device = read_device(connection, device_id)
    record(connection, by, AuditAction.ADDED, KIND, object_id=device_id, name=device.name, after=device)
    return device


def change_device(
    connection: sqlite3.Connection, old: Device, new: NewDevice, seal: Seal | None, by: Authorship
) -> Device:
    """Make a device that was read inside this transaction as `new`. Raises `Refused` as `update_device` says."""
    agent_id = old.agent_id
    if new.agent_id != agent_id or new.site_id != old.site_id:
        agent_id = _agent_for(connection, new)
    _check(connection, new, old.id, agent_id)
    connection.execute(
        f"UPDATE device SET revision = revision + 1, {' = ?, '.join(_SETTINGS)} = ? WHERE id = ?",  # noqa: S608  constants
        (*_settings(new), old.id),
    )
    set_parents(connection, old.id, new.parents)
    if new.snmp is None:
        connection.execute("DELETE FROM device_secret WHERE device_id = ?", (old.id,))
    else:
        _keep_secret(connection, old.id, seal)
    if agent_id != old.agent_id:
        unassign(connection, old.id, by.at_ms)
        note_config_change(connection, old.agent_id, [old.id])
        if agent_id is not None:
            assign(connection, old.id, agent_id, by.at_ms)
    note_config_change(connection, agent_id, [old.id])
    changed = read_device(connection, old.id)
    record(connection, by, AuditAction.CHANGED, KIND, object_id=old.id, name=changed.name, before=old, after=changed)
    return changed


def delete_device(connection: sqlite3.Connection, device_id: int, by: Authorship) -> None:
    """Remove a device inside a transaction. Raises `Refused` (not-found)."""
    old = read_device(connection, device_id)
    unassign(connection, device_id, by.at_ms)
    note_config_change(connection, old.agent_id, [device_id])
    connection.execute("UPDATE device SET removed_ms = ? WHERE id = ?", (by.at_ms, device_id))
    connection.execute("DELETE FROM device_secret WHERE device_id = ?", (device_id,))
    connection.execute("DELETE FROM device_state WHERE device_id = ?", (device_id,))
    forget_parents(connection, device_id)
    forget(connection, device_id)
    record(connection, by, AuditAction.REMOVED, KIND, object_id=device_id, name=old.name, before=old)


class SqliteDevices(Backed):
    """`Devices` in SQLite."""

    async def add_device(self, new: NewDevice, *, seal: Seal | None, by: Authorship) -> Device:
        """Register a device, assign it to its agent and raise that agent's config revision.

        Raises `Refused`: invalid (field name, address or parents) or not-found (field siteId or agentId).
        """
        return await self._writer.submit(lambda connection: insert_device(connection, new, seal, by))

    async def update_device(
        self, device_id: int, new: NewDevice, *, revision: int, seal: Seal | None, by: Authorship
    ) -> Device:
        """Make a device that still has `revision` as `new`; `seal` None keeps its secret, no SNMP forgets it.

        Raises `Refused`: not-found; invalid (field revision) when somebody else changed it meanwhile; else as
        `add_device` does.
        """

        def update(connection: sqlite3.Connection) -> Device:
            old = read_device(connection, device_id)
            check_revision("device", old.revision, revision)
            return change_device(connection, old, new, seal, by)

        return await self._writer.submit(update)

    async def remove_device(self, device_id: int, *, by: Authorship) -> None:
        """Remove a device from polling, lists and others' parents. Raises `Refused` (not-found)."""
        await self._writer.submit(lambda connection: delete_device(connection, device_id, by))

    async def devices(self) -> list[Device]:
        """Return all devices by id."""
        return await self._readers.read(read_devices)

    async def device(self, device_id: int) -> Device:
        """Return a registered device. Raises `Refused` (not-found)."""
        return await self._readers.read(lambda connection: read_device(connection, device_id))

    async def device_secrets(self, agent_id: int | None) -> dict[int, bytes]:
        """Return the sealed SNMP secrets of an agent's devices by device id, with None of those that nobody polls."""
        query = "SELECT device_id, sealed FROM device_secret JOIN device ON device.id = device_id WHERE agent_id IS ?"
        return await self._readers.read(lambda connection: dict(connection.execute(query, (agent_id,)).fetchall()))
