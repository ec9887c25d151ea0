"""Read-only connections to metric files that stay open between reads: opening one costs more than most queries.

A connection that stays open knows the file's tables and keeps its pages until the file changes; SQLite sees that by
itself. Which files there are is left to `days` and `rollups`.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from noctule_hub.store.sqlite.connection import open_reader, store_error

# A read of 24 hours goes over two days of one resolution, on each of the readers' threads.
MAX_IDLE: Final = 16
# So all that are idle hold 16 MB of pages at most.
_CACHE_KIB: Final = 1024


class OpenFiles:
    """Connections of one folder's files; safe to use from any thread, each connection by one at a time.

    `version` returns a file's schema version, 0 while it has no tables, and raises for one that cannot be read here.
    """

    def __init__(self, version: Callable[[sqlite3.Connection, Path], int]) -> None:
        self._version = version
        self._lock = threading.Lock()
        self._idle: list[tuple[Path, sqlite3.Connection]] = []
        self._forgotten = 0

    @contextlib.contextmanager
    def reading(self, path: Path) -> Iterator[sqlite3.Connection | None]:
        """Lend a connection to a file, None when it has gone or has no tables yet. Raises `StoreError`.

        Each query is to be read to its end: what is idle must hold no lock.
        """
        with self._lock:
            forgotten, connection = self._forgotten, self._take(path)
        try:
            if connection is None:
                connection = self._opened(path)
            yield connection
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, sqlite3.Error):
                raise store_error(error, path) from error
            raise
        if connection is not None:
            self._put_back(path, connection, forgotten)

    def forget(self, path: Path) -> None:
        """Close what is open of a file that was unlinked, what is lent as soon as it comes back."""
        with self._lock:
            self._forgotten += 1
            gone = [connection for kept, connection in self._idle if kept == path]
            self._idle = [item for item in self._idle if item[0] != path]
        for connection in gone:
            connection.close()

    def close(self) -> None:
        """Close all that is not lent; the files can still be read afterwards. Idempotent."""
        with self._lock:
            self._forgotten += 1
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def _take(self, path: Path) -> sqlite3.Connection | None:
        for place in range(len(self._idle) - 1, -1, -1):
            if self._idle[place][0] == path:
                return self._idle.pop(place)[1]
        return None

    def _opened(self, path: Path) -> sqlite3.Connection | None:
        try:
            connection = open_reader(path, shared_between_threads=True)
        except sqlite3.OperationalError:
            if path.exists():
                raise
            return None  # retention was quicker
        try:
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            if self._version(connection, path):
                return connection
        except BaseException:
            connection.close()
            raise
        connection.close()
        return None

    def _put_back(self, path: Path, connection: sqlite3.Connection, forgotten: int) -> None:
        surplus = connection
        with self._lock:
            if self._forgotten == forgotten:
                self._idle.append((path, connection))
                if len(self._idle) <= MAX_IDLE:
                    return
                surplus = self._idle.pop(0)[1]
        surplus.close()
