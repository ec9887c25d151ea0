"""Customers, their services and payments."""

from typing import Final

from sqlite_utils import Database

_CUSTOMERS: Final = (
    """CREATE TABLE customer (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL COLLATE NOCASE UNIQUE,
        reference TEXT UNIQUE,
        timezone TEXT NOT NULL,
        note TEXT NOT NULL,
        state TEXT NOT NULL,
        suspension_reason TEXT,
        created_ms INTEGER NOT NULL,
        revision INTEGER NOT NULL DEFAULT 1
    ) STRICT""",
    """CREATE TABLE service (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        customer_id INTEGER NOT NULL REFERENCES customer(id),
        device_id INTEGER NOT NULL REFERENCES device(id),
        interface_id INTEGER,
        label TEXT NOT NULL COLLATE NOCASE,
        committed_bps INTEGER,
        since_ms INTEGER NOT NULL,
        revision INTEGER NOT NULL DEFAULT 1,
        UNIQUE (customer_id, label)
    ) STRICT""",
    "CREATE UNIQUE INDEX service_object ON service(device_id, ifnull(interface_id, 0))",
    """CREATE TABLE payment (
        payment_id TEXT PRIMARY KEY,
        customer_id INTEGER NOT NULL,
        status TEXT NOT NULL,
        amount TEXT,
        currency TEXT,
        occurred_ms INTEGER NOT NULL,
        received_ms INTEGER NOT NULL,
        updates INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX payment_customer ON payment(customer_id, payment_id)",
    """CREATE TABLE payment_update (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        payment_id TEXT NOT NULL,
        customer_id INTEGER NOT NULL,
        status TEXT NOT NULL,
        amount TEXT,
        currency TEXT,
        occurred_ms INTEGER NOT NULL,
        received_ms INTEGER NOT NULL,
        late INTEGER NOT NULL,
        subject TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX payment_update_payment ON payment_update(payment_id, occurred_ms)",
    "CREATE INDEX payment_update_received ON payment_update(received_ms)",
    """CREATE TABLE idempotency_key (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        subject TEXT NOT NULL,
        key TEXT NOT NULL,
        request_hash TEXT NOT NULL,
        answer TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        UNIQUE (subject, key)
    ) STRICT""",
    "CREATE INDEX idempotency_key_at ON idempotency_key(at_ms)",
    "ALTER TABLE alert ADD COLUMN inhibited_by TEXT",
)


def add_customers(db: Database) -> None:
    """Add customers, services, payments with their history, idempotency keys, and why an alert alarms nobody."""
    for statement in _CUSTOMERS:
        db.execute(statement)
