"""The language in which a channel is told of alerts."""

from sqlite_utils import Database


def add_channel_language(db: Database) -> None:
    """Add a column; the channels that there are go on in English."""
    db.execute("ALTER TABLE channel ADD COLUMN language TEXT NOT NULL DEFAULT 'en'")
