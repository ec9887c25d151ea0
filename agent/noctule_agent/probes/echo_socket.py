"""One ICMP socket per address family, with the kernel's receive stamps and its count of drops.

Opens raw sockets, else unprivileged ones, and says what is missing when neither is allowed. When to send is
left to `icmp`, what the bytes mean to `echo_packet`.
"""

import contextlib
import ctypes
import errno
import ipaddress
import os
import secrets
import socket
import struct
import sys
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from noctule_shared.errors import NoctuleError, invalid

RCVBUF_BYTES: Final = 4 * 1024 * 1024
# Linux numbers that Python 3.11 does not name.
SO_ATTACH_FILTER: Final = 26
SO_RCVBUFFORCE: Final = 33
SO_TIMESTAMPNS: Final = 35
SO_RXQ_OVFL: Final = 40
SO_MEMINFO: Final = 55
_SOL_RAW: Final = 255
_ICMP_FILTER: Final = 1
_ICMP6_FILTER: Final = 1
_SK_MEMINFO_DROPS: Final = 8
_MEMINFO: Final = struct.Struct("=9I")
_TIMESPEC: Final = struct.Struct("@ll")
_ANCILLARY_BYTES: Final = socket.CMSG_SPACE(_TIMESPEC.size) + socket.CMSG_SPACE(4)
# A reply with the longest IPv4 header, 60 octets, and ours has 124. What is longer is cut; to read more costs more.
_MAX_PACKET_BYTES: Final = 256

GRANTS: Final = (
    "grant it either with CAP_NET_RAW (systemd: AmbientCapabilities=CAP_NET_RAW, "
    'or: setcap cap_net_raw+ep "$(readlink -f "$(command -v python3)")") '
    'or for all users with: sysctl -w net.ipv4.ping_group_range="0 2147483647"'
)


class NoPermission(NoctuleError):  # noqa: N818  the wire's reason is no-permission
    """This process may not send ICMP echoes; the message names the two ways to grant it."""

    def __init__(self) -> None:
        super().__init__(f"no permission to send ICMP echoes: {GRANTS}")


class Received(msgspec.Struct, frozen=True, gc=False):
    """One packet with the kernel's receive time, nanoseconds of CLOCK_REALTIME (None: the kernel gave none)."""

    octets: bytes
    source: str
    stamp_ns: int | None


class EchoSocket:
    """A non-blocking ICMP socket for all targets of one address family.

    `raw` tells a raw socket from an unprivileged one, whose identifier the kernel chooses. Closed by `close`.
    """

    def __init__(self, sock: socket.socket, *, v6: bool, raw: bool, identifier: int) -> None:
        self.sock = sock
        self.v6 = v6
        self.raw = raw
        self.identifier = identifier
        self._overflow = 0
        self._drops_base = meminfo_drops(sock) or 0

    @property
    def ip_header(self) -> bool:
        """Return whether received packets start with their IP header."""
        return self.raw and not self.v6

    def send(self, packet: bytes, address: tuple[Any, ...]) -> None:
        """Send one packet. Raises OSError as the kernel does, BlockingIOError when its buffer is full."""
        self.sock.sendto(packet, address)

    def receive(self) -> Received | None:
        """Return the next packet that waits, None when there is none (or an error of an earlier send)."""
        try:
            octets, ancillary, _, source = self.sock.recvmsg(_MAX_PACKET_BYTES, _ANCILLARY_BYTES)
        except OSError:
            return None
        stamp_ns = None
        for level, kind, data in ancillary:
            if level != socket.SOL_SOCKET:
                continue
            if kind == SO_TIMESTAMPNS and len(data) >= _TIMESPEC.size:
                seconds, nanoseconds = _TIMESPEC.unpack_from(data)
                stamp_ns = seconds * 1_000_000_000 + nanoseconds
            elif kind == SO_RXQ_OVFL:
                self._overflow = int.from_bytes(data[:4], sys.byteorder)
        return Received(octets, source[0], stamp_ns)

    def drops(self) -> int:
        """Return how many packets the kernel threw away for want of room since this socket was opened.

        From the socket's own counter (SO_MEMINFO, Linux 4.12), else from what SO_RXQ_OVFL last told.
        """
        now = meminfo_drops(self.sock)
        return self._overflow if now is None else now - self._drops_base

    def rcvbuf_bytes(self) -> int:
        """Return the receive buffer that the kernel granted (it books overhead on top, hence the half)."""
        return self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()


@dataclass(frozen=True, slots=True)
class Permission:
    """What this process may do: raw sockets, unprivileged ICMP sockets. `message` says how to grant what lacks."""

    raw: bool
    unprivileged: bool
    message: str

    @property
    def allowed(self) -> bool:
        """Return whether echoes can be sent at all."""
        return self.raw or self.unprivileged


def permission() -> Permission:
    """Return what this process may do for IPv4, found by opening the sockets and closing them again."""
    raw = _allowed(socket.SOCK_RAW)
    unprivileged = _allowed(socket.SOCK_DGRAM)
    if raw:
        return Permission(raw, unprivileged, "ICMP by a raw socket")
    if unprivileged:
        return Permission(raw, unprivileged, "ICMP by an unprivileged socket")
    return Permission(raw, unprivileged, str(NoPermission()))


def open_echo_socket(*, v6: bool) -> EchoSocket | None:
    """Return the best socket that is allowed for one address family; None when the machine lacks the family.

    Raises `NoPermission` when the family exists and neither kind of socket is allowed, OSError on anything else
    (no descriptors left).
    """
    for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM):
        try:
            return _open(kind, v6=v6)
        except PermissionError:
            continue
        except OSError as error:
            if error.errno in {errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT}:
                return None
            raise
    raise NoPermission


def _allowed(kind: int) -> bool:
    try:
        socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP).close()
    except OSError:
        return False
    return True


def _open(kind: int, *, v6: bool) -> EchoSocket:
    family = socket.AF_INET6 if v6 else socket.AF_INET
    protocol = socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP
    sock = socket.socket(family, kind, protocol)
    try:
        sock.settimeout(0)
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.setsockopt(socket.SOL_SOCKET, SO_RXQ_OVFL, 1)
        grow_receive_buffer(sock)
        if kind == socket.SOCK_RAW:
            identifier = secrets.randbelow(0xFFFF) + 1
            _only_own_replies(sock, identifier, v6=v6)
        else:
            sock.bind(("::" if v6 else "0.0.0.0", 0))  # noqa: S104  an ICMP socket listens to nobody
            identifier = sock.getsockname()[1]
    except OSError:
        sock.close()
        raise
    return EchoSocket(sock, v6=v6, raw=kind == socket.SOCK_RAW, identifier=identifier)


def meminfo_drops(sock: socket.socket) -> int | None:
    """Return how many packets the kernel ever dropped at this socket, None where it does not say."""
    try:
        data = sock.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, _MEMINFO.size)
    except OSError:
        return None
    return int(_MEMINFO.unpack(data)[_SK_MEMINFO_DROPS]) if len(data) >= _MEMINFO.size else None


def grow_receive_buffer(sock: socket.socket) -> None:
    """Give a socket `RCVBUF_BYTES` of receive buffer, or as much as the kernel allows."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RCVBUF_BYTES)
    with contextlib.suppress(OSError):
        # With CAP_NET_ADMIN the buffer may exceed net.core.rmem_max.
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RCVBUF_BYTES)


def _only_own_replies(sock: socket.socket, identifier: int, *, v6: bool) -> None:
    """Have the kernel drop all but echo replies with our identifier before they take room in the queue."""
    if v6:
        words = [0xFFFFFFFF] * 8
        words[129 >> 5] &= ~(1 << (129 & 31))
        sock.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, struct.pack("=8I", *words))
        load_header_length: list[tuple[int, int, int, int]] = [(0x01, 0, 0, 0)]  # ldx #0: no IPv6 header is seen
    else:
        sock.setsockopt(_SOL_RAW, _ICMP_FILTER, struct.pack("=I", ~1 & 0xFFFFFFFF))
        load_header_length = [(0xB1, 0, 0, 0)]  # ldxb 4*([0]&0xf): the IPv4 header's length
    program = [
        *load_header_length,
        (0x48, 0, 0, 4),  # ldh [x+4]: the identifier
        (0x15, 0, 1, identifier),  # jeq: ours, else skip one
        (0x06, 0, 0, 0xFFFFFFFF),  # ret: keep all of it
        (0x06, 0, 0, 0),  # ret: drop
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
    descriptor = struct.pack("@HP", len(program), ctypes.addressof(code))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, descriptor)
    # What came in before the filter was attached is not ours.
    with contextlib.suppress(BlockingIOError):
        while os.read(sock.fileno(), 1):
            pass


def target_of(address: str) -> tuple[tuple[Any, ...], bool]:
    """Return a numeric address as the kernel spells it in replies, and whether it is IPv6.

    Raises `Refused` (invalid, naming the field) for anything else.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        raise invalid("address", f"{address[:80]!r} is not a numeric IP address") from None
    if parsed.version == 4:  # noqa: PLR2004  IPv4
        return (str(parsed), 0), False
    # The kernel's own spelling, with the scope as a number, is what replies will carry.
    found = socket.getaddrinfo(address, 0, socket.AF_INET6, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST)[0][4]
    return found, True
