"""Copies of SQLite files that are in use, by SQLite's backup API; which files and where to is `backup`'s."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite.connection import open_reader, store_error

# Between steps others commit. While 400 MB were copied on a busy disk the slowest commit took 0.14 s; with steps of
# 512 KiB 0.4 to 0.8 s, and the copy was no sooner done.
STEP_BYTES: Final = 128 * 1024
# While another connection holds the file locked, a step is tried again after this.
BUSY_SLEEP_S: Final = 0.02

# Gets the bytes copied and in all after each step; what it raises ends the copy.
Watch = Callable[[int, int], None]


def copy_database(source: sqlite3.Connection, target: Path, watch: Watch) -> None:
    """Copy the committed state of `source` into the new file `target`, mode 0600, in steps.

    `watch` runs between steps and may write and commit through `source` itself: the copy follows. What another
    connection commits makes it begin anew. Not synced to the disk. Raises `sqlite3.Error`, `OSError`, what `watch`
    raises; `target` is of no use then.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    page_bytes: int = source.execute("PRAGMA page_size").fetchone()[0]

    def progress(_: int, remaining: int, total: int) -> None:
        watch((total - remaining) * page_bytes, total * page_bytes)

    copy = sqlite3.connect(target, isolation_level=None)
    try:
        # Until it is finished nobody counts on this file: no journal, and no sync that others would wait for.
        copy.execute("PRAGMA journal_mode = OFF")
        copy.execute("PRAGMA synchronous = OFF")
        source.backup(copy, pages=max(1, STEP_BYTES // page_bytes), progress=progress, sleep=BUSY_SLEEP_S)
    finally:
        copy.close()


def copy_file(source: Path, target: Path, watch: Watch) -> bool:
    """Copy a SQLite file that others may write; returns False when retention was quicker. Raises `StoreError`."""
    try:
        connection = open_reader(source)
        try:
            copy_database(connection, target, watch)
        finally:
            connection.close()
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        if not source.exists():
            return False
        raise store_error(error, source) from error
    return True


def examine_copy(path: Path, *, thorough: bool) -> list[str]:
    """Return what is wrong with a file that nobody writes, nothing when it is sound; `thorough` checks indexes too.

    Raises `StoreError` when it is no SQLite database at all.
    """
    check = "integrity_check" if thorough else "quick_check"
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            found = [str(row[0]) for row in connection.execute(f"PRAGMA {check}(10)")]
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise store_error(error, path) from error
    return [] if found == ["ok"] else found


def require_sound(path: Path, name: str, *, thorough: bool) -> None:
    """Raise `StoreError` unless `path` is a sound SQLite file; `name` is what the message calls it."""
    found = examine_copy(path, thorough=thorough)
    if found:
        raise StoreError(f"{name}: is damaged ({found[0]}); take another backup")
