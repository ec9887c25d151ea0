"""Incidents in hub.db: written by the engine's commits, read newest first."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final

from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.core.alerting.incidents import Incident
from noctule_hub.core.records import Alert
from noctule_hub.store.sqlite.alerts import MAX_ALERTS, read_alerts_of
from noctule_hub.store.sqlite.backed import Backed

MAX_INCIDENTS: Final = 10_000

_COLUMNS: Final = (
    "id",
    "title",
    "cause",
    "root_alert_id",
    "site_id",
    "started_ms",
    "ended_ms",
    "alerts",
    "merged_into",
)
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM incident"  # noqa: S608  constants
_PUT: Final = (
    f"INSERT INTO incident ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "  # noqa: S608  constants
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in _COLUMNS[1:])}"
)
_PUT_DEVICE: Final = "INSERT OR IGNORE INTO incident_device VALUES (?, ?)"


def put_incidents(connection: sqlite3.Connection, incidents: Iterable[Incident]) -> None:
    """Add incidents, or replace those of the same ids; devices that were unreachable because of one stay with it."""
    for row in incidents:
        connection.execute(_PUT, tuple(getattr(row, column) for column in _COLUMNS))
        connection.executemany(_PUT_DEVICE, [(row.id, device_id) for device_id in row.unreachable])


def read_open_incidents(connection: sqlite3.Connection) -> list[Incident]:
    """Return all incidents that are not over."""
    return _incidents(connection, connection.execute(f"{_SELECT} WHERE ended_ms IS NULL ORDER BY id").fetchall())


def _incidents(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> list[Incident]:
    found = []
    for row in rows:
        values = dict(zip(_COLUMNS, row, strict=True))
        devices = connection.execute("SELECT device_id FROM incident_device WHERE incident_id = ?", (values["id"],))
        found.append(Incident(**values, unreachable=frozenset(device_id for (device_id,) in devices)))
    return found


def _read_incidents(
    connection: sqlite3.Connection, before_id: int | None, limit: int, *, open_only: bool
) -> list[Incident]:
    conditions = [*(["ended_ms IS NULL"] if open_only else []), *([] if before_id is None else ["id < ?"])]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    values = (*(() if before_id is None else (before_id,)), limit)
    return _incidents(connection, connection.execute(f"{_SELECT}{where} ORDER BY id DESC LIMIT ?", values).fetchall())


def _read_incident(connection: sqlite3.Connection, incident_id: int) -> Incident:
    rows = connection.execute(f"{_SELECT} WHERE id = ?", (incident_id,)).fetchall()
    if not rows:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no incident {incident_id}")
    return _incidents(connection, rows)[0]


class SqliteIncidents(Backed):
    """`Incidents` in SQLite."""

    async def incidents(self, *, open_only: bool, before_id: int | None, limit: int) -> list[Incident]:
        """Return at most `limit` (and `MAX_INCIDENTS`) incidents, newest first."""
        most = max(0, min(limit, MAX_INCIDENTS))
        return await self._readers.read(
            lambda connection: _read_incidents(connection, before_id, most, open_only=open_only)
        )

    async def incident(self, incident_id: int) -> Incident:
        """Return an incident. Raises `Refused` (not-found)."""
        return await self._readers.read(lambda connection: _read_incident(connection, incident_id))

    async def alerts_of_incident(self, incident_id: int, *, limit: int) -> list[Alert]:
        """Return at most `limit` (and `MAX_ALERTS`) alerts of an incident by id."""
        most = max(0, min(limit, MAX_ALERTS))
        return await self._readers.read(lambda connection: read_alerts_of(connection, incident_id, most))
