"""Which devices stand behind which: parents by device in hub.db, never in a circle."""

import sqlite3
from collections.abc import Sequence

from noctule_shared.errors import invalid

from noctule_hub.core.parents import circle


def read_parents(connection: sqlite3.Connection) -> dict[int, list[int]]:
    """Return the parents' ids of all devices that have some, by device, in the order of their ids."""
    found: dict[int, list[int]] = {}
    for device_id, parent_id in connection.execute("SELECT device_id, parent_id FROM device_parent"):
        found.setdefault(device_id, []).append(parent_id)
    return found


def parents_of(connection: sqlite3.Connection, device_id: int) -> list[int]:
    """Return the parents' ids of one device, in their order."""
    query = "SELECT parent_id FROM device_parent WHERE device_id = ? ORDER BY parent_id"
    return [parent_id for (parent_id,) in connection.execute(query, (device_id,))]


def set_parents(connection: sqlite3.Connection, device_id: int, parents: Sequence[int]) -> None:
    """Replace a device's parents. Raises `Refused` (invalid, field parents): no such device, or a circle."""
    if list(parents) == parents_of(connection, device_id):
        return
    for parent_id in parents:
        found = connection.execute("SELECT 1 FROM device WHERE id = ? AND removed_ms IS NULL", (parent_id,)).fetchone()
        if found is None:
            raise invalid("parents", f"there is no device {parent_id}")
    # Where nothing stands behind the device, its parents close no circle, and the others' need no reading.
    child = connection.execute("SELECT 1 FROM device_parent WHERE parent_id = ?", (device_id,)).fetchone()
    closes = child is not None or device_id in parents
    way = circle(device_id, parents, read_parents(connection)) if closes else None
    if way is not None:
        raise invalid("parents", f"devices {', '.join(map(str, way))} would stand behind each other in a circle")
    connection.execute("DELETE FROM device_parent WHERE device_id = ?", (device_id,))
    connection.executemany("INSERT INTO device_parent VALUES (?, ?)", [(device_id, parent_id) for parent_id in parents])


def forget_parents(connection: sqlite3.Connection, device_id: int) -> None:
    """Take a device out of everybody's parents, and its own."""
    connection.execute("DELETE FROM device_parent WHERE device_id = ?1 OR parent_id = ?1", (device_id,))
