"""Read-only connections in their own threads, one read transaction per call; what is read is the caller's."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite.connection import open_reader, store_error

T = TypeVar("T")
U = TypeVar("U")

READERS: Final = 3


class Readers:
    """Runs short reads (under 2 s, or the WAL cannot be emptied); when all are busy, callers wait their turn."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._lock = threading.Lock()
        self._connections: list[sqlite3.Connection] = []
        self._threads = ThreadPoolExecutor(max_workers=READERS, thread_name_prefix="store-reader")
        self._closed = False

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `query` returns; all it reads is from one committed state. Raises `StoreError`."""
        if self._closed:
            raise StoreError(f"{self._path}: the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._query, query)

    async def read_then(self, query: Callable[[sqlite3.Connection], T], work: Callable[[T], U]) -> U:
        """Return what `work` makes of what `query` returns, on one thread; `work` as in `call`. Raises `StoreError`."""
        return await self.call(lambda: work(self._query(query)))

    async def call(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, run on a reader's thread without a connection: for day files and numpy."""
        if self._closed:
            raise StoreError(f"{self._path}: the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def close(self) -> None:
        """Let the reads under way finish and close the connections. Idempotent."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()

    def _query(self, query: Callable[[sqlite3.Connection], T]) -> T:
        try:
            connection = self._connection()
            connection.execute("BEGIN")
            try:
                return query(connection)
            finally:
                connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise store_error(error, self._path) from error

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # Opened on its reader's thread, closed on another after that thread has ended.
            connection = open_reader(self._path, shared_between_threads=True)
            with self._lock:
                self._connections.append(connection)
            self._local.connection = connection
        return connection
