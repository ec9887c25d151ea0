"""Browser sessions by rotating refresh tokens, with detection of reuse. Cookies are the API's.

Each refresh spends a token and hands out its successor. One spent more than `REUSE_GRACE_MS` ago comes back only from
somebody who copied it: the whole session ends. Within the grace it is another tab, or an answer lost on the way.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.core.accounts import RefreshToken, SessionEnd, User
from noctule_hub.core.audit import Authorship
from noctule_hub.store.sessions import SignIns

_log = logging.getLogger(__name__)

SECRET_BYTES: Final = 32
MAX_SECRET_CHARS: Final = 64
LIFETIME_MS: Final = 14 * 86_400_000
REUSE_GRACE_MS: Final = 10_000
MAX_CLIENT_CHARS: Final = 200


class _Store(SignIns, Protocol):
    async def user(self, user_id: int) -> User | None: ...


def secret_hash(secret: str) -> str:
    """Return how a random secret is kept: SHA-256 hex. Enough for 256 random bits, never for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Grant:
    """A signed-in user, its session, and the secret for the next refresh, which goes into the cookie."""

    user: User
    session_id: int
    refresh_secret: str = field(repr=False)


class SessionOver(Refused):
    """There is no session to renew, or no more. `user_id` is set when it ended because a spent token came back."""

    def __init__(self, user_id: int | None = None) -> None:
        super().__init__(ErrorCode.UNAUTHORISED, "the session is over; sign in again")
        self.user_id = user_id


class Sessions:
    """Starts, renews and ends sessions. `reuses` counts those ended because a spent token came back."""

    def __init__(self, store: _Store, clock_ms: Callable[[], int]) -> None:
        self._store = store
        self._clock_ms = clock_ms
        self.reuses = 0

    async def start(
        self, user: User, *, address: str | None = None, client: str = "", clear_backoff: bool = True
    ) -> Grant:
        """Begin a session for a user who has just proved who they are.

        `client` is what the program calls itself; of it, what is printable is kept. Raises `Refused` (unauthorised)
        when the user was disabled or removed meanwhile.
        """
        # Never before the user's minimum, which may be the millisecond after this one.
        at_ms = max(self._clock_ms(), user.min_issued_ms)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        token = await self._store.start_session(
            user.id,
            secret_hash=secret_hash(secret),
            expires_ms=at_ms + LIFETIME_MS,
            client="".join(letter for letter in client[:MAX_CLIENT_CHARS] if letter.isprintable()),
            clear_backoff=clear_backoff,
            by=Authorship(f"user:{user.id}", user.username, address, at_ms),
        )
        return Grant(user, token.session_id, secret)

    async def renew(self, refresh_secret: str, *, address: str | None = None) -> Grant:
        """Spend a refresh token and return the session with its successor. Raises `SessionOver`."""
        token = await self._find(refresh_secret)
        now_ms = self._clock_ms()
        if token is None or token.ended_ms is not None or token.expires_ms <= now_ms:
            raise SessionOver
        user = await self._store.user(token.user_id)
        if token.used_ms is not None and now_ms - token.used_ms > REUSE_GRACE_MS:
            await self._end_reused(token, user, address)
            raise SessionOver(token.user_id)
        if user is None or user.disabled or token.issued_ms < user.min_issued_ms:
            raise SessionOver
        secret = secrets.token_urlsafe(SECRET_BYTES)
        await self._store.rotate_refresh_token(
            token.id, secret_hash=secret_hash(secret), issued_ms=now_ms, expires_ms=now_ms + LIFETIME_MS
        )
        return Grant(user, token.session_id, secret)

    async def end(self, refresh_secret: str, *, address: str | None = None) -> int | None:
        """End the session of this token, spent or not; returns whose it was, None when there was nothing to end."""
        token = await self._find(refresh_secret)
        if token is None:
            return None
        user = await self._store.user(token.user_id)
        by = Authorship(f"user:{token.user_id}", user.username if user else "", address, self._clock_ms())
        await self._store.end_session(token.session_id, SessionEnd.SIGNED_OUT, user_id=token.user_id, by=by)
        return token.user_id

    async def _end_reused(self, token: RefreshToken, user: User | None, address: str | None) -> None:
        self.reuses += 1
        _log.warning(
            "session %d of user %d ended: a spent refresh token came back from %s; it was copied, or a backup of a "
            "browser was restored",
            token.session_id,
            token.user_id,
            address or "an unknown address",
        )
        by = Authorship(f"user:{token.user_id}", user.username if user else "", address, self._clock_ms())
        await self._store.end_session(token.session_id, SessionEnd.REUSED, user_id=None, by=by)

    async def _find(self, refresh_secret: str) -> RefreshToken | None:
        if not refresh_secret or len(refresh_secret) > MAX_SECRET_CHARS:
            return None
        return await self._store.refresh_token(secret_hash(refresh_secret))
