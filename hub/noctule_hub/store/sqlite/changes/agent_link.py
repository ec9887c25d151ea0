"""What the agent link keeps: a cursor for each epoch, changes of device lists, announced keys."""

from typing import Final

from sqlite_utils import Database

_AGENT_LINK: Final = (
    "ALTER TABLE agent_cursor RENAME TO former_cursor",
    """CREATE TABLE agent_cursor (
        agent_id INTEGER NOT NULL, epoch TEXT NOT NULL, next_seq INTEGER NOT NULL, moved_ms INTEGER NOT NULL,
        told_ms INTEGER NOT NULL,
        PRIMARY KEY (agent_id, epoch)
    ) STRICT, WITHOUT ROWID""",
    "INSERT INTO agent_cursor SELECT agent_id, epoch, next_seq, 0, 0 FROM former_cursor",
    "DROP TABLE former_cursor",
    "ALTER TABLE agent ADD COLUMN config_floor INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE agent ADD COLUMN next_signing_key TEXT",
    "ALTER TABLE agent ADD COLUMN next_sealing_key TEXT",
    """CREATE TABLE config_change (
        agent_id INTEGER NOT NULL, device_id INTEGER NOT NULL, revision INTEGER NOT NULL,
        PRIMARY KEY (agent_id, device_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX gap_agent ON gap(agent_id, to_ms)",
)


def add_agent_link(db: Database) -> None:
    """Add what the agent link keeps: a cursor for each epoch, changes of device lists, announced keys."""
    for statement in _AGENT_LINK:
        db.execute(statement)
    # What changed before is not known: agents of an older revision get the whole list.
    db.execute("UPDATE agent SET config_floor = config_revision")
