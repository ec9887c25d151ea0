"""What names devices and sites in a request must name some that are there."""

import sqlite3
from collections.abc import Iterable

from noctule_shared.errors import invalid


def check_devices(connection: sqlite3.Connection, device_ids: Iterable[int], field: str) -> None:
    """Raise `Refused` (invalid, `field`) for the first device that is not there."""
    for device_id in device_ids:
        if not connection.execute("SELECT 1 FROM device WHERE id = ? AND removed_ms IS NULL", (device_id,)).fetchone():
            raise invalid(field, f"there is no device {device_id}")


def check_sites(connection: sqlite3.Connection, site_ids: Iterable[int], field: str) -> None:
    """Raise `Refused` (invalid, `field`) for the first site that is not there."""
    for site_id in site_ids:
        if not connection.execute("SELECT 1 FROM site WHERE id = ? AND removed_ms IS NULL", (site_id,)).fetchone():
            raise invalid(field, f"there is no site {site_id}")
