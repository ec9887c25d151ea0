"""Maintenance windows."""

from sqlite_utils import Database


def add_maintenance(db: Database) -> None:
    """Keep maintenance windows; what they cover and when they run is JSON, read whole."""
    db.execute(
        """CREATE TABLE maintenance (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            note TEXT NOT NULL,
            covers TEXT NOT NULL,
            schedule TEXT NOT NULL,
            created_ms INTEGER NOT NULL,
            ended_ms INTEGER,
            revision INTEGER NOT NULL DEFAULT 1
        ) STRICT"""
    )
