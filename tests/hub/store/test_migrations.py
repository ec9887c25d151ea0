"""hub.db is brought to this hub's schema whole or not at all, and there is a way back."""

import hashlib
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from noctule_hub.store.errors import NewerSchemaError
from noctule_hub.store.sqlite import migrations
from noctule_hub.store.sqlite.connection import open_writer
from noctule_hub.store.sqlite.copies import examine_copy
from noctule_hub.store.sqlite.migrations import MIGRATIONS, migrate, schema_version
from noctule_hub.store.sqlite.secrets import SEALED_PLACES
from sqlite_utils import Database

# What the first migration makes. It is frozen: hubs run on it, and none of them would get a change of it.
FIRST_SCHEMA = "c32248c5cc973d82641e3e42b3c8c91b882525917fa287e2e7c3cdb554be2b28"

Migration = Callable[[Database], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hub.db"


def opened(path: Path) -> sqlite3.Connection:
    return open_writer(path, journal_mode="WAL")


def schema_of(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")]


def upgraded(monkeypatch: pytest.MonkeyPatch, *more: Migration) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, *more))


def add_table(db: Database) -> None:
    db.execute("CREATE TABLE added (a INTEGER)")


def fail(db: Database) -> None:
    db.execute("CREATE TABLE half (a INTEGER)")
    raise LookupError("in the middle")


def test_migration_that_fails_leaves_the_schema_of_before(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = opened(path)
    migrate(connection)
    before = schema_of(connection)
    upgraded(monkeypatch, add_table, fail)
    with pytest.raises(LookupError):
        migrate(connection)
    assert schema_of(connection) == before
    assert schema_version(connection) == len(MIGRATIONS)
    monkeypatch.undo()
    migrate(connection)
    connection.close()


def test_first_schema_that_fails_leaves_an_empty_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = opened(path)
    upgraded(monkeypatch, fail)
    with pytest.raises(LookupError):
        migrate(connection)
    assert schema_of(connection) == []
    connection.close()


def test_upgrade_keeps_one_copy_of_what_was_before(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = opened(path)
    migrate(connection)
    path.with_name("hub.db.before-1").write_text("of an upgrade long ago")
    upgraded(monkeypatch, add_table)
    migrate(connection)
    connection.close()
    former = path.with_name(f"hub.db.before-{len(MIGRATIONS)}")
    assert [kept.name for kept in path.parent.glob("hub.db.before-*")] == [former.name]
    assert former.stat().st_mode & 0o777 == 0o600
    assert examine_copy(former, thorough=True) == []
    copy = sqlite3.connect(former)
    assert schema_version(copy) == len(MIGRATIONS)
    assert "added" not in "".join(schema_of(copy))
    copy.close()


def test_new_file_needs_no_copy(path: Path) -> None:
    connection = opened(path)
    migrate(connection)
    connection.close()
    assert not list(path.parent.glob("hub.db.before-*"))


def test_upgrade_without_room_for_a_copy_goes_on_and_says_so(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connection = opened(path)
    migrate(connection)
    upgraded(monkeypatch, add_table)
    monkeypatch.setattr(migrations, "SPARE_BYTES", 2**60)
    with caplog.at_level(logging.WARNING):
        migrate(connection)
    assert schema_version(connection) == len(MIGRATIONS) + 1
    assert "without a copy" in caplog.text
    connection.close()
    assert not list(path.parent.glob("hub.db.before-*"))


def test_schema_of_a_newer_hub_is_refused_and_left_alone(path: Path) -> None:
    connection = opened(path)
    migrate(connection)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = schema_of(connection)
    with pytest.raises(NewerSchemaError, match="run the newer hub again"):
        migrate(connection)
    assert schema_of(connection) == before
    connection.close()


def test_first_migration_is_what_it_was_when_it_was_frozen() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    MIGRATIONS[0](Database(connection, recursive_triggers=False, execute_plugins=False))
    found = hashlib.sha256("\n".join(" ".join(sql.split()) for sql in schema_of(connection)).encode()).hexdigest()
    connection.close()
    assert found == FIRST_SCHEMA, "add a module to store/sqlite/changes instead of changing the first tables"


def test_every_sealed_column_is_one_that_a_rotation_knows(path: Path) -> None:
    connection = opened(path)
    migrate(connection)
    found = connection.execute(
        """SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
           WHERE c.name LIKE '%sealed%' AND c.type = 'BLOB'"""
    )
    assert {name for (name,) in found} == {place.table for place in SEALED_PLACES}
    connection.close()
