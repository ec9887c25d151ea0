"""The agent's own keys: Ed25519 to sign in, X25519 to receive secrets. Private halves never leave the folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from noctule_agent.errors import NotEnrolled
from noctule_agent.files import make_folder, write_private

KEYS_FOLDER: Final = "keys"
SIGNING_FILE: Final = "signing.key"
SEALING_FILE: Final = "sealing.key"
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class AgentKeys:
    """Both private keys. The repr shows nothing of them."""

    signing: Ed25519PrivateKey
    sealing: X25519PrivateKey

    def __repr__(self) -> str:
        return "AgentKeys(***)"

    @property
    def signing_public_hex(self) -> str:
        """The raw public signing key in hex."""
        return self.signing.public_key().public_bytes_raw().hex()

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
    make_folder(folder)
    write_private(folder / SIGNING_FILE, keys.signing.private_bytes_raw())
    write_private(folder / SEALING_FILE, keys.sealing.private_bytes_raw())


def load_keys(data_dir: Path) -> AgentKeys:
    """Return the keys of this agent. Raises `NotEnrolled` naming the file that cannot be used."""
    return AgentKeys(
        Ed25519PrivateKey.from_private_bytes(_read_key(data_dir / KEYS_FOLDER / SIGNING_FILE)),
        X25519PrivateKey.from_private_bytes(_read_key(data_dir / KEYS_FOLDER / SEALING_FILE)),
    )


def _read_key(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except OSError as error:
        raise NotEnrolled(f"cannot read the key {path}: {error.strerror}; join the hub again with --force") from error
    if len(key) != KEY_BYTES:
        raise NotEnrolled(f"the key {path} is damaged ({len(key)} bytes, not 32); join the hub again with --force")
    return key
