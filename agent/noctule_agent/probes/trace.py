"""One traceroute to a device that stopped answering, as a line for people; bounded in time and number."""

import asyncio
import ipaddress
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

import icmplib  # type: ignore[import-untyped]  # icmplib has no types

log = logging.getLogger(__name__)

MAX_HOPS: Final = 30
HOP_TIMEOUT_S: Final = 0.3
# Routers that keep silent in between are passed over; behind so many in a row nothing more is asked.
MAX_SILENT_HOPS: Final = 4
# A trace runs beside the fast retries (core.reachability), of which 2 s are left when it starts.
TRACE_LENGTH_S: Final = 1.8
# One that a person asked for has more time.
LONG_TRACE_S: Final = 10.0
MAX_AT_ONCE: Final = 4

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Hop:
    """A router or the target itself at `distance` (1 is the next router), with its round-trip delay in seconds."""

    distance: int
    address: str
    rtt_s: float
    is_target: bool


class Tracer:
    """Runs traceroutes in threads of their own, at most 4 at once; more are skipped and counted."""

    def __init__(self, *, allowed: bool) -> None:
        self.allowed = allowed
        self._running = 0
        self.skipped = 0

    def start(self, address: str) -> asyncio.Future[str | None] | None:
        """Return the summary to come, within 2.1 s; None on loopback, without permission or when too many run.

        The summary is None when the trace failed.
        """
        if ipaddress.ip_address(address.split("%", maxsplit=1)[0]).is_loopback:
            return None
        return self._start(address, trace_summary)

    def hops(self, address: str) -> asyncio.Future[list[Hop] | None] | None:
        """Return the hops to come, within 10.3 s, None of them when the trace failed; None as `start` does.

        Loopback is traced too: somebody asked.
        """
        return self._start(address, lambda target: trace_hops(target, LONG_TRACE_S))

    def _start(self, address: str, trace: Callable[[str], _Found | None]) -> asyncio.Future[_Found | None] | None:
        if not self.allowed:
            return None
        if self._running >= MAX_AT_ONCE:
            self.skipped += 1
            return None
        self._running += 1
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Found | None] = loop.create_future()

        def settle(found: _Found | None) -> None:
            self._running -= 1
            if not future.done():
                future.set_result(found)

        def work() -> None:
            found = trace(address)
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, found)

        # A daemon thread: a trace under way never delays the agent's stop.
        threading.Thread(target=work, name=f"trace {address}", daemon=True).start()
        return future


def trace_summary(address: str) -> str | None:
    """Return a traceroute as one line, None when the kernel or the network forbids it. Blocks up to 2.1 s."""
    hops = trace_hops(address, TRACE_LENGTH_S)
    if hops is None:
        return None
    if not hops:
        return f"traceroute to {address}: no hop answers"
    path = ", ".join(f"{hop.distance} {hop.address} {hop.rtt_s * 1000:.1f} ms" for hop in hops)
    return f"traceroute to {address}: {path}{'' if hops[-1].is_target else ', then no answer'}"


def trace_hops(address: str, length_s: float) -> list[Hop] | None:
    """Return the hops that answer, nearest first; None when the kernel or the network forbids it.

    Blocks up to `length_s` and one hop's timeout.
    """
    try:
        return list(_hops(address, length_s))
    except (icmplib.ICMPLibError, OSError) as error:
        log.info("traceroute to %s failed: %s", address, error)
        return None


def _hops(address: str, length_s: float) -> Iterator[Hop]:
    """Yield the hops that answer, nearest first, until the target, 4 silent ones in a row or the time is over.

    icmplib's own `traceroute` asks all 30 hops of a path that ends after two.
    """
    ends_s = time.monotonic() + length_s
    last_answer = 0
    identifier = icmplib.utils.unique_identifier()
    with (icmplib.ICMPv6Socket if ":" in address else icmplib.ICMPv4Socket)() as sock:
        for distance in range(1, MAX_HOPS + 1):
            if distance - last_answer > MAX_SILENT_HOPS or time.monotonic() >= ends_s:
                return
            request = icmplib.ICMPRequest(address, identifier, sequence=distance, ttl=distance)
            sock.send(request)
            try:
                reply = sock.receive(request, HOP_TIMEOUT_S)
            except icmplib.TimeoutExceeded:
                continue
            last_answer = distance
            yield Hop(distance, reply.source, reply.time - request.time, is_target=reply.source == address)
            if not _is_on_the_way(reply):
                return


def _is_on_the_way(reply: icmplib.ICMPReply) -> bool:
    """Return whether a router says that the packet's hops were used up; else the path ends here."""
    try:
        reply.raise_for_status()
    except icmplib.TimeExceeded:
        return True
    except icmplib.ICMPError:
        return False
    return False
