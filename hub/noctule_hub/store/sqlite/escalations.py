"""How far each alert has come by its policy, in hub.db: a row for each alert that rings or is held back."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec
from noctule_shared.events import AlertEvent, AlertState
from noctule_shared.silences import SilenceRef

from noctule_hub.core.notifying.escalation import Escalation, seen_as

_COLUMNS: Final = "alert_id, alert, seq, rang_ms, taken_s, told_ms, occasions, next_ms, reminds"
# So many alerts are decided about in one transaction; the rest comes in the next.
MAX_DUE: Final = 500


def read_escalations(connection: sqlite3.Connection, alert_ids: Collection[int]) -> dict[int, Escalation]:
    """Return those of these alerts that are followed, by alert."""
    query = f"SELECT {_COLUMNS} FROM escalation WHERE alert_id IN (SELECT value FROM json_each(?))"  # noqa: S608  a constant
    return _by_alert(connection.execute(query, (msgspec.json.encode(sorted(alert_ids)).decode(),)))


def read_due(connection: sqlite3.Connection, now_ms: int) -> dict[int, Escalation]:
    """Return those of which something is due, as their alerts are at this moment, the longest due first."""
    query = f"SELECT {_COLUMNS} FROM escalation WHERE next_ms <= ? ORDER BY next_ms, alert_id LIMIT {MAX_DUE}"  # noqa: S608  constants
    due = _by_alert(connection.execute(query, (now_ms,)))
    return {alert_id: _as_it_is(connection, one, now_ms) for alert_id, one in due.items()}


def read_next_ms(connection: sqlite3.Connection) -> int | None:
    """Return when something is due next, None: nothing is."""
    found: int | None = connection.execute("SELECT min(next_ms) FROM escalation WHERE next_ms IS NOT NULL").fetchone()[
        0
    ]
    return found


def put_escalations(connection: sqlite3.Connection, followed: Mapping[int, Escalation | None]) -> None:
    """Keep how far alerts have come; None: they are followed no more."""
    gone = [(alert_id,) for alert_id, one in followed.items() if one is None]
    connection.executemany("DELETE FROM escalation WHERE alert_id = ?", gone)
    connection.executemany(
        f"INSERT OR REPLACE INTO escalation ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  a constant
        [
            (
                alert_id,
                msgspec.json.encode(one.alert).decode(),
                one.seq,
                one.rang_ms,
                one.taken_s,
                one.told_ms,
                one.occasions,
                one.next_ms,
                one.reminds,
            )
            for alert_id, one in followed.items()
            if one is not None
        ],
    )


def look_again(connection: sqlite3.Connection, now_ms: int) -> None:
    """Let all alerts that ring be decided about anew: their policies may say something else by now."""
    connection.execute("UPDATE escalation SET next_ms = ? WHERE rang_ms IS NOT NULL", (now_ms,))


def forget_escalations(connection: sqlite3.Connection) -> None:
    """Follow none of the alerts there are: nobody was to be told for a while."""
    connection.execute("DELETE FROM escalation")


def _by_alert(rows: Iterable[tuple[Any, ...]]) -> dict[int, Escalation]:
    return {row[0]: _escalation(row[1:]) for row in rows}


def _escalation(row: tuple[Any, ...]) -> Escalation:
    found = Escalation(msgspec.json.decode(row[0], type=AlertEvent), *row[1:-1])
    return replace(found, reminds=bool(row[-1]))


def _as_it_is(connection: sqlite3.Connection, one: Escalation, now_ms: int) -> Escalation:
    """Return an escalation by what is committed of its alert: events of it may not have been looked at yet."""
    query = "SELECT state, acknowledged_by, inhibited_by, silenced_by FROM alert WHERE id = ?"
    row = connection.execute(query, (one.alert.id,)).fetchone()
    if row is None:
        return one
    alert = msgspec.structs.replace(
        one.alert,
        state=AlertState(row[0]),
        acknowledged_by=row[1],
        inhibited_by=row[2],
        silenced_by=None if row[3] is None else msgspec.json.decode(row[3], type=SilenceRef),
    )
    return seen_as(one, alert, now_ms)
