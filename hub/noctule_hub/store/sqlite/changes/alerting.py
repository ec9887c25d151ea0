"""Rules of alerts as data, silences, and what an alert keeps of both."""

from typing import Final

from sqlite_utils import Database

_ALERTING: Final = (
    """CREATE TABLE alert_rule (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        condition TEXT NOT NULL,
        severity TEXT NOT NULL,
        for_ms INTEGER NOT NULL,
        trouble TEXT,
        selector TEXT NOT NULL,
        enabled INTEGER NOT NULL,
        created_ms INTEGER NOT NULL,
        revision INTEGER NOT NULL DEFAULT 1
    ) STRICT""",
    """INSERT INTO alert_rule (name, condition, severity, for_ms, trouble, selector, enabled, created_ms) VALUES
        ('device-offline', '{"kind":"device-offline"}', 'critical', 0, 'is down', '{}', 1, 0),
        ('agent-silent', '{"kind":"agent-silent"}', 'critical', 0, NULL, '{}', 1, 0),
        ('agent-contested', '{"kind":"agent-contested"}', 'critical', 0, NULL, '{}', 1, 0),
        ('interface-down', '{"kind":"interface-down"}', 'warning', 10000, 'is down', '{}', 1, 0)""",
    """CREATE TABLE silence (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        matchers TEXT NOT NULL,
        comment TEXT NOT NULL,
        starts_ms INTEGER NOT NULL,
        ends_ms INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        revision INTEGER NOT NULL DEFAULT 1
    ) STRICT""",
    "ALTER TABLE alert ADD COLUMN silenced_by TEXT",
    "ALTER TABLE alert ADD COLUMN acknowledged_until_ms INTEGER",
    "ALTER TABLE alert ADD COLUMN trouble TEXT",
    "UPDATE alert SET trouble = 'is down' WHERE rule IN ('device-offline', 'interface-down')",
)


def add_alerting(db: Database) -> None:
    """Add the rules that every hub had until now as data, silences, and until when an alert is acknowledged."""
    for statement in _ALERTING:
        db.execute(statement)
