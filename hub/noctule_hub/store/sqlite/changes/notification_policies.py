"""Notification policies, how far each alert has come by them, messages of groups, and how channels do."""

from typing import Final

from sqlite_utils import Database

_POLICIES: Final = (
    """CREATE TABLE notification_policy (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL COLLATE NOCASE UNIQUE,
        fields TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        revision INTEGER NOT NULL DEFAULT 1
    ) STRICT""",
    """INSERT INTO notification_policy (id, name, fields, created_ms) VALUES (1, 'default',
        '{"name":"default","steps":[{"after_s":0,"channel_ids":null}],"repeat_s":null,"recovery":true,'
        || '"group_by":"none","group_wait_s":10,"template":{"title":null,"text":null}}',
        0)""",
    "ALTER TABLE alert_rule ADD COLUMN policy_id INTEGER REFERENCES notification_policy(id)",
    """CREATE TABLE escalation (
        alert_id INTEGER PRIMARY KEY,
        alert TEXT NOT NULL,
        seq INTEGER NOT NULL,
        rang_ms INTEGER,
        taken_s INTEGER NOT NULL,
        told_ms INTEGER,
        occasions INTEGER NOT NULL,
        next_ms INTEGER
    ) STRICT""",
    "CREATE INDEX escalation_due ON escalation(next_ms) WHERE next_ms IS NOT NULL",
    """CREATE TABLE channel_state (
        channel_id INTEGER PRIMARY KEY REFERENCES channel(id),
        last_ms INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        failing_since_ms INTEGER
    ) STRICT""",
)
# One event may now be told on one channel several times: what is unique of a delivery cannot be altered in place.
_DELIVERIES: Final = (
    """CREATE TABLE new_delivery (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        channel_id INTEGER NOT NULL REFERENCES channel(id),
        seq INTEGER NOT NULL,
        epoch TEXT NOT NULL,
        alert_id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        alert TEXT NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        refusals INTEGER NOT NULL DEFAULT 0,
        created_ms INTEGER NOT NULL,
        begun_ms INTEGER NOT NULL,
        next_ms INTEGER,
        outcome TEXT,
        public_id TEXT NOT NULL,
        policy_id INTEGER NOT NULL DEFAULT 1,
        occasion INTEGER NOT NULL DEFAULT 0,
        bundle TEXT,
        gathering TEXT,
        topic TEXT,
        joinable INTEGER NOT NULL DEFAULT 0,
        UNIQUE (channel_id, epoch, seq, occasion)
    ) STRICT""",
    """INSERT INTO new_delivery (id, channel_id, seq, epoch, alert_id, kind, alert, state, attempts, created_ms,
            begun_ms, next_ms, outcome, public_id, bundle, gathering)
        SELECT id, channel_id, seq, epoch, alert_id, kind, alert, state, attempts, created_ms, begun_ms,
            next_ms, outcome, public_id, bundle, iif(bundle IS NULL, NULL, 'summary') FROM delivery""",
    """CREATE TABLE new_delivery_attempt (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        delivery_id INTEGER NOT NULL REFERENCES new_delivery(id),
        at_ms INTEGER NOT NULL,
        delivered INTEGER NOT NULL,
        outcome TEXT NOT NULL
    ) STRICT""",
    "INSERT INTO new_delivery_attempt SELECT id, delivery_id, at_ms, delivered, outcome FROM delivery_attempt",
    "DROP TABLE delivery_attempt",
    "DROP TABLE delivery",
    "ALTER TABLE new_delivery RENAME TO delivery",
    "ALTER TABLE new_delivery_attempt RENAME TO delivery_attempt",
    "CREATE INDEX delivery_waiting ON delivery(channel_id, next_ms) WHERE next_ms IS NOT NULL",
    "CREATE INDEX delivery_alert ON delivery(channel_id, alert_id)",
    "CREATE INDEX delivery_message ON delivery(ifnull(bundle, public_id))",
    "CREATE INDEX delivery_state ON delivery(state, id)",
    "CREATE INDEX delivery_topic ON delivery(channel_id, topic, created_ms) WHERE topic IS NOT NULL",
    "CREATE INDEX delivery_joinable ON delivery(channel_id, topic) WHERE joinable",
    "CREATE INDEX delivery_waiting_alert ON delivery(alert_id) WHERE next_ms IS NOT NULL",
    "CREATE INDEX delivery_attempt_delivery ON delivery_attempt(delivery_id)",
)


def add_notification_policies(db: Database) -> None:
    """Add policies with the one that every hub has; what was queued goes on as it was."""
    for statement in (*_POLICIES, *_DELIVERIES):
        db.execute(statement)
