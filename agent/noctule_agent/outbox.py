"""The durable queue between measuring and delivering: one writer thread, and what to do when the file breaks.

What is stored how is `outbox_file.py`'s, what is evicted first `core/outbox.py`'s. A frame is durable when
`append` returns; seqs are contiguous from 1 within an epoch.
"""

import asyncio
import contextlib
import logging
import secrets
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from noctule_shared.link import MAX_REASON_CHARS

from noctule_agent.errors import DataDirError, OutboxUnavailable
from noctule_agent.outbox_file import OutboxFile
from noctule_agent.outbox_frames import Counts, EpochStart, Limits, NewFrame, OutboundFrame

MAINTENANCE_INTERVAL_S: Final = 60.0
# Broken files are kept for a person to look at; older ones go so that they cannot fill the disk.
MAX_SET_ASIDE: Final = 2
_SUFFIXES: Final = ("", "-wal", "-shm")
_CORRUPT: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _new_epoch() -> str:
    return secrets.token_hex(8)


class Outbox:
    """Frames that wait for the hub, and for a while those it has.

    `epoch` changes when the file was broken and begun anew, or by `restart_epoch`; the link must then say
    hello again. `changed` is set after every commit; the uplink clears it and reads.
    """

    def __init__(self, path: Path, limits: Limits, *, clock_ms: Callable[[], int] = _now_ms) -> None:
        self.changed = asyncio.Event()
        self.reset_count = 0
        self._path = path
        self._limits = limits
        self._clock_ms = clock_ms
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="outbox")
        self._file: OutboxFile | None = None
        self._counts: Counts | None = None
        self._acked_seq = 0
        self._ack_marks: deque[tuple[int, int]] = deque()
        # The epoch of the next file that has to be made.
        self._next_start = EpochStart(_new_epoch())

    async def open(self) -> None:
        """Open or create the file; a broken one is set aside and begun anew. Raises `DataDirError`."""
        await self._in_thread(self._open)

    @property
    def epoch(self) -> str:
        """The epoch of all seqs here, 16 hex digits."""
        return self.counts.epoch

    @property
    def counts(self) -> Counts:
        """What the outbox holds now, as of the last change."""
        if self._counts is None:
            raise RuntimeError("the outbox is not open")
        return self._counts

    @property
    def acked_seq(self) -> int:
        """The seq up to which the hub has everything."""
        return self._acked_seq

    async def append(self, frames: Sequence[NewFrame]) -> None:
        """Keep frames under the next seqs, all or none, durable on return.

        Raises `OutboxUnavailable` when they could not be written (disk full): nothing was kept.
        """
        await self._change(lambda file: file.append(frames, acked=self._acked_seq, now_ms=self._clock_ms()))

    async def read(self, from_seq: int, *, limit: int, max_bytes: int) -> list[OutboundFrame]:
        """Return contiguous frames from `from_seq` on; gap frames stand for what is no longer there.

        At least one frame when there is any, at most `limit`, stopping once `max_bytes` are reached.
        Raises `OutboxUnavailable`.
        """
        return await self._change(lambda file: file.read(from_seq, limit=limit, max_bytes=max_bytes), wake=False)

    async def digest(self, seq: int) -> str | None:
        """Return the digest of frame `seq`; None when it is not here, or only the hole that it left is.

        Raises `OutboxUnavailable`.
        """
        return await self._change(lambda file: file.digest(seq), wake=False)

    def acked(self, seq: int) -> None:
        """Note that the hub has all frames up to `seq`; written down with the next commit."""
        self._acked_seq = max(self._acked_seq, min(seq, self.counts.next_seq - 1))

    async def rewind(self, expected_seq: int) -> None:
        """Take acknowledgements from `expected_seq` on back: the hub was restored from a backup."""
        await self._change(lambda file: file.rewind(expected_seq))
        self._acked_seq = expected_seq - 1
        self._ack_marks.clear()

    async def restart_epoch(self, reason: str) -> None:
        """Move what is not acknowledged into a new epoch, from seq 1 on; `reason` is told to the hub."""
        start = EpochStart(_new_epoch(), reason)
        await self._change(lambda file: file.renumber(start, acked=self._acked_seq))
        self._acked_seq = 0
        self._ack_marks.clear()

    async def run(self) -> None:
        """Delete and evict by age every minute, until cancelled."""
        while True:
            await self.maintain()
            await asyncio.sleep(MAINTENANCE_INTERVAL_S)

    async def maintain(self) -> None:
        """Delete delivered frames past their time and evict those that are too old; failures wait for the next time."""
        now_ms = self._clock_ms()
        self._ack_marks.append((now_ms, self._acked_seq))
        expired = 0
        while self._ack_marks and self._ack_marks[0][0] <= now_ms - self._limits.acked_max_age_ms:
            expired = self._ack_marks.popleft()[1]
        acked = self._acked_seq
        with contextlib.suppress(OutboxUnavailable):
            await self._change(lambda file: file.maintain(acked=acked, expired_acked=expired, now_ms=now_ms))

    async def close(self) -> None:
        """Write the last acknowledgement down and let go of the file. Idempotent."""
        if self._file is not None:
            await self.maintain()
            await self._in_thread(self._close)
        self._thread.shutdown(wait=False)

    async def _change(self, work: Callable[[OutboxFile], _T], *, wake: bool = True) -> _T:
        try:
            result = await self._in_thread(lambda: self._guarded(work))
        finally:
            if wake:
                self.changed.set()
        return result

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _guarded(self, work: Callable[[OutboxFile], _T]) -> _T:
        if self._file is None:
            self._open_again()
        try:
            result = work(self._opened)
        except sqlite3.Error as error:
            if not _is_corrupt(error):
                raise OutboxUnavailable(f"outbox {self._path}: {error}") from error
            try:
                self._set_aside(error)
            except OSError as aside:
                raise OutboxUnavailable(f"outbox {self._path} is broken and cannot be set aside: {aside}") from aside
            self._open_again()
            raise OutboxUnavailable(f"outbox {self._path} was broken ({error}) and is begun anew") from error
        self._counts = self._opened.counts
        return result

    @property
    def _opened(self) -> OutboxFile:
        if self._file is None:
            raise RuntimeError("the outbox is not open")
        return self._file

    def _open(self) -> None:
        try:
            try:
                self._use(OutboxFile(self._path, self._limits, if_new=self._next_start))
            except sqlite3.Error as error:
                if not _is_corrupt(error) and not _is_foreign(error):
                    raise
                self._set_aside(error)
                self._use(OutboxFile(self._path, self._limits, if_new=self._next_start))
        except (sqlite3.Error, OSError) as error:
            raise DataDirError(f"cannot open the outbox {self._path}: {error}") from error

    def _open_again(self) -> None:
        """Open after a failure in operation: measuring goes on even when that fails."""
        try:
            self._open()
        except DataDirError as error:
            raise OutboxUnavailable(str(error)) from error

    def _use(self, file: OutboxFile) -> None:
        self._file, self._counts = file, file.counts
        self._next_start = EpochStart(_new_epoch())
        self._acked_seq = file.counts.settled_seq

    def _set_aside(self, error: sqlite3.Error) -> None:
        """Rename the broken file for a person to look at; what is opened next is empty and of a new epoch."""
        lost_from_ms = None if self._counts is None else self._counts.oldest_ms or self._clock_ms()
        reason = f"its file was broken: {error}"[:MAX_REASON_CHARS]
        self._next_start = EpochStart(_new_epoch(), reason, lost_from_ms)
        self._close()
        aside = self._path.with_name(f"{self._path.name}.corrupt-{self._clock_ms()}")
        for suffix in _SUFFIXES:
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self._path}{suffix}").rename(f"{aside}{suffix}")
        self._drop_old_copies()
        self.reset_count += 1
        self._ack_marks.clear()
        _log.error(
            "outbox %s is broken (%s): set aside as %s, begun anew; undelivered frames in it are lost",
            self._path, error, aside.name,
        )  # fmt: skip

    def _drop_old_copies(self) -> None:
        copies = sorted(
            copy for copy in self._path.parent.glob(f"{self._path.name}.corrupt-*") if copy.suffix.count("-") == 1
        )
        for copy in copies[:-MAX_SET_ASIDE]:
            for suffix in _SUFFIXES:
                Path(f"{copy}{suffix}").unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _is_corrupt(error: sqlite3.Error) -> bool:
    # The low byte is the primary code; extended ones such as SQLITE_CORRUPT_INDEX add to it.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _CORRUPT


def _is_foreign(error: sqlite3.Error) -> bool:
    """Whether the file is a database without our tables: as useless as a broken one."""
    return isinstance(error, sqlite3.OperationalError) and "no such" in str(error)
