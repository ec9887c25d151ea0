"""The scores of what changes often in hub.db."""

import sqlite3
from collections.abc import Iterable
from typing import Final

from noctule_hub.core.alerting.conditions import About
from noctule_hub.core.alerting.flapping import FlapKey, Flaps

_COLUMNS: Final = "about, object_id, score, results, at_ms, changes, began_ms, since_ms, due_ms"


def read_flaps(connection: sqlite3.Connection) -> list[Flaps]:
    """Return all scores above rest."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM flap")  # noqa: S608  a constant
    return [Flaps(About(about), *rest) for about, *rest in rows]


def put_flaps(connection: sqlite3.Connection, flaps: Iterable[Flaps], forgotten: Iterable[FlapKey]) -> None:
    """Keep scores, and forget those at rest."""
    connection.executemany("DELETE FROM flap WHERE about = ? AND object_id = ?", forgotten)
    connection.executemany(
        f"INSERT OR REPLACE INTO flap ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  a constant
        [
            (
                row.about,
                row.object_id,
                row.score,
                row.results,
                row.at_ms,
                row.changes,
                row.began_ms,
                row.since_ms,
                row.due_ms,
            )
            for row in flaps
        ],
    )
