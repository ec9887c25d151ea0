"""What is examined and set right in copied files before a hub runs on them; where they come from is the caller's."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from noctule_hub.core.backup import DATABASE
from noctule_hub.store.sqlite.connection import open_reader, open_writer, store_error
from noctule_hub.store.sqlite.copies import require_sound
from noctule_hub.store.sqlite.migrations import require_known


def prepare_restored(folder: Path, names: Sequence[str]) -> None:
    """Examine the copied files `names` in `folder`, hub.db among them, and make them fit each other.

    Raises `StoreError` when one is damaged, as `NewerSchemaError` when a newer hub has written hub.db.
    """
    database = folder / DATABASE
    for name in names:
        require_sound(folder / name, name, thorough=name == DATABASE)
    try:
        connection = open_writer(database, journal_mode="WAL")
        try:
            require_known(connection)
            _spare_series_ids(connection, [folder / name for name in names if name != DATABASE])
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise store_error(error, database) from error


def _spare_series_ids(connection: sqlite3.Connection, files: Sequence[Path]) -> None:
    """Never give out again a series id that a measured file holds.

    They were copied after hub.db: a series may be in them that this hub.db has not named, and that another object
    would inherit.
    """
    highest = max((_highest_series_id(file) for file in files), default=0)
    # The table is without a row until something was added to `series`.
    connection.execute(
        "INSERT INTO sqlite_sequence SELECT 'series', 0 WHERE 'series' NOT IN (SELECT name FROM sqlite_sequence)"
    )
    connection.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'series'", (highest,))


def _highest_series_id(path: Path) -> int:
    highest = 0
    try:
        connection = open_reader(path)
        try:
            tables = connection.execute(
                """SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
                   WHERE m.type = 'table' AND c.name = 'series_id'"""
            ).fetchall()
            for (table,) in tables:
                name = table.replace('"', '""')
                # Of the primary key's first column: one look at the end of the tree.
                found = connection.execute(f'SELECT max(series_id) FROM "{name}"').fetchone()[0]  # noqa: S608  quoted
                highest = max(highest, found or 0)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise store_error(error, path) from error
    return highest
