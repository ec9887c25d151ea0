"""What this machine and this user allow: a free TCP port, and ICMP."""

import errno
import socket
from contextlib import suppress
from typing import Final, Self

LOOPBACK: Final = "127.0.0.1"
PORTS_TRIED_MAX: Final = 50


class ReservedPort:
    """A TCP port that no other demo takes between our look and the hub's bind.

    The UDP port of the same number, which the hub does not use, is held as the token of it.
    """

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        for candidate in (wanted, *[0] * PORTS_TRIED_MAX):
            if self._reserve(candidate):
                return
        raise OSError(errno.EADDRINUSE, f"found no free port on {LOOPBACK}")

    def _reserve(self, candidate: int) -> bool:
        """Take a port, 0 for any; return whether it was free for both."""
        self._token = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            self._token.bind((LOOPBACK, candidate))
            self.number: int = self._token.getsockname()[1]
            # As servers do: connections that have ended do not keep a port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, self.number))
            return True
        self._token.close()
        return False

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Let others have the port."""
        self._token.close()


def icmp_permitted() -> bool:
    """Return whether this user may send ICMP echoes, by either kind of socket."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        with suppress(OSError):
            socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP).close()
            return True
    return False
