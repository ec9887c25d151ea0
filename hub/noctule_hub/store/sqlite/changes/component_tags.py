"""Components of the status page that stand for tags."""

from sqlite_utils import Database


def add_component_tags(db: Database) -> None:
    """Let a component stand for whatever bears a tag; those that there are stand for none."""
    db.execute("ALTER TABLE status_component ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'")
