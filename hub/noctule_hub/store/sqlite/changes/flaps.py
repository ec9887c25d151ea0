"""What changes so often that it may be flapping; a hub that starts again goes on with it."""

from sqlite_utils import Database


def add_flaps(db: Database) -> None:
    """Add the scores of devices and interfaces; what is at rest has no row."""
    db.execute(
        """CREATE TABLE flap (
            about TEXT NOT NULL,
            object_id INTEGER NOT NULL,
            score REAL NOT NULL,
            results INTEGER NOT NULL,
            at_ms INTEGER NOT NULL,
            changes INTEGER NOT NULL,
            began_ms INTEGER NOT NULL,
            since_ms INTEGER,
            due_ms INTEGER NOT NULL,
            PRIMARY KEY (about, object_id)
        ) STRICT, WITHOUT ROWID"""
    )
