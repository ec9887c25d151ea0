"""What the agent asks of its process: ICMP sockets, open files, signals. Running it is `runtime.py`'s."""

import asyncio
import contextlib
import logging
import resource
import signal
from collections.abc import Iterator
from typing import Final

from noctule_agent.probes.icmp import EchoEngine, NoPermission

ICMP_HINT: Final = (
    "ICMP is not permitted, devices are judged by SNMP alone; to permit it either give the program the capability "
    "(setcap cap_net_raw+ep on its Python, or AmbientCapabilities=CAP_NET_RAW in its unit) or allow its group "
    "(sysctl net.ipv4.ping_group_range)"
)

_log = logging.getLogger(__name__)


def raise_descriptor_limit() -> None:
    """Allow as many open files as the system lets us: each SNMP session takes one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def open_engine(*, enabled: bool) -> EchoEngine | None:
    """Return the echo engine, None when it is switched off or not permitted (said once, with the ways to permit)."""
    if not enabled:
        return None
    try:
        return EchoEngine.open()
    except NoPermission:
        _log.warning("%s", ICMP_HINT)
    except OSError as error:
        _log.warning("no ICMP socket (%s), devices are judged by SNMP alone", error)
    return None


@contextlib.contextmanager
def stop_on_signal() -> Iterator[asyncio.Event]:
    """Yield an event that SIGTERM and SIGINT set; a second signal acts as without us."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def ask() -> None:
        stop.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
