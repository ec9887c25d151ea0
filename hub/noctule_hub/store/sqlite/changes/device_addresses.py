"""Devices found by their address: an import of thousands asks for each whether another one is polled there."""

from sqlite_utils import Database


def add_device_addresses(db: Database) -> None:
    """Index the addresses of devices that are not removed, those that nobody polls too."""
    db.execute("CREATE INDEX device_by_address ON device(address) WHERE removed_ms IS NULL")
