"""The hub's own access tokens, HS256: issued and verified here, for HTTP and sockets alike. Roles are the store's.

Nothing in a token but its subject is believed: role, name and customer are read from the store at each use, so that
a changed role or a disabled user counts at once.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

import jwt
import msgspec
from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.auth.keys import Keys
from noctule_hub.core.accounts import ApiToken, User
from noctule_hub.core.principal import Principal, Role
from noctule_hub.store.users import Users

ACCESS_LIFETIME_S: Final = 600
MAX_TOKEN_CHARS: Final = 4096
ALGORITHM: Final = "HS256"
TOKEN_TYPE: Final = "at+jwt"  # noqa: S105  the media type of RFC 9068
AUDIENCE: Final = "noctule"
REQUIRED_CLAIMS: Final = ["exp", "iat", "sub", "aud", "iss"]
# Only our own clock signs and checks, so only a step of it needs forgiving.
FUTURE_LEEWAY_MS: Final = 5_000
MAX_TIME_S: Final = 1e12
# Roles that a program's token may have. A customer's or an agent's rights hang on more than a role.
API_TOKEN_ROLES: Final = frozenset({Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.BILLING, Role.METRICS})


class TokenFault(StrEnum):
    """All that an outsider learns of a refused token."""

    EXPIRED = "token_expired"
    INVALID = "token_invalid"


class TokenRefused(Refused):
    """A token was refused (unauthorised). `fault` is what `connect_error` carries as `data.code`."""

    def __init__(self, fault: TokenFault) -> None:
        remedy = "refresh it" if fault is TokenFault.EXPIRED else "sign in again"
        super().__init__(ErrorCode.UNAUTHORISED, f"{fault}: {remedy}")
        self.fault = fault


class _Header(msgspec.Struct, frozen=True):
    alg: str
    typ: str
    kid: str
    crit: msgspec.Raw | None = None


class _Claims(msgspec.Struct, frozen=True):
    """Types of the claims; times in seconds. `aud` is one string: we issue no lists."""

    exp: float
    iat: float
    sub: str
    aud: str
    iss: str
    nbf: float | None = None


class Tokens:
    """Issues and verifies access tokens of one hub."""

    def __init__(self, keys: Keys, store: Users, clock_ms: Callable[[], int]) -> None:
        self._keys = keys
        self._store = store
        self._clock_ms = clock_ms
        # The issuer names this very hub: a token of another hub fails even if keys were shared by mistake.
        self._issuer = f"noctule:{keys.fingerprint}"

    def issue_access(self, user: User) -> str:
        """Return a token of `ACCESS_LIFETIME_S` for a signed-in user."""
        now_ms = self._clock_ms()
        return self._sign(f"user:{user.id}", now_ms, now_ms + ACCESS_LIFETIME_S * 1000)

    def issue_api(self, token: ApiToken) -> str:
        """Return the token of a program; it lasts until `token.expires_ms` unless it is revoked."""
        return self._sign(f"token:{token.id}", token.created_ms, token.expires_ms)

    async def verify(self, token: str) -> Principal:
        """Return who holds this token. Raises `TokenRefused`: expired when all else is right, else invalid."""
        claims = self._verified_claims(token)
        issued_ms, expires_ms = round(claims.iat * 1000), round(claims.exp * 1000)
        kind, _, number = claims.sub.partition(":")
        if not (number.isascii() and number.isdecimal() and len(number) <= 18):  # noqa: PLR2004  64-bit row ids
            raise TokenRefused(TokenFault.INVALID)
        if kind == "user":
            return await self._user(int(number), issued_ms, expires_ms)
        if kind == "token":
            return await self._program(int(number), expires_ms)
        raise TokenRefused(TokenFault.INVALID)

    def _sign(self, subject: str, issued_ms: int, expires_ms: int) -> str:
        # Fractions of a second count (RFC 7519 allows them): `min_issued_ms` must tell before from after.
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": issued_ms / 1000,
            "exp": expires_ms / 1000,
        }
        headers = {"typ": TOKEN_TYPE, "kid": self._keys.jwt_kid}
        return jwt.encode(claims, self._keys.jwt_keys[self._keys.jwt_kid], algorithm=ALGORITHM, headers=headers)

    def _verified_claims(self, token: str) -> _Claims:
        if len(token) > MAX_TOKEN_CHARS:
            raise TokenRefused(TokenFault.INVALID)
        try:
            header = msgspec.convert(jwt.get_unverified_header(token), _Header)
            key = self._keys.jwt_keys.get(header.kid)
            if header.alg != ALGORITHM or header.typ != TOKEN_TYPE or header.crit is not None or key is None:
                raise TokenRefused(TokenFault.INVALID)
            # Times are checked below against the hub's own clock, which tests can turn.
            options: jwt.types.Options = {
                "require": REQUIRED_CLAIMS,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            }
            decoded = jwt.decode(
                token, key, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=self._issuer, options=options
            )
            claims = msgspec.convert(decoded, _Claims)
            self._check_times(claims)
        except (jwt.PyJWTError, msgspec.ValidationError, ValueError, RecursionError) as error:
            raise TokenRefused(TokenFault.INVALID) from error
        return claims

    def _check_times(self, claims: _Claims) -> None:
        now_ms = self._clock_ms()
        # Also refuses NaN and infinities, with which every comparison below would be false.
        if not all(0 <= moment < MAX_TIME_S for moment in (claims.exp, claims.iat, claims.nbf or 0.0)):
            raise TokenRefused(TokenFault.INVALID)
        if max(claims.iat, claims.nbf or 0.0) * 1000 > now_ms + FUTURE_LEEWAY_MS:
            raise TokenRefused(TokenFault.INVALID)
        if claims.exp * 1000 <= now_ms:
            raise TokenRefused(TokenFault.EXPIRED)

    async def _user(self, user_id: int, issued_ms: int, expires_ms: int) -> Principal:
        for user in await self._store.users():
            if user.id == user_id and not user.disabled and issued_ms >= user.min_issued_ms:
                return Principal(
                    subject=f"user:{user.id}",
                    role=user.role,
                    name=user.username,
                    user_id=user.id,
                    customer_id=user.customer_id,
                    expires_ms=expires_ms,
                )
        raise TokenRefused(TokenFault.INVALID)

    async def _program(self, token_id: int, expires_ms: int) -> Principal:
        for token in await self._store.api_tokens():
            if token.id == token_id and token.revoked_ms is None:
                return Principal(subject=f"token:{token.id}", role=token.role, name=token.name, expires_ms=expires_ms)
        raise TokenRefused(TokenFault.INVALID)
