"""The hub's keys in DATA/keys: made once, read at start, never in the database. Who may use them is others'.

`data.key` 32 bytes for secrets at rest; `jwt-N.key` 32 bytes each, N the key id, the highest signs; `identity.key`
32 bytes, the Ed25519 seed by which agents know the hub. The folder is 0700, files 0600.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from noctule_shared.join_token import FINGERPRINT_HEX_DIGITS

from noctule_hub.errors import KeyFileError, SealError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
# First byte of everything sealed, so that a later key or cipher can be told apart.
SEALED_VERSION: Final = 1
MAX_JWT_KEYS: Final = 16
DATA_KEY: Final = "data.key"
IDENTITY_KEY: Final = "identity.key"
_JWT_KEY: Final = re.compile(r"jwt-([1-9][0-9]{0,8})\.key")


class SecretKind(StrEnum):
    """What a sealed secret is; part of the associated data, so that one kind never opens as another."""

    DEVICE_SNMP = "device-snmp"


@dataclass(frozen=True, slots=True)
class Keys:
    """The hub's keys in memory; its repr shows none of them.

    `jwt_keys` by key id: all are accepted, `jwt_signing_kid` signs.
    """

    jwt_signing_kid: str
    jwt_keys: Mapping[str, bytes] = field(repr=False)
    _data: AESGCM = field(repr=False)
    _identity: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def create(cls, folder: Path) -> "Keys":
        """Make all keys in `folder`, which must not exist yet, and return them. Raises `KeyFileError`."""
        try:
            folder.mkdir(mode=0o700)
            folder.chmod(0o700)
            for name in (DATA_KEY, "jwt-1.key", IDENTITY_KEY):
                _write_new(folder / name, secrets.token_bytes(KEY_BYTES))
        except OSError as error:
            raise KeyFileError(f"{error.filename or folder}: cannot be made: {error.strerror}") from error
        return cls.load(folder)

    @classmethod
    def load(cls, folder: Path) -> "Keys":
        """Return the keys of `folder`. Raises `KeyFileError` when one is missing, damaged or open to others."""
        if not folder.is_dir():
            raise KeyFileError(f"{folder}: there are no keys here; make them with: noctule hub init --data-dir DIR")
        _refuse_open_mode(folder, "700")
        jwt_keys = {match[1]: _read_key(path) for path in folder.iterdir() if (match := _JWT_KEY.fullmatch(path.name))}
        if not jwt_keys:
            raise KeyFileError(f"{folder / 'jwt-1.key'}: missing; restore it from a backup made with its keys")
        if len(jwt_keys) > MAX_JWT_KEYS:
            raise KeyFileError(f"{folder}: more than {MAX_JWT_KEYS} files jwt-N.key; remove the oldest")
        return cls(
            jwt_signing_kid=max(jwt_keys, key=int),
            jwt_keys=jwt_keys,
            _data=AESGCM(_read_key(folder / DATA_KEY)),
            _identity=Ed25519PrivateKey.from_private_bytes(_read_key(folder / IDENTITY_KEY)),
        )

    def seal(self, row_id: int, plaintext: bytes, *, kind: SecretKind = SecretKind.DEVICE_SNMP) -> bytes:
        """Return `plaintext` sealed for one row: version, nonce, AES-256-GCM with kind and row id bound to it."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return bytes((SEALED_VERSION,)) + nonce + self._data.encrypt(nonce, plaintext, _bound_to(kind, row_id))

    def open(self, row_id: int, sealed: bytes, *, kind: SecretKind = SecretKind.DEVICE_SNMP) -> bytes:
        """Return what was sealed for this row. Raises `SealError` on another key, row, kind, or changed bytes."""
        if len(sealed) <= 1 + NONCE_BYTES or sealed[0] != SEALED_VERSION:
            raise SealError(f"secret of {kind} {row_id} is not in a known form")
        nonce, box = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._data.decrypt(nonce, box, _bound_to(kind, row_id))
        except InvalidTag as error:
            raise SealError(
                f"secret of {kind} {row_id} does not open with {DATA_KEY}; restore the key that belongs to this "
                "database, or enter the secret again"
            ) from error

    @property
    def public_raw(self) -> bytes:
        """The raw Ed25519 public key of the hub, 32 bytes."""
        return self._identity.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def public_hex(self) -> str:
        """The raw Ed25519 public key of the hub in hex."""
        return self.public_raw.hex()

    @property
    def fingerprint(self) -> str:
        """32 hex digits of SHA-256 over the raw public key: the hub's id, and the last part of a join token."""
        return hashlib.sha256(self.public_raw).hexdigest()[:FINGERPRINT_HEX_DIGITS]

    def sign(self, message: bytes) -> bytes:
        """Return the hub's Ed25519 signature over `message`, 64 bytes."""
        return self._identity.sign(message)


def _bound_to(kind: SecretKind, row_id: int) -> bytes:
    return f"{kind}:{row_id}".encode()


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _refuse_open_mode(path: Path, wanted: str) -> None:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise KeyFileError(f"{path}: mode {mode:03o} lets others in; mend it with: chmod {wanted} '{path}'")


def _read_key(path: Path) -> bytes:
    try:
        _refuse_open_mode(path, "600")
        key = path.read_bytes()
    except FileNotFoundError as error:
        raise KeyFileError(f"{path}: missing; restore it from a backup made with its keys") from error
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read: {error.strerror}") from error
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"{path}: has {len(key)} bytes instead of {KEY_BYTES}; restore it from a backup")
    return key
