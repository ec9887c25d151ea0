"""Tells a closed UDP port from a silent device, with a connected socket of its own.

A closed port is answered by the device's kernel with ICMP port unreachable, which a connected socket gets as
ECONNREFUSED. What follows from it is left to `client` and `diagnosis`.
"""

import asyncio
import contextlib
import socket
from enum import StrEnum
from typing import Final

# An SNMPv3 engine discovery (RFC 3414 section 4): any SNMPv3 agent answers it with a report, others stay
# silent, and it is no failed authentication that a device would log.
DISCOVERY: Final = bytes.fromhex(
    "303a020103"  # version 3
    "300f02024a69020300ffe3040104020103"  # header: reportable, user-based security
    "0410300e0400020100020100040004000400"  # no engine, no user
    "301204000400a00c020237f00201000201003000"  # GET without names
)


class PortState(StrEnum):
    """What a UDP port did: `closed` is certain, `speaks-v3` too; `silent` may be a firewall or SNMPv1/v2c."""

    CLOSED = "closed"
    SPEAKS_V3 = "speaks-v3"
    SILENT = "silent"
    UNREACHABLE = "unreachable"


async def port_state(address: str, port: int, *, timeout_s: float = 0.5) -> PortState:
    """Return what the port of a numeric address did within `timeout_s`."""
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_DGRAM)) as sock:
        sock.settimeout(0)
        try:
            sock.connect((address, port))
            sock.send(DISCOVERY)
            async with asyncio.timeout(timeout_s):
                await loop.sock_recv(sock, 2048)
        except ConnectionRefusedError:
            return PortState.CLOSED
        except TimeoutError:
            return PortState.SILENT
        except OSError:
            return PortState.UNREACHABLE
        return PortState.SPEAKS_V3
