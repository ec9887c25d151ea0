"""Changes of hub.db's tables after the first schema, one function each; their order is `schema.MIGRATIONS`."""

from typing import Final

from sqlite_utils import Database

_AGENT_LINK: Final = (
    "ALTER TABLE agent_cursor RENAME TO former_cursor",
    """CREATE TABLE agent_cursor (
        agent_id INTEGER NOT NULL, epoch TEXT NOT NULL, next_seq INTEGER NOT NULL, moved_ms INTEGER NOT NULL,
        told_ms INTEGER NOT NULL,
        PRIMARY KEY (agent_id, epoch)
    ) STRICT, WITHOUT ROWID""",
    "INSERT INTO agent_cursor SELECT agent_id, epoch, next_seq, 0, 0 FROM former_cursor",
    "DROP TABLE former_cursor",
    "ALTER TABLE agent ADD COLUMN config_floor INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE agent ADD COLUMN next_signing_key TEXT",
    "ALTER TABLE agent ADD COLUMN next_sealing_key TEXT",
    """CREATE TABLE config_change (
        agent_id INTEGER NOT NULL, device_id INTEGER NOT NULL, revision INTEGER NOT NULL,
        PRIMARY KEY (agent_id, device_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX gap_agent ON gap(agent_id, to_ms)",
)


def add_interface_filters(db: Database) -> None:
    """Add which interfaces are polled: JSON of an `InterfaceFilter`, only what differs from the defaults."""
    db.execute("ALTER TABLE device ADD COLUMN snmp_interfaces TEXT NOT NULL DEFAULT '{}'")


def add_discovered(db: Database) -> None:
    """Add the system groups of devices, and their LLDP neighbours in the order of their ports."""
    db.execute(
        """CREATE TABLE device_system (
            device_id INTEGER PRIMARY KEY,
            sys_name TEXT,
            sys_descr TEXT,
            sys_object_id TEXT,
            sys_location TEXT,
            sys_contact TEXT,
            seen_ms INTEGER NOT NULL
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE neighbour (
            device_id INTEGER NOT NULL,
            position INTEGER NOT NULL,
            interface_id INTEGER,
            local_port TEXT NOT NULL,
            chassis_id_subtype INTEGER NOT NULL,
            chassis_id TEXT NOT NULL,
            port_id_subtype INTEGER NOT NULL,
            port_id TEXT NOT NULL,
            port_descr TEXT NOT NULL,
            sys_name TEXT NOT NULL,
            seen_ms INTEGER NOT NULL,
            PRIMARY KEY (device_id, position)
        ) STRICT, WITHOUT ROWID"""
    )


def add_agent_link(db: Database) -> None:
    """Add what the agent link keeps: a cursor for each epoch, changes of device lists, announced keys."""
    for statement in _AGENT_LINK:
        db.execute(statement)
    # What changed before is not known: agents of an older revision get the whole list.
    db.execute("UPDATE agent SET config_floor = config_revision")
