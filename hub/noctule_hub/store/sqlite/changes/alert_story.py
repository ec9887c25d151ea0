"""The story of alerts, step by step, and rules as they were before they were changed."""

from typing import Final

from sqlite_utils import Database

_STORY: Final = (
    """CREATE TABLE alert_step (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        alert_id INTEGER NOT NULL REFERENCES alert(id),
        step TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX alert_step_alert ON alert_step(alert_id, id)",
    "ALTER TABLE alert ADD COLUMN steps_dropped INTEGER NOT NULL DEFAULT 0",
    """CREATE TABLE alert_rule_version (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        revision INTEGER NOT NULL,
        until_ms INTEGER NOT NULL,
        rule TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX alert_rule_version_name ON alert_rule_version(name, revision)",
    "CREATE INDEX alert_forgotten ON alert(started_ms) WHERE state = 'inactive'",
    "CREATE INDEX alert_device ON alert(device_id, id)",
    "CREATE INDEX alert_assignee ON alert(assignee ->> 'userId', id) WHERE assignee IS NOT NULL",
    "CREATE INDEX delivery_of_alert ON delivery(alert_id)",
)


def add_alert_story(db: Database) -> None:
    """Add tables that are empty at first: of alerts of before no more is known than what they are."""
    for statement in _STORY:
        db.execute(statement)
