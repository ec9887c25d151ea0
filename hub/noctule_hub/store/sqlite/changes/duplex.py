"""The duplex of interfaces."""

from sqlite_utils import Database


def add_duplex(db: Database) -> None:
    """Add a column that is unknown until the next inventory."""
    db.execute("ALTER TABLE interface ADD COLUMN duplex TEXT")
