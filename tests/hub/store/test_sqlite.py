"""The SQLite backend: the store's contract, and what only files can do."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from noctule_hub.store.protocol import Store
from noctule_hub.store.sqlite import SqliteStore, open_store

from tests.hub.store.contract import Reopen, StoreContract
from tests.hub.store.samples import NOW_MS


async def opened(data_dir: Path) -> SqliteStore:
    return await open_store(data_dir, clock_ms=lambda: NOW_MS)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = await opened(tmp_path)
    yield made
    await made.close()


@pytest.fixture
async def reopen(store: Store, tmp_path: Path) -> AsyncIterator[Reopen]:
    made: list[Store] = []

    async def again() -> Store:
        await store.close()
        made.append(await opened(tmp_path))
        return made[-1]

    yield again
    for one in made:
        await one.close()


class TestSqliteStore(StoreContract):
    """The contract on SQLite."""
