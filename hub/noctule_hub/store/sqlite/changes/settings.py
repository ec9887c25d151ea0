"""Settings of the whole hub."""

from sqlite_utils import Database


def add_settings(db: Database) -> None:
    """Keep the hub's settings in one row; none stands for the defaults."""
    db.execute(
        """CREATE TABLE settings (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            organisation TEXT NOT NULL,
            timezone TEXT NOT NULL,
            public_url TEXT,
            revision INTEGER NOT NULL
        ) STRICT"""
    )
