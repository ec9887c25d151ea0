"""The history of devices' statuses, which outlives the event log."""

from sqlite_utils import Database


def add_status_history(db: Database) -> None:
    """Add the changes of status by device and time, with those that the event log still holds."""
    db.execute(
        """CREATE TABLE status_change (
            device_id INTEGER NOT NULL,
            observed_ms INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            status TEXT NOT NULL,
            reason TEXT NOT NULL,
            underlying TEXT,
            late INTEGER NOT NULL,
            PRIMARY KEY (device_id, observed_ms, seq)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute(
        """INSERT INTO status_change
            SELECT device_id, observed_ms, seq, data ->> 'status', data ->> 'reason', data ->> 'underlying', late
            FROM event WHERE name = 'device:status' AND device_id IS NOT NULL
            AND data ->> 'status' IS NOT NULL AND data ->> 'reason' IS NOT NULL AND data ->> 'test' IS NULL"""
    )
