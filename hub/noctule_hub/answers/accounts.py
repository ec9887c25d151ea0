"""People, programs and their sign-in as HTTP answers show them."""

from typing import Final

import msgspec

from noctule_hub.core.principal import Role

REFRESH_COOKIE: Final = "noctule_refresh"
# Tells the hub's own pages, which cannot read the refresh cookie, that there is one. It is no secret and opens nothing.
HINT_COOKIE: Final = "noctule_session"
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


class SessionView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A browser or command line that is signed in. `address` None: not known; `current`: it is the caller's own.

    `client` is what the program called itself. `seen_at` is its last refresh, some ten minutes old at most.
    """

    id: int
    user_id: int
    created_at: str
    seen_at: str
    expires_at: str
    address: str | None
    client: str
    current: bool


class TokenView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A program's token, without the token. `former_until`: after a rotation, how long the one before is good.

    `used_at`, `used_from`: when and from which address it was last used, as a request or to connect; null: not known.
    """

    id: int
    name: str
    role: Role
    created_at: str
    issued_at: str
    expires_at: str
    former_until: str | None
    revoked_at: str | None
    used_at: str | None
    used_from: str | None


class RefusalView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A refused subject of another's issuer. `before` None: all its tokens, else those issued before then."""

    id: int
    subject: str
    before: str | None
    reason: str
    created_at: str


class NewTokenAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """The token, shown this once."""

    id: int
    name: str
    role: Role
    token: str
    expires_at: str

    def __repr__(self) -> str:
        return f"NewTokenAnswer(id={self.id}, name={self.name!r}, token=***)"


class Access(msgspec.Struct, frozen=True, rename="camel"):
    """An access token and how many seconds it lasts."""

    access_token: str
    expires_in: int

    def __repr__(self) -> str:
        return "Access(***)"
