"""History in steps of one object: rollup files, and for what is not projected yet the raw rows, tail included."""

import sqlite3

import numpy as np
from noctule_shared.frames import TableName

from noctule_hub.core.alerting.usual import BIN_MS, DelayHistory
from noctule_hub.core.commit import GapRow
from noctule_hub.core.resolution import DAY_MS, FIVE_MINUTES_MS, STEP_MS, Reach, Resolution
from noctule_hub.core.rollups import Rollup, combined, empty, of_rows
from noctule_hub.core.series import Ints
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.columns import KINDS, StoredRows, from_columns, joined, no_rows
from noctule_hub.store.sqlite.metric_files import start_of
from noctule_hub.store.sqlite.series import series_id_of
from noctule_hub.store.sqlite.tail import Columns


class SqliteHistory(Backed):
    """`History` in SQLite.

    What the tail holds is read before any file. A step that a row of it falls into is derived from raw rows, where
    one that has meanwhile reached a day file is known by its time and counted once; all other steps are whole in the
    rollup files. So no moment of a projection shows.
    """

    async def rollup(
        self, table: TableName, object_id: int, resolution: Resolution, *, from_ms: int, to_ms: int
    ) -> Rollup:
        """Return the steps of one device or interface that touch `[from_ms, to_ms)`, by time."""
        step_ms = STEP_MS[resolution]
        # The steps whole, also the one that the range ends in.
        span = from_ms // step_ms * step_ms, -(-to_ms // step_ms) * step_ms

        def read(series_id: int | None) -> Rollup:
            if series_id is None:
                return empty(table)
            recent = self._tail.read(table, object_id, from_ms=span[0], to_ms=span[1])
            if resolution is Resolution.FIVE_MINUTES:
                return self._fine(table, series_id, recent, *span)
            return self._coarse(table, series_id, resolution, recent, *span)

        return await self._readers.read_then(lambda db: series_id_of(db, KINDS[table], object_id), read)

    async def delays(self, *, from_ms: int, to_ms: int) -> DelayHistory:
        """Return what rounds of all devices came to in the bins that begin in `[from_ms, to_ms)`, as projected."""

        def read(devices: dict[int, int]) -> DelayHistory:
            known = np.array(sorted(devices), np.int64)
            bins_of = range(-(-from_ms // BIN_MS), -(-to_ms // BIN_MS))
            series_ids, bins, rtt_sum_ns, rounds = self._days.rollups.read_delays(bins_of, step_ms=BIN_MS)
            known_rows = np.isin(series_ids, known)
            of_series = np.array([devices[series_id] for series_id in known.tolist()], np.int64)
            device_ids = of_series[np.searchsorted(known, series_ids[known_rows])]
            return DelayHistory(device_ids, bins[known_rows], rtt_sum_ns[known_rows] / 1e9, rounds[known_rows])

        query = "SELECT id, object_id FROM series WHERE kind = ?"
        kind = KINDS[TableName.LATENCY]
        return await self._readers.read_then(lambda db: dict(db.execute(query, (kind,)).fetchall()), read)

    async def reach(self) -> Reach:
        """Return from when on there are rows of each resolution; what is in memory alone is younger than any."""
        known = self._days.known_reach()
        return known if known is not None else await self._readers.call(self._days.reach)

    async def device_gaps(self, device_id: int, *, from_ms: int, to_ms: int, limit: int) -> list[GapRow]:
        """Return holes in the data of a device's agents while it was theirs, newest first."""
        query = """WITH span AS (
                SELECT agent_id, from_ms, ifnull(to_ms, ?3) AS to_ms FROM device_assignment WHERE device_id = ?1)
            SELECT gap.agent_id, max(gap.from_ms, span.from_ms), min(gap.to_ms, span.to_ms), samples, reason
            FROM span JOIN gap ON gap.agent_id = span.agent_id AND gap.to_ms > max(span.from_ms, ?2)
                AND gap.from_ms < min(span.to_ms, ?3)
            ORDER BY 3 DESC, gap.id DESC LIMIT ?4"""
        values = (device_id, from_ms, to_ms, limit)
        return await self._readers.read(lambda connection: [GapRow(*row) for row in connection.execute(query, values)])

    async def device_of_interface(self, interface_id: int) -> int | None:
        """Return the device of an interface that is or was, None when there never was such an interface."""

        def read(connection: sqlite3.Connection) -> int | None:
            row = connection.execute("SELECT device_id FROM interface WHERE id = ?", (interface_id,)).fetchone()
            return None if row is None else int(row[0])

        return await self._readers.read(read)

    def _fine(self, table: TableName, series_id: int, recent: list[Columns], from_ms: int, to_ms: int) -> Rollup:
        """Return the steps of 5 minutes in a range of whole ones; `recent` may hold rows outside of it."""
        touched = _touched(recent, FIVE_MINUTES_MS)
        touched = touched[(touched >= from_ms) & (touched < to_ms)]
        stored = self._days.rollups.read(table, series_id, Resolution.FIVE_MINUTES, from_ms=from_ms, to_ms=to_ms)
        if not len(touched):
            return stored
        rows = self._raw(table, series_id, recent, int(touched[0]), int(touched[-1]) + FIVE_MINUTES_MS)
        derived = of_rows(table, np.full(len(rows.ts_ms), series_id), rows.ts_ms, rows.named(table), FIVE_MINUTES_MS)
        derived = derived.where(np.isin(derived.bucket_ms, touched))
        return combined(table, _fullest(stored, derived), FIVE_MINUTES_MS)

    def _coarse(  # noqa: PLR0917  a series, its resolution and its range
        self,
        table: TableName,
        series_id: int,
        resolution: Resolution,
        recent: list[Columns],
        from_ms: int,
        to_ms: int,
    ) -> Rollup:
        """Return hours or days: of days that are not derived, or have rows in the tail, from 5 minutes."""
        stale = {start_of(day) for day in self._days.rollups.stale_days()}
        days = stale | set(_touched(recent, DAY_MS).tolist())
        found = [
            self._fine(table, series_id, recent, max(from_ms, start_ms), min(to_ms, start_ms + DAY_MS))
            for start_ms in sorted(days)
            if start_ms < to_ms and start_ms + DAY_MS > from_ms
        ]
        stored = self._days.rollups.read(table, series_id, resolution, from_ms=from_ms, to_ms=to_ms)
        kept = stored.where(~np.isin(stored.bucket_ms // DAY_MS * DAY_MS, list(days)))
        return combined(table, [kept, *found], STEP_MS[resolution])

    def _raw(self, table: TableName, series_id: int, recent: list[Columns], from_ms: int, to_ms: int) -> StoredRows:
        stored = self._days.read(table, series_id, from_ms=from_ms, to_ms=to_ms)
        return joined([no_rows(table), *stored, *(from_columns(table, columns) for columns in recent)])


def _touched(recent: list[Columns], step_ms: int) -> Ints:
    """Return the steps that rows of the tail fall into, by time."""
    if not recent:
        return np.empty(0, np.int64)
    return np.unique(np.concatenate([columns["ts_ms"] for columns in recent]).astype(np.int64) // step_ms * step_ms)


def _fullest(stored: Rollup, derived: Rollup) -> list[Rollup]:
    """Return of each step that both have the one with more rows: raw rows may have been dropped, rollups kept."""
    _, at_stored, at_derived = np.intersect1d(stored.bucket_ms, derived.bucket_ms, return_indices=True)
    fuller = stored.columns["n"][at_stored] > derived.columns["n"][at_derived]
    kept, taken = np.ones(len(stored.bucket_ms), np.bool_), np.ones(len(derived.bucket_ms), np.bool_)
    kept[at_stored[~fuller]] = False
    taken[at_derived[fuller]] = False
    return [stored.where(kept), derived.where(taken)]
