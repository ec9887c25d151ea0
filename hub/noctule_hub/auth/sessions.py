"""Browser sessions by rotating refresh tokens, with detection of reuse. Cookies are the API's.

Each refresh spends a token and hands out its successor. One spent more than `REUSE_GRACE_MS` ago comes back only from
somebody who copied it: the whole family ends. Within the grace it is another tab, or an answer lost on the way.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.core.accounts import RefreshToken, User
from noctule_hub.store.users import Users

SECRET_BYTES: Final = 32
MAX_SECRET_CHARS: Final = 64
LIFETIME_MS: Final = 14 * 86_400_000
REUSE_GRACE_MS: Final = 10_000


def secret_hash(secret: str) -> str:
    """Return how a random secret is kept: SHA-256 hex. Enough for 256 random bits, never for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in user and the secret for the next refresh, which goes into the cookie."""

    user: User
    refresh_secret: str = field(repr=False)


def _over() -> Refused:
    return Refused(ErrorCode.UNAUTHORISED, "the session is over; sign in again")


class Sessions:
    """Starts, renews and ends sessions. `reuses` counts families ended because a spent token came back."""

    def __init__(self, store: Users, clock_ms: Callable[[], int]) -> None:
        self._store = store
        self._clock_ms = clock_ms
        self.reuses = 0

    async def start(self, user: User) -> Session:
        """Begin a family for a user who has just proved who they are."""
        now_ms = self._clock_ms()
        secret = secrets.token_urlsafe(SECRET_BYTES)
        await self._store.add_refresh_token(
            family=secrets.token_hex(16),
            user_id=user.id,
            secret_hash=secret_hash(secret),
            issued_ms=now_ms,
            expires_ms=now_ms + LIFETIME_MS,
        )
        return Session(user, secret)

    async def renew(self, refresh_secret: str) -> Session:
        """Spend a refresh token and return the session with its successor. Raises `Refused` (unauthorised)."""
        token = await self._find(refresh_secret)
        now_ms = self._clock_ms()
        if token is None or token.revoked_ms is not None or token.expires_ms <= now_ms:
            raise _over()
        if token.used_ms is not None and now_ms - token.used_ms > REUSE_GRACE_MS:
            self.reuses += 1
            await self._store.revoke_refresh_family(token.family, now_ms=now_ms)
            raise _over()
        user = next((user for user in await self._store.users() if user.id == token.user_id), None)
        if user is None or user.disabled or token.issued_ms < user.min_issued_ms:
            raise _over()
        secret = secrets.token_urlsafe(SECRET_BYTES)
        await self._store.rotate_refresh_token(
            token.id, secret_hash=secret_hash(secret), issued_ms=now_ms, expires_ms=now_ms + LIFETIME_MS
        )
        return Session(user, secret)

    async def end(self, refresh_secret: str) -> None:
        """End the family of this token, spent or not; an unknown one is nothing to end."""
        token = await self._find(refresh_secret)
        if token is not None:
            await self._store.revoke_refresh_family(token.family, now_ms=self._clock_ms())

    async def _find(self, refresh_secret: str) -> RefreshToken | None:
        if not refresh_secret or len(refresh_secret) > MAX_SECRET_CHARS:
            return None
        return await self._store.refresh_token(secret_hash(refresh_secret))
