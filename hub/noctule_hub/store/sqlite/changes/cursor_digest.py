"""By what a hub knows that an agent's outbox was set back and went on otherwise than the frames it has."""

from sqlite_utils import Database


def add_cursor_digest(db: Database) -> None:
    """Keep the digest of the last frame taken; of those that there are it is not known."""
    db.execute("ALTER TABLE agent_cursor ADD COLUMN last_digest TEXT NOT NULL DEFAULT ''")
