"""Passwords by argon2id, off the event loop and bounded; how often somebody may try is `auth.throttle`'s."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from noctule_shared.errors import ErrorCode, Refused, invalid

# RFC 9106's second choice, written down here so that no library's default decides how much memory a sign-in takes:
# 64 MiB and some 100 ms of a core each. Two at once, 128 MiB, leave the hub its breath.
MEMORY_KIB: Final = 64 * 1024
PASSES: Final = 3
LANES: Final = 4
MAX_AT_ONCE: Final = 2
MAX_WAITING: Final = 16
BUSY_RETRY_S: Final = 2.0
MIN_PASSWORD_CHARS: Final = 10
MAX_PASSWORD_BYTES: Final = 1024

Answer = TypeVar("Answer")


def check_new_password(password: str) -> str:
    """Return a password fit to be set. Raises `Refused` (invalid, field password) that never repeats it."""
    if len(password) < MIN_PASSWORD_CHARS:
        raise invalid("password", f"shorter than {MIN_PASSWORD_CHARS} characters; take a longer one")
    if len(password.encode()) > MAX_PASSWORD_BYTES:
        raise invalid("password", f"longer than {MAX_PASSWORD_BYTES} bytes; take a shorter one")
    if "\x00" in password:
        raise invalid("password", "contains a zero byte; take another one")
    return password


class Passwords:
    """Hashes and verifies passwords in a pool of threads.

    At most `MAX_WAITING` requests wait; one more is refused as busy and counted in `refused_busy`.
    """

    def __init__(self, hasher: PasswordHasher | None = None, *, max_waiting: int = MAX_WAITING) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._pool = ThreadPoolExecutor(MAX_AT_ONCE, thread_name_prefix="argon2")
        self._max_in_hand = MAX_AT_ONCE + max_waiting
        self._in_hand = 0
        self._decoy: str | None = None
        self._making_decoy = threading.Lock()
        self.refused_busy = 0

    async def hash(self, password: str) -> str:
        """Return the argon2id string of a password. Raises `Refused` (busy)."""
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Return whether the password is right; None (no such user) costs the same work and is False.

        Raises `Refused` (busy, before any work).
        """
        if len(password.encode()) > MAX_PASSWORD_BYTES:
            return False
        return await self._run(lambda: self._matches(password_hash, password))

    def needs_rehash(self, password_hash: str) -> bool:
        """Return whether a hash that was just verified was made with other parameters than new ones are."""
        return self._hasher.check_needs_rehash(password_hash)

    def close(self) -> None:
        """Let go of the threads; a verification under way finishes unheard. Idempotent."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _matches(self, password_hash: str | None, password: str) -> bool:
        # Made by whoever comes first, for a known name too: an unknown one must not take longer even once.
        with self._making_decoy:
            self._decoy = self._decoy or self._hasher.hash("nobody has this password")
        try:
            self._hasher.verify(password_hash or self._decoy, password)
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        if self._in_hand >= self._max_in_hand:
            self.refused_busy += 1
            raise Refused(
                ErrorCode.BUSY, "too many sign-ins at this moment; try again soon", retry_after_s=BUSY_RETRY_S
            )
        self._in_hand += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._in_hand -= 1
