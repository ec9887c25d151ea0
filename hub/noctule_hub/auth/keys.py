"""The hub's keys in DATA/keys: made once, read at start, never in the database. Who may use them is others'.

`data-N.key` 32 bytes each for secrets at rest, the highest N seals, all open; `jwt-N.key` 32 bytes each, N the key id,
the highest signs, all verify; `identity.key` 32 bytes, the Ed25519 seed by which agents know the hub. The folder is
0700, files 0600. Instead of the folder, systemd may hand the same files in its credentials directory.
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
MAX_DATA_KEYS: Final = 16
IDENTITY_KEY: Final = "identity.key"
FOLDER: Final = "keys"
CREDENTIALS_ENV: Final = "CREDENTIALS_DIRECTORY"


class KeySeries(StrEnum):
    """Keys that are followed by others: the first part of their files' names."""

    DATA = "data"
    JWT = "jwt"

    def file(self, number: int) -> str:
        """Return the name of the file that holds the key of this number."""
        return f"{self}-{number}.key"

    def numbers(self, folder: Path) -> list[int]:
        """Return the numbers of the keys in `folder`, the oldest first. Raises `OSError`."""
        pattern = re.compile(rf"{self}-([1-9][0-9]{{0,8}})\.key")
        return sorted(int(match[1]) for path in folder.iterdir() if (match := pattern.fullmatch(path.name)))


class SecretKind(StrEnum):
    """What a sealed secret is; part of the associated data, so that one kind never opens as another."""

    DEVICE_SNMP = "device-snmp"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Keys:
    """The hub's keys in memory; its repr shows none of them.

    `jwt_keys` by key id: all are accepted, `jwt_signing_kid` signs.
    """

    jwt_signing_kid: str
    jwt_keys: Mapping[str, bytes] = field(repr=False)
    _data: tuple[AESGCM, ...] = field(repr=False)
    _identity: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def create(cls, folder: Path) -> "Keys":
        """Make all keys in `folder`, which must not exist yet, and return them. Raises `KeyFileError`."""
        try:
            folder.mkdir(mode=0o700)
            folder.chmod(0o700)
            for name in (KeySeries.DATA.file(1), KeySeries.JWT.file(1), IDENTITY_KEY):
                write_new(folder / name, secrets.token_bytes(KEY_BYTES))
        except OSError as error:
            raise KeyFileError(f"{error.filename or folder}: cannot be made: {error.strerror}") from error
        return cls.load(folder)

    @classmethod
    def of_hub(cls, data_dir: Path) -> "Keys":
        """Return the keys of the hub on this data folder, wherever they are. Raises `KeyFileError`."""
        folder = key_folder(data_dir)
        # systemd lets the service's user alone read its credentials, by an access list that shows as a group's right.
        return cls.load(folder, others=0o077 if folder == data_dir / FOLDER else 0o007)

    @classmethod
    def load(cls, folder: Path, *, others: int = 0o077) -> "Keys":
        """Return the keys of `folder`. Raises `KeyFileError` when one is missing, damaged or open to others.

        `others` are the bits of a mode that nothing there may have.
        """
        if not folder.is_dir():
            raise KeyFileError(f"{folder}: there are no keys here; make them with: noctule hub init --data-dir DIR")
        _refuse_open_mode(folder, "700", others)
        jwt_keys = _read_series(folder, KeySeries.JWT, MAX_JWT_KEYS, others)
        data_keys = _read_series(folder, KeySeries.DATA, MAX_DATA_KEYS, others)
        return cls(
            jwt_signing_kid=str(max(jwt_keys)),
            jwt_keys={str(number): key for number, key in jwt_keys.items()},
            _data=tuple(AESGCM(data_keys[number]) for number in sorted(data_keys, reverse=True)),
            _identity=Ed25519PrivateKey.from_private_bytes(_read_key(folder / IDENTITY_KEY, others)),
        )

    def seal(self, row_id: int, plaintext: bytes, *, kind: SecretKind = SecretKind.DEVICE_SNMP) -> bytes:
        """Return `plaintext` sealed for one row: version, nonce, AES-256-GCM with kind and row id bound to it."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return bytes((SEALED_VERSION,)) + nonce + self._data[0].encrypt(nonce, plaintext, _bound_to(kind, row_id))

    def open(self, row_id: int, sealed: bytes, *, kind: SecretKind = SecretKind.DEVICE_SNMP) -> bytes:
        """Return what was sealed for this row. Raises `SealError` on another key, row, kind, or changed bytes."""
        if len(sealed) <= 1 + NONCE_BYTES or sealed[0] != SEALED_VERSION:
            raise SealError(f"secret of {kind} {row_id} is not in a known form")
        nonce, box = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        for key in self._data:
            try:
                return key.decrypt(nonce, box, _bound_to(kind, row_id))
            except InvalidTag:
                continue
        raise SealError(
            f"secret of {kind} {row_id} does not open with this hub's data key; restore the key that belongs to this "
            "database, or enter the secret again"
        )

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


def key_folder(data_dir: Path) -> Path:
    """Return where the hub's keys are: systemd's credentials directory where it holds an identity, else DATA/keys."""
    given = os.environ.get(CREDENTIALS_ENV)
    if given and (Path(given) / IDENTITY_KEY).is_file():
        return Path(given)
    return data_dir / FOLDER


def write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet, mode 0600, and put it on the disk. Raises `OSError`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _refuse_open_mode(path: Path, wanted: str, others: int) -> None:
    mode = path.stat().st_mode & 0o777
    if mode & others:
        raise KeyFileError(f"{path}: mode {mode:03o} lets others in; mend it with: chmod {wanted} '{path}'")


def _read_series(folder: Path, series: KeySeries, at_most: int, others: int) -> dict[int, bytes]:
    try:
        numbers = series.numbers(folder)
    except OSError as error:
        raise KeyFileError(f"{folder}: cannot be read: {error.strerror}") from error
    if not numbers:
        raise KeyFileError(f"{folder / series.file(1)}: missing; restore it from a backup made with its keys")
    if len(numbers) > at_most:
        raise KeyFileError(f"{folder}: more than {at_most} files {series}-N.key; remove the oldest")
    return {number: _read_key(folder / series.file(number), others) for number in numbers}


def _read_key(path: Path, others: int) -> bytes:
    try:
        _refuse_open_mode(path, "600", others)
        key = path.read_bytes()
    except FileNotFoundError as error:
        raise KeyFileError(f"{path}: missing; restore it from a backup made with its keys") from error
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read: {error.strerror}") from error
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"{path}: has {len(key)} bytes instead of {KEY_BYTES}; restore it from a backup")
    return key
