"""LLDP neighbours in hub.db: those of a device are replaced whole."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from noctule_hub.core.records import Neighbour
from noctule_hub.store.sqlite.backed import Backed

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


class SqliteNeighbours(Backed):
    """`Neighbours` in SQLite."""

    async def neighbours(self, device_id: int) -> list[Neighbour]:
        """Return the neighbours of a device in the order of its ports."""
        query = f"SELECT {_NAMES} FROM neighbour WHERE device_id = ? ORDER BY position"  # noqa: S608  constants
        return await self._readers.read(
            lambda connection: [Neighbour(*row) for row in connection.execute(query, (device_id,))]
        )
