"""The public status page and its components."""

from typing import Final

from sqlite_utils import Database

_STATEMENTS: Final = (
    """CREATE TABLE status_page (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        title TEXT NOT NULL,
        message TEXT NOT NULL,
        published INTEGER NOT NULL,
        revision INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE status_component (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        position INTEGER NOT NULL,
        label TEXT NOT NULL,
        device_ids TEXT NOT NULL,
        site_ids TEXT NOT NULL
    ) STRICT""",
)


def add_status_page(db: Database) -> None:
    """Keep the status page in one row, and its components in theirs."""
    for statement in _STATEMENTS:
        db.execute(statement)
