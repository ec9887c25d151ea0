"""A tiny SNMPv2c agent on the loopback against which the doctor measures; a program of its own.

Answers any GET with made-up counters, prints its port, and ends by itself after 30 s.
"""

import socket
import time
from functools import lru_cache
from typing import Final

from noctule_agent.probes.snmp.port_probe import tlv

MAX_LIFE_S: Final = 30.0
_SEQUENCE: Final = 0x30
_GET: Final = 0xA0
_RESPONSE: Final = 0xA2
_UP_TIME_OID: Final = bytes.fromhex("2b06010201010300")
_TIME_TICKS: Final = bytes.fromhex("430400ffffff")
_COUNTER64: Final = bytes.fromhex("46080123456789abcdef")
_LONG_LENGTH: Final = 0x80


def response(request: bytes) -> bytes | None:
    """Return the answer to a GET; None for anything else. The made-up values: sysUpTime.0 as ticks, else Counter64."""
    try:
        message, _ = _take(request, _SEQUENCE)
        head = message[: _end(message, 2)]
        pdu, _ = _take(message[len(head) :], _GET)
        request_id = pdu[: _end(pdu, 1)]
        bindings, _ = _take(pdu[_end(pdu, 3) :], _SEQUENCE)
        answered = _answered(bindings)
    except (IndexError, ValueError):
        return None
    return tlv(_SEQUENCE, head + tlv(_RESPONSE, request_id + b"\x02\x01\x00\x02\x01\x00" + answered))


@lru_cache(maxsize=64)
def _answered(bindings: bytes) -> bytes:
    """Return the bindings with values. A measurement asks the same few over and over."""
    answered: list[bytes] = []
    while bindings:
        binding, bindings = _take(bindings, _SEQUENCE)
        name = binding[: _end(binding, 1)]
        value = _TIME_TICKS if name[2:] == _UP_TIME_OID else _COUNTER64
        answered.append(tlv(_SEQUENCE, name + value))
    return tlv(_SEQUENCE, b"".join(answered))


def _take(octets: bytes, tag: int) -> tuple[bytes, bytes]:
    """Return the content of the first element, which has this tag, and what follows it."""
    if octets[0] != tag:
        raise ValueError("another element")
    start, end = _bounds(octets, 0)
    return octets[start:end], octets[end:]


def _end(octets: bytes, elements: int) -> int:
    """Return where the first so many elements end."""
    end = 0
    for _ in range(elements):
        end = _bounds(octets, end)[1]
    return end


def _bounds(octets: bytes, at: int) -> tuple[int, int]:
    length, start = octets[at + 1], at + 2
    if length >= _LONG_LENGTH:
        start += length - _LONG_LENGTH
        length = int.from_bytes(octets[at + 2 : start], "big")
    if start + length > len(octets):
        raise ValueError("cut short")
    return start, start + length


def main() -> None:
    """Answer until the life is over."""
    ends_s = time.monotonic() + MAX_LIFE_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(MAX_LIFE_S)
        print(sock.getsockname()[1], flush=True)  # noqa: T201  whoever started it reads the port
        while time.monotonic() < ends_s:
            try:
                request, source = sock.recvfrom(65535)
            except TimeoutError:
                return
            answer = response(request)
            if answer is not None:
                sock.sendto(answer, source)


if __name__ == "__main__":
    main()
