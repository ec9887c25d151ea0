"""The agent's own keys: Ed25519 to sign in, X25519 to receive secrets. Private halves never leave the folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from noctule_agent.errors import DataDirError, NotEnrolled
from noctule_agent.files import make_folder, write_private

KEYS_FOLDER: Final = "keys"
NEXT_FOLDER: Final = "next"
SIGNING_FILE: Final = "signing.key"
SEALING_FILE: Final = "sealing.key"
FORMER_SEALING_FILE: Final = "former-sealing.key"
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class AgentKeys:
    """Both private keys. The repr shows nothing of them.

    `former_sealing` opens what was sealed before the last rotation, until the hub has sealed it anew; None: there was
    no rotation.
    """

    signing: Ed25519PrivateKey
    sealing: X25519PrivateKey
    former_sealing: X25519PrivateKey | None = None

    def __repr__(self) -> str:
        return "AgentKeys(***)"

    @property
    def signing_public_hex(self) -> str:
        """The raw public signing key in hex."""
        return self.signing.public_key().public_bytes_raw().hex()

    @property
    def opening(self) -> tuple[X25519PrivateKey, ...]:
        """The keys with which sealed secrets may open, the likeliest first."""
        return (self.sealing,) if self.former_sealing is None else (self.sealing, self.former_sealing)

    @property
    def sealing_public_hex(self) -> str:
        """The raw public sealing key in hex."""
        return self.sealing.public_key().public_bytes_raw().hex()


def generate_keys() -> AgentKeys:
    """Return fresh keys from the system's random source."""
    return AgentKeys(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())


def save_keys(data_dir: Path, keys: AgentKeys) -> None:
    """Write both keys, readable by their owner only (0600). Raises `DataDirError`."""
    folder = data_dir / KEYS_FOLDER
    (folder / FORMER_SEALING_FILE).unlink(missing_ok=True)
    forget_next_keys(data_dir)
    _write_keys(folder, keys)


def load_keys(data_dir: Path) -> AgentKeys:
    """Return the keys of this agent. Raises `NotEnrolled` naming the file that cannot be used."""
    folder = data_dir / KEYS_FOLDER
    former = folder / FORMER_SEALING_FILE
    return AgentKeys(
        Ed25519PrivateKey.from_private_bytes(_read_key(folder / SIGNING_FILE)),
        X25519PrivateKey.from_private_bytes(_read_key(folder / SEALING_FILE)),
        X25519PrivateKey.from_private_bytes(_read_key(former)) if former.exists() else None,
    )


def next_keys(data_dir: Path) -> AgentKeys:
    """Return the keys of a rotation that has begun, made and written (0600) when there are none.

    Raises `DataDirError`, or `NotEnrolled` when one of them is damaged.
    """
    folder = data_dir / KEYS_FOLDER / NEXT_FOLDER
    # The signing key is written last: when it is there, both are.
    if not (folder / SIGNING_FILE).exists():
        _write_keys(folder, generate_keys())
    return AgentKeys(
        Ed25519PrivateKey.from_private_bytes(_read_key(folder / SIGNING_FILE)),
        X25519PrivateKey.from_private_bytes(_read_key(folder / SEALING_FILE)),
    )


def take_next_keys(data_dir: Path, keys: AgentKeys, new: AgentKeys) -> None:
    """Put the keys that the hub was told of in the place of `keys`; a crash at any step is mended by doing it again.

    Raises `DataDirError`.
    """
    folder = data_dir / KEYS_FOLDER
    if keys.sealing_public_hex != new.sealing_public_hex:
        write_private(folder / FORMER_SEALING_FILE, keys.sealing.private_bytes_raw())
    _write_keys(folder, new)
    forget_next_keys(data_dir)


def forget_next_keys(data_dir: Path) -> None:
    """Remove the keys of a rotation that is over, or was never finished. Raises `DataDirError`."""
    folder = data_dir / KEYS_FOLDER / NEXT_FOLDER
    try:
        for name in (SIGNING_FILE, SEALING_FILE):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise DataDirError(f"cannot remove the keys in {folder}: {error.strerror}") from error


def _write_keys(folder: Path, keys: AgentKeys) -> None:
    make_folder(folder)
    write_private(folder / SEALING_FILE, keys.sealing.private_bytes_raw())
    write_private(folder / SIGNING_FILE, keys.signing.private_bytes_raw())


def _read_key(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except OSError as error:
        raise NotEnrolled(f"cannot read the key {path}: {error.strerror}; join the hub again with --force") from error
    if len(key) != KEY_BYTES:
        raise NotEnrolled(f"the key {path} is damaged ({len(key)} bytes, not 32); join the hub again with --force")
    return key
