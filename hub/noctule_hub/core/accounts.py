"""People, programs and join tokens as the store keeps and returns them. Times in epoch milliseconds."""

from dataclasses import dataclass, field

from noctule_hub.core.principal import Role


@dataclass(frozen=True, slots=True)
class User:
    """A person who signs in. `password_hash` is an argon2id string; never leaves the hub."""

    id: int
    username: str
    password_hash: str = field(repr=False)
    role: Role
    customer_id: int | None
    disabled: bool
    min_issued_ms: int
    created_ms: int
    revision: int = 1


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A long-lived token for a program, known by its id; the token itself is not stored."""

    id: int
    name: str
    role: Role
    created_ms: int
    expires_ms: int
    revoked_ms: int | None


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One rotation of a browser session. `secret_hash` is SHA-256 hex; `used_ms` None: still the newest."""

    id: int
    family: str
    user_id: int
    secret_hash: str = field(repr=False)
    issued_ms: int
    expires_ms: int
    used_ms: int | None
    revoked_ms: int | None


@dataclass(frozen=True, slots=True)
class JoinTokenRow:
    """A join token as stored; `secret_hash` is SHA-256 hex."""

    id: int
    site_id: int
    secret_hash: str = field(repr=False)
    uses_left: int
    expires_ms: int
