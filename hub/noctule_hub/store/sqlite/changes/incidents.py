"""Incidents, and the devices that could not be reached because of them."""

from typing import Final

from sqlite_utils import Database

_TABLES: Final = (
    """CREATE TABLE incident (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        cause TEXT,
        root_alert_id INTEGER NOT NULL,
        site_id INTEGER,
        started_ms INTEGER NOT NULL,
        ended_ms INTEGER,
        alerts INTEGER NOT NULL,
        merged_into INTEGER
    ) STRICT""",
    "CREATE INDEX incident_open ON incident(id) WHERE ended_ms IS NULL",
    """CREATE TABLE incident_device (
        incident_id INTEGER NOT NULL REFERENCES incident(id),
        device_id INTEGER NOT NULL,
        PRIMARY KEY (incident_id, device_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX alert_incident ON alert(json_extract(incident, '$.id')) WHERE incident IS NOT NULL",
)


def add_incidents(db: Database) -> None:
    """Add the tables, empty: alerts that fire already are in no incident."""
    for statement in _TABLES:
        db.execute(statement)
