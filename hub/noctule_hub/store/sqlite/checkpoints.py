"""When the writer moves the WAL back into hub.db, on its own connection; readers never do."""

import logging
import sqlite3
import time
from pathlib import Path
from typing import Final

from noctule_hub.store.sqlite.connection import BUSY_TIMEOUT_S, store_error

CHECKPOINT_INTERVAL_S: Final = 5.0
MAX_WAL_BYTES: Final = 64 * 1024 * 1024
# A TRUNCATE checkpoint waits for readers; commits must not wait for it longer than this.
TRUNCATE_TIMEOUT_MS: Final = 250

logger = logging.getLogger(__name__)


class Checkpoints:
    """Checkpoints of one file; used on the writer's thread only."""

    def __init__(self, path: Path) -> None:
        """`path` is hub.db."""
        self._path = path
        self._dirty = False
        self._due_s = 0.0
        self._failure: str | None = None

    def note_commit(self) -> None:
        """Remember that the WAL holds something."""
        self._dirty = True

    def due_s(self) -> float | None:
        """Return when the next one is due by the monotonic clock, None when there is nothing to move."""
        return self._due_s if self._dirty else None

    def run_if_due(self, connection: sqlite3.Connection) -> bool:
        """Run the checkpoint that is due, if one is, and return whether it was done; never raises."""
        if not self._dirty or time.monotonic() < self._due_s:
            return False
        done = self.run(connection, "TRUNCATE" if self.wal_bytes() > MAX_WAL_BYTES else "PASSIVE")
        self._dirty = False
        self._due_s = time.monotonic() + CHECKPOINT_INTERVAL_S
        return done

    def run(self, connection: sqlite3.Connection, mode: str) -> bool:
        """Run one now and return whether it was done; if not the WAL grows until the next one. Never raises."""
        try:
            connection.execute(f"PRAGMA busy_timeout = {TRUNCATE_TIMEOUT_MS}")
            connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
            connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000:.0f}")
        except sqlite3.Error as error:
            failure = str(store_error(error, self._path))
            if failure != self._failure:
                logger.error("checkpoint failed: %s", failure)  # noqa: TRY400  told in words
            self._failure = failure
            return False
        self._failure = None
        return True

    def wal_bytes(self) -> int:
        """Return the size of the write-ahead log, 0 when there is none."""
        try:
            return self._path.with_name(self._path.name + "-wal").stat().st_size
        except OSError:
            return 0
