"""The part of the store's interface that knows who is signed in, and who failed to."""

from typing import Protocol

from noctule_hub.core.accounts import Backoff, RefreshToken, Session, SessionEnd, SignInState, User
from noctule_hub.core.audit import Authorship


class SignIns(Protocol):
    """Sessions of browsers and command lines, and what of failed sign-ins outlasts a restart."""

    async def sign_in_state(self, username: str) -> SignInState:
        """Return what a sign-in by that name, in any case of letters, is judged by."""
        ...

    async def keep_backoff(self, user_id: int, backoff: Backoff, *, by: Authorship) -> None:
        """Keep that a user's sign-in is blocked for a while. Nothing happens when the user is gone."""
        ...

    async def start_session(
        self, user_id: int, *, secret_hash: str, expires_ms: int, client: str, clear_backoff: bool, by: Authorship
    ) -> RefreshToken:
        """Begin a session, issued at `by.at_ms`; past `MAX_SESSIONS` of a user the one longest unused ends.

        Raises `Refused` (unauthorised) when the user is gone or disabled meanwhile.
        """
        ...

    async def refresh_token(self, secret_hash: str) -> RefreshToken | None:
        """Return the rotation with this hash, or None."""
        ...

    async def rotate_refresh_token(
        self, used_id: int, *, secret_hash: str, issued_ms: int, expires_ms: int
    ) -> RefreshToken:
        """Mark `used_id` used (first use wins) and keep its successor in the same session.

        Raises `Refused` (unauthorised) when it is unknown or its session was ended meanwhile.
        """
        ...

    async def end_session(self, session_id: int, reason: SessionEnd, *, user_id: int | None, by: Authorship) -> Session:
        """End a session; the first end counts. `user_id` None: whoever's it is.

        Raises `Refused` (not-found) when there is none of that id, or it is not that user's.
        """
        ...

    async def sessions(self, user_id: int, *, now_ms: int) -> list[Session]:
        """Return a user's sessions that are neither ended nor expired, by id."""
        ...

    async def user_in_session(self, user_id: int, session_id: int | None) -> User | None:
        """Return a user, None when it is gone or when that session (None: of no matter) is not its own or has ended."""
        ...
