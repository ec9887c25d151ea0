"""One agent's connection, and the checks of what it says before anything else sees it."""

import re
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec
from noctule_shared.link import SUPPORTED_PROTOCOLS, Hello

# Beyond this, JSON numbers are no longer exact.
MAX_SEQ: Final = 2**53
_EPOCH: Final = re.compile(r"[0-9a-f]{16}")
_NONCE: Final = re.compile(r"[0-9a-f]{32}")

Struct = TypeVar("Struct", bound=msgspec.Struct)


@dataclass(slots=True)
class Link:
    """One agent's connection. `epoch` None: it has not said hello yet. `in_flight`: frames not acknowledged.

    `drains_to`: its backlog ends before this seq, 0: there is none. `started_ms` tells programs of one identity
    apart. `credit_frames` None: it has not been welcomed. `welcomed`: it may be sent commands.
    """

    sid: str
    agent_id: int
    name: str
    address: str
    epoch: str | None = None
    in_flight: int = 0
    config_revision: int = 0
    started_ms: int = 0
    drains_to: int = 0
    credit_frames: int | None = None
    welcomed: bool = False


class ProtocolBreachError(Exception):
    """An agent said what the protocol does not allow; the message is what it is told.

    `retry` False: only a person can mend it.
    """

    def __init__(self, message: str, *, retry: bool = True) -> None:
        super().__init__(message)
        self.retry = retry


def checked(kind: type[Struct], data: object) -> Struct:
    """Return a message of the link as its struct. Raises `ProtocolBreachError` naming the wrong field."""
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise ProtocolBreachError(f"{kind.__name__.lower()}: {error}") from error


def checked_hello(data: object) -> Hello:
    """Return a hello in a protocol that we speak. Raises `ProtocolBreachError`."""
    hello = checked(Hello, data)
    if not SUPPORTED_PROTOCOLS & set(hello.protocols):
        ours = ", ".join(str(number) for number in sorted(SUPPORTED_PROTOCOLS))
        theirs = ", ".join(str(number) for number in hello.protocols[:8])
        message = f"agent {hello.version[:40]} speaks protocol {theirs}, this hub {ours}; upgrade the older of the two"
        raise ProtocolBreachError(message, retry=False)
    if not _EPOCH.fullmatch(hello.epoch) or not _NONCE.fullmatch(hello.nonce):
        raise ProtocolBreachError("hello needs an epoch of 16 and a nonce of 32 hex digits")
    if not 1 <= hello.first_seq <= hello.next_seq <= MAX_SEQ:
        raise ProtocolBreachError("hello needs 1 <= firstSeq <= nextSeq")
    return hello


def checked_frame(args: tuple[object, ...]) -> tuple[int, bytes]:
    """Return the seq and the bytes of a frame message. Raises `ProtocolBreachError`."""
    match args:
        case (int(seq), bytes(raw)) if 1 <= seq <= MAX_SEQ and not isinstance(seq, bool):
            return seq, raw
        case _:
            raise ProtocolBreachError("frame needs a seq from 1 and bytes")
