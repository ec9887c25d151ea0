"""The outbox as one SQLite file: frames in order, what was acknowledged, and where holes are.

Synchronous and for one thread only; `outbox.py` owns that thread and mends what breaks. Every change is one
transaction, durable when the call returns (WAL, synchronous=FULL).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from noctule_shared.frames import frame_digest

from noctule_agent.core.outbox import (
    EVICTION_SLACK_RATIO,
    REASON_PRUNED,
    Eviction,
    StoredFrame,
    Tombstone,
    bury,
    choose_for_age,
    choose_for_space,
    cover,
    cut,
    merge,
)
from noctule_agent.outbox_frames import Counts, EpochStart, Limits, NewFrame, OutboundFrame, gap_frame
from noctule_agent.outbox_schema import prepare

# What a row costs beside its body: keys, times and its share of the pages.
ROW_OVERHEAD_BYTES: Final = 100
BUSY_TIMEOUT_S: Final = 2.0
SENT_INDEX_DAYS: Final = 30
# One row of the index tells of so many frames: 30 days of one a second are 40,000 rows, and a hub that goes back into
# the middle of a row costs the exact count of no more than these.
INDEX_FRAMES: Final = 64
OUTBOX_NAME: Final = "outbox.db"
OUTBOX_FILES: Final = (OUTBOX_NAME, f"{OUTBOX_NAME}-wal", f"{OUTBOX_NAME}-shm")
_GAP: Final = "gap"


class OutboxFile:
    """One open outbox file. Methods raise sqlite3.Error and leave the file as it was when they do."""

    def __init__(self, path: Path, limits: Limits, *, if_new: EpochStart) -> None:
        """Open or create the file; `if_new` becomes its epoch when it is created.

        Raises sqlite3.Error when it cannot be read, `DataDirError` when a newer agent made it.
        """
        self._limits = limits
        self._db = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        try:
            prepare(self._db, path, if_new)
            meta = "SELECT epoch, acked, next_seq, reason, lost_from_ms FROM meta"
            self.counts = Counts(*self._db.execute(meta).fetchone())
            self._recount(self.counts)
        except BaseException:
            self._db.close()
            raise

    def append(self, frames: Sequence[NewFrame], *, acked: int, now_ms: int) -> None:
        """Keep frames with the next seqs, evicting as the limits demand; one transaction."""
        wanted_bytes = sum(len(frame.body) + ROW_OVERHEAD_BYTES for frame in frames)
        with self._transaction() as counts:
            acked = self._settle(counts, acked)
            self._make_room(counts, wanted_bytes, acked=acked, now_ms=now_ms)
            rows = [
                (self.counts.epoch, counts.next_seq + offset, counts.next_seq + offset, frame.frame_class.value, now_ms,
                 frame.from_ms, frame.to_ms, frame.rows, frame.body)
                for offset, frame in enumerate(frames)
            ]  # fmt: skip
            self._db.executemany(
                "INSERT INTO frame (epoch, seq, seq_to, class, made_ms, from_ms, to_ms, rows, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            counts.next_seq += len(frames)
            counts.backlog_frames += len(frames)
            counts.backlog_bytes += wanted_bytes
            self._db.execute("UPDATE meta SET next_seq = ?", (counts.next_seq,))

    def read(self, from_seq: int, *, limit: int, max_bytes: int) -> list[OutboundFrame]:
        """Return frames from `from_seq` on, contiguous: at most `limit` and, after the first, `max_bytes`.

        Where frames are no longer there, a gap frame stands for them.
        """
        found: list[OutboundFrame] = []
        size_bytes, seq = 0, from_seq
        for row in self._rows_from(from_seq, limit):
            frame_seq, seq_to, kind, from_ms, to_ms, rows, reason, body = row
            if seq_to < seq:
                continue
            if frame_seq > seq:
                found += [gap_frame(stone) for stone in self._pruned(seq, frame_seq - 1, before_ms=from_ms)]
            if kind == _GAP:
                stone = Tombstone(frame_seq, seq_to, from_ms, to_ms, rows, reason)
                found.append(gap_frame(cut(stone, max(seq, frame_seq))))
            else:
                found.append(OutboundFrame(frame_seq, seq_to, body))
            size_bytes += len(found[-1].body)
            seq = seq_to + 1
            if len(found) >= limit or size_bytes >= max_bytes:
                break
        if not found and from_seq < self.counts.next_seq:
            found += [gap_frame(stone) for stone in self._pruned(from_seq, self.counts.next_seq - 1, before_ms=0)]
        return found[:limit]

    def digest(self, seq: int) -> str | None:
        """Return the digest of frame `seq`, None when it is no longer there."""
        query = "SELECT body FROM frame WHERE epoch = ? AND seq = ? AND class != ?"
        row = self._db.execute(query, (self.counts.epoch, seq, _GAP)).fetchone()
        return None if row is None else frame_digest(row[0])

    def maintain(self, *, acked: int, expired_acked: int, now_ms: int) -> None:
        """Write the ack down, delete delivered frames up to `expired_acked`, evict what is too old."""
        cutoff_ms = now_ms - self._limits.max_age_ms
        with self._transaction() as counts:
            acked = self._settle(counts, acked)
            self._prune(counts, min(expired_acked, acked), free_bytes=counts.acked_bytes, now_ms=now_ms)
            old = self._stored("seq > ? AND class != 'gap' AND made_ms < ?", (acked, cutoff_ms))
            self._bury(counts, choose_for_age(old, cutoff_ms=cutoff_ms), acked=acked)
            self._db.execute("DELETE FROM sent WHERE deleted_ms < ?", (now_ms - SENT_INDEX_DAYS * 86_400_000,))

    def rewind(self, expected: int) -> None:
        """Take back acknowledgements from `expected` on: the hub no longer has those frames."""
        with self._transaction() as counts:
            self._db.execute("UPDATE meta SET acked = ?", (expected - 1,))
            counts.settled_seq = expected - 1
            self._recount(counts)

    def renumber(self, start: EpochStart, *, acked: int) -> None:
        """Begin an epoch: what is not acknowledged gets seqs from 1 on, the rest is forgotten."""
        with self._transaction() as counts:
            self._db.execute("DELETE FROM frame WHERE seq_to <= ?", (acked,))
            self._db.execute("UPDATE frame SET seq = ? WHERE seq <= ?", (acked + 1, acked))
            self._db.execute(
                "UPDATE frame SET epoch = ?, seq = seq - ?, seq_to = seq_to - ?", (start.epoch, acked, acked)
            )
            self._db.execute("DELETE FROM sent")
            counts.next_seq = max(1, counts.next_seq - acked)
            self._db.execute(
                "UPDATE meta SET epoch = ?, acked = 0, next_seq = ?, reason = ?, lost_from_ms = ?",
                (start.epoch, counts.next_seq, start.reason, start.lost_from_ms),
            )
            counts.epoch, counts.settled_seq = start.epoch, 0
            counts.epoch_reason, counts.lost_from_ms = start.reason, start.lost_from_ms
            self._recount(counts)

    def close(self) -> None:
        """Fold the write-ahead log in and close."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[Counts]:
        """Yield a copy of the counts that becomes the present ones only if the commit succeeds."""
        counts = replace(self.counts)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield counts
            self._first_and_oldest(counts)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self.counts = counts

    def _settle(self, counts: Counts, acked: int) -> int:
        """Write an acknowledgement down and return the seq up to which all is acknowledged."""
        if acked <= counts.settled_seq:
            return counts.settled_seq
        frames, size_bytes = self._db.execute(
            "SELECT count(*), coalesce(sum(length(body) + ?), 0) FROM frame WHERE epoch = ? AND seq > ? AND seq <= ?",
            (ROW_OVERHEAD_BYTES, counts.epoch, counts.settled_seq, acked),
        ).fetchone()
        counts.backlog_frames -= frames
        counts.backlog_bytes -= size_bytes
        counts.acked_bytes += size_bytes
        self._db.execute("UPDATE meta SET acked = ?", (acked,))
        counts.settled_seq = acked
        return acked

    def _make_room(self, counts: Counts, wanted_bytes: int, *, acked: int, now_ms: int) -> None:
        """Delete delivered frames, and if that is not enough evict others, so that `wanted_bytes` fit."""
        total_bytes = counts.backlog_bytes + counts.acked_bytes + wanted_bytes
        spare_bytes = max(counts.acked_bytes - self._limits.acked_max_bytes, total_bytes - self._limits.max_bytes)
        if spare_bytes > 0 and counts.acked_bytes > 0:
            slack_bytes = int(self._limits.acked_max_bytes * EVICTION_SLACK_RATIO)
            self._prune(counts, acked, free_bytes=spare_bytes + slack_bytes, now_ms=now_ms)
        excess_bytes = counts.backlog_bytes + counts.acked_bytes + wanted_bytes - self._limits.max_bytes
        if excess_bytes > 0:
            eviction = choose_for_space(
                self._stored("seq > ? AND class = 'measurements'", (acked,)),
                self._stored("seq > ? AND class = 'events'", (acked,)),
                excess_bytes=excess_bytes + int(self._limits.max_bytes * EVICTION_SLACK_RATIO),
            )
            self._bury(counts, eviction, acked=acked)

    def _prune(self, counts: Counts, up_to: int, *, free_bytes: int, now_ms: int) -> None:
        """Delete delivered frames up to `up_to`, oldest first, until `free_bytes` are freed."""
        doomed: list[StoredFrame] = []
        freed_bytes = 0
        for frame in self._stored("seq <= ?", (up_to,)):
            if freed_bytes >= free_bytes:
                break
            doomed.append(frame)
            freed_bytes += frame.size_bytes
        if not doomed:
            return
        for start in range(0, len(doomed), INDEX_FRAMES):
            part = doomed[start : start + INDEX_FRAMES]
            seq_to, rows = self._db.execute(
                "SELECT max(seq_to), CASE WHEN count(rows) = count(*) THEN sum(rows) END FROM frame"
                " WHERE epoch = ? AND seq >= ? AND seq <= ?",
                (self.counts.epoch, part[0].seq, part[-1].seq),
            ).fetchone()
            self._db.execute(
                "INSERT OR REPLACE INTO sent VALUES (?, ?, ?, ?, ?, ?, ?)",
                (self.counts.epoch, part[0].seq, seq_to, min(f.from_ms for f in part), max(f.to_ms for f in part),
                 rows, now_ms),
            )  # fmt: skip
        self._db.execute("DELETE FROM frame WHERE epoch = ? AND seq <= ?", (self.counts.epoch, doomed[-1].seq))
        counts.acked_bytes -= freed_bytes

    def _bury(self, counts: Counts, eviction: Eviction, *, acked: int) -> None:
        """Replace evicted frames by merged gap rows."""
        if not eviction.frames:
            return
        first, last = eviction.frames[0].seq, eviction.frames[-1].seq
        touching = [
            Tombstone(*row)
            for row in self._db.execute(
                "SELECT seq, seq_to, from_ms, to_ms, rows, reason FROM frame"
                " WHERE epoch = ? AND class = 'gap' AND seq > ? AND seq <= ? AND seq_to >= ?",
                (self.counts.epoch, acked, last + 1, first - 1),
            )
        ]
        gone = [frame.seq for frame in eviction.frames] + [stone.seq_from for stone in touching]
        self._db.executemany(
            "DELETE FROM frame WHERE epoch = ? AND seq = ?", [(self.counts.epoch, seq) for seq in gone]
        )
        stones = merge(touching + bury(eviction))
        self._db.executemany(
            "INSERT INTO frame (epoch, seq, seq_to, class, made_ms, from_ms, to_ms, rows, reason, body)"
            " VALUES (?, ?, ?, 'gap', ?, ?, ?, ?, ?, x'')",
            [(self.counts.epoch, s.seq_from, s.seq_to, s.to_ms, s.from_ms, s.to_ms, s.rows, s.reason) for s in stones],
        )
        counts.backlog_frames += len(stones) - len(gone)
        counts.backlog_bytes += ROW_OVERHEAD_BYTES * (len(stones) - len(touching)) - eviction.freed_bytes
        counts.evicted_frames += len(eviction.frames)
        counts.evicted_rows += sum(frame.rows for frame in eviction.frames)
        counts.evicted_event_frames += sum(frame.is_event for frame in eviction.frames)

    def _stored(self, where: str, values: tuple[int, ...]) -> Iterator[StoredFrame]:
        # `where` is one of this module's own literals, its values are bound.
        for row in self._db.execute(
            f"SELECT seq, made_ms, from_ms, to_ms, coalesce(rows, 0), length(body) + {ROW_OVERHEAD_BYTES},"  # noqa: S608  literals of this module
            f" class = 'events' FROM frame WHERE epoch = ? AND {where} ORDER BY seq",
            (self.counts.epoch, *values),
        ):
            yield StoredFrame(*row)

    def _rows_from(self, from_seq: int, limit: int) -> Iterator[tuple[int, int, str, int, int, int | None, str, bytes]]:
        yield from self._db.execute(
            "SELECT seq, seq_to, class, from_ms, to_ms, rows, reason, body FROM frame WHERE epoch = ?1"
            " AND seq >= coalesce((SELECT max(seq) FROM frame WHERE epoch = ?1 AND seq <= ?2), ?2)"
            " ORDER BY seq LIMIT ?3",
            (self.counts.epoch, from_seq, limit + 1),
        )

    def _pruned(self, seq_from: int, seq_to: int, *, before_ms: int) -> list[Tombstone]:
        """Return what the index of delivered and deleted frames knows of a range, as contiguous gaps."""
        known = [
            Tombstone(*row)
            for row in self._db.execute(
                f"SELECT seq_from, seq_to, from_ms, to_ms, rows, '{REASON_PRUNED}' FROM sent"  # noqa: S608  a literal
                " WHERE epoch = ? AND seq_from <= ? AND seq_to >= ? ORDER BY seq_from",
                (self.counts.epoch, seq_to, seq_from),
            )
        ]
        return cover(known, seq_from, seq_to, before_ms=before_ms)

    def _recount(self, counts: Counts) -> None:
        counts.backlog_frames, counts.backlog_bytes, counts.acked_bytes = self._db.execute(
            "SELECT count(*) FILTER (WHERE seq > ?1), coalesce(sum(length(body) + ?2) FILTER (WHERE seq > ?1), 0),"
            " coalesce(sum(length(body) + ?2) FILTER (WHERE seq <= ?1), 0) FROM frame WHERE epoch = ?3",
            (counts.settled_seq, ROW_OVERHEAD_BYTES, counts.epoch),
        ).fetchone()
        self._first_and_oldest(counts)

    def _first_and_oldest(self, counts: Counts) -> None:
        counts.first_seq, counts.oldest_ms = self._db.execute(
            "SELECT coalesce((SELECT min(seq) FROM frame WHERE epoch = ?1), ?3),"
            " (SELECT from_ms FROM frame WHERE epoch = ?1 AND seq > ?2 ORDER BY seq LIMIT 1)",
            (counts.epoch, counts.settled_seq, counts.next_seq),
        ).fetchone()
