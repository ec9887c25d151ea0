"""The history of devices' statuses in hub.db, written with the events that tell of it and kept longer than they are."""

import sqlite3
from collections.abc import Sequence

from noctule_shared.events import DeviceStatus, EventName

from noctule_hub.core.availability import StatusChange
from noctule_hub.core.records import NewEvent
from noctule_hub.store.sqlite.backed import Backed


def put_statuses(connection: sqlite3.Connection, events: Sequence[NewEvent], seqs: Sequence[int]) -> None:
    """Keep the changes of status that a commit's events tell."""
    connection.executemany(
        "INSERT INTO status_change VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                event.device_id,
                event.observed_ms,
                seq,
                event.data["status"],
                event.data["reason"],
                event.data.get("underlying"),
                event.late,
            )
            for event, seq in zip(events, seqs, strict=True)
            if event.name is EventName.DEVICE_STATUS and "status" in event.data
        ],
    )


def drop_statuses(connection: sqlite3.Connection, *, before_ms: int) -> None:
    """Forget the changes before a time, except each device's last one: it says what the device was then."""
    connection.execute(
        """DELETE FROM status_change WHERE observed_ms < ?1 AND EXISTS (
            SELECT 1 FROM status_change AS later WHERE later.device_id = status_change.device_id
            AND later.observed_ms < ?1
            AND (later.observed_ms, later.seq) > (status_change.observed_ms, status_change.seq))""",
        (before_ms,),
    )


class SqliteStatuses(Backed):
    """`Statuses` in SQLite."""

    async def status_changes(self, device_id: int, *, from_ms: int, to_ms: int, limit: int) -> list[StatusChange]:
        """Return the changes in `[from_ms, to_ms)` and the last one before, in the order of observation."""
        before = """SELECT observed_ms, status, reason, underlying, late FROM status_change
            WHERE device_id = ? AND observed_ms < ? ORDER BY observed_ms DESC, seq DESC LIMIT 1"""
        within = """SELECT observed_ms, status, reason, underlying, late FROM status_change
            WHERE device_id = ? AND observed_ms >= ? AND observed_ms < ? ORDER BY observed_ms, seq LIMIT ?"""

        def read(connection: sqlite3.Connection) -> list[StatusChange]:
            rows = connection.execute(before, (device_id, from_ms)).fetchall()
            rows += connection.execute(within, (device_id, from_ms, to_ms, limit)).fetchall()
            return [
                StatusChange(
                    row[0], DeviceStatus(row[1]), row[2], None if row[3] is None else DeviceStatus(row[3]), bool(row[4])
                )
                for row in rows
            ]

        return await self._readers.read(read)
