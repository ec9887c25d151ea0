"""The bytes of ICMP echo requests and replies (RFC 792, RFC 4443), IPv4 and IPv6.

Pure; sockets and clocks are left to `echo_socket` and `icmp`. The payload carries the number of the probe and
a secret nonce, so that forged replies and those of other processes are told apart.
"""

import struct
import sys
from array import array
from dataclasses import dataclass
from typing import Final

ECHO_REQUEST_V4: Final = 8
ECHO_REPLY_V4: Final = 0
ECHO_REQUEST_V6: Final = 128
ECHO_REPLY_V6: Final = 129
NONCE_BYTES: Final = 8
# 56 octets as ping and fping send: 84 octets of IPv4, so that delays are comparable.
PAYLOAD_BYTES: Final = 56
_HEADER: Final = struct.Struct("!BBHHH")
_TAG: Final = struct.Struct("!Q8s")
_PADDING: Final = bytes(PAYLOAD_BYTES - _TAG.size)
_MIN_BYTES: Final = _HEADER.size + _TAG.size
_IPV4_MIN_HEADER_BYTES: Final = 20


@dataclass(frozen=True, slots=True)
class EchoReply:
    """What an echo reply carries back: `number` and `nonce` are those of the probe it answers."""

    identifier: int
    sequence: int
    number: int
    nonce: bytes


def checksum(octets: bytes) -> int:
    """Return the Internet checksum (RFC 1071) of an even number of octets."""
    total = sum(array("H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    total = ~total & 0xFFFF
    return total if sys.byteorder == "big" else total >> 8 | (total & 0xFF) << 8


def encode_request(*, v6: bool, identifier: int, number: int, nonce: bytes) -> bytes:
    """Return one echo request; its sequence number is the low 16 bits of `number`.

    The kernel fills in the checksum of ICMPv6, which covers addresses that only it knows.
    """
    kind = ECHO_REQUEST_V6 if v6 else ECHO_REQUEST_V4
    sequence = number & 0xFFFF
    payload = _TAG.pack(number, nonce) + _PADDING
    header = _HEADER.pack(kind, 0, 0, identifier, sequence)
    if v6:
        return header + payload
    return _HEADER.pack(kind, 0, checksum(header + payload), identifier, sequence) + payload


def decode_reply(packet: bytes, *, v6: bool, ip_header: bool) -> EchoReply | None:
    """Return the echo reply in a packet, None when it is anything else or too short to be one of ours.

    `ip_header`: the packet starts with its IPv4 header, as raw IPv4 sockets deliver it.
    """
    start = 0
    if ip_header:
        if len(packet) < _IPV4_MIN_HEADER_BYTES:
            return None
        start = (packet[0] & 0x0F) * 4
    if len(packet) < start + _MIN_BYTES:
        return None
    kind, code, _, identifier, sequence = _HEADER.unpack_from(packet, start)
    if kind != (ECHO_REPLY_V6 if v6 else ECHO_REPLY_V4) or code != 0:
        return None
    number, nonce = _TAG.unpack_from(packet, start + _HEADER.size)
    return EchoReply(identifier, sequence, number, nonce)
