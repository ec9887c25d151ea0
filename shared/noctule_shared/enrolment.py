"""Messages by which an agent joins a hub and later changes its keys, over HTTP; the link's own are in `link`."""

from typing import Final

import msgspec

ROTATION_PREFIX: Final = b"noctule-key-rotation-1:"


class ProveRequest(msgspec.Struct, frozen=True, rename="camel"):
    """Before an agent shows its join token it has the hub sign `nonce` (32 hex digits)."""

    nonce: str


class ProveAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """The hub's Ed25519 public key and its signature over the nonce, both hex."""

    public_key: str
    signature: str


class JoinRequest(msgspec.Struct, frozen=True, rename="camel"):
    """An agent's enrolment: the join token's id and secret, and the public halves of its keys (hex)."""

    token_id: int
    secret: str
    signing_key: str
    sealing_key: str
    name: str
    version: str

    def __repr__(self) -> str:
        return "JoinRequest(***)"


class RotateRequest(msgspec.Struct, frozen=True, rename="camel"):
    """New keys of an enrolled agent, to be used from one of its next connections on; made at `issued_ms` (epoch).

    `signature` by the key that is valid so far and `proof` by the new one, both hex, over `rotation_text`.
    """

    agent_id: int
    issued_ms: int
    signing_key: str
    sealing_key: str
    signature: str = ""
    proof: str = ""


class JoinAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """What an agent keeps of its enrolment. `hub_id` is the audience of its tokens."""

    agent_id: int
    name: str
    site: str
    hub_id: str


def rotation_text(request: RotateRequest, *, hub_id: str) -> bytes:
    """Return what both the former and the new signing key sign: agent, hub, time and both new keys."""
    parts = (str(request.agent_id), hub_id, str(request.issued_ms), request.signing_key, request.sealing_key)
    return ROTATION_PREFIX + ":".join(parts).encode()
