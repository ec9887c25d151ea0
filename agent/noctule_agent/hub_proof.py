"""Whether a hub is the one this agent was told to trust: fingerprints, and signatures over a nonce."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from noctule_shared.join_token import FINGERPRINT_HEX_DIGITS
from noctule_shared.link import HUB_PROOF_PREFIX

from noctule_agent.errors import HubNotTrusted

NOT_ENROLLED_ID = 0


def fingerprint(public_key: bytes) -> str:
    """Return the first 32 hex digits of SHA-256 over a raw Ed25519 public key."""
    return hashlib.sha256(public_key).hexdigest()[:FINGERPRINT_HEX_DIGITS]


def check_fingerprint(public_key: bytes, expected: str) -> None:
    """Raise `HubNotTrusted` unless the key is the one that the join token names."""
    if fingerprint(public_key) != expected:
        raise HubNotTrusted(
            "this is not the hub that made the join token: its key has another fingerprint; "
            "check the address, or make a token on this hub"
        )


def check_proof(public_key: bytes, signature_hex: str, *, nonce: str, agent_id: int) -> None:
    """Raise `HubNotTrusted` unless the hub signed this nonce for this agent (0: not yet enrolled)."""
    try:
        key = Ed25519PublicKey.from_public_bytes(public_key)
        key.verify(bytes.fromhex(signature_hex), HUB_PROOF_PREFIX + nonce.encode() + str(agent_id).encode())
    except (InvalidSignature, ValueError):
        raise HubNotTrusted(
            "the hub could not prove its identity: its signature does not match the key this agent trusts; "
            "nothing was sent to it"
        ) from None
