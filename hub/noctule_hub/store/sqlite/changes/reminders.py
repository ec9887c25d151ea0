"""Whether those who were told of an alert are to be reminded of it, and what a channel's attempts leave to the next."""

from typing import Final

from sqlite_utils import Database

_COLUMNS: Final = (
    "ALTER TABLE escalation ADD COLUMN reminds INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE channel_state ADD COLUMN held_until_ms INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE channel_state ADD COLUMN sent_ms TEXT NOT NULL DEFAULT '[]'",
)


def add_reminders(db: Database) -> None:
    """Add columns: at first nobody is to be reminded, and every channel may send at once."""
    for statement in _COLUMNS:
        db.execute(statement)
