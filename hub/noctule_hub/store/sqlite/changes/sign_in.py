"""What sign-in keeps: sessions with their place of origin, rotations of programs' tokens, backoff, refusals."""

from typing import Final

from sqlite_utils import Database

_SIGN_IN: Final = (
    """CREATE TABLE session (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        user_id INTEGER NOT NULL REFERENCES user(id),
        created_ms INTEGER NOT NULL,
        seen_ms INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL,
        address TEXT,
        client TEXT NOT NULL,
        ended_ms INTEGER,
        end_reason TEXT,
        family TEXT
    ) STRICT""",
    "ALTER TABLE refresh_token RENAME TO former_refresh_token",
    "DROP INDEX refresh_token_family",
    """CREATE TABLE refresh_token (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        session_id INTEGER NOT NULL REFERENCES session(id),
        secret_hash TEXT NOT NULL UNIQUE,
        issued_ms INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL,
        used_ms INTEGER
    ) STRICT""",
    """INSERT INTO session (user_id, created_ms, seen_ms, expires_ms, client, ended_ms, end_reason, family)
        SELECT user_id, min(issued_ms), max(issued_ms), max(expires_ms), '', max(revoked_ms),
            CASE WHEN max(revoked_ms) IS NULL THEN NULL ELSE 'ended' END, family
        FROM former_refresh_token GROUP BY family ORDER BY min(id)""",
    """INSERT INTO refresh_token (session_id, secret_hash, issued_ms, expires_ms, used_ms)
        SELECT session.id, secret_hash, issued_ms, former_refresh_token.expires_ms, used_ms
        FROM former_refresh_token JOIN session USING (family)""",
    "DROP TABLE former_refresh_token",
    "ALTER TABLE session DROP COLUMN family",
    "CREATE INDEX session_user ON session(user_id)",
    "CREATE INDEX session_expires ON session(expires_ms)",
    "CREATE INDEX refresh_token_session ON refresh_token(session_id)",
    "ALTER TABLE api_token ADD COLUMN issued_ms INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE api_token ADD COLUMN former_issued_ms INTEGER",
    "ALTER TABLE api_token ADD COLUMN former_until_ms INTEGER",
    "UPDATE api_token SET issued_ms = created_ms",
    """CREATE TABLE sign_in_backoff (
        user_id INTEGER PRIMARY KEY REFERENCES user(id),
        failures INTEGER NOT NULL,
        last_ms INTEGER NOT NULL,
        blocked_until_ms INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE refusal (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        subject TEXT NOT NULL UNIQUE,
        before_ms INTEGER,
        reason TEXT NOT NULL,
        created_ms INTEGER NOT NULL
    ) STRICT""",
)


def add_sign_in(db: Database) -> None:
    """Add sessions, rotations of programs' tokens, backoff after failed sign-ins, and refused subjects."""
    for statement in _SIGN_IN:
        db.execute(statement)
