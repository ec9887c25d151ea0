"""Devices and their sealed secrets in hub.db. A removed device keeps its row: history and late frames name it."""

import sqlite3
from typing import Any, Final

import msgspec
from noctule_shared.axes import Reachability
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.interface_filter import DEFAULT_FILTER, InterfaceFilter
from noctule_shared.link import SnmpVersion
from noctule_shared.thresholds import ICMP_THRESHOLDS, IcmpThresholds

from noctule_hub.core.records import Device, IcmpSettings, NewDevice, SnmpSettings
from noctule_hub.store.protocol import Seal
from noctule_hub.store.sqlite.assignments import assign, check_agent, lowest_agent, note_config_change, unassign
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.discovered import forget

SERIES_LATENCY: Final = "latency"

_COLUMNS: Final = (
    "id, name, address, site_id, agent_id, reachability, tags, created_ms, revision, "
    "icmp_interval_s, icmp_count, icmp_spacing_s, icmp_timeout_s, icmp_thresholds, "
    "snmp_version, snmp_port, snmp_interval_s, snmp_failed_polls, snmp_max_requests_per_s, "
    "snmp_interfaces"
)


def _device(row: tuple[Any, ...]) -> Device:
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
    rows = connection.execute(f"SELECT {_COLUMNS} FROM device WHERE removed_ms IS NULL ORDER BY id")  # noqa: S608  a constant
    return [_device(row) for row in rows]


def read_device(connection: sqlite3.Connection, device_id: int) -> Device:
    """Return a device that is not removed. Raises `Refused` (not-found)."""
    query = f"SELECT {_COLUMNS} FROM device WHERE id = ? AND removed_ms IS NULL"  # noqa: S608  a constant
    row = connection.execute(query, (device_id,)).fetchone()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no device {device_id}")
    return _device(row)


# What a client may change of a device, in the order of `_settings`.
_SETTINGS: Final = (
    "icmp_interval_s", "icmp_count", "icmp_spacing_s", "icmp_timeout_s", "icmp_thresholds",
    "snmp_version", "snmp_port", "snmp_interval_s", "snmp_failed_polls",
    "snmp_max_requests_per_s", "snmp_interfaces", "tags",
)  # fmt: skip


def _settings(icmp: IcmpSettings | None, snmp: SnmpSettings | None, tags: tuple[str, ...]) -> tuple[Any, ...]:
    # Thresholds of its own only: other devices follow when a default changes.
    own = icmp.thresholds if icmp and icmp.thresholds != ICMP_THRESHOLDS else None
    return (
        *((icmp.interval_s, icmp.count, icmp.spacing_s, icmp.timeout_s) if icmp else (None,) * 4),
        msgspec.json.encode(own).decode() if own else None,
        *(
            (snmp.version, snmp.port, snmp.interval_s, snmp.failed_polls, snmp.max_requests_per_s)
            if snmp
            else (None,) * 5
        ),
        msgspec.json.encode(snmp.interfaces).decode() if snmp else "{}",
        msgspec.json.encode(tags).decode(),
    )


def _check_unique(  # noqa: PLR0917  it mirrors the two unique indexes
    connection: sqlite3.Connection,
    device_id: int,
    site_id: int,
    agent_id: int | None,
    name: str,
    address: str,
    port: int | None,
) -> None:
    """Raise `Refused` when another device of the site has the name, or another of its agent the address and port."""
    others = "SELECT id FROM device WHERE removed_ms IS NULL AND id <> ?"
    if connection.execute(f"{others} AND site_id = ? AND name = ?", (device_id, site_id, name)).fetchone():
        raise invalid("name", f"its site has a device named {name!r} already; choose another name")
    same = connection.execute(
        f"{others} AND agent_id IS ? AND (agent_id IS NOT NULL OR site_id = ?) AND address = ? AND snmp_port IS ?",
        (device_id, agent_id, site_id, address, port),
    ).fetchone()
    if same:
        at = address if port is None else f"{address} port {port}"
        raise invalid("address", f"device {same[0]} is polled at {at} already; change that one instead")


def _keep_secret(connection: sqlite3.Connection, device_id: int, seal: Seal | None) -> None:
    if seal is not None:
        connection.execute("INSERT OR REPLACE INTO device_secret VALUES (?, ?)", (device_id, seal(device_id)))


def _add(connection: sqlite3.Connection, new: NewDevice, seal: Seal | None, now_ms: int) -> Device:
    if not connection.execute("SELECT 1 FROM site WHERE id = ?", (new.site_id,)).fetchone():
        raise Refused(ErrorCode.NOT_FOUND, f"there is no site {new.site_id}", field="siteId")
    agent_id = new.agent_id
    if agent_id is None:
        agent_id = lowest_agent(connection, new.site_id)
    else:
        check_agent(connection, agent_id)
    port = new.snmp.port if new.snmp else None
    _check_unique(connection, 0, new.site_id, agent_id, new.name, new.address, port)
    device_id: int = connection.execute(
        f"""INSERT INTO device (name, address, site_id, reachability, created_ms, {", ".join(_SETTINGS)})
           VALUES (?, ?, ?, ?, ?, {", ".join("?" * len(_SETTINGS))}) RETURNING id""",  # noqa: S608  constants
        (
            new.name,
            new.address,
            new.site_id,
            new.reachability,
            now_ms,
            *_settings(new.icmp, new.snmp, new.tags),
        ),
    ).fetchone()[0]
    connection.execute("INSERT INTO series (kind, object_id) VALUES (?, ?)", (SERIES_LATENCY, device_id))
    if agent_id is not None:
        assign(connection, device_id, agent_id, now_ms)
        note_config_change(connection, agent_id, [device_id])
    _keep_secret(connection, device_id, seal)
    return read_device(connection, device_id)


class SqliteDevices(Backed):
    """`Devices` in SQLite."""

    async def add_device(self, new: NewDevice, *, seal: Seal | None, now_ms: int) -> Device:
        """Register a device, assign it to its agent and raise that agent's config revision.

        Raises `Refused`: invalid (field name or address) or not-found (field siteId or agentId).
        """
        return await self._writer.submit(lambda connection: _add(connection, new, seal, now_ms))

    async def update_device(
        self,
        device_id: int,
        *,
        revision: int,
        name: str,
        address: str,
        reachability: Reachability,
        icmp: IcmpSettings | None,
        snmp: SnmpSettings | None,
        tags: tuple[str, ...],
        seal: Seal | None,
        now_ms: int,  # noqa: ARG002  part of the interface: a change has a time, SQLite's rows keep none yet
    ) -> Device:
        """Change a device that still has `revision`; `seal` None keeps its secret, `snmp` None forgets it.

        Raises `Refused`: not-found; invalid (field revision) when somebody else changed it meanwhile; invalid
        (field name or address) as `add_device` does.
        """

        def update(connection: sqlite3.Connection) -> Device:
            old = read_device(connection, device_id)
            if old.revision != revision:
                raise invalid(
                    "revision", f"the device was changed meanwhile (revision {old.revision}); read it again first"
                )
            port = snmp.port if snmp else None
            _check_unique(connection, device_id, old.site_id, old.agent_id, name, address, port)
            connection.execute(
                f"""UPDATE device SET name = ?, address = ?, reachability = ?, revision = revision + 1,
                       {" = ?, ".join(_SETTINGS)} = ? WHERE id = ?""",  # noqa: S608  constants
                (name, address, reachability, *_settings(icmp, snmp, tags), device_id),
            )
            if snmp is None:
                connection.execute("DELETE FROM device_secret WHERE device_id = ?", (device_id,))
            else:
                _keep_secret(connection, device_id, seal)
            note_config_change(connection, old.agent_id, [device_id])
            return read_device(connection, device_id)

        return await self._writer.submit(update)

    async def remove_device(self, device_id: int, *, now_ms: int) -> None:
        """Remove a device from polling and lists; its id is never reused. Raises `Refused` (not-found)."""

        def remove(connection: sqlite3.Connection) -> None:
            old = read_device(connection, device_id)
            unassign(connection, device_id, now_ms)
            note_config_change(connection, old.agent_id, [device_id])
            connection.execute("UPDATE device SET removed_ms = ? WHERE id = ?", (now_ms, device_id))
            connection.execute("DELETE FROM device_secret WHERE device_id = ?", (device_id,))
            connection.execute("DELETE FROM device_state WHERE device_id = ?", (device_id,))
            forget(connection, device_id)

        await self._writer.submit(remove)

    async def devices(self) -> list[Device]:
        """Return all devices by id."""
        return await self._readers.read(read_devices)

    async def device_secrets(self, agent_id: int) -> dict[int, bytes]:
        """Return the sealed SNMP secrets of an agent's devices by device id."""
        query = "SELECT device_id, sealed FROM device_secret JOIN device ON device.id = device_id WHERE agent_id = ?"
        return await self._readers.read(lambda connection: dict(connection.execute(query, (agent_id,)).fetchall()))
