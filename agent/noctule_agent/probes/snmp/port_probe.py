"""Tells a closed UDP port and an answer from another address from silence, with sockets of its own.

A closed port is answered by the device's kernel with ICMP port unreachable, which a connected socket gets as
ECONNREFUSED; an answer from another address only an unconnected one gets. What follows from it is left to
`auto_session` and `diagnosis`.
"""

import asyncio
import contextlib
import errno
import ipaddress
import secrets
import socket
from enum import StrEnum
from typing import Final

from noctule_shared.link import SnmpVersion

# An SNMPv3 engine discovery (RFC 3414 section 4): any SNMPv3 agent answers it with a report, others stay
# silent, and it is no failed authentication that a device would log.
DISCOVERY: Final = bytes.fromhex(
    "303a020103"  # version 3
    "300f02024a69020300ffe3040104020103"  # header: reportable, user-based security
    "0410300e0400020100020100040004000400"  # no engine, no user
    "301204000400a00c020237f00201000201003000"  # GET without names
)

# The same with room for a message id of four octets.
_DISCOVERY_HEAD: Final = bytes.fromhex("303c0201033011")
_DISCOVERY_TAIL: Final = DISCOVERY[11:]
MAX_ANSWER_BYTES: Final = 2048
# Linux numbers that Python 3.11 does not name.
IP_RECVERR: Final = 11
IPV6_RECVERR: Final = 25
ASK_AGAIN_S: Final = 1.0


class PortState(StrEnum):
    """What a UDP port did: `closed` is certain, `speaks-v3` too; `silent` may be a firewall or SNMPv1/v2c.

    `unreachable`: this machine or a router on the way said that there is no way there. `forbidden`: this machine
    may not send there.
    """

    CLOSED = "closed"
    SPEAKS_V3 = "speaks-v3"
    SILENT = "silent"
    UNREACHABLE = "unreachable"
    FORBIDDEN = "forbidden"


async def port_state(address: str, port: int, *, timeout_s: float = 0.5) -> PortState:
    """Return what the port of a numeric address did within `timeout_s`; it is asked anew each second."""
    v6 = ":" in address
    with contextlib.closing(socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.settimeout(0)
        with contextlib.suppress(OSError):
            # Without it Linux keeps routers' answers (no route, prohibited) from UDP sockets.
            sock.setsockopt(*((socket.IPPROTO_IPV6, IPV6_RECVERR) if v6 else (socket.IPPROTO_IP, IP_RECVERR)), 1)
        try:
            sock.connect((address, port))
            async with asyncio.timeout(timeout_s):
                await _answer(sock)
        except ConnectionRefusedError:
            return PortState.CLOSED
        except TimeoutError:
            return PortState.SILENT
        except OSError as error:
            return PortState.FORBIDDEN if error.errno in {errno.EPERM, errno.EACCES} else PortState.UNREACHABLE
        return PortState.SPEAKS_V3


async def _answer(sock: socket.socket) -> None:
    """Ask until something comes back; routers send no more than one error a second."""
    while True:
        sock.send(DISCOVERY)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ASK_AGAIN_S):
                await asyncio.get_running_loop().sock_recv(sock, MAX_ANSWER_BYTES)
                return


async def answering_address(
    address: str, port: int, version: SnmpVersion, community: str, *, timeout_s: float = 1.0
) -> str | None:
    """Return the address from which a GET of sysUpTime.0 is answered; None when nothing answers in time.

    With v3 it is an engine discovery instead. Only an answer that carries the request's own random id counts.
    """
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # Four octets that BER could not write shorter.
    token = tlv(2, (2**24 + secrets.randbelow(2**30)).to_bytes(4, "big"))
    discovery = _DISCOVERY_HEAD + token + _DISCOVERY_TAIL
    request = discovery if version is SnmpVersion.V3 else _get(version, community, token)
    with contextlib.closing(socket.socket(family, socket.SOCK_DGRAM)) as sock:
        sock.settimeout(0)
        try:
            async with asyncio.timeout(timeout_s):
                await loop.sock_sendto(sock, request, (address, port))
                while True:
                    answer, source = await loop.sock_recvfrom(sock, MAX_ANSWER_BYTES)
                    if token in answer:
                        return str(ipaddress.ip_address(source[0].partition("%")[0]))
        except (TimeoutError, OSError):
            return None


def _get(version: SnmpVersion, community: str, request_id: bytes) -> bytes:
    """Return a GET of sysUpTime.0 in BER (RFC 3416 section 3)."""
    names = tlv(0x30, tlv(0x30, tlv(6, bytes.fromhex("2b06010201010300")) + tlv(5, b"")))
    pdu = tlv(0xA0, request_id + tlv(2, b"\0") + tlv(2, b"\0") + names)
    number = b"\0" if version is SnmpVersion.V1 else b"\1"
    return tlv(0x30, tlv(2, number) + tlv(4, community.encode()) + pdu)


def tlv(tag: int, content: bytes) -> bytes:
    """Return one BER element with a definite length (X.690 section 8.1)."""
    if len(content) < 0x80:  # noqa: PLR2004  short form
        return bytes((tag, len(content))) + content
    size = (len(content).bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + len(content).to_bytes(size, "big") + content
