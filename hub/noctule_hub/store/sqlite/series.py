"""Measurement history of one object: day files and the tail together."""

import sqlite3

import numpy as np
from noctule_shared.frames import TableName

from noctule_hub.core.series import BandwidthSeries, Floats, Ints, LatencySeries
from noctule_hub.store.errors import TooManyRowsError
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.columns import KINDS, StoredRows, from_columns, merged, no_rows


def series_id_of(connection: sqlite3.Connection, kind: str, object_id: int) -> int | None:
    """Return the id under which an object's rows of a kind are kept, None when it has none."""
    query = "SELECT id FROM series WHERE kind = ? AND object_id = ?"
    row = connection.execute(query, (kind, object_id)).fetchone()
    return None if row is None else int(row[0])


class SqliteSeries(Backed):
    """`Series` in SQLite. A row that is in a day file and in the tail is returned once."""

    async def latency(self, device_id: int, *, from_ms: int, to_ms: int, at_most: int | None = None) -> LatencySeries:
        """Return a device's latency rows in `[from_ms, to_ms)`, by time; none for an unknown device."""
        ts_ms, columns = await self._history(TableName.LATENCY, device_id, from_ms, to_ms, at_most)
        return LatencySeries(
            ts_ms=ts_ms,
            source=columns["source"].astype(np.uint8),
            sent=columns["sent"].astype(np.int64),
            received=columns["received"].astype(np.int64),
            rtt_min_s=columns["rtt_min_s"],
            rtt_p25_s=columns["rtt_p25_s"],
            rtt_median_s=columns["rtt_median_s"],
            rtt_p75_s=columns["rtt_p75_s"],
            rtt_max_s=columns["rtt_max_s"],
            rtt_mean_s=columns["rtt_mean_s"],
            rtt_mdev_s=columns["rtt_mdev_s"],
            ipdv_s=columns["ipdv_s"],
        )

    async def bandwidth(
        self, interface_id: int, *, from_ms: int, to_ms: int, at_most: int | None = None
    ) -> BandwidthSeries:
        """Return an interface's rows in `[from_ms, to_ms)`, by time; none for an unknown interface."""
        ts_ms, columns = await self._history(TableName.INTERFACE, interface_id, from_ms, to_ms, at_most)
        return BandwidthSeries(
            ts_ms=ts_ms,
            interval_s=columns["interval_s"],
            in_octets=columns["in_octets"],
            out_octets=columns["out_octets"],
            in_packets=columns["in_packets"],
            out_packets=columns["out_packets"],
            in_errors=columns["in_errors"],
            out_errors=columns["out_errors"],
            in_discards=columns["in_discards"],
            out_discards=columns["out_discards"],
            quality=columns["quality"].astype(np.uint8),
        )

    async def _history(
        self, table: TableName, object_id: int, from_ms: int, to_ms: int, at_most: int | None
    ) -> tuple[Ints, dict[str, Floats]]:
        def read(series_id: int | None) -> tuple[Ints, dict[str, Floats]]:
            # The tail first: a row on its way into a day file is then in both, never in neither.
            recent = self._tail.read(table, object_id, from_ms=from_ms, to_ms=to_ms)
            left = None if at_most is None else at_most - sum(len(columns["ts_ms"]) for columns in recent)
            if left is not None and left < 0:
                raise TooManyRowsError(f"more than {at_most} rows are in memory alone")
            stored: list[StoredRows] = []
            if series_id is not None:
                stored = self._days.read(table, series_id, from_ms=from_ms, to_ms=to_ms, at_most=left)
            parts = [no_rows(table), *stored, *(from_columns(table, columns) for columns in recent)]
            return merged(table, parts)

        return await self._readers.read_then(lambda db: series_id_of(db, KINDS[table], object_id), read)
