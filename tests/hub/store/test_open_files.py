"""Connections to metric files that stay open: they see what is written, and nothing of a file that has gone."""

import sqlite3
from pathlib import Path

import pytest
from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite.open_files import MAX_IDLE, OpenFiles


def version(connection: sqlite3.Connection, _path: Path) -> int:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def write(path: Path, number: int) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number INTEGER)")
        connection.execute("INSERT INTO kept VALUES (?)", (number,))
        connection.execute("PRAGMA user_version = 1")
    connection.close()


def numbers(connection: sqlite3.Connection | None) -> list[int]:
    assert connection is not None
    return [number for (number,) in connection.execute("SELECT number FROM kept ORDER BY number")]


@pytest.fixture
def files() -> OpenFiles:
    return OpenFiles(version)


def test_connection_is_lent_again_and_sees_what_was_written_meanwhile(files: OpenFiles, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    write(path, 1)
    with files.reading(path) as first:
        assert numbers(first) == [1]
    write(path, 2)
    with files.reading(path) as second:
        assert second is first
        assert numbers(second) == [1, 2]
        with files.reading(path) as beside:
            assert beside is not second
    files.close()


def test_file_that_goes_and_comes_back_is_read_anew_also_by_who_read_it_then(files: OpenFiles, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    write(path, 1)
    with files.reading(path) as connection:
        path.unlink()
        files.forget(path)
        assert numbers(connection) == [1]
    with files.reading(path) as connection:
        assert connection is None
    write(path, 2)
    with files.reading(path) as connection:
        assert numbers(connection) == [2]
    path.unlink()
    files.forget(path)
    write(path, 3)
    with files.reading(path) as connection:
        assert numbers(connection) == [3]
    files.close()


def test_file_without_tables_is_none_until_it_has_some(files: OpenFiles, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.touch()
    with files.reading(path) as connection:
        assert connection is None
    write(path, 1)
    with files.reading(path) as connection:
        assert numbers(connection) == [1]
    files.close()


def test_more_than_the_most_idle_are_closed_the_longest_idle_first(files: OpenFiles, tmp_path: Path) -> None:
    lent: list[sqlite3.Connection] = []
    for number in range(MAX_IDLE + 1):
        write(tmp_path / f"{number}.db", number)
        with files.reading(tmp_path / f"{number}.db") as connection:
            assert connection is not None
            lent.append(connection)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        lent[0].execute("SELECT 1")
    assert numbers(lent[1]) == [1]
    files.close()


def test_damaged_file_is_named_and_not_kept_open(files: OpenFiles, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match="no SQLite database"), files.reading(path):
        pass
    path.unlink()
    write(path, 1)
    with files.reading(path) as connection:
        assert numbers(connection) == [1]
    files.close()
