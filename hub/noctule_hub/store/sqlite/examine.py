"""What hub.db and the measured files say of their own state, read beside a hub that runs or without one."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from noctule_hub.core.examination import StoreFacts
from noctule_hub.core.notifying.deliveries import ChannelState
from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite.connection import open_reader, store_error
from noctule_hub.store.sqlite.migrations import MIGRATIONS, schema_version
from noctule_hub.store.sqlite.parcels import read_states
from noctule_hub.store.sqlite.schema import last_backup_ms

T = TypeVar("T")

MAX_DAMAGE_LINES: Final = 10


def examine_store(path: Path, *, full: bool) -> StoreFacts:
    """Return the facts of hub.db; `full` compares indexes with their tables too. Raises `StoreError`."""

    def read(connection: sqlite3.Connection) -> StoreFacts:
        damage = _damage(connection, full=full)
        version = schema_version(connection)
        if damage or version > len(MIGRATIONS):
            # What else could be asked of it means nothing.
            return StoreFacts(version, len(MIGRATIONS), damage, 0, 0, None, None, None)
        frames = connection.execute("SELECT count(*), ifnull(sum(length(body)), 0), min(received_ms) FROM frame")
        count, size_bytes, oldest_ms = frames.fetchone()
        newest_ms = connection.execute(
            """SELECT max(newest) FROM (SELECT max(received_ms) AS newest FROM frame
                UNION ALL SELECT max(committed_ms) FROM (SELECT committed_ms FROM event ORDER BY seq DESC LIMIT 1))"""
        ).fetchone()[0]
        backup_ms = last_backup_ms(connection)
        # Before an upgrade there is no table of how they do.
        channels = _channels(connection) if version == len(MIGRATIONS) else ()
        return StoreFacts(
            version, len(MIGRATIONS), damage, count, size_bytes, oldest_ms, newest_ms, backup_ms, channels
        )

    return _reading(path, read)


def examine_file(path: Path, *, full: bool) -> tuple[str, ...]:
    """Return what is wrong with a measured file, nothing when it is sound or gone. Raises `StoreError`."""
    try:
        return _reading(path, lambda connection: _damage(connection, full=full))
    except StoreError:
        if path.exists():
            raise
        return ()


def _channels(connection: sqlite3.Connection) -> tuple[tuple[str, ChannelState], ...]:
    states = read_states(connection)
    enabled = connection.execute("SELECT id, name FROM channel WHERE enabled ORDER BY id")
    return tuple((name, states[channel_id]) for channel_id, name in enabled)


def _damage(connection: sqlite3.Connection, *, full: bool) -> tuple[str, ...]:
    check = "integrity_check" if full else "quick_check"
    found = tuple(str(row[0]) for row in connection.execute(f"PRAGMA {check}({MAX_DAMAGE_LINES})"))
    return () if found == ("ok",) else found


def _reading(path: Path, read: Callable[[sqlite3.Connection], T]) -> T:
    try:
        connection = open_reader(path)
        try:
            return read(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise store_error(error, path) from error
