"""Bringing hub.db to this hub's schema, at a start and in one transaction; what the tables are is `schema`'s.

Frozen from here: version n is reached by the first n migrations, and none that is listed is ever edited, reordered or
taken out, only followed; a test holds the first one to what it was.
"""

import logging
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from noctule_hub.store.errors import NewerSchemaError
from noctule_hub.store.sqlite.changes import CHANGES
from noctule_hub.store.sqlite.copies import copy_database
from noctule_hub.store.sqlite.schema import core_tables

MIGRATIONS: Final[tuple[Callable[[Database], None], ...]] = (core_tables, *CHANGES)
# The copy of what an upgrade began with; one is kept, that of the newest upgrade.
FORMER: Final = "hub.db.before-"
SPARE_BYTES: Final = 64 * 1024 * 1024

logger = logging.getLogger(__name__)


def schema_version(connection: sqlite3.Connection) -> int:
    """Return how many migrations hub.db has had, 0 for a new file."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def require_known(connection: sqlite3.Connection) -> None:
    """Return when this hub knows the schema, or an older form of it. Raises `NewerSchemaError`."""
    found = schema_version(connection)
    if found > len(MIGRATIONS):
        raise NewerSchemaError(
            f"hub.db has schema version {found}, this hub knows up to {len(MIGRATIONS)}; run the newer hub again, "
            "or restore a backup made before the upgrade"
        )


def migrate(connection: sqlite3.Connection) -> None:
    """Bring hub.db to this hub's schema in one transaction; does nothing when it is there.

    An older hub's data are kept beside it as `hub.db.before-N`, N its version, so that there is a way back.
    Raises `NewerSchemaError` when a newer hub has written it; it is unchanged then, and after any other failure.
    """
    require_known(connection)
    found = schema_version(connection)
    if found == len(MIGRATIONS):
        return
    former = _keep_former(connection, found) if found else None
    connection.execute("BEGIN IMMEDIATE")
    try:
        db = Database(connection, recursive_triggers=False, execute_plugins=False)
        for migration in MIGRATIONS[found:]:
            migration(db)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    if former is not None:
        logger.warning("hub.db is now of schema version %d; what it was is kept as %s", len(MIGRATIONS), former)
        for older in former.parent.glob(FORMER + "*"):
            if older != former:
                older.unlink(missing_ok=True)


def _keep_former(connection: sqlite3.Connection, version: int) -> Path | None:
    """Copy hub.db beside itself; where there is no room for that, a hub that watches matters more than a way back."""
    path = Path(connection.execute("PRAGMA database_list").fetchone()[2])
    former, half = path.with_name(f"{FORMER}{version}"), path.with_name(f"{FORMER}{version}.half")
    if not path.is_file():
        return None
    free, needed = shutil.disk_usage(path.parent).free, path.stat().st_size + SPARE_BYTES
    if free < needed:
        logger.warning(
            "hub.db is upgraded without a copy of what it was: that needs %d MiB, %d are free; make a backup",
            needed >> 20,
            free >> 20,
        )
        return None
    half.unlink(missing_ok=True)
    try:
        copy_database(connection, half, lambda _copied, _total: None)
        half.rename(former)
    finally:
        half.unlink(missing_ok=True)
    return former
