"""Connections to SQLite files and what their errors mean; who may write where is `writer` and `days`."""

import sqlite3
from pathlib import Path
from typing import Final
from urllib.parse import quote

from noctule_hub.store.errors import RowRefusedError, StoreError

# Waiting for a lock: only another process (a backup tool, a shell) can hold one for long.
BUSY_TIMEOUT_S: Final = 5.0
# A commit writes each page that it touches, whole: small ones save the disk. 50 frames of 100 rows a second are 121
# bytes a row in hub.db with pages of 1 KiB and 265 with 4 KiB.
PAGE_BYTES: Final = 1024

_MEANINGS: Final = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_IOERR: "the disk reported an error; check the system's log",
    sqlite3.SQLITE_READONLY: "it cannot be written; check its owner and permissions",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check that the folder exists, its owner and permissions",
    sqlite3.SQLITE_CORRUPT: "it is damaged; restore a backup",
    sqlite3.SQLITE_NOTADB: "it is no SQLite database; restore a backup",
    sqlite3.SQLITE_BUSY: "another program holds it locked; close that program",
}


def store_error(error: sqlite3.Error, path: Path) -> StoreError:
    """Return what `error` means to whoever runs the hub; the cause is chained by `raise ... from`."""
    if isinstance(error, sqlite3.IntegrityError):
        return RowRefusedError(f"{path}: a row breaks the schema's rules; nothing of this request was stored ({error})")
    # Extended codes carry the primary one in the low byte; misuse errors of the Python module have none.
    primary = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    reason = _MEANINGS.get(primary)
    return StoreError(f"{path}: {reason or 'nothing of this request was stored'} ({error})", reason=reason)


def open_writer(path: Path, *, journal_mode: str, page_bytes: int = PAGE_BYTES) -> sqlite3.Connection:
    """Open the one connection that writes `path`; what it commits is on disk when COMMIT returns.

    A new file gets pages of `page_bytes`, one that exists keeps its own. Raises `sqlite3.Error`.
    """
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        connection.execute(f"PRAGMA page_size = {page_bytes}")
        connection.execute(f"PRAGMA journal_mode = {journal_mode}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        # Debian builds SQLite to overwrite all that is deleted; projected frames would be written a second time.
        connection.execute("PRAGMA secure_delete = FAST")
        # The writer checkpoints by itself: see Writer.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path, *, shared_between_threads: bool = False) -> sqlite3.Connection:
    """Open `path` for reading only; it must exist. Raises `sqlite3.Error`."""
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode=ro",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=not shared_between_threads,
    )
