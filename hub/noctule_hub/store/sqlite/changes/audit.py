"""The audit log: who changed what."""

from sqlite_utils import Database


def add_audit(db: Database) -> None:
    """Add the audit log, found by time and by what was changed."""
    db.execute(
        """CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at_ms INTEGER NOT NULL,
            subject TEXT NOT NULL,
            actor TEXT NOT NULL,
            address TEXT,
            action TEXT NOT NULL,
            kind TEXT NOT NULL,
            object_id INTEGER,
            name TEXT NOT NULL,
            before TEXT,
            after TEXT
        ) STRICT"""
    )
    db.execute("CREATE INDEX audit_object ON audit(kind, object_id)")
