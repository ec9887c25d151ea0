"""What devices say of themselves and hear by LLDP, in hub.db; of a device it is replaced whole."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from noctule_hub.core.records import Neighbour, SystemGroup
from noctule_hub.store.sqlite.backed import Backed

_SYSTEM: Final = ("sys_name", "sys_descr", "sys_object_id", "sys_location", "sys_contact", "seen_ms")
_SYSTEM_NAMES: Final = ", ".join(_SYSTEM)
_PUT_SYSTEM: Final = (
    f"INSERT OR REPLACE INTO device_system (device_id, {_SYSTEM_NAMES}) "  # noqa: S608  constants
    f"VALUES ({', '.join('?' * (len(_SYSTEM) + 1))})"
)
_COLUMNS: Final = (
    "interface_id",
    "local_port",
    "chassis_id_subtype",
    "chassis_id",
    "port_id_subtype",
    "port_id",
    "port_descr",
    "sys_name",
    "seen_ms",
)
_NAMES: Final = ", ".join(_COLUMNS)
_ADD: Final = (
    f"INSERT INTO neighbour (device_id, position, {_NAMES}) "  # noqa: S608  constants
    f"VALUES ({', '.join('?' * (len(_COLUMNS) + 2))})"
)


def put_systems(connection: sqlite3.Connection, systems: Mapping[int, SystemGroup]) -> None:
    """Put these in place of what was known of each device."""
    connection.executemany(
        _PUT_SYSTEM,
        [(device_id, *(getattr(row, column) for column in _SYSTEM)) for device_id, row in systems.items()],
    )


def forget(connection: sqlite3.Connection, device_id: int) -> None:
    """Forget a device that was removed."""
    connection.execute("DELETE FROM neighbour WHERE device_id = ?", (device_id,))
    connection.execute("DELETE FROM device_system WHERE device_id = ?", (device_id,))


def replace_neighbours(connection: sqlite3.Connection, neighbours: Mapping[int, Sequence[Neighbour]]) -> None:
    """Put these neighbours in place of all that each device had."""
    for device_id, rows in neighbours.items():
        connection.execute("DELETE FROM neighbour WHERE device_id = ?", (device_id,))
        connection.executemany(
            _ADD,
            [
                (device_id, position, *(getattr(row, column) for column in _COLUMNS))
                for position, row in enumerate(rows, start=1)
            ],
        )


class SqliteDiscovered(Backed):
    """`Discovered` in SQLite."""

    async def system_group(self, device_id: int) -> SystemGroup | None:
        """Return what a device says of itself, None when it has not said anything yet."""
        query = f"SELECT {_SYSTEM_NAMES} FROM device_system WHERE device_id = ?"  # noqa: S608  constants

        def read(connection: sqlite3.Connection) -> SystemGroup | None:
            row = connection.execute(query, (device_id,)).fetchone()
            return None if row is None else SystemGroup(*row)

        return await self._readers.read(read)

    async def neighbours(self, device_id: int) -> list[Neighbour]:
        """Return the neighbours of a device in the order of its ports."""
        query = f"SELECT {_NAMES} FROM neighbour WHERE device_id = ? ORDER BY position"  # noqa: S608  constants
        return await self._readers.read(
            lambda connection: [Neighbour(*row) for row in connection.execute(query, (device_id,))]
        )

    async def discovered(self) -> tuple[dict[int, SystemGroup], dict[int, list[Neighbour]]]:
        """Return what all devices say of themselves, and all their neighbours, both by device id."""
        systems = f"SELECT device_id, {_SYSTEM_NAMES} FROM device_system"  # noqa: S608  constants
        neighbours = f"SELECT device_id, {_NAMES} FROM neighbour ORDER BY device_id, position"  # noqa: S608  constants

        def read(connection: sqlite3.Connection) -> tuple[dict[int, SystemGroup], dict[int, list[Neighbour]]]:
            heard: dict[int, list[Neighbour]] = {}
            for device_id, *row in connection.execute(neighbours):
                heard.setdefault(device_id, []).append(Neighbour(*row))
            return {device_id: SystemGroup(*row) for device_id, *row in connection.execute(systems)}, heard

        return await self._readers.read(read)
