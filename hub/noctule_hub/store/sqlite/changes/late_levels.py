"""What history told last of devices' axes, until their present is heard; a hub that starts again goes on with it."""

from sqlite_utils import Database


def add_late_levels(db: Database) -> None:
    """Add the levels by device and axis; of what a hub of before was told nothing is known."""
    db.execute(
        """CREATE TABLE late_level (
            device_id INTEGER NOT NULL,
            axis TEXT NOT NULL,
            level TEXT NOT NULL,
            at_ms INTEGER NOT NULL,
            PRIMARY KEY (device_id, axis)
        ) STRICT, WITHOUT ROWID"""
    )
