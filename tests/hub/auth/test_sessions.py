"""Refresh tokens: rotated at each use, a copied one ends the session, two tabs do not."""

from typing import Protocol

import pytest
from noctule_hub.auth.sessions import LIFETIME_MS, REUSE_GRACE_MS, Sessions
from noctule_hub.core.accounts import User
from noctule_hub.store.sqlite import SqliteStore
from noctule_shared.errors import ErrorCode, Refused


class Clock(Protocol):
    now_ms: int

    def __call__(self) -> int: ...


@pytest.fixture
def sessions(store: SqliteStore, clock: Clock) -> Sessions:
    return Sessions(store, clock)


async def refused(sessions: Sessions, secret: str) -> None:
    with pytest.raises(Refused) as caught:
        await sessions.renew(secret)
    assert caught.value.code is ErrorCode.UNAUTHORISED


async def test_each_renewal_hands_out_another_secret(sessions: Sessions, user: User) -> None:
    first = await sessions.start(user)
    second = await sessions.renew(first.refresh_secret)
    third = await sessions.renew(second.refresh_secret)
    assert len({first.refresh_secret, second.refresh_secret, third.refresh_secret}) == 3
    assert third.user.id == user.id


async def test_two_tabs_within_the_grace_are_not_reuse(sessions: Sessions, user: User, clock: Clock) -> None:
    start = await sessions.start(user)
    one = await sessions.renew(start.refresh_secret)
    clock.now_ms += REUSE_GRACE_MS
    two = await sessions.renew(start.refresh_secret)
    clock.now_ms += 60_000
    await sessions.renew(one.refresh_secret)
    await sessions.renew(two.refresh_secret)
    assert sessions.reuses == 0


async def test_a_copied_token_ends_the_whole_family(sessions: Sessions, user: User, clock: Clock) -> None:
    stolen = await sessions.start(user)
    newest = await sessions.renew(stolen.refresh_secret)
    other = await sessions.start(user)
    clock.now_ms += REUSE_GRACE_MS + 1
    await refused(sessions, stolen.refresh_secret)
    await refused(sessions, newest.refresh_secret)
    assert sessions.reuses == 1
    await sessions.renew(other.refresh_secret)


async def test_an_old_session_expires(sessions: Sessions, user: User, clock: Clock) -> None:
    start = await sessions.start(user)
    clock.now_ms += LIFETIME_MS
    await refused(sessions, start.refresh_secret)


async def test_signing_out_ends_the_session_also_by_a_spent_token(sessions: Sessions, user: User) -> None:
    start = await sessions.start(user)
    newest = await sessions.renew(start.refresh_secret)
    await sessions.end(start.refresh_secret)
    await refused(sessions, newest.refresh_secret)


@pytest.mark.parametrize("secret", ["", "x", "x" * 5000, "\x00", "é" * 40])
async def test_what_was_never_issued_is_refused(sessions: Sessions, secret: str) -> None:
    await refused(sessions, secret)
    await sessions.end(secret)


async def test_repr_shows_no_secret(sessions: Sessions, user: User) -> None:
    session = await sessions.start(user)
    assert session.refresh_secret not in repr(session)
