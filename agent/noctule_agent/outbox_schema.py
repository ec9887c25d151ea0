"""The tables of the outbox file and the settings of its connection."""

import sqlite3
from pathlib import Path
from typing import Final

from noctule_agent.errors import DataDirError
from noctule_agent.outbox_frames import EpochStart

SCHEMA_VERSION: Final = 2
WAL_LIMIT_BYTES: Final = 16 * 1024 * 1024
_SCHEMA: Final = """
CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, acked INTEGER NOT NULL,
    next_seq INTEGER NOT NULL, reason TEXT, lost_from_ms INTEGER);
CREATE TABLE frame (epoch TEXT NOT NULL, seq INTEGER NOT NULL, seq_to INTEGER NOT NULL, class TEXT NOT NULL,
    made_ms INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, rows INTEGER, reason TEXT,
    body BLOB NOT NULL, PRIMARY KEY (epoch, seq));
CREATE TABLE sent (epoch TEXT NOT NULL, seq_from INTEGER NOT NULL, seq_to INTEGER NOT NULL,
    from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, rows INTEGER, deleted_ms INTEGER NOT NULL,
    PRIMARY KEY (epoch, seq_from));
"""
_FROM_VERSION_1: Final = (
    "ALTER TABLE meta ADD COLUMN reason TEXT",
    "ALTER TABLE meta ADD COLUMN lost_from_ms INTEGER",
)


def prepare(db: sqlite3.Connection, path: Path, new: EpochStart) -> None:
    """Set a connection up and make the tables if they are missing, readable by the owner only (0600).

    Raises sqlite3.Error when the file is no database, `DataDirError` when a newer agent made it.
    """
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute(f"PRAGMA journal_size_limit={WAL_LIMIT_BYTES}")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise DataDirError(f"{path} was made by a newer noctule-agent; install that version or remove the file")
    if version < SCHEMA_VERSION:
        db.execute("BEGIN IMMEDIATE")
        for statement in _FROM_VERSION_1 if version else filter(str.strip, _SCHEMA.split(";")):
            db.execute(statement)
        if version == 0:
            db.execute("INSERT INTO meta VALUES (1, ?, 0, 1, ?, ?)", (new.epoch, new.reason, new.lost_from_ms))
        db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        db.execute("COMMIT")
    path.chmod(0o600)
