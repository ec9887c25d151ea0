"""A clock that tests turn, the real store, cheap hashing, and keys made once a session."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from noctule_hub.auth.keys import Keys
from noctule_hub.auth.passwords import Passwords
from noctule_hub.core.accounts import User
from noctule_hub.core.audit import local
from noctule_hub.core.principal import Role
from noctule_hub.store.sqlite import SqliteStore, open_store

NOW_MS = 1_795_000_000_000


@dataclass
class Clock:
    now_ms: int = NOW_MS

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[SqliteStore]:
    store = await open_store(tmp_path, clock_ms=clock)
    yield store
    await store.close()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys.create(tmp_path_factory.mktemp("hub") / "keys")


@pytest.fixture(scope="session")
def cheap_hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def passwords(cheap_hasher: PasswordHasher) -> Iterator[Passwords]:
    passwords = Passwords(cheap_hasher)
    yield passwords
    passwords.close()


@pytest.fixture
async def user(store: SqliteStore) -> User:
    return await store.add_user(
        username="ada", password_hash="unused", role=Role.OPERATOR, customer_id=None, by=local(NOW_MS)
    )
