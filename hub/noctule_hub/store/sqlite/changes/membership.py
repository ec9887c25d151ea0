"""Devices that stand behind others, and what people note of devices."""

from typing import Final

from sqlite_utils import Database

_STATEMENTS: Final = (
    "ALTER TABLE device ADD COLUMN note TEXT NOT NULL DEFAULT ''",
    """CREATE TABLE device_parent (
        device_id INTEGER NOT NULL REFERENCES device(id),
        parent_id INTEGER NOT NULL REFERENCES device(id),
        PRIMARY KEY (device_id, parent_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX device_parent_parent ON device_parent(parent_id)",
)


def add_membership(db: Database) -> None:
    """Keep each device's parents and note."""
    for statement in _STATEMENTS:
        db.execute(statement)
