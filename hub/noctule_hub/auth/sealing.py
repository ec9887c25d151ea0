"""SNMP credentials sealed to the one agent that needs them; the form is fixed at `noctule_shared.link.SEAL_INFO`."""

import base64
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from noctule_shared.link import SEAL_INFO, SnmpCredentials

from noctule_hub.auth.keys import Keys
from noctule_hub.errors import SealError

AES_KEY_BYTES: Final = 32
# The key is derived from an ephemeral one and used once, so a fixed nonce never repeats under a key.
_NONCE: Final = bytes(12)


def seal_credentials(credentials: SnmpCredentials, device_id: int, agent_sealing_key_hex: str) -> str:
    """Return base64 that only the agent with this X25519 key (raw public, hex) opens, for this device alone.

    Raises `SealError` when the key is not one.
    """
    try:
        agent_key = X25519PublicKey.from_public_bytes(bytes.fromhex(agent_sealing_key_hex))
        ephemeral = X25519PrivateKey.generate()
        shared = ephemeral.exchange(agent_key)
    except ValueError as error:
        raise SealError(f"the agent of device {device_id} has no usable sealing key; let it join again") from error
    key = HKDF(algorithm=SHA256(), length=AES_KEY_BYTES, salt=None, info=SEAL_INFO).derive(shared)
    box = AESGCM(key).encrypt(_NONCE, msgspec.json.encode(credentials), str(device_id).encode())
    return base64.b64encode(ephemeral.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw) + box).decode()


def store_form(credentials: SnmpCredentials) -> bytes:
    """Return credentials as `Keys.seal` gets them to keep at rest."""
    return msgspec.json.encode(credentials)


def open_stored(keys: Keys, device_id: int, sealed: bytes) -> SnmpCredentials:
    """Return a device's credentials from what the store keeps. Raises `SealError`."""
    try:
        return msgspec.json.decode(keys.open(device_id, sealed), type=SnmpCredentials)
    except msgspec.MsgspecError as error:
        raise SealError(f"secret of device {device_id} opens but is not understood; enter it again") from error
