"""Files of measurements by UTC day, month or year: their names, and what a crash may leave of them."""

import os
import sqlite3
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from noctule_hub.core.resolution import DAY_MS
from noctule_hub.store.sqlite.connection import open_writer, store_error

# By the digits of a name: days that lead from its beginning into the next one.
_LONGEST_DAYS: Final = {4: 366, 6: 31, 8: 1}
# A year of days and some; each read of a series asks of all of them.
_KNOWN_NAMES: Final = 1_000


def day_of(ts_ms: int) -> str:
    """Return the UTC day of a time as YYYYMMDD."""
    return f"{datetime.fromtimestamp(ts_ms // 1000, UTC):%Y%m%d}"


def names_in(folder: Path, *, digits: int) -> list[str]:
    """Return the names, without their suffix, of a folder's files that are named by so many digits, oldest first."""
    try:
        names = os.listdir(folder)  # noqa: PTH208  on each read of a series, where globbing is ten times as slow
    except FileNotFoundError:
        return []
    return sorted(name[:digits] for name in names if name[digits:] == ".db" and name[:digits].isdecimal())


@lru_cache(maxsize=_KNOWN_NAMES)
def start_of(name: str) -> int:
    """Return when a day, a month or a year, named YYYYMMDD, YYYYMM or YYYY, begins, epoch milliseconds."""
    year, month, day = int(name[:4]), int(name[4:6] or 1), int(name[6:8] or 1)
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * 1000


@lru_cache(maxsize=_KNOWN_NAMES)
def end_of(name: str) -> int:
    """Return when the day, month or year of a name has ended."""
    # Past the end of any month or year, and into the next one alone.
    beyond = day_of(start_of(name) + _LONGEST_DAYS[len(name)] * DAY_MS)
    return start_of(beyond[: len(name)])


def sync_folder(folder: Path) -> None:
    """Put a folder's entries on the disk, so that a new file in it survives a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def mend(folder: Path) -> None:
    """Undo the transactions that a crash interrupted in a folder's files: readers may not. Raises `StoreError`.

    Those over two files (`-mj` names what belongs together) are undone in both or in neither.
    """
    for journal in folder.glob("*.db-journal"):
        path = journal.with_name(journal.name.removesuffix("-journal"))
        if not path.exists():
            journal.unlink()
        elif journal.stat().st_size:
            try:
                connection = open_writer(path, journal_mode="TRUNCATE")
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                connection.close()
            except sqlite3.Error as error:
                raise store_error(error, path) from error
