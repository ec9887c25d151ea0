"""Compression of WebSocket messages (RFC 7692) without a state per client: a message is deflated once for all of them.

Each connection agrees to take nothing over from one message to the next, so that a message's bytes are the same for
whoever gets it. How they reach a connection is `link`'s.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from noctule_hub.config.sockets import Compression

# Below this a message takes one packet of the network either way, and deflating costs as much as sending it to several.
AUTO_LEAST_BYTES: Final = 1_024
# Below this hardly anything gets smaller.
ON_LEAST_BYTES: Final = 128
# What zlib and all clients can do without being asked.
WIDEST_WINDOW_BITS: Final = 15
# More of it is no offer that a browser makes.
MAX_OFFER_CHARS: Final = 1_024
_EXTENSION: Final = "permessage-deflate"
_TAKES_NOTHING_OVER: Final = ("server_no_context_takeover", "client_no_context_takeover")
_SERVER_WINDOW: Final = "server_max_window_bits"
_CLIENT_WINDOW: Final = "client_max_window_bits"
_WINDOW: Final = re.compile(r'"?(8|9|1[0-5])"?', re.ASCII)
_TAIL: Final = b"\x00\x00\xff\xff"


@dataclass(frozen=True, slots=True)
class Deflate:
    """What was agreed with one client: `answer` for its handshake, and how long a message is that is sent deflated.

    A message of at most the client's window is understood by it whatever window it was deflated with.
    """

    answer: str
    least_bytes: int
    most_bytes: int | None


def agree(offers: str | None, compression: Compression) -> Deflate | None:
    """Return what is agreed to of a client's `Sec-WebSocket-Extensions`; None: its messages are not compressed.

    Of several offers the first that is whole counts, as RFC 7692 (section 5) has it. We answer that neither side takes
    anything over, also where it was not asked for (7.1.1).
    """
    if compression is Compression.OFF or offers is None or len(offers) > MAX_OFFER_CHARS:
        return None
    for parameters in _offers(offers):
        if all(_is_whole(name, value) for name, value in parameters.items()):
            bits = _bits(parameters.get(_SERVER_WINDOW))
            asked = () if bits is None else (f"{_SERVER_WINDOW}={bits}",)
            most = None if bits is None or bits == WIDEST_WINDOW_BITS else 1 << bits
            least = AUTO_LEAST_BYTES if compression is Compression.AUTO else ON_LEAST_BYTES
            return Deflate("; ".join((_EXTENSION, *_TAKES_NOTHING_OVER, *asked)), least, most)
    return None


def _offers(text: str) -> Iterator[Mapping[str, str | None]]:
    """Yield the parameters of each offer of our extension that names none twice."""
    for offer in text.split(","):
        name, *rest = (part.strip() for part in offer.split(";"))
        if name != _EXTENSION:
            continue
        pairs = [parameter.partition("=") for parameter in rest]
        parameters = {key.strip(): value.strip() if equals else None for key, equals, value in pairs}
        if len(parameters) == len(pairs):
            yield parameters


def _is_whole(name: str, value: str | None) -> bool:
    if name in _TAKES_NOTHING_OVER:
        return value is None
    if name == _SERVER_WINDOW:
        return _bits(value) is not None
    return name == _CLIENT_WINDOW and (value is None or _bits(value) is not None)


def _bits(value: str | None) -> int | None:
    match = None if value is None else _WINDOW.fullmatch(value)
    return None if match is None else int(match[1])


class Deflater:
    """Deflates messages one after the other, each on its own: the bytes depend on nothing that came before.

    One is enough for the process, as zlib's 256 KiB are filled with zeros for each new one.
    """

    def __init__(self) -> None:
        self._zlib = zlib.compressobj(zlib.Z_BEST_SPEED, zlib.DEFLATED, -WIDEST_WINDOW_BITS)

    def deflate(self, message: bytes) -> bytes:
        """Return the payload of a message's frame (RFC 7692, section 7.2.1). Not to be called from two threads."""
        # A full flush forgets the window.
        whole = self._zlib.compress(message) + self._zlib.flush(zlib.Z_FULL_FLUSH)
        return whole.removesuffix(_TAIL)
