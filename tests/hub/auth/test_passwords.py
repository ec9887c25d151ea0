"""Passwords: verified off the loop, bounded, and unknown users cost the same work."""

import asyncio
import threading
from typing import Literal

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from noctule_hub.auth.passwords import MAX_AT_ONCE, MEMORY_KIB, PASSES, Passwords, check_new_password
from noctule_shared.errors import ErrorCode, Refused


async def test_the_right_password_passes_and_a_wrong_one_does_not(passwords: Passwords) -> None:
    hashed = await passwords.hash("correct horse")
    assert hashed.startswith("$argon2id$")
    assert await passwords.verify(hashed, "correct horse")
    assert not await passwords.verify(hashed, "correct horsf")


async def test_a_damaged_hash_lets_nobody_in(passwords: Passwords) -> None:
    assert not await passwords.verify("not a hash", "x")
    assert not await passwords.verify("", "x")


async def test_an_unknown_user_costs_one_verification_too(cheap_hasher: PasswordHasher) -> None:
    verified: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  argon2's own name
            verified.append(str(hash))
            return cheap_hasher.verify(hash, password)

    passwords = Passwords(Counting(time_cost=1, memory_cost=8, parallelism=1))
    assert not await passwords.verify(None, "nobody has this password")
    passwords.close()
    assert len(verified) == 1
    assert verified[0].startswith("$argon2id$")


async def test_an_over_long_password_costs_no_work(passwords: Passwords) -> None:
    assert not await passwords.verify("not looked at", "x" * 1025)


async def test_one_more_than_may_wait_is_refused_as_busy() -> None:
    gate = threading.Event()

    class Slow(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002, ARG002  argon2's own names
            gate.wait(20)
            return True

    passwords = Passwords(Slow(), max_waiting=1)
    waiting = [asyncio.create_task(passwords.verify("h", "p")) for _ in range(MAX_AT_ONCE + 1)]
    await asyncio.sleep(0)
    with pytest.raises(Refused) as caught:
        await passwords.verify("h", "p")
    gate.set()
    assert caught.value.code is ErrorCode.BUSY
    assert caught.value.retry_after_s
    assert passwords.refused_busy == 1
    assert await asyncio.gather(*waiting) == [True] * (MAX_AT_ONCE + 1)
    passwords.close()


@pytest.mark.parametrize("password", ["few-chars", "x" * 1025, "zero\x00byte12345"])
def test_an_unfit_new_password_is_refused_without_repeating_it(password: str) -> None:
    with pytest.raises(Refused) as caught:
        check_new_password(password)
    assert caught.value.field == "password"
    assert password not in caught.value.message


def test_how_much_a_sign_in_takes_is_decided_here_and_not_by_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    # Imported before any test ran: what the other tests of the hub are spared.
    monkeypatch.setattr("noctule_hub.auth.passwords.MEMORY_KIB", MEMORY_KIB)
    monkeypatch.setattr("noctule_hub.auth.passwords.PASSES", PASSES)
    passwords = Passwords()
    parameters = extract_parameters(passwords._hasher.hash("some password"))
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (64 * 1024, 3, 4)
    assert parameters.type is Type.ID
    assert passwords._pool._max_workers == MAX_AT_ONCE == 2
    passwords.close()


async def test_a_hash_of_other_parameters_is_to_be_made_anew(passwords: Passwords) -> None:
    assert not passwords.needs_rehash(await passwords.hash("some password"))
    other = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash("some password")
    assert await passwords.verify(other, "some password")
    assert passwords.needs_rehash(other)


async def test_the_first_known_name_does_the_work_that_the_first_unknown_one_needs(
    cheap_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords, known = Passwords(cheap_hasher), cheap_hasher.hash("some password")
    made: list[str] = []
    hash_of = PasswordHasher.hash

    def counted(hasher: PasswordHasher, text: str) -> str:
        made.append(text)
        return hash_of(hasher, text)

    monkeypatch.setattr(PasswordHasher, "hash", counted)
    await passwords.verify(known, "some password")
    await passwords.verify(None, "some password")
    assert len(made) == 1
    passwords.close()
