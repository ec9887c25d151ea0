"""What tests of the hub share: what is slow on purpose or once in a hub's life is quick."""

import secrets
import sqlite3
from collections.abc import Iterator

import pytest
from noctule_hub.auth import key_bundle, passwords
from noctule_hub.store.sqlite.connection import PAGE_BYTES, open_writer
from noctule_hub.store.sqlite.migrations import migrate, schema_version
from noctule_hub.store.sqlite.schema import META_EPOCH, META_HUB_ID, set_meta


@pytest.fixture(scope="session", autouse=True)
def _tables_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let a new hub.db begin as a copy: making its tables takes longer than most tests. Who it is stays its own."""
    path = tmp_path_factory.mktemp("tables") / "hub.db"
    made = open_writer(path, journal_mode="WAL")
    migrate(made)
    made.close()

    def copied(connection: sqlite3.Connection) -> None:
        # Pages of another size are a test's own doing, and no copy fits them.
        if schema_version(connection) == 0 and connection.execute("PRAGMA page_size").fetchone() == (PAGE_BYTES,):
            source = sqlite3.connect(path)
            source.backup(connection)
            source.close()
            set_meta(connection, META_EPOCH, secrets.token_hex(8))
            set_meta(connection, META_HUB_ID, secrets.token_hex(16))
        migrate(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("noctule_hub.store.sqlite.store.migrate", copied)
        yield


@pytest.fixture(scope="session", autouse=True)
def _secrets_are_cheap() -> Iterator[None]:
    """Let argon2 take little time and memory: what it takes of a real hub is `test_passwords`'s."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (key_bundle, passwords):
            patch.setattr(module, "MEMORY_KIB", 8 * 1024)
            patch.setattr(module, "PASSES", 1)
        yield
