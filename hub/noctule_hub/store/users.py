"""The part of the store's interface that knows who may sign in: users, their sessions and API tokens."""

from typing import Protocol

from noctule_hub.core.accounts import ApiToken, RefreshToken, User
from noctule_hub.core.principal import Role


class Users(Protocol):
    """People, their browser sessions, and long-lived tokens."""

    async def add_user(
        self, *, username: str, password_hash: str, role: Role, customer_id: int | None, now_ms: int
    ) -> User:
        """Add a user. Raises `Refused` (invalid, field username) when the name is taken."""
        ...

    async def user_by_name(self, username: str) -> User | None:
        """Return the user of that name, case-insensitive, or None."""
        ...

    async def users(self) -> list[User]:
        """Return all users by id."""
        ...

    async def add_refresh_token(
        self, *, family: str, user_id: int, secret_hash: str, issued_ms: int, expires_ms: int
    ) -> RefreshToken:
        """Keep the newest rotation of a session. Raises `Refused` (not-found) for an unknown user."""
        ...

    async def refresh_token(self, secret_hash: str) -> RefreshToken | None:
        """Return the rotation with this hash, or None."""
        ...

    async def rotate_refresh_token(
        self, used_id: int, *, secret_hash: str, issued_ms: int, expires_ms: int
    ) -> RefreshToken:
        """Mark `used_id` used (first use wins) and keep its successor in the same family.

        Raises `Refused` (unauthorised) when it is unknown or its session was ended meanwhile.
        """
        ...

    async def revoke_refresh_family(self, family: str, *, now_ms: int) -> None:
        """End a browser session: all its rotations."""
        ...

    async def add_api_token(self, *, name: str, role: Role, created_ms: int, expires_ms: int) -> ApiToken:
        """Keep a long-lived token. Raises `Refused` (invalid, field name) when one not revoked has the name."""
        ...

    async def api_tokens(self) -> list[ApiToken]:
        """Return all long-lived tokens by id, revoked ones too."""
        ...

    async def revoke_api_token(self, token_id: int, *, now_ms: int) -> None:
        """Revoke a long-lived token. Raises `Refused` (not-found)."""
        ...
