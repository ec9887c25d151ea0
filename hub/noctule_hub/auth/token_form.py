"""What every signed token has in common: its size, its header, its times, and how little a refusal says.

Nothing here knows a key. Whose keys verify a token is `auth.tokens`' and `auth.external`'s to say.
"""

from enum import StrEnum
from typing import Any, Final

import jwt
import msgspec
from noctule_shared.errors import ErrorCode, Refused

# Checked before anything is parsed; an Authorization header cannot be longer than 8190 bytes.
MAX_TOKEN_CHARS: Final = 8_000
MAX_KID_CHARS: Final = 128
# The year 33658; beyond it, and for NaN, comparisons with the clock mean nothing.
MAX_TIME_S: Final = 1e12


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


class Header(msgspec.Struct, frozen=True):
    """The parts of a token's header that count.

    `jwk`, `jku`, `x5c` and `x5u`, by which a token would bring its own key, are not among them.
    """

    alg: str
    typ: str | None = None
    kid: str | None = None
    crit: msgspec.Raw | None = None
    b64: msgspec.Raw | None = None


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """The claims that say when a token is good, in seconds."""

    exp: float
    iat: float
    nbf: float | None = None

    @property
    def issued_ms(self) -> int:
        """When it was made, epoch milliseconds."""
        return round(self.iat * 1000)

    @property
    def expires_ms(self) -> int:
        """When it ends, epoch milliseconds."""
        return round(self.exp * 1000)


# Times are checked by `check_times` against the hub's own clock, which tests can turn.
NO_TIMES: Final[jwt.types.Options] = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
# What the libraries raise for bytes that are no token of the right form.
MALFORMED: Final = (jwt.PyJWTError, msgspec.ValidationError, ValueError, RecursionError)


def invalid_token() -> TokenRefused:
    """Return the refusal of a token for whatever reason but its age."""
    return TokenRefused(TokenFault.INVALID)


def read_header(token: str) -> Header:
    """Return a token's header, of which nothing is proven. Raises `TokenRefused`."""
    if len(token) > MAX_TOKEN_CHARS:
        raise invalid_token()
    try:
        header = msgspec.convert(jwt.get_unverified_header(token), Header)
    except MALFORMED as error:
        raise invalid_token() from error
    # An extension that must be understood, and a payload that is not base64url: neither is.
    if header.crit is not None or header.b64 is not None or len(header.kid or "") > MAX_KID_CHARS:
        raise invalid_token()
    return header


def claimed_issuer(token: str) -> str | None:
    """Return the issuer that a token claims to be of, unproven: only to choose whose keys it must be signed with.

    Raises `TokenRefused` when the token has no readable claims.
    """
    try:
        # The list of algorithms is not used without a signature; PyJWT wants one all the same.
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False}, algorithms=["HS256"])
    except MALFORMED as error:
        raise invalid_token() from error
    issuer = claims.get("iss")
    return issuer if isinstance(issuer, str) else None


def check_times(times: Times, now_ms: int, *, leeway_ms: int) -> None:
    """Raise `TokenRefused` unless a token is good now; `leeway_ms` forgives its maker's clock for being ahead."""
    # Also refuses NaN and infinities, with which every comparison below would be false.
    if not all(0 <= moment < MAX_TIME_S for moment in (times.exp, times.iat, times.nbf or 0.0)):
        raise invalid_token()
    if max(times.iat, times.nbf or 0.0) * 1000 > now_ms + leeway_ms:
        raise invalid_token()
    if times.exp * 1000 <= now_ms:
        raise TokenRefused(TokenFault.EXPIRED)
