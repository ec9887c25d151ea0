"""Where devices stand on the topology map."""

from typing import Final

from sqlite_utils import Database

_STATEMENTS: Final = (
    """CREATE TABLE layout (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        revision INTEGER NOT NULL
    ) STRICT""",
    "INSERT INTO layout VALUES (1, 1)",
    """CREATE TABLE layout_position (
        device_id INTEGER PRIMARY KEY REFERENCES device(id),
        x REAL NOT NULL,
        y REAL NOT NULL
    ) STRICT""",
)


def add_layout(db: Database) -> None:
    """Keep a position for each device that was given one, and the layout's revision."""
    for statement in _STATEMENTS:
        db.execute(statement)
