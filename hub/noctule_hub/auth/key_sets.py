"""Keys of others' issuers: a shared secret, or public keys from a file or an address. Claims are `external`'s."""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import aiohttp
import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from noctule_hub.config.external import ExternalIssuer
from noctule_hub.errors import ConfigError

_log = logging.getLogger(__name__)

MIN_SECRET_BYTES: Final = 32
MAX_SECRET_BYTES: Final = 4096
MAX_SET_BYTES: Final = 64 * 1024
MAX_SET_KEYS: Final = 32
MIN_RSA_BITS: Final = 2048
FETCH_TIMEOUT_S: Final = 5.0
# A set is read again this often, and at once for a key id that is not in it, but never more often than each minute.
REFRESH_S: Final = 600.0
RETRY_S: Final = 60.0
# How long keys are believed when they cannot be read again.
MAX_AGE_S: Final = 86_400.0
_FAMILIES: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}

# What PyJWT takes as a key: bytes or a public key object.
Key = Any


class KeySet(Protocol):
    """Where the keys of one issuer come from."""

    async def find(self, kid: str | None) -> Sequence[Key]:
        """Return the keys that a token with this key id may be signed with; none when there are none."""
        ...


class SharedSecret:
    """One secret, whatever key id a token names."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret

    async def find(self, kid: str | None) -> Sequence[Key]:  # noqa: ARG002  a secret has no id
        """Return the secret."""
        return (self.secret,)


class PublicKeys:
    """A JSON Web Key Set, read by `read` when needed and kept; while it cannot be read the last one is believed a day.

    Reads are one at a time and at most one each `RETRY_S`. `failures` counts those that brought nothing.
    """

    def __init__(
        self,
        name: str,
        algorithms: Sequence[str],
        read: Callable[[], Awaitable[bytes]],
        *,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._families = {_FAMILIES[algorithm[:2]] for algorithm in algorithms}
        self._read = read
        self._clock_s = clock_s
        self._keys: dict[str | None, Key] = {}
        self._read_s: float | None = None
        self._tried_s: float | None = None
        self._reading = asyncio.Lock()
        self._failing = False
        self.failures = 0

    async def find(self, kid: str | None) -> Sequence[Key]:
        """Return the key of that id. Without an id, only a set of one key leaves no doubt."""
        if self._is_due(kid):
            await self._refresh(kid)
        if self._read_s is None or self._clock_s() - self._read_s > MAX_AGE_S:
            return ()
        if kid is None:
            return tuple(self._keys.values()) if len(self._keys) == 1 else ()
        return (self._keys[kid],) if kid in self._keys else ()

    def _is_due(self, kid: str | None) -> bool:
        now_s = self._clock_s()
        if self._tried_s is not None and now_s - self._tried_s < RETRY_S:
            return self._reading.locked() and not self._keys
        old = self._read_s is None or now_s - self._read_s >= REFRESH_S
        return old or (kid is not None and kid not in self._keys)

    async def _refresh(self, kid: str | None) -> None:
        if self._reading.locked() and kid in self._keys:
            return
        async with self._reading:
            now_s = self._clock_s()
            if self._tried_s is not None and now_s - self._tried_s < RETRY_S:
                return
            self._tried_s = now_s
            try:
                keys = parse_key_set(await self._read(), self._families)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                self.failures += 1
                if not self._failing:
                    reason = str(error)[:200] or type(error).__name__
                    _log.warning("[auth.external.%s]: its keys cannot be read: %s", self._name, reason)
                self._failing = True
                return
            if self._failing:
                _log.info("[auth.external.%s]: its keys can be read again", self._name)
            self._failing = False
            self._keys, self._read_s = keys, self._clock_s()


class _Jwks(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


def parse_key_set(text: bytes, families: set[str]) -> dict[str | None, Key]:
    """Return the public keys of a JWKS by key id, of these `kty` alone. Raises `ValueError` saying what is wrong.

    Left out: keys for other uses, symmetric and private ones, RSA under 2048 bits, and what is not understood.
    """
    if len(text) > MAX_SET_BYTES:
        raise ValueError(f"the key set is larger than {MAX_SET_BYTES} bytes")
    try:
        jwks = msgspec.json.decode(text, type=_Jwks)
    except (msgspec.MsgspecError, RecursionError):
        raise ValueError("what is there is no JSON Web Key Set") from None
    if len(jwks.keys) > MAX_SET_KEYS:
        raise ValueError(f"the key set has more than {MAX_SET_KEYS} keys")
    found: dict[str | None, Key] = {}
    for jwk in jwks.keys:
        key = _public_key(jwk, families)
        kid = jwk.get("kid")
        if key is None or not (kid is None or isinstance(kid, str)):
            continue
        if kid in found:
            raise ValueError("two keys of the set have one kid")
        found[kid] = key
    if not found:
        raise ValueError(f"the key set has no usable key of type {' or '.join(sorted(families))}")
    return found


def _public_key(jwk: dict[str, Any], families: set[str]) -> Key | None:
    if jwk.get("kty") not in families or jwk.get("use", "sig") != "sig" or "d" in jwk:
        return None
    try:
        key = jwt.PyJWK(jwk).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAPublicKey) and key.key_size < MIN_RSA_BITS:
        return None
    return key


def open_key_set(issuer: ExternalIssuer) -> KeySet:
    """Return where an issuer's keys come from, a secret being read now. Raises `ConfigError`."""
    where = f"[auth.external.{issuer.name}]"
    if issuer.jwks_url is not None:
        url = issuer.jwks_url
        return PublicKeys(issuer.name, issuer.algorithms, lambda: _fetch(url))
    if issuer.jwks_file is not None:
        file = issuer.jwks_file
        try:
            parse_key_set(_read_file(file), {_FAMILIES[one[:2]] for one in issuer.algorithms})
        except (OSError, ValueError) as error:
            raise ConfigError(f"{where}: jwks_file {file}: {getattr(error, 'strerror', None) or error}") from error
        return PublicKeys(issuer.name, issuer.algorithms, lambda: asyncio.to_thread(_read_file, file))
    secret = _secret(issuer, where)
    if len(secret) < MIN_SECRET_BYTES:
        if not issuer.allow_short_secret:
            raise ConfigError(
                f"{where}: its secret has {len(secret)} bytes and can be guessed; take one of {MIN_SECRET_BYTES} or "
                "more, or accept the risk with allow_short_secret = true"
            )
        _log.warning(
            "%s: its secret has %d bytes, fewer than %d: whoever guesses it signs in as anybody",
            where, len(secret), MIN_SECRET_BYTES,
        )  # fmt: skip
    return SharedSecret(secret)


def _secret(issuer: ExternalIssuer, where: str) -> bytes:
    if issuer.secret_env is not None:
        secret = os.environ.get(issuer.secret_env, "").encode()
        named = f"environment variable {issuer.secret_env}"
    else:
        file = issuer.secret_file or Path()
        named = f"secret_file {file}"
        try:
            if file.stat().st_mode & 0o007:
                raise ConfigError(f"{where}: {named} lets others in; mend it with: chmod o= '{file}'")
            secret = _read_file(file).rstrip(b"\r\n")
        except OSError as error:
            raise ConfigError(f"{where}: {named}: cannot be read: {error.strerror}") from error
    if not 0 < len(secret) <= MAX_SECRET_BYTES:
        raise ConfigError(f"{where}: {named} is not set, empty or longer than {MAX_SECRET_BYTES} bytes")
    try:
        jwt.get_algorithm_by_name(issuer.algorithms[0]).prepare_key(secret)
    except jwt.PyJWTError:
        raise ConfigError(f"{where}: {named} holds a public key, not a shared secret; use jwks_file for it") from None
    return secret


def _read_file(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(MAX_SET_BYTES + 1)


async def _fetch(url: str) -> bytes:
    timeout = aiohttp.ClientTimeout(total=FETCH_TIMEOUT_S)
    async with (
        aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.get(url, allow_redirects=False, headers={"Accept": "application/json"}) as response,
    ):
        if response.status != 200:  # noqa: PLR2004  OK
            raise ValueError(f"the address of the key set answers with status {response.status}")
        body = b""
        async for part in response.content.iter_chunked(MAX_SET_BYTES):
            body += part
            if len(body) > MAX_SET_BYTES:
                break
        return body
