"""All of the hub's keys in one file under a passphrase, for `hub backup --with-keys`; where it is kept is the caller's.

JSON with the cost of argon2id and base64 of salt, nonce and an AES-256-GCM box. What is in the box is JSON too: the
names of the key files and their bytes in base64.
"""

import secrets
from pathlib import Path
from typing import Annotated, Final

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from noctule_hub.auth.keys import IDENTITY_KEY, KEY_BYTES, NONCE_BYTES, KeySeries, write_new
from noctule_hub.errors import KeyFileError

FORMAT: Final = 1
MAX_BUNDLE_BYTES: Final = 64 * 1024
MIN_PASSPHRASE_CHARS: Final = 12
SALT_BYTES: Final = 16
# The second recommended choice of RFC 9106, section 4, with more passes: some tenths of a second.
MEMORY_KIB: Final = 64 * 1024
PASSES: Final = 6
LANES: Final = 4


class _Bundle(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The file. The bounds keep a planted one from taking the machine's memory or time."""

    format: Annotated[int, msgspec.Meta(ge=1, le=FORMAT)]
    memory_kib: Annotated[int, msgspec.Meta(ge=8 * 1024, le=1024 * 1024)]
    passes: Annotated[int, msgspec.Meta(ge=1, le=64)]
    lanes: Annotated[int, msgspec.Meta(ge=1, le=16)]
    salt: Annotated[bytes, msgspec.Meta(min_length=SALT_BYTES, max_length=64)]
    nonce: Annotated[bytes, msgspec.Meta(min_length=NONCE_BYTES, max_length=NONCE_BYTES)]
    box: bytes

    def key(self, passphrase: str) -> AESGCM:
        return AESGCM(
            hash_secret_raw(
                passphrase.encode(),
                self.salt,
                time_cost=self.passes,
                memory_cost=self.memory_kib,
                parallelism=self.lanes,
                hash_len=32,
                type=Type.ID,
            )
        )


def check_passphrase(passphrase: str) -> str:
    """Return a passphrase fit for a bundle. Raises `KeyFileError` that never repeats it."""
    if len(passphrase) < MIN_PASSPHRASE_CHARS:
        raise KeyFileError(f"the passphrase is shorter than {MIN_PASSPHRASE_CHARS} characters; take a longer one")
    return passphrase


def seal_keys(folder: Path, passphrase: str) -> bytes:
    """Return all keys of `folder` sealed under a passphrase. Raises `KeyFileError`."""
    try:
        names = [*(series.file(number) for series in KeySeries for number in series.numbers(folder)), IDENTITY_KEY]
        content = msgspec.json.encode({name: (folder / name).read_bytes() for name in names})
    except OSError as error:
        raise KeyFileError(f"{error.filename}: cannot be read: {error.strerror}") from error
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    empty = _Bundle(FORMAT, MEMORY_KIB, PASSES, LANES, salt, nonce, b"")
    box = empty.key(check_passphrase(passphrase)).encrypt(nonce, content, None)
    return msgspec.json.encode(msgspec.structs.replace(empty, box=box)) + b"\n"


def open_keys(bundle: bytes, passphrase: str) -> dict[str, bytes]:
    """Return the key files of a bundle by name. Raises `KeyFileError`: no bundle, damaged, or another passphrase."""
    try:
        sealed = msgspec.json.decode(bundle, type=_Bundle)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise KeyFileError("this is no file of keys that this hub knows, or it is damaged") from None
    try:
        content = sealed.key(passphrase).decrypt(sealed.nonce, sealed.box, None)
    except InvalidTag:
        raise KeyFileError("the keys do not open: another passphrase, or the file is damaged") from None
    keys = msgspec.json.decode(content, type=dict[str, bytes])
    for name, key in keys.items():
        if Path(name).name != name or not name.endswith(".key") or len(key) != KEY_BYTES:
            raise KeyFileError("the file of keys holds something else than keys")
    return keys


def write_keys(folder: Path, keys: dict[str, bytes]) -> None:
    """Write key files into a new folder. Raises `KeyFileError`."""
    try:
        folder.mkdir(mode=0o700)
        folder.chmod(0o700)
        for name, key in keys.items():
            write_new(folder / name, key)
    except OSError as error:
        raise KeyFileError(f"{error.filename or folder}: cannot be made: {error.strerror}") from error
