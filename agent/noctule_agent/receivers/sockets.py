"""Listening sockets of the receivers: bound, retried while a port is taken or forbidden, datagrams in batches.

What arrives is left to the caller's callback.
"""

import asyncio
import errno
import ipaddress
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from noctule_agent.probes.echo_socket import grow_receive_buffer, meminfo_drops

MAX_DATAGRAM_BYTES: Final = 65_535
# Datagrams taken before other work of the event loop gets its turn; a trap takes 1 to 3 ms, a syslog message 20 us.
BATCH: Final = 64
TRAP_BATCH: Final = 8
RETRY_S: Final = 30.0
TCP_BACKLOG: Final = 64
_PRIVILEGED_PORTS: Final = 1024

_log = logging.getLogger(__name__)


class Listener(Protocol):
    """Something that listens until it is closed."""

    def close(self) -> None:
        """Stop listening."""
        ...


def sender_address(host: str) -> str:
    """Return a peer's address in the form that devices have: IPv4 out of its IPv6 form, without a zone."""
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def bound_socket(kind: socket.SocketKind, address: str, port: int) -> socket.socket:
    """Return a socket bound to a numeric address; `::` takes IPv4 too. Raises OSError."""
    try:
        return _bound(kind, address, port)
    except OSError as error:
        if address != "::" or error.errno not in {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}:
            raise
        return _bound(kind, "0.0.0.0", port)  # noqa: S104  the operator asked for every address; this host has no IPv6


def _bound(kind: socket.SocketKind, address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, kind)
    try:
        sock.setblocking(False)  # noqa: FBT003  the socket module's signature
        if family is socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        if kind is socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
    except BaseException:
        sock.close()
        raise
    return sock


class DatagramListener:
    """A UDP socket whose datagrams go to `on_datagram(octets, address, port)`, in order, at most `batch` a turn."""

    def __init__(
        self, address: str, port: int, on_datagram: Callable[[bytes, str, int], None], *, batch: int = BATCH
    ) -> None:
        self._batch = batch
        self._on_datagram = on_datagram
        self._sock = bound_socket(socket.SOCK_DGRAM, address, port)
        # A burst of traps of a large switch waits in the kernel, not in our memory.
        grow_receive_buffer(self._sock)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._sock, self._read)

    @property
    def port(self) -> int:
        """The port that is bound."""
        return int(self._sock.getsockname()[1])

    @property
    def kernel_drops(self) -> int:
        """How many datagrams the kernel dropped for want of room; 0 where it does not say."""
        return meminfo_drops(self._sock) or 0

    def send(self, octets: bytes, address: str, port: int) -> None:
        """Send a datagram; what cannot be sent is lost, as any datagram may be."""
        target = f"::ffff:{address}" if self._sock.family is socket.AF_INET6 and ":" not in address else address
        try:
            self._sock.sendto(octets, (target, port))
        except OSError as error:
            _log.debug("no answer sent to %s: %s", address, error)

    def close(self) -> None:
        """Stop listening."""
        self._loop.remove_reader(self._sock)
        self._sock.close()

    def _read(self) -> None:
        for _ in range(self._batch):
            try:
                octets, source = self._sock.recvfrom(MAX_DATAGRAM_BYTES)
            except BlockingIOError:
                return
            except OSError:
                # An ICMP error for an answer of ours; the next datagram is another matter.
                continue
            self._on_datagram(octets, sender_address(source[0]), source[1])


async def keep_listening(
    what: str, port: int, open_: Callable[[], Awaitable[Listener]], *, retry_s: float = RETRY_S
) -> None:
    """Listen until cancelled; while the port cannot be had, say so once and try again every `retry_s`."""
    told = False
    while True:
        try:
            listener = await open_()
        except OSError as error:
            if not told:
                _log.error(
                    "no %s on port %d: %s; trying again every %.0f s",
                    what,
                    port,
                    _why(error, port),
                    retry_s,
                )
            told = True
            await asyncio.sleep(retry_s)
            continue
        _log.info("receiving %s on port %d", what, port)
        try:
            await asyncio.Event().wait()
        finally:
            listener.close()


def _why(error: OSError, port: int) -> str:
    text = error.strerror or str(error)
    if error.errno in {errno.EACCES, errno.EPERM} and port < _PRIVILEGED_PORTS:
        return f"{text}: ports below 1024 need root or CAP_NET_BIND_SERVICE"
    if error.errno == errno.EADDRINUSE:
        return f"{text}: another program listens there"
    return text
