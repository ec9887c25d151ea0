"""Access tokens, for HTTP and sockets alike: the hub's own, HS256, issued and verified here; others' are passed on.

Nothing in an own token but its subject is believed: role, name and customer are read from the store at each use, so
that a changed role or a disabled user counts at once.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

import jwt
import msgspec

from noctule_hub.auth.keys import Keys
from noctule_hub.auth.token_form import (
    MALFORMED,
    NO_TIMES,
    Header,
    Times,
    TokenFault,
    TokenRefused,
    check_times,
    claimed_issuer,
    invalid_token,
    read_header,
)
from noctule_hub.core.accounts import ApiToken, Refusal, User
from noctule_hub.core.principal import Principal, Role

__all__ = ["TokenFault", "TokenRefused", "Tokens"]

ACCESS_LIFETIME_S: Final = 600
ALGORITHM: Final = "HS256"
TOKEN_TYPE: Final = "at+jwt"  # noqa: S105  the media type of RFC 9068
AUDIENCE: Final = "noctule"
# Only our own clock signs and checks, so only a step of it needs forgiving.
FUTURE_LEEWAY_MS: Final = 5_000
MAX_ID_DIGITS: Final = 18
# Whom own tokens may speak for; agents' and others' issuers' are verified by other keys.
OWN_SUBJECTS: Final = frozenset({"user", "token"})
# Roles that a program's token may have. A customer's or an agent's rights hang on more than a role.
API_TOKEN_ROLES: Final = frozenset({Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.BILLING, Role.METRICS})


class Accounts(Protocol):
    """What of the store decides whether a token is still good."""

    async def user_in_session(self, user_id: int, session_id: int | None) -> User | None:
        """Return a user, None when it or its session is gone."""
        ...

    async def api_token(self, token_id: int) -> ApiToken | None:
        """Return a program's token, or None."""
        ...

    async def refusals_of(self, subject: str) -> list[Refusal]:
        """Return what refuses an external subject."""
        ...


class ExternalVerifier(Protocol):
    """Verifies tokens of others' issuers: signature, claims and times."""

    async def verify(self, token: str, header: Header) -> Principal:
        """Return who a token speaks for, by its claims alone. Raises `TokenRefused`."""
        ...


class _Claims(Times, frozen=True, kw_only=True):
    """Types of the claims; `aud` is one string: we issue no lists."""

    sub: str
    aud: str
    iss: str
    sid: int | None = None


class Tokens:
    """Issues and verifies access tokens of one hub. `external` None: nobody else's are taken."""

    def __init__(
        self, keys: Keys, store: Accounts, clock_ms: Callable[[], int], external: ExternalVerifier | None = None
    ) -> None:
        self._keys = keys
        self._store = store
        self._clock_ms = clock_ms
        self._external = external
        # The issuer names this very hub: a token of another hub fails even if keys were shared by mistake.
        self._issuer = f"noctule:{keys.fingerprint}"

    def issue_access(self, user: User, session_id: int | None = None) -> str:
        """Return a token of `ACCESS_LIFETIME_S` for a signed-in user; it ends with its session at the latest."""
        issued_ms = max(self._clock_ms(), user.min_issued_ms)
        return self._sign(f"user:{user.id}", issued_ms, issued_ms + ACCESS_LIFETIME_S * 1000, session_id)

    def issue_api(self, token: ApiToken) -> str:
        """Return the newest token of a program; it lasts until `token.expires_ms` unless it is revoked."""
        return self._sign(f"token:{token.id}", token.issued_ms, token.expires_ms, None)

    async def verify(self, token: str) -> Principal:
        """Return who holds this token. Raises `TokenRefused`: expired when all else is right, else invalid."""
        header = read_header(token)
        if self._external is None or claimed_issuer(token) == self._issuer:
            claimed = self._own(token, header)
        else:
            claimed = await self._external.verify(token, header)
        present = await self.present(claimed)
        if present is None:
            raise invalid_token()
        return present

    async def present(self, principal: Principal) -> Principal | None:
        """Return who the holder of a verified token is now; None: nobody whose token is still good."""
        kind, _, number = principal.subject.partition(":")
        match kind:
            case "user":
                return await self._user(principal, _row_id(number))
            case "token":
                return await self._program(principal, _row_id(number))
            case "ext":
                refusals = await self._store.refusals_of(principal.subject)
                refused = any(one.covers(principal.subject, principal.issued_ms or 0) for one in refusals)
                return None if refused else principal
            case _:
                return None

    def _sign(self, subject: str, issued_ms: int, expires_ms: int, session_id: int | None) -> str:
        # Fractions of a second count (RFC 7519 allows them): `min_issued_ms` must tell before from after.
        claims: dict[str, object] = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": issued_ms / 1000,
            "exp": expires_ms / 1000,
        }
        if session_id is not None:
            claims["sid"] = session_id
        kid = self._keys.jwt_signing_kid
        return jwt.encode(
            claims, self._keys.jwt_keys[kid], algorithm=ALGORITHM, headers={"typ": TOKEN_TYPE, "kid": kid}
        )

    def _own(self, token: str, header: Header) -> Principal:
        """Return what an own token claims, its signature, times and addressee being right."""
        key = self._keys.jwt_keys.get(header.kid or "")
        if header.alg != ALGORITHM or header.typ != TOKEN_TYPE or key is None:
            raise invalid_token()
        try:
            decoded = jwt.decode(
                token, key, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=self._issuer, options=NO_TIMES
            )
            claims = msgspec.convert(decoded, _Claims)
        except MALFORMED as error:
            raise invalid_token() from error
        if claims.sub.partition(":")[0] not in OWN_SUBJECTS:
            raise invalid_token()
        check_times(claims, self._clock_ms(), leeway_ms=FUTURE_LEEWAY_MS)
        return Principal(
            subject=claims.sub,
            # Until the store has said who this is.
            role=Role.ANONYMOUS,
            name="",
            expires_ms=claims.expires_ms,
            issued_ms=claims.issued_ms,
            session_id=claims.sid,
        )

    async def _user(self, claimed: Principal, user_id: int | None) -> Principal | None:
        user = None if user_id is None else await self._store.user_in_session(user_id, claimed.session_id)
        if user is None or user.disabled or (claimed.issued_ms or 0) < user.min_issued_ms:
            return None
        return replace(claimed, role=user.role, name=user.username, user_id=user.id, customer_id=user.customer_id)

    async def _program(self, claimed: Principal, token_id: int | None) -> Principal | None:
        token = None if token_id is None else await self._store.api_token(token_id)
        until_ms = None if token is None else token.good_until_ms(claimed.issued_ms or 0)
        if token is None or until_ms is None or until_ms <= self._clock_ms():
            return None
        return replace(
            claimed, role=token.role, name=token.name, expires_ms=min(claimed.expires_ms or until_ms, until_ms)
        )


def _row_id(number: str) -> int | None:
    good = number.isascii() and number.isdecimal() and len(number) <= MAX_ID_DIGITS
    return int(number) if good else None
