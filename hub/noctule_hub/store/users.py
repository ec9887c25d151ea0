"""The part of the store's interface that knows the people who may sign in. Their sessions are `store.sessions`'."""

from typing import Protocol

from noctule_hub.core.accounts import User
from noctule_hub.core.audit import Authorship
from noctule_hub.core.principal import Role


class Users(Protocol):
    """People who sign in. At all times there is an administrator who is not disabled, once there was one."""

    async def add_user(
        self, *, username: str, password_hash: str, role: Role, customer_id: int | None, by: Authorship
    ) -> User:
        """Add a user. Raises `Refused` (invalid, field username) when the name is taken, in any case of letters."""
        ...

    async def user(self, user_id: int) -> User | None:
        """Return the user of that id, or None."""
        ...

    async def users(self) -> list[User]:
        """Return all users by id."""
        ...

    async def change_user(
        self, user_id: int, *, revision: int, role: Role, customer_id: int | None, disabled: bool, by: Authorship
    ) -> User:
        """Change a user that still has `revision`. Disabling ends its sessions and makes its tokens worthless.

        Raises `Refused`: not-found; invalid (field revision) when somebody else changed it meanwhile, (field role or
        disabled) when no administrator would be left.
        """
        ...

    async def set_password(self, user_id: int, *, password_hash: str, by: Authorship) -> User:
        """Give a user another password; its sessions end and its tokens of before are worthless.

        Raises `Refused` (not-found).
        """
        ...

    async def rehash_password(self, user_id: int, *, former_hash: str, password_hash: str) -> None:
        """Keep the same password under other parameters, unless it was changed meanwhile. Nothing else changes."""
        ...

    async def remove_user(self, user_id: int, *, by: Authorship) -> None:
        """Remove a user with its sessions; its id is never used again.

        Raises `Refused`: not-found; invalid (field id) when no administrator would be left.
        """
        ...
