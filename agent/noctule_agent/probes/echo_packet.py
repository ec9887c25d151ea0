"""The bytes of ICMP echo requests and replies (RFC 792, RFC 4443), IPv4 and IPv6.

Pure; sockets and clocks are left to `echo_socket` and `icmp`. The payload carries the number of the probe and
a secret nonce, so that forged replies and those of other processes are told apart.
"""

import struct
from typing import Final

import msgspec

ECHO_REQUEST_V4: Final = 8
ECHO_REPLY_V4: Final = 0
ECHO_REQUEST_V6: Final = 128
ECHO_REPLY_V6: Final = 129
NONCE_BYTES: Final = 8
# 56 octets as ping and fping send: 84 octets of IPv4, so that delays are comparable.
PAYLOAD_BYTES: Final = 56
# Type, code, checksum, identifier, sequence; then ours: the probe's number and nonce.
_ECHO: Final = struct.Struct("!BBHHHQ8s")
_PADDING: Final = bytes(8 + PAYLOAD_BYTES - _ECHO.size)
_IPV4_MIN_HEADER_BYTES: Final = 20


class EchoReply(msgspec.Struct, frozen=True, gc=False):
    """What an echo reply carries back: `number` and `nonce` are those of the probe it answers."""

    identifier: int
    sequence: int
    number: int
    nonce: bytes


def checksum(octets: bytes) -> int:
    """Return the Internet checksum (RFC 1071) of an even number of octets that are not all 0.

    The ones' complement sum of 16-bit words is the octets' number modulo 2^16 - 1, of which 2^16 is 1.
    """
    return -int.from_bytes(octets, "big") % 0xFFFF


def encode_request(*, v6: bool, identifier: int, number: int, nonce: bytes) -> bytes:
    """Return one echo request; its sequence number is the low 16 bits of `number`.

    The kernel fills in the checksum of ICMPv6, which covers addresses that only it knows.
    """
    kind = ECHO_REQUEST_V6 if v6 else ECHO_REQUEST_V4
    sequence = number & 0xFFFF
    echo = _ECHO.pack(kind, 0, 0, identifier, sequence, number, nonce)
    if not v6:
        # The padding is 0 and adds nothing.
        echo = _ECHO.pack(kind, 0, checksum(echo), identifier, sequence, number, nonce)
    return echo + _PADDING


def decode_reply(packet: bytes, *, v6: bool, ip_header: bool) -> EchoReply | None:
    """Return the echo reply in a packet, None when it is anything else or too short to be one of ours.

    `ip_header`: the packet starts with its IPv4 header, as raw IPv4 sockets deliver it.
    """
    start = 0
    if ip_header:
        if len(packet) < _IPV4_MIN_HEADER_BYTES:
            return None
        start = (packet[0] & 0x0F) * 4
    if len(packet) < start + _ECHO.size:
        return None
    kind, code, _, identifier, sequence, number, nonce = _ECHO.unpack_from(packet, start)
    if kind != (ECHO_REPLY_V6 if v6 else ECHO_REPLY_V4) or code != 0:
        return None
    return EchoReply(identifier, sequence, number, nonce)
