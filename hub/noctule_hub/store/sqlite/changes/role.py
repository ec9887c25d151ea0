"""What devices do in the network."""

from sqlite_utils import Database


def add_role(db: Database) -> None:
    """Add a column that is empty for the devices that are there."""
    db.execute("ALTER TABLE device ADD COLUMN role TEXT NOT NULL DEFAULT ''")
