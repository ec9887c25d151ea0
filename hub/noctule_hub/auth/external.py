"""Tokens of others' issuers, verified: each by its own keys and algorithms alone. What claims mean is `core`'s.

A token is tried with the keys of every issuer that uses its algorithm. That is safe because a signature fits one
issuer's key and no other's: two issuers with one secret are refused at the start.
"""

import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import jwt
import msgspec
from jwt.warnings import InsecureKeyLengthWarning

from noctule_hub.auth.key_sets import Key, KeySet, SharedSecret, open_key_set
from noctule_hub.auth.token_form import MALFORMED, NO_TIMES, Header, Times, check_times, invalid_token
from noctule_hub.config.external import ExternalIssuer
from noctule_hub.core.external_claims import ClaimFault, principal_of
from noctule_hub.core.principal import Principal
from noctule_hub.errors import ConfigError

_log = logging.getLogger(__name__)

# Another machine's clock made the token.
LEEWAY_MS: Final = 60_000
# A reason is logged once in this time, however many tokens come.
LOG_INTERVAL_MS: Final = 60_000
# `JWT` is what libraries write by default, `at+jwt` RFC 9068's; anything else is made for another purpose.
TOKEN_TYPES: Final = frozenset({None, "jwt", "at+jwt", "application/at+jwt"})
_OPTIONS: Final[jwt.types.Options] = NO_TIMES | {
    "require": ["exp", "iat"],
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


@dataclass(frozen=True, slots=True)
class _Issuer:
    settings: ExternalIssuer
    keys: KeySet


class ExternalTokens:
    """Verifies tokens of all configured issuers; `refused` counts by issuer's name those with a right signature."""

    def __init__(self, issuers: Sequence[tuple[ExternalIssuer, KeySet]], clock_ms: Callable[[], int]) -> None:
        self._issuers = tuple(_Issuer(settings, keys) for settings, keys in issuers)
        self._clock_ms = clock_ms
        self._logged_ms: dict[tuple[str, ClaimFault], int] = {}
        self.refused: dict[str, int] = {settings.name: 0 for settings, _ in issuers}

    async def verify(self, token: str, header: Header) -> Principal:
        """Return who a token speaks for, by its claims alone. Raises `TokenRefused`."""
        if (header.typ.lower() if header.typ is not None else None) not in TOKEN_TYPES:
            raise invalid_token()
        for issuer in self._issuers:
            if header.alg not in issuer.settings.algorithms:
                continue
            for key in await issuer.keys.find(header.kid):
                claims = _signed_claims(token, key, header.alg)
                if claims is not None:
                    return self._principal(issuer.settings, claims)
        raise invalid_token()

    def _principal(self, issuer: ExternalIssuer, claims: Mapping[str, Any]) -> Principal:
        try:
            times = msgspec.convert(claims, Times)
        except MALFORMED as error:
            raise invalid_token() from error
        check_times(times, self._clock_ms(), leeway_ms=LEEWAY_MS)
        found = principal_of(issuer.rules, claims, issued_ms=times.issued_ms, expires_ms=times.expires_ms)
        if isinstance(found, ClaimFault):
            self._note(issuer.name, found)
            raise invalid_token()
        return found

    def _note(self, name: str, fault: ClaimFault) -> None:
        self.refused[name] += 1
        now_ms = self._clock_ms()
        last_ms = self._logged_ms.get((name, fault))
        if last_ms is None or now_ms - last_ms >= LOG_INTERVAL_MS:
            self._logged_ms[name, fault] = now_ms
            _log.warning("[auth.external.%s]: a token with a right signature is refused: %s", name, fault)


def _signed_claims(token: str, key: Key, algorithm: str) -> Mapping[str, Any] | None:
    """Return the claims of a token that was signed with this key; None: it was not, or it has no exp and iat."""
    try:
        with warnings.catch_warnings():
            # Said once at the start, in words that name the issuer.
            warnings.simplefilter("ignore", InsecureKeyLengthWarning)
            claims: dict[str, Any] = jwt.decode(token, key, algorithms=[algorithm], options=_OPTIONS)
    except (*MALFORMED, TypeError):
        return None
    return claims


def open_external(issuers: Sequence[ExternalIssuer], clock_ms: Callable[[], int]) -> ExternalTokens | None:
    """Return the verifier of all configured issuers, None when there is none.

    Raises `ConfigError`: a secret is missing, too short or that of two issuers.
    """
    opened = [(issuer, open_key_set(issuer)) for issuer in issuers]
    owners: dict[object, str] = {}
    for issuer, keys in opened:
        source = keys.secret if isinstance(keys, SharedSecret) else (issuer.jwks_file or issuer.jwks_url)
        other = owners.setdefault(source, issuer.name)
        if other != issuer.name:
            raise ConfigError(
                f"[auth.external.{issuer.name}]: has the same keys as [auth.external.{other}]; "
                "give each issuer its own, or make them one"
            )
    return ExternalTokens(opened, clock_ms) if opened else None
