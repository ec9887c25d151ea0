"""The first tables of hub.db; what the columns mean is `core.records`, how they came to be as they are `migrations`.

Every table whose ids leave the hub has AUTOINCREMENT: an id is never reused. Devices are never deleted, only
marked, because their history and frames still on the way refer to them.
"""

import secrets
import sqlite3
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from noctule_hub.store.sqlite.connection import open_reader

META_EPOCH: Final = "epoch"
META_HUB_ID: Final = "hub_id"
META_LAST_BACKUP: Final = "last_backup_ms"

# Tables of what people configure, and of who may act.
_CONFIGURATION: Final = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    """CREATE TABLE site (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL COLLATE NOCASE,
        revision INTEGER NOT NULL DEFAULT 1,
        removed_ms INTEGER
    ) STRICT""",
    "CREATE UNIQUE INDEX site_name ON site(name) WHERE removed_ms IS NULL",
    """CREATE TABLE agent (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL COLLATE NOCASE,
        site_id INTEGER NOT NULL REFERENCES site(id),
        signing_key TEXT NOT NULL,
        sealing_key TEXT NOT NULL,
        version TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        revoked_ms INTEGER,
        last_seen_ms INTEGER,
        config_revision INTEGER NOT NULL DEFAULT 1
    ) STRICT""",
    "CREATE UNIQUE INDEX agent_name ON agent(name) WHERE revoked_ms IS NULL",
    """CREATE TABLE join_token (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        site_id INTEGER NOT NULL REFERENCES site(id),
        secret_hash TEXT NOT NULL,
        uses_left INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE device (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL COLLATE NOCASE,
        address TEXT NOT NULL,
        site_id INTEGER NOT NULL REFERENCES site(id),
        agent_id INTEGER REFERENCES agent(id),
        reachability TEXT NOT NULL,
        icmp_interval_s REAL,
        icmp_count INTEGER,
        icmp_spacing_s REAL,
        icmp_timeout_s REAL,
        icmp_thresholds TEXT,
        snmp_version TEXT,
        snmp_port INTEGER,
        snmp_interval_s REAL,
        snmp_failed_polls INTEGER,
        snmp_max_requests_per_s REAL,
        tags TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        revision INTEGER NOT NULL DEFAULT 1,
        removed_ms INTEGER
    ) STRICT""",
    "CREATE UNIQUE INDEX device_name ON device(site_id, name) WHERE removed_ms IS NULL",
    """CREATE UNIQUE INDEX device_address ON device(agent_id, address, ifnull(snmp_port, 0))
        WHERE removed_ms IS NULL AND agent_id IS NOT NULL""",
    "CREATE TABLE device_secret (device_id INTEGER PRIMARY KEY REFERENCES device(id), sealed BLOB NOT NULL) STRICT",
    """CREATE TABLE device_assignment (
        device_id INTEGER NOT NULL REFERENCES device(id),
        agent_id INTEGER NOT NULL REFERENCES agent(id),
        from_ms INTEGER NOT NULL,
        to_ms INTEGER
    ) STRICT""",
    "CREATE INDEX device_assignment_device ON device_assignment(device_id)",
    """CREATE TABLE user (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        username TEXT NOT NULL COLLATE NOCASE UNIQUE,
        password_hash TEXT NOT NULL,
        role TEXT NOT NULL,
        customer_id INTEGER,
        disabled INTEGER NOT NULL DEFAULT 0,
        min_issued_ms INTEGER NOT NULL DEFAULT 0,
        created_ms INTEGER NOT NULL,
        revision INTEGER NOT NULL DEFAULT 1
    ) STRICT""",
    """CREATE TABLE refresh_token (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        family TEXT NOT NULL,
        user_id INTEGER NOT NULL REFERENCES user(id),
        secret_hash TEXT NOT NULL UNIQUE,
        issued_ms INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL,
        used_ms INTEGER,
        revoked_ms INTEGER
    ) STRICT""",
    "CREATE INDEX refresh_token_family ON refresh_token(family)",
    """CREATE TABLE api_token (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL COLLATE NOCASE,
        role TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL,
        revoked_ms INTEGER
    ) STRICT""",
    "CREATE UNIQUE INDEX api_token_name ON api_token(name) WHERE revoked_ms IS NULL",
)

# Tables of what agents observe and what the engine concludes. The journal and what stands beside it has no
# foreign keys: what an agent sent is kept whatever became of the agent.
_OBSERVATION: Final = (
    """CREATE TABLE interface (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        device_id INTEGER NOT NULL REFERENCES device(id),
        identity TEXT NOT NULL,
        if_index INTEGER NOT NULL,
        inventory_rev INTEGER NOT NULL,
        if_name TEXT NOT NULL,
        if_descr TEXT NOT NULL,
        if_alias TEXT NOT NULL,
        if_type INTEGER NOT NULL,
        speed_bps INTEGER,
        if_admin_status TEXT NOT NULL,
        if_oper_status TEXT NOT NULL,
        polled INTEGER NOT NULL,
        state_ms INTEGER NOT NULL,
        removed_ms INTEGER
    ) STRICT""",
    "CREATE INDEX interface_device ON interface(device_id)",
    """CREATE TABLE binding (
        device_id INTEGER NOT NULL,
        if_index INTEGER NOT NULL,
        from_rev INTEGER NOT NULL,
        interface_id INTEGER NOT NULL,
        PRIMARY KEY (device_id, if_index, from_rev)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE series (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        object_id INTEGER NOT NULL,
        UNIQUE (kind, object_id)
    ) STRICT""",
    """CREATE TABLE device_state (
        device_id INTEGER PRIMARY KEY REFERENCES device(id),
        icmp TEXT NOT NULL,
        icmp_ms INTEGER NOT NULL,
        snmp TEXT NOT NULL,
        snmp_ms INTEGER NOT NULL,
        status TEXT NOT NULL,
        reason TEXT NOT NULL,
        since_ms INTEGER NOT NULL,
        underlying TEXT
    ) STRICT""",
    "CREATE TABLE canary (agent_id INTEGER PRIMARY KEY, level TEXT NOT NULL) STRICT",
    """CREATE TABLE agent_cursor (
        agent_id INTEGER PRIMARY KEY, epoch TEXT NOT NULL, next_seq INTEGER NOT NULL
    ) STRICT""",
    # received_ms and class stand before body, so that a scan by age never reads the bodies' overflow pages.
    """CREATE TABLE frame (
        agent_id INTEGER NOT NULL,
        epoch TEXT NOT NULL,
        seq INTEGER NOT NULL,
        received_ms INTEGER NOT NULL,
        class TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (agent_id, epoch, seq)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE rejected_frame (
        agent_id INTEGER NOT NULL,
        epoch TEXT NOT NULL,
        seq INTEGER NOT NULL,
        received_ms INTEGER NOT NULL,
        reason TEXT NOT NULL,
        message TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (agent_id, epoch, seq)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE gap (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        agent_id INTEGER NOT NULL,
        from_ms INTEGER NOT NULL,
        to_ms INTEGER NOT NULL,
        samples INTEGER,
        reason TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE event (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        data TEXT NOT NULL,
        rooms TEXT NOT NULL,
        observed_ms INTEGER NOT NULL,
        committed_ms INTEGER NOT NULL,
        device_id INTEGER,
        site_id INTEGER,
        late INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE alert (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL,
        rule TEXT NOT NULL,
        title TEXT NOT NULL,
        severity TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        started_ms INTEGER NOT NULL,
        fired_ms INTEGER,
        resolved_ms INTEGER,
        device_id INTEGER,
        interface_id INTEGER,
        agent_id INTEGER,
        site_id INTEGER,
        acknowledged_by TEXT,
        acknowledged_ms INTEGER,
        note TEXT
    ) STRICT""",
    "CREATE UNIQUE INDEX alert_key ON alert(key) WHERE state IN ('pending', 'firing')",
    "CREATE INDEX alert_started ON alert(started_ms)",
)


def core_tables(db: Database) -> None:
    """Make the first tables. Frozen: hubs run on them, so later changes are modules of `changes`."""
    for statement in (*_CONFIGURATION, *_OBSERVATION):
        db.execute(statement)
    for key, value in ((META_EPOCH, secrets.token_hex(8)), (META_HUB_ID, secrets.token_hex(16))):
        db.execute("INSERT INTO meta VALUES (?, ?)", [key, value])


def meta(connection: sqlite3.Connection, key: str) -> str:
    """Return one value of `meta`; every key is written by the first migration."""
    value: str = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0]
    return value


def highest_id(connection: sqlite3.Connection, table: str) -> int:
    """Return the highest id that a table with AUTOINCREMENT ever held, 0 for none; deleting rows does not lower it."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return 0 if row is None else int(row[0])


def set_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Change one value of `meta`."""
    connection.execute("UPDATE meta SET value = ? WHERE key = ?", (value, key))


def note_backup(connection: sqlite3.Connection, at_ms: int) -> None:
    """Remember that a whole backup was made."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (META_LAST_BACKUP, str(at_ms)))


def last_backup_ms(connection: sqlite3.Connection) -> int | None:
    """Return when the last whole backup was begun, epoch milliseconds; None: never."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (META_LAST_BACKUP,)).fetchone()
    return None if row is None else int(row[0])


def read_hub_id(path: Path) -> str | None:
    """Return the hub's id from a hub.db that may be in use; None when this user cannot read it."""
    try:
        connection = open_reader(path)
        try:
            return meta(connection, META_HUB_ID)
        finally:
            connection.close()
    except sqlite3.Error:
        return None
