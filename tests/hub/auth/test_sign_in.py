"""Proof by password: what is kept of failures, and that keeping it holds up and blocks nobody."""

import asyncio
from typing import Protocol

import pytest
from argon2 import PasswordHasher
from noctule_hub.auth.passwords import Passwords
from noctule_hub.auth.sign_in import MAX_WRITES, SignIn
from noctule_hub.auth.throttle import FREE_TRIES_PAIR, LoginThrottle
from noctule_hub.core.accounts import Backoff, SignInState, User
from noctule_hub.core.audit import Authorship
from noctule_hub.core.principal import Role
from noctule_hub.store.errors import StoreError
from noctule_shared.errors import ErrorCode, Refused


class Clock(Protocol):
    now_ms: int

    def __call__(self) -> int: ...


class Disk:
    """A store whose writes wait for `gate`, or fail."""

    def __init__(self, password_hash: str) -> None:
        self.password_hash = password_hash
        self.gate = asyncio.Event()
        self.failure: StoreError | None = None
        self.kept: list[tuple[int, Backoff]] = []

    async def sign_in_state(self, username: str) -> SignInState:
        user_id = int(username.removeprefix("u"))
        user = User(
            user_id, username, self.password_hash, Role.VIEWER, None, disabled=False, min_issued_ms=0, created_ms=0
        )
        return SignInState(user, None, ())

    async def keep_backoff(self, user_id: int, backoff: Backoff, *, by: Authorship) -> None:
        assert by.subject == "anonymous"
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        self.kept.append((user_id, backoff))

    async def rehash_password(self, user_id: int, *, former_hash: str, password_hash: str) -> None:
        pytest.fail(f"nobody signed in, least of all {user_id} by {former_hash} for {password_hash}")


@pytest.fixture
def disk(cheap_hasher: PasswordHasher) -> Disk:
    return Disk(cheap_hasher.hash("the right password"))


@pytest.fixture
def sign_in(disk: Disk, passwords: Passwords, clock: Clock) -> SignIn:
    return SignIn(disk, passwords, LoginThrottle(), clock)


async def fail(sign_in: SignIn, user: int) -> None:
    for _ in range(FREE_TRIES_PAIR):
        assert await sign_in.prove(f"u{user}", "a wrong one", f"192.0.2.{user}") is None


async def test_an_answer_does_not_wait_for_the_disk(sign_in: SignIn, disk: Disk) -> None:
    await fail(sign_in, 1)
    assert disk.kept == []
    disk.gate.set()
    await sign_in.written()
    assert [(user_id, backoff.failures) for user_id, backoff in disk.kept] == [(1, FREE_TRIES_PAIR)]


async def test_a_disk_that_fails_is_counted_and_the_wait_counts_all_the_same(
    sign_in: SignIn, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    disk.failure = StoreError("the disk is full")
    disk.gate.set()
    await fail(sign_in, 1)
    await sign_in.written()
    assert sign_in.unkept == 1
    assert "the failed sign-ins of user 1 could not be kept" in caplog.text
    with pytest.raises(Refused) as caught:
        await sign_in.prove("u1", "the right password", "192.0.2.1")
    assert caught.value.code is ErrorCode.TOO_MANY


async def test_writes_under_way_are_bounded(sign_in: SignIn, disk: Disk) -> None:
    for user in range(1, MAX_WRITES + 3):
        await fail(sign_in, user)
    assert sign_in.unkept == 2
    disk.gate.set()
    await sign_in.written()
    assert len(disk.kept) == MAX_WRITES
