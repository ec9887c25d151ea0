"""The history of devices' statuses in hub.db, written with the events that tell of it and kept longer than they are."""

import sqlite3
from collections.abc import Sequence

import msgspec
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
            return [_change(*row) for row in rows]

        return await self._readers.read(read)

    async def status_changes_of(
        self, device_ids: Sequence[int], *, from_ms: int, to_ms: int, limit: int
    ) -> dict[int, list[StatusChange]]:
        """Return for each device what `status_changes` does, by one query.

        Devices that did not fit into `limit` changes of all have no entry, those without any change an empty one.
        """
        query = """SELECT change.device_id, change.observed_ms, status, reason, underlying, late
            FROM (SELECT DISTINCT value AS id FROM json_each(?1)) AS wanted
            JOIN status_change AS change ON change.device_id = wanted.id
            AND change.observed_ms < ?3 AND change.observed_ms >= coalesce(
                (SELECT max(observed_ms) FROM status_change AS before
                 WHERE before.device_id = wanted.id AND before.observed_ms < ?2), ?2)
            ORDER BY change.device_id, change.observed_ms, change.seq LIMIT ?4"""
        ids = msgspec.json.encode(device_ids).decode()

        def read(connection: sqlite3.Connection) -> dict[int, list[StatusChange]]:
            rows = connection.execute(query, (ids, from_ms, to_ms, limit + 1)).fetchall()
            # Rows are by device: with one too many, the last device's are not whole, and none are of those after it.
            whole = [one for one in device_ids if len(rows) <= limit or one < rows[-1][0]]
            found: dict[int, list[StatusChange]] = {one: [] for one in whole}
            for device_id, *row in rows:
                if device_id in found:
                    found[device_id].append(_change(*row))
            return found

        return await self._readers.read(read)


def _change(observed_ms: int, status: str, reason: str, underlying: str | None, late: int) -> StatusChange:
    return StatusChange(
        observed_ms, DeviceStatus(status), reason, None if underlying is None else DeviceStatus(underlying), bool(late)
    )
