"""DATA/logs/SEQ.db: network logs with an index of their words, a file for each day or `MAX_FILE_ROWS`.

Copied from hub.db in bulk, so that no commit waits for an index; retention unlinks whole files. The index has a second
column of words for device, site, severity, source and facility: what is asked for together is intersected there.
Like day files they keep a rollback journal: what is copied is on the disk before hub.db lets go of it.
"""

import contextlib
import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from noctule_hub.core.resolution import DAY_MS
from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite.connection import open_writer, store_error
from noctule_hub.store.sqlite.metric_files import sync_folder
from noctule_hub.store.sqlite.network_log import COLUMNS_SQL, COMMITTED_MS, INSERT, OBSERVED_MS, Row

MAX_FILE_ROWS: Final = 250_000
MAX_FILE_BYTES: Final = 64 * 1024 * 1024
SCHEMA: Final = 1
_CACHE_KIB: Final = 16 * 1024
_DIGITS: Final = 19

_CREATE: Final = (
    f"CREATE TABLE log ({COLUMNS_SQL}) STRICT",
    "CREATE TABLE about (min_observed_ms INTEGER NOT NULL, max_observed_ms INTEGER NOT NULL) STRICT",
    f"INSERT INTO about VALUES ({2**62}, {-(2**62)})",  # noqa: S608  constants
)
_CREATE_INDEX: Final = "CREATE VIRTUAL TABLE words USING fts5(message, keys, content='', columnsize=0)"
# The words are looked for as `log_query` writes them.
_INDEX: Final = """INSERT INTO words (rowid, message, keys)
    SELECT seq, message, 'v' || ifnull(severity, '') || ' d' || ifnull(device_id, '') || ' p' || ifnull(site_id, '')
        || ' s' || ifnull(source, '') || ' f' || ifnull(facility, '')
    FROM log WHERE seq > ? ORDER BY seq"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file: the seqs of its first and last row, when its rows were observed and committed, and its size."""

    path: Path
    first: int
    last: int
    rows: int
    first_committed_ms: int
    last_committed_ms: int
    min_observed_ms: int
    max_observed_ms: int
    size_bytes: int


class LogFiles:
    """All files of one folder, oldest first. Written by one thread; `files` may be read from any."""

    def __init__(
        self, folder: Path, *, max_file_rows: int = MAX_FILE_ROWS, max_file_bytes: int = MAX_FILE_BYTES
    ) -> None:
        self.files: tuple[LogFile, ...] = ()
        self.broken = 0
        self._dropped_to = 0
        self._folder = folder
        self._max_file_rows = max_file_rows
        self._max_file_bytes = max_file_bytes

    @property
    def copied_to(self) -> int:
        """The seq of the newest row that came into the files, 0 for none."""
        return self.files[-1].last if self.files else self._dropped_to

    @property
    def size_bytes(self) -> int:
        """How much the files take on the disk."""
        return sum(file.size_bytes for file in self.files)

    def prepare(self, head: int) -> None:
        """Make the folder and look at the files, whose rows past `head` belong to a log that was given up.

        A file that cannot be read is set aside as `.broken`, said and counted. Raises `OSError`.
        """
        self._folder.mkdir(mode=0o700, exist_ok=True)
        found: list[LogFile] = []
        for path in sorted(self._folder.glob("[0-9]" * _DIGITS + ".db")):
            try:
                file = _settled(path, head)
            except (sqlite3.Error, StoreError) as error:
                self.broken += 1
                logger.error("network logs in %s cannot be read, the file is set aside: %s", path, error)  # noqa: TRY400  told in words
                path.replace(path.with_suffix(".broken"))
                _unlink(path)
                continue
            if file is None:
                _unlink(path)
            else:
                found.append(file)
        self.files = tuple(found)

    def append(self, rows: Sequence[Row]) -> None:
        """Add rows with rising seqs above `copied_to`; durable when it returns. Raises `StoreError`."""
        at = 0
        while at < len(rows):
            newest = self.files[-1] if self.files else None
            if newest is None or self._is_full(newest, rows[at]):
                newest = None
            room = self._max_file_rows - (newest.rows if newest is not None else 0)
            part = rows[at : at + room]
            path = newest.path if newest is not None else self._folder / f"{part[0][0]:0{_DIGITS}}.db"
            written = _write(path, part, newest)
            self.files = (*(self.files[:-1] if newest is not None else self.files), written)
            at += len(part)

    def drop(self, *, before_ms: int, max_bytes: int) -> int:
        """Unlink the oldest files: those committed before `before_ms`, and until all take at most `max_bytes`.

        The newest goes by its age alone. Returns the seq of the newest row that is gone, 0 for none.
        """
        gone = 0
        while self.files:
            oldest = self.files[0]
            too_many = len(self.files) > 1 and self.size_bytes > max_bytes
            if oldest.last_committed_ms >= before_ms and not too_many:
                break
            _unlink(oldest.path)
            self._dropped_to = gone = oldest.last
            self.files = self.files[1:]
        return gone

    def _is_full(self, file: LogFile, row: Row) -> bool:
        return (
            file.rows >= self._max_file_rows
            or file.size_bytes >= self._max_file_bytes
            or row[COMMITTED_MS] // DAY_MS > file.first_committed_ms // DAY_MS
        )


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_writer(path, journal_mode="TRUNCATE")
    try:
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        yield connection
    finally:
        connection.close()


def _settled(path: Path, head: int) -> LogFile | None:
    """Return what is in a file, None for nothing; a transaction that a crash interrupted is undone by opening it."""
    with _opened(path) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            return None
        if version > SCHEMA:
            raise StoreError("it was written by a newer hub")
        if connection.execute("SELECT 1 FROM log WHERE seq > ? LIMIT 1", (head,)).fetchone():
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM log WHERE seq > ?", (head,))
            connection.execute("DROP TABLE words")
            connection.execute(_CREATE_INDEX)
            connection.execute(_INDEX, (0,))
            connection.execute("COMMIT")
        first = connection.execute("SELECT seq, committed_ms FROM log ORDER BY seq LIMIT 1").fetchone()
        if first is None:
            return None
        last = connection.execute("SELECT seq, committed_ms FROM log ORDER BY seq DESC LIMIT 1").fetchone()
        rows = connection.execute("SELECT count(*) FROM log").fetchone()[0]
        observed = connection.execute("SELECT * FROM about").fetchone()
    return LogFile(path, first[0], last[0], rows, first[1], last[1], observed[0], observed[1], path.stat().st_size)


def _write(path: Path, rows: Sequence[Row], before: LogFile | None) -> LogFile:
    """Add rows to a file in one transaction; `before` None: it is a new one."""
    observed = [row[OBSERVED_MS] for row in rows]
    try:
        with _opened(path) as connection:
            connection.execute("BEGIN IMMEDIATE")
            if not connection.execute("PRAGMA user_version").fetchone()[0]:
                for statement in (*_CREATE, _CREATE_INDEX, f"PRAGMA user_version = {SCHEMA}"):
                    connection.execute(statement)
            connection.executemany(f"INSERT INTO log {INSERT}", rows)
            connection.execute(_INDEX, (rows[0][0] - 1,))
            connection.execute(
                "UPDATE about SET min_observed_ms = min(min_observed_ms, ?), max_observed_ms = max(max_observed_ms, ?)",
                (min(observed), max(observed)),
            )
            connection.execute("COMMIT")
        size_bytes = path.stat().st_size
        if before is None:
            sync_folder(path.parent)
    except sqlite3.Error as error:
        raise store_error(error, path) from error
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    first, last = rows[0], rows[-1]
    if before is None:
        return LogFile(
            path,
            first[0],
            last[0],
            len(rows),
            first[COMMITTED_MS],
            last[COMMITTED_MS],
            min(observed),
            max(observed),
            size_bytes,
        )
    return replace(
        before,
        last=last[0],
        rows=before.rows + len(rows),
        last_committed_ms=last[COMMITTED_MS],
        min_observed_ms=min(before.min_observed_ms, *observed),
        max_observed_ms=max(before.max_observed_ms, *observed),
        size_bytes=size_bytes,
    )


def _unlink(path: Path) -> None:
    # The file first: a journal without its file means nothing, a file without its journal may be torn.
    path.unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{path}-journal")  # noqa: PTH108  beside the file, not a suffix of it
