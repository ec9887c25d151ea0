"""Which interfaces of a device are polled."""

from sqlite_utils import Database


def add_interface_filters(db: Database) -> None:
    """Add which interfaces are polled: JSON of an `InterfaceFilter`, only what differs from the defaults."""
    db.execute("ALTER TABLE device ADD COLUMN snmp_interfaces TEXT NOT NULL DEFAULT '{}'")
