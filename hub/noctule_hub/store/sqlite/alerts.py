"""Alerts in hub.db: written by the engine's commits, read by filter."""

import sqlite3
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.events import AlertState, Severity
from noctule_shared.silences import SilenceRef

from noctule_hub.core.alert_filter import AlertFilter, at_least
from noctule_hub.core.records import Alert
from noctule_hub.store.sqlite.backed import Backed

MAX_ALERTS: Final = 10_000

_COLUMNS: Final = (
    "id",
    "key",
    "rule",
    "title",
    "severity",
    "state",
    "reason",
    "started_ms",
    "fired_ms",
    "resolved_ms",
    "device_id",
    "interface_id",
    "agent_id",
    "site_id",
    "acknowledged_by",
    "acknowledged_ms",
    "note",
    "inhibited_by",
    "silenced_by",
    "acknowledged_until_ms",
    "trouble",
)
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM alert"  # noqa: S608  constants
_PUT: Final = (
    f"INSERT INTO alert ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "  # noqa: S608  constants
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in _COLUMNS[1:])}"
)


def put_alerts(connection: sqlite3.Connection, alerts: Iterable[Alert]) -> None:
    """Add alerts, or replace those of the same ids."""
    # Those that end come first: a new alert may be about the same thing in the same commit.
    ordered = sorted(alerts, key=lambda row: row.is_open)
    connection.executemany(_PUT, [_values(row) for row in ordered])


def read_open_alerts(connection: sqlite3.Connection) -> list[Alert]:
    """Return all alerts that are pending or firing."""
    return [_alert(row) for row in connection.execute(f"{_SELECT} WHERE state IN ('pending', 'firing')")]


def _read_alerts(connection: sqlite3.Connection, wanted: AlertFilter, before_id: int | None, limit: int) -> list[Alert]:
    conditions: list[str] = ["state IN ('pending', 'firing')"] if wanted.open_only else []
    values: list[object] = []
    for condition, value in (
        ("id < ?", before_id),
        ("site_id = ?", wanted.site_id),
        ("device_id = ?", wanted.device_id),
        ("rule = ?", wanted.rule),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    if wanted.severity is not None:
        severities = at_least(wanted.severity)
        conditions.append(f"severity IN ({', '.join('?' * len(severities))})")
        values.extend(severities)
    if wanted.acknowledged is not None:
        conditions.append(f"acknowledged_by IS {'NOT ' if wanted.acknowledged else ''}NULL")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = connection.execute(f"{_SELECT}{where} ORDER BY id DESC LIMIT ?", (*values, limit))
    return [_alert(row) for row in rows]


def _read_alert(connection: sqlite3.Connection, alert_id: int) -> Alert:
    row = connection.execute(f"{_SELECT} WHERE id = ?", (alert_id,)).fetchone()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no alert {alert_id}")
    return _alert(row)


def _values(alert: Alert) -> tuple[object, ...]:
    values = {column: getattr(alert, column) for column in _COLUMNS}
    if alert.silenced_by is not None:
        values["silenced_by"] = msgspec.json.encode(alert.silenced_by).decode()
    return tuple(values.values())


def _alert(row: tuple[Any, ...]) -> Alert:
    values = dict(zip(_COLUMNS, row, strict=True))
    silenced_by = values.pop("silenced_by")
    return Alert(
        severity=Severity(values.pop("severity")),
        state=AlertState(values.pop("state")),
        silenced_by=None if silenced_by is None else msgspec.json.decode(silenced_by, type=SilenceRef),
        **values,
    )


class SqliteAlerts(Backed):
    """`Alerts` in SQLite."""

    async def alerts(self, wanted: AlertFilter, *, before_id: int | None, limit: int) -> list[Alert]:
        """Return at most `limit` (and `MAX_ALERTS`) alerts that meet a filter, newest first."""
        most = max(0, min(limit, MAX_ALERTS))
        return await self._readers.read(lambda connection: _read_alerts(connection, wanted, before_id, most))

    async def alert(self, alert_id: int) -> Alert:
        """Return an alert. Raises `Refused` (not-found)."""
        return await self._readers.read(lambda connection: _read_alert(connection, alert_id))
