"""People, programs and their sign-in as HTTP answers show them."""

from typing import Final

import msgspec

from noctule_hub.core.principal import Role

REFRESH_COOKIE: Final = "noctule_refresh"
# A header that a form or an image of another site cannot send.
CSRF_HEADER: Final = "X-Noctule"


class MeView(msgspec.Struct, frozen=True, rename="camel"):
    """Who the caller is."""

    subject: str
    name: str
    role: Role
    user_id: int | None
    customer_id: int | None


class UserView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A person who signs in."""

    id: int
    username: str
    role: Role
    customer_id: int | None
    disabled: bool
    created_at: str
    revision: int


class TokenView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A program's token, without the token."""

    id: int
    name: str
    role: Role
    created_at: str
    expires_at: str
    revoked_at: str | None


class NewTokenAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """The token, shown this once."""

    id: int
    name: str
    role: Role
    token: str
    expires_at: str


class Access(msgspec.Struct, frozen=True, rename="camel"):
    """An access token and how many seconds it lasts."""

    access_token: str
    expires_in: int

    def __repr__(self) -> str:
        return "Access(***)"
