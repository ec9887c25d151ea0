"""Network logs as rows: the table of the newest ones in hub.db, and the same columns in the files of all.

What a payload says anyway is kept once: most rows have no JSON at all. When rows leave is `log_keeper`'s.
"""

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
from noctule_shared.events import SEVERITY_NAMES, EventName
from noctule_shared.times import iso_from_ms

from noctule_hub.core.records import EventRow, NewEvent
from noctule_hub.core.rooms import rooms_of_event

Row = tuple[Any, ...]

# `rest` is what of the payload no column tells, JSON, and `rooms` those of an event that is not in the usual ones.
COLUMNS_SQL: Final = """seq INTEGER PRIMARY KEY, observed_ms INTEGER NOT NULL, committed_ms INTEGER NOT NULL,
    device_id INTEGER, site_id INTEGER, flags INTEGER NOT NULL, severity INTEGER, source TEXT, facility TEXT,
    address TEXT, device_name TEXT, message TEXT, rest TEXT, rooms TEXT"""
COLUMNS: Final = 14
INSERT: Final = f"VALUES ({', '.join('?' * COLUMNS)})"
COMMITTED_MS: Final = 2
OBSERVED_MS: Final = 1

_LATE: Final = 1
# `rest` holds the whole payload; the columns are only there to be searched.
_WHOLE: Final = 2
_TEXTS: Final = ("source", "facility", "address", "deviceName", "message")

_decode_data: Final = msgspec.json.Decoder(dict[str, Any]).decode
_decode_rooms: Final = msgspec.json.Decoder(tuple[str, ...]).decode


def pack(seq: int, event: NewEvent, now_ms: int) -> Row:
    """Return an event as a row."""
    data = event.data
    severity = data.get("severity")
    if type(severity) is not int:
        severity = None
    odd = (
        severity is None
        or data.get("deviceId") != event.device_id
        or ("deviceId" in data) is (event.device_id is None)
        or data.get("severityName") != _severity_name(severity)
        or data.get("timestamp") != _iso(event.observed_ms)
    )
    texts = [data.get(key) for key in _TEXTS]
    if any([type(text) is not str for text in texts]):  # noqa: C419  a list is twice as fast; thousands a second come here
        # One that is there and is no text makes the payload odd.
        odd = odd or any(key in data and type(data[key]) is not str for key in _TEXTS)
        texts = [text if type(text) is str else None for text in texts]
    rest: dict[str, Any] = data if odd else {}
    if not odd and not data.keys() <= _IN_COLUMNS:
        rest = {key: value for key, value in data.items() if key not in _IN_COLUMNS}
    usual = event.rooms == _usual_rooms(data.get("deviceId"))
    flags = (_LATE if event.late else 0) | (_WHOLE if odd else 0)
    return (
        seq,
        event.observed_ms,
        now_ms,
        event.device_id,
        event.site_id,
        flags,
        severity,
        *texts,
        msgspec.json.encode(rest).decode() if rest else None,
        None if usual else msgspec.json.encode(event.rooms).decode(),
    )


def unpack(row: Row) -> EventRow:
    """Return a row as the event that it was made of, value for value."""
    seq, observed_ms, committed_ms, device_id, site_id, flags, severity = row[:7]
    rest: dict[str, Any] = _decode_data(row[12]) if row[12] is not None else {}
    if flags & _WHOLE:
        data = rest
    else:
        data = {"timestamp": _iso(observed_ms), "severity": severity, "severityName": _severity_name(severity)}
        if device_id is not None:
            data["deviceId"] = device_id
        data |= {key: text for key, text in zip(_TEXTS, row[7:12], strict=True) if text is not None}
        data |= rest
    rooms = _usual_rooms(data.get("deviceId")) if row[13] is None else _decode_rooms(row[13])
    return EventRow(
        seq,
        EventName.NETWORK_LOG,
        data,
        rooms,
        observed_ms,
        committed_ms,
        device_id,
        site_id,
        late=bool(flags & _LATE),
    )


def read_logs(connection: sqlite3.Connection, *, after: int, limit: int) -> list[Row]:
    """Return up to `limit` rows above seq `after` that hub.db holds, in order."""
    query = "SELECT * FROM network_log WHERE seq > ? ORDER BY seq LIMIT ?"
    return connection.execute(query, (after, limit)).fetchall()


def insert_logs(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Add packed rows to hub.db."""
    connection.executemany(f"INSERT INTO network_log {INSERT}", rows)


_IN_COLUMNS: Final = frozenset({"timestamp", "deviceId", "severity", "severityName", *_TEXTS})

# Thousands of lines a second come from a few devices, and many in one millisecond.
_iso: Final = lru_cache(maxsize=4_096)(iso_from_ms)


def _usual_rooms(device_id: object) -> tuple[str, ...]:
    return _rooms_of_device(device_id) if type(device_id) is int else _NO_DEVICE_ROOMS


@lru_cache(maxsize=16_384)
def _rooms_of_device(device_id: int) -> tuple[str, ...]:
    return rooms_of_event(EventName.NETWORK_LOG, {"deviceId": device_id})


_NO_DEVICE_ROOMS: Final = rooms_of_event(EventName.NETWORK_LOG, {})


def _severity_name(severity: int) -> str | None:
    return SEVERITY_NAMES[severity] if 0 <= severity < len(SEVERITY_NAMES) else None
