"""Network logs get a table of their own, and each class of the log a floor."""

from sqlite_utils import Database

_STATEMENTS = (
    """CREATE TABLE network_log (
        seq INTEGER PRIMARY KEY, observed_ms INTEGER NOT NULL, committed_ms INTEGER NOT NULL,
        device_id INTEGER, site_id INTEGER, flags INTEGER NOT NULL, severity INTEGER, source TEXT, facility TEXT,
        address TEXT, device_name TEXT, message TEXT, rest TEXT, rooms TEXT
    ) STRICT""",
    """INSERT INTO network_log
        SELECT seq, observed_ms, committed_ms, device_id, site_id, late | 2,
            CASE json_type(data, '$.severity') WHEN 'integer' THEN json_extract(data, '$.severity') END,
            CASE json_type(data, '$.source') WHEN 'text' THEN json_extract(data, '$.source') END,
            CASE json_type(data, '$.facility') WHEN 'text' THEN json_extract(data, '$.facility') END,
            CASE json_type(data, '$.address') WHEN 'text' THEN json_extract(data, '$.address') END,
            CASE json_type(data, '$.deviceName') WHEN 'text' THEN json_extract(data, '$.deviceName') END,
            CASE json_type(data, '$.message') WHEN 'text' THEN json_extract(data, '$.message') END,
            data, rooms
        FROM event WHERE name = 'network:log' AND rooms LIKE '["logs"%'""",
    "DELETE FROM event WHERE seq IN (SELECT seq FROM network_log)",
    "CREATE TABLE log_floor (class TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "INSERT INTO log_floor VALUES ('events', 0), ('logs', 0)",
)


def add_network_log(db: Database) -> None:
    """Move network logs into a table of their own, and keep how far each class of the log has been dropped."""
    for statement in _STATEMENTS:
        db.execute(statement)
