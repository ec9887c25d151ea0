"""Notification channels, their sealed secrets, and the queue of deliveries."""

from typing import Final

from sqlite_utils import Database

_CHANNELS: Final = (
    """CREATE TABLE channel (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL COLLATE NOCASE UNIQUE,
        enabled INTEGER NOT NULL,
        severity TEXT NOT NULL,
        site_ids TEXT NOT NULL,
        tags TEXT NOT NULL,
        target TEXT NOT NULL,
        since_seq INTEGER NOT NULL,
        created_ms INTEGER NOT NULL,
        revision INTEGER NOT NULL DEFAULT 1
    ) STRICT""",
    "CREATE TABLE channel_secret (channel_id INTEGER PRIMARY KEY REFERENCES channel(id), sealed BLOB NOT NULL) STRICT",
    """CREATE TABLE delivery (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        channel_id INTEGER NOT NULL REFERENCES channel(id),
        seq INTEGER NOT NULL,
        epoch TEXT NOT NULL,
        alert_id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        alert TEXT NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        created_ms INTEGER NOT NULL,
        begun_ms INTEGER NOT NULL,
        next_ms INTEGER,
        outcome TEXT,
        public_id TEXT NOT NULL,
        bundle TEXT,
        UNIQUE (channel_id, epoch, seq)
    ) STRICT""",
    "CREATE INDEX delivery_waiting ON delivery(channel_id, next_ms) WHERE next_ms IS NOT NULL",
    "CREATE INDEX delivery_alert ON delivery(channel_id, alert_id)",
    "CREATE INDEX delivery_message ON delivery(ifnull(bundle, public_id))",
    "CREATE INDEX delivery_state ON delivery(state, id)",
    """CREATE TABLE delivery_attempt (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        delivery_id INTEGER NOT NULL REFERENCES delivery(id),
        at_ms INTEGER NOT NULL,
        delivered INTEGER NOT NULL,
        outcome TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX delivery_attempt_delivery ON delivery_attempt(delivery_id)",
    "CREATE TABLE notified (id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, seq INTEGER NOT NULL) STRICT",
)


def add_channels(db: Database) -> None:
    """Add channels, their secrets, deliveries with their attempts, and how far the log was looked at for them."""
    for statement in _CHANNELS:
        db.execute(statement)
