"""Alerts in hub.db: written by the engine's commits, read by filter."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from noctule_shared.alerts import Assignee, IncidentRef
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.events import AlertState, Severity
from noctule_shared.silences import SilenceRef

from noctule_hub.core.alerting.evidence import Evidence
from noctule_hub.core.alerting.filter import AlertFilter, at_least
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
    "rule_revision",
    "evidence",
    "assignee",
    "incident",
)
# Kept as JSON.
_STRUCTS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "silenced_by": SilenceRef,
    "evidence": Evidence,
    "assignee": Assignee,
    "incident": IncidentRef,
}
SELECT_ALERT: Final = f"SELECT {', '.join(_COLUMNS)} FROM alert"  # noqa: S608  constants
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
    return [alert_of(row) for row in connection.execute(f"{SELECT_ALERT} WHERE state IN ('pending', 'firing')")]


def _read_alerts(connection: sqlite3.Connection, wanted: AlertFilter, before_id: int | None, limit: int) -> list[Alert]:
    # What was forgotten before it fired is nobody's news.
    conditions = ["state IN ('pending', 'firing')" if wanted.open_only else "state != 'inactive'"]
    values: list[object] = []
    for condition, value in (
        ("id < ?", before_id),
        ("site_id = ?", wanted.site_id),
        ("device_id = ?", wanted.device_id),
        ("rule = ?", wanted.rule),
        ("assignee IS NOT NULL AND assignee ->> 'userId' = ?", wanted.assignee),
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
    where = " AND ".join(conditions)
    rows = connection.execute(f"{SELECT_ALERT} WHERE {where} ORDER BY id DESC LIMIT ?", (*values, limit))
    return [alert_of(row) for row in rows]


def _read_alert(connection: sqlite3.Connection, alert_id: int) -> Alert:
    row = connection.execute(f"{SELECT_ALERT} WHERE id = ?", (alert_id,)).fetchone()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no alert {alert_id}")
    return alert_of(row)


def read_alerts_of(connection: sqlite3.Connection, incident_id: int, limit: int) -> list[Alert]:
    """Return at most `limit` alerts of an incident, by id."""
    rows = connection.execute(
        f"{SELECT_ALERT} WHERE json_extract(incident, '$.id') = ? ORDER BY id LIMIT ?",
        (incident_id, limit),
    )
    return [alert_of(row) for row in rows]


def _values(alert: Alert) -> tuple[object, ...]:
    values = {column: getattr(alert, column) for column in _COLUMNS}
    for column in _STRUCTS:
        if values[column] is not None:
            values[column] = msgspec.json.encode(values[column]).decode()
    return tuple(values.values())


def alert_of(row: tuple[Any, ...]) -> Alert:
    """Return a row of `SELECT_ALERT`."""
    values = dict(zip(_COLUMNS, row, strict=True))
    for column, kind in _STRUCTS.items():
        if values[column] is not None:
            values[column] = msgspec.json.decode(values[column], type=kind)
    return Alert(severity=Severity(values.pop("severity")), state=AlertState(values.pop("state")), **values)


class SqliteAlerts(Backed):
    """`Alerts` in SQLite."""

    async def alerts(self, wanted: AlertFilter, *, before_id: int | None, limit: int) -> list[Alert]:
        """Return at most `limit` (and `MAX_ALERTS`) alerts that meet a filter, newest first."""
        most = max(0, min(limit, MAX_ALERTS))
        return await self._readers.read(lambda connection: _read_alerts(connection, wanted, before_id, most))

    async def alert(self, alert_id: int) -> Alert:
        """Return an alert. Raises `Refused` (not-found)."""
        return await self._readers.read(lambda connection: _read_alert(connection, alert_id))
