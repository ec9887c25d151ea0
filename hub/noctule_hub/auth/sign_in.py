"""Proof by password: throttled, and as slow for unknown names as for known ones. Sessions are `sessions`'."""

import asyncio
import logging
import math
from collections.abc import Callable
from typing import Final, Protocol

from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.auth.passwords import Passwords
from noctule_hub.auth.throttle import LoginThrottle, is_known
from noctule_hub.core.accounts import Backoff, SignInState, User
from noctule_hub.core.audit import Authorship
from noctule_hub.store.errors import StoreError

_log = logging.getLogger(__name__)

# Writes of backoff under way; what comes while the disk is this far behind counts until a restart only.
MAX_WRITES: Final = 64


class _Store(Protocol):
    async def sign_in_state(self, username: str) -> SignInState: ...

    async def keep_backoff(self, user_id: int, backoff: Backoff, *, by: Authorship) -> None: ...

    async def rehash_password(self, user_id: int, *, former_hash: str, password_hash: str) -> None: ...


class SignIn:
    """Verifies names and passwords. `unkept` counts failures whose backoff could not be kept over a restart."""

    def __init__(
        self, store: _Store, passwords: Passwords, throttle: LoginThrottle, clock_ms: Callable[[], int]
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._throttle = throttle
        self._clock_ms = clock_ms
        self._writes: set[asyncio.Task[None]] = set()
        self.unkept = 0

    async def prove(self, username: str, password: str, address: str) -> User | None:
        """Return the user whose password this is, None when it is nobody's who may sign in.

        Raises `Refused`: too-many after failures, busy while too many others are verified.
        """
        state = await self._store.sign_in_state(username)
        known = is_known(address, state.addresses)
        wait_s = self._throttle.admit(username, address, self._clock_ms(), known=known, kept=state.backoff)
        if wait_s is not None:
            raise too_many(wait_s)
        user = state.user
        try:
            right = await self._passwords.verify(user.password_hash if user else None, password)
        except Refused:
            self._throttle.take_back(username, address, known=known)
            raise
        if user is None or not right or user.disabled:
            # An unknown name may be a password in the wrong field, so only known ones are written down.
            _log.warning("sign-in refused for %s from %s", f"user {user.id}" if user else "an unknown name", address)
            if user is not None and not known:
                self._keep_backoff(user, address)
            return None
        self._throttle.succeeded(username, address, known=known)
        await self._rehash(user, password)
        return user

    async def is_strange(self, user: User, address: str) -> bool:
        """Return whether a user never signed in from there before."""
        return not is_known(address, (await self._store.sign_in_state(user.username)).addresses)

    async def written(self) -> None:
        """Wait until all that is to outlast a restart is in the store."""
        await asyncio.gather(*self._writes)

    def _keep_backoff(self, user: User, address: str) -> None:
        now_ms = self._clock_ms()
        backoff = self._throttle.backoff(user.username, address, now_ms)
        if backoff is None:
            return
        if len(self._writes) >= MAX_WRITES:
            self.unkept += 1
            return
        # Not waited for: the answer for a known name must not take longer by a write to the disk. A user waits
        # between two of these, so there are never many.
        by = Authorship("anonymous", "anonymous", address or None, now_ms)
        write = asyncio.create_task(self._keep(user.id, backoff, by))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)

    async def _keep(self, user_id: int, backoff: Backoff, by: Authorship) -> None:
        try:
            await self._store.keep_backoff(user_id, backoff, by=by)
        except StoreError:
            self.unkept += 1
            _log.exception("the failed sign-ins of user %d could not be kept", user_id)

    async def _rehash(self, user: User, password: str) -> None:
        """Keep the password by today's parameters; when there is no time for it now, at a later sign-in."""
        if not self._passwords.needs_rehash(user.password_hash):
            return
        try:
            password_hash = await self._passwords.hash(password)
        except Refused:
            return
        await self._store.rehash_password(user.id, former_hash=user.password_hash, password_hash=password_hash)


def too_many(wait_s: float) -> Refused:
    """Return the refusal of a try that came too soon."""
    message = f"too many tries; wait {math.ceil(wait_s)} s and try again"
    return Refused(ErrorCode.TOO_MANY, message, retry_after_s=wait_s)
