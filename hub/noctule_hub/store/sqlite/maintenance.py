"""Maintenance windows in hub.db."""

import sqlite3
from typing import Any, Final

import msgspec
from noctule_shared.errors import ErrorCode, Refused, invalid

from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.maintenance import (
    MAX_WINDOWS,
    Covers,
    MaintenanceWindow,
    NewWindow,
    Once,
    Recurring,
    running,
)
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.present import check_devices, check_sites
from noctule_hub.store.sqlite.revisions import check_revision

_COLUMNS: Final = "id, name, note, covers, schedule, created_ms, ended_ms, revision"
_KIND: Final = "maintenance"
_NOTHING: Final = Covers()


def read_windows(connection: sqlite3.Connection) -> list[MaintenanceWindow]:
    """Return all windows by id."""
    query = f"SELECT {_COLUMNS} FROM maintenance ORDER BY id"  # noqa: S608  a constant
    return [_window(row) for row in connection.execute(query)]


def _read_window(connection: sqlite3.Connection, window_id: int) -> MaintenanceWindow:
    query = f"SELECT {_COLUMNS} FROM maintenance WHERE id = ?"  # noqa: S608  a constant
    row = connection.execute(query, (window_id,)).fetchone()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no maintenance window {window_id}")
    return _window(row)


def _window(row: tuple[Any, ...]) -> MaintenanceWindow:
    covers = msgspec.json.decode(row[3], type=Covers)
    schedule = msgspec.json.decode(row[4], type=Once | Recurring)
    return MaintenanceWindow(row[0], row[1], row[2], covers, schedule, *row[5:])


def _values(new: NewWindow) -> tuple[str, str, str, str]:
    return new.name, new.note, msgspec.json.encode(new.covers).decode(), msgspec.json.encode(new.schedule).decode()


def _check(connection: sqlite3.Connection, new: Covers, old: Covers) -> None:
    """Raise `Refused` when something that `old` did not cover is not there."""
    check_devices(connection, (one for one in new.device_ids if one not in old.device_ids), "deviceIds")
    check_sites(connection, (one for one in new.site_ids if one not in old.site_ids), "siteIds")


class SqliteMaintenance(Backed):
    """`Maintenance` in SQLite."""

    async def windows(self) -> list[MaintenanceWindow]:
        """Return all windows by id."""
        return await self._readers.read(read_windows)

    async def window(self, window_id: int) -> MaintenanceWindow:
        """Return a window. Raises `Refused` (not-found)."""
        return await self._readers.read(lambda connection: _read_window(connection, window_id))

    async def add_window(self, new: NewWindow, *, by: Authorship) -> MaintenanceWindow:
        """Add a window. Raises `Refused` (invalid, the field; too-many)."""

        def add(connection: sqlite3.Connection) -> MaintenanceWindow:
            _check(connection, new.covers, _NOTHING)
            if connection.execute("SELECT count(*) FROM maintenance").fetchone()[0] >= MAX_WINDOWS:
                message = f"{MAX_WINDOWS} maintenance windows at most; remove some that are over"
                raise Refused(ErrorCode.TOO_MANY, message)
            row = connection.execute(
                f"""INSERT INTO maintenance (name, note, covers, schedule, created_ms)
                    VALUES (?, ?, ?, ?, ?) RETURNING {_COLUMNS}""",  # noqa: S608  a constant
                (*_values(new), by.at_ms),
            )
            window = _window(row.fetchone())
            record(connection, by, AuditAction.ADDED, _KIND, object_id=window.id, name=window.name, after=window)
            return window

        return await self._writer.submit(add)

    async def update_window(
        self, window_id: int, new: NewWindow, *, revision: int, by: Authorship
    ) -> MaintenanceWindow:
        """Make a window as `new`. Raises `Refused` (not-found; invalid, the field)."""

        def update(connection: sqlite3.Connection) -> MaintenanceWindow:
            old = _read_window(connection, window_id)
            check_revision("maintenance window", old.revision, revision)
            _check(connection, new.covers, old.covers)
            ended_ms = old.ended_ms if new.schedule == old.schedule else None
            connection.execute(
                """UPDATE maintenance SET name = ?, note = ?, covers = ?, schedule = ?, ended_ms = ?,
                       revision = revision + 1 WHERE id = ?""",
                (*_values(new), ended_ms, window_id),
            )
            return _changed(connection, old, by)

        return await self._writer.submit(update)

    async def end_window(self, window_id: int, *, by: Authorship) -> MaintenanceWindow:
        """End what runs of a window. Raises `Refused` (not-found; invalid, field id, when nothing runs)."""

        def end(connection: sqlite3.Connection) -> MaintenanceWindow:
            old = _read_window(connection, window_id)
            if running(old, by.at_ms) is None:
                raise invalid("id", "this maintenance window does not run now; change or remove it instead")
            connection.execute(
                "UPDATE maintenance SET ended_ms = ?, revision = revision + 1 WHERE id = ?", (by.at_ms, window_id)
            )
            return _changed(connection, old, by)

        return await self._writer.submit(end)

    async def remove_window(self, window_id: int, *, by: Authorship) -> None:
        """Remove a window. Raises `Refused` (not-found)."""

        def remove(connection: sqlite3.Connection) -> None:
            old = _read_window(connection, window_id)
            connection.execute("DELETE FROM maintenance WHERE id = ?", (window_id,))
            record(connection, by, AuditAction.REMOVED, _KIND, object_id=window_id, name=old.name, before=old)

        await self._writer.submit(remove)


def _changed(connection: sqlite3.Connection, old: MaintenanceWindow, by: Authorship) -> MaintenanceWindow:
    new = _read_window(connection, old.id)
    record(connection, by, AuditAction.CHANGED, _KIND, object_id=old.id, name=new.name, before=old, after=new)
    return new
