"""What devices say of themselves and hear of others."""

from sqlite_utils import Database


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
