"""One traceroute to a device that stopped answering, as a line for people; bounded in time and number."""

import asyncio
import ipaddress
import logging
import threading
from typing import Final

import icmplib  # type: ignore[import-untyped]  # icmplib has no types

log = logging.getLogger(__name__)

MAX_HOPS: Final = 15
HOP_TIMEOUT_S: Final = 0.2
MAX_AT_ONCE: Final = 4


class Tracer:
    """Runs traceroutes in threads of their own, at most 4 at once; more are skipped and counted."""

    def __init__(self, *, allowed: bool) -> None:
        self._allowed = allowed
        self._running = 0
        self.skipped = 0

    def start(self, address: str) -> asyncio.Future[str | None] | None:
        """Return the summary to come, of at most 3 s; None on loopback, without permission or when too many run.

        The summary is None when the trace failed.
        """
        if not self._allowed or ipaddress.ip_address(address.split("%", maxsplit=1)[0]).is_loopback:
            return None
        if self._running >= MAX_AT_ONCE:
            self.skipped += 1
            return None
        self._running += 1
        loop = asyncio.get_running_loop()
        future: asyncio.Future[str | None] = loop.create_future()

        def settle(summary: str | None) -> None:
            self._running -= 1
            if not future.done():
                future.set_result(summary)

        def work() -> None:
            summary = trace_summary(address)
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, summary)

        # A daemon thread: a trace under way never delays the agent's stop.
        threading.Thread(target=work, name=f"trace {address}", daemon=True).start()
        return future


def trace_summary(address: str) -> str | None:
    """Return a traceroute as one line, None when the kernel or the network forbids it. Blocks up to 3 s."""
    try:
        hops = icmplib.traceroute(address, count=1, interval=0.0, timeout=HOP_TIMEOUT_S, max_hops=MAX_HOPS, fast=True)
    except (icmplib.ICMPLibError, OSError) as error:
        log.info("traceroute to %s failed: %s", address, error)
        return None
    if not hops:
        return f"traceroute to {address}: no hop answers"
    path = ", ".join(f"{hop.distance} {hop.address} {hop.avg_rtt:.1f} ms" for hop in hops)
    reached = "" if hops[-1].address == address else ", then no answer"
    return f"traceroute to {address}: {path}{reached}"
