"""Tells the service manager how the agent is: ready, alive, stopping (sd_notify's protocol of systemd).

Outside of a service manager everything here does nothing. Pings come from the event loop, so that one that hangs is
ended and started again; what else may go wrong is in the status.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping
from math import inf
from typing import Final, Self

# Whoever installs it looks at once; a watchdog may ask for more.
STATUS_INTERVAL_S: Final = 5.0
MAX_STATUS_CHARS: Final = 200

_log = logging.getLogger(__name__)


class Notifier:
    """`address` is a Unix datagram socket, None for nobody; `watchdog_s` how long we may be silent, None for ever."""

    def __init__(self, address: str | None = None, watchdog_s: float | None = None) -> None:
        self.watchdog_s = watchdog_s
        self.failures = 0
        # Names that begin with @ are of Linux' abstract namespace.
        self._address = None if address is None else address.replace("@", "\0", 1) if address[0] == "@" else address

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Return a notifier by NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID; nothing is told when it has none."""
        address = environment.get("NOTIFY_SOCKET", "")
        if address[:1] not in {"/", "@"}:
            return cls()
        usec, pid = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
        ours = pid in {"", str(os.getpid())}
        watched = ours and usec.isascii() and usec.isdecimal() and int(usec) > 0
        return cls(address, int(usec) / 1_000_000 if watched else None)

    def ready(self, status: str) -> None:
        """Tell that the agent measures."""
        self._tell(f"READY=1\nSTATUS={_line(status)}")

    def stopping(self) -> None:
        """Tell that the agent writes down what it has and ends."""
        self._tell("STOPPING=1")

    async def watch(self, status: Callable[[], str]) -> None:
        """Tell that the agent is alive and what it is at, at least twice in each `watchdog_s`; until cancelled."""
        while True:
            self._tell(f"WATCHDOG=1\nSTATUS={_line(status())}")
            await asyncio.sleep(min(STATUS_INTERVAL_S, inf if self.watchdog_s is None else self.watchdog_s / 2))

    def _tell(self, message: str) -> None:
        if self._address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
                sock.sendto(message.encode(), self._address)
        except OSError as error:
            self.failures += 1
            if self.failures == 1:
                _log.warning("the service manager cannot be told how the agent is: %s", error)


def _line(status: str) -> str:
    return status.replace("\n", " ")[:MAX_STATUS_CHARS]
