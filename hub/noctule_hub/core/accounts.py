"""People, programs and join tokens as the store keeps and returns them. Times in epoch milliseconds."""

from dataclasses import dataclass, field
from enum import StrEnum

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
class Use:
    """A token was used at `at_ms` from `address`, None: not known."""

    at_ms: int
    address: str | None


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A long-lived token for a program, known by its id; the token itself is not stored.

    It was issued at `issued_ms` and lasts until `expires_ms`. After a rotation the one before, issued at
    `former_issued_ms`, is good until `former_until_ms`; None: there is none. `used` None: never, as far as is known;
    it is no part of what the audit log tells.
    """

    id: int
    name: str
    role: Role
    created_ms: int
    expires_ms: int
    revoked_ms: int | None
    issued_ms: int
    former_issued_ms: int | None = None
    former_until_ms: int | None = None
    used: Use | None = field(default=None, repr=False)

    def good_until_ms(self, issued_ms: int) -> int | None:
        """Return how long the token that was issued then is good, epoch milliseconds; None: it is not, or no more."""
        if self.revoked_ms is not None:
            return None
        if issued_ms == self.issued_ms:
            return self.expires_ms
        return self.former_until_ms if issued_ms == self.former_issued_ms else None


class SessionEnd(StrEnum):
    """Why a browser session is over."""

    SIGNED_OUT = "signed-out"
    ENDED = "ended"
    REUSED = "reused"
    PASSWORD = "password"  # noqa: S105  a reason, not a password
    DISABLED = "disabled"
    TOO_MANY = "too-many"


@dataclass(frozen=True, slots=True)
class Session:
    """A browser or command line that is signed in: a chain of refresh tokens.

    `address` None: not known. `client` is what it calls itself, untrusted text. `seen_ms` is its last refresh.
    """

    id: int
    user_id: int
    created_ms: int
    seen_ms: int
    expires_ms: int
    address: str | None
    client: str
    ended_ms: int | None = None
    end_reason: SessionEnd | None = None


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One rotation of a session. `secret_hash` is SHA-256 hex; `used_ms` None: still the newest.

    `ended_ms` is the session's.
    """

    id: int
    session_id: int
    user_id: int
    secret_hash: str = field(repr=False)
    issued_ms: int
    expires_ms: int
    used_ms: int | None
    ended_ms: int | None


@dataclass(frozen=True, slots=True)
class Backoff:
    """Failed sign-ins of a user from addresses that are strange to it, as far as they are worth keeping."""

    failures: int
    last_ms: int
    blocked_until_ms: int


@dataclass(frozen=True, slots=True)
class SignInState:
    """What a sign-in is judged by. `user` None: there is none of that name. `addresses`: it signed in from there."""

    user: User | None
    backoff: Backoff | None
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Tokens of others' issuers that are refused: of one subject, `ext:NAME:7`, or of all, `ext:NAME`.

    `before_ms` refuses those issued before then, None all of them.
    """

    id: int
    subject: str
    before_ms: int | None
    reason: str
    created_ms: int

    def covers(self, subject: str, issued_ms: int) -> bool:
        """Return whether a token of that subject, issued then, is refused."""
        named = subject == self.subject or subject.startswith(self.subject + ":")
        return named and (self.before_ms is None or issued_ms < self.before_ms)


@dataclass(frozen=True, slots=True)
class JoinTokenRow:
    """A join token as stored; `secret_hash` is SHA-256 hex."""

    id: int
    site_id: int
    secret_hash: str = field(repr=False)
    uses_left: int
    expires_ms: int
