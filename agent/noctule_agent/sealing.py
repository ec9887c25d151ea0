"""Opens the SNMP credentials that the hub sealed for this agent and one device alone.

A sealed box is base64 of an ephemeral X25519 public key (32 bytes) and an AES-256-GCM ciphertext of the JSON
`SnmpCredentials`. Key: HKDF-SHA256 of the shared secret, no salt, info `SEAL_INFO`, 32 bytes. Nonce: 12 zero
bytes, since each key seals once. Associated data: the device id as decimal, so boxes cannot be swapped.
"""

import base64
import binascii
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from noctule_shared.link import SEAL_INFO, SnmpCredentials

from noctule_agent.errors import SealBroken

PUBLIC_KEY_BYTES: Final = 32
KEY_BYTES: Final = 32
NONCE: Final = bytes(12)
MAX_SEALED_CHARS: Final = 8192


def open_sealed(key: X25519PrivateKey, sealed: str, device_id: int) -> SnmpCredentials:
    """Return the credentials in a sealed box made for this key and device.

    Raises `SealBroken`, never naming any of the content.
    """
    if len(sealed) > MAX_SEALED_CHARS:
        raise SealBroken(f"the sealed credentials of device {device_id} are longer than {MAX_SEALED_CHARS} characters")
    try:
        box = base64.b64decode(sealed, validate=True)
        shared = key.exchange(X25519PublicKey.from_public_bytes(box[:PUBLIC_KEY_BYTES]))
        derived = HKDF(SHA256(), length=KEY_BYTES, salt=None, info=SEAL_INFO).derive(shared)
        plain = AESGCM(derived).decrypt(NONCE, box[PUBLIC_KEY_BYTES:], str(device_id).encode())
        return msgspec.json.decode(plain, type=SnmpCredentials)
    except (binascii.Error, ValueError, InvalidTag, msgspec.MsgspecError):
        # The cause is withheld: a decoder's message may quote what it could not read.
        raise SealBroken(
            f"the sealed credentials of device {device_id} cannot be opened with this agent's key; "
            "if the agent was enrolled again, enter the device's credentials again on the hub"
        ) from None
