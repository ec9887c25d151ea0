"""The hub as a process: signals, the service manager, open files. What runs in it is `app`'s."""

import asyncio
import contextlib
import logging
import resource
import signal
import time
from collections.abc import Callable
from typing import Final

from noctule_hub.app import running
from noctule_hub.config import HubConfig
from noctule_hub.notifier import Notifier

log = logging.getLogger(__name__)

# Database, day files, logs: what is open besides connections.
OTHER_FILES: Final = 500


async def serve(config: HubConfig, reread: Callable[[], HubConfig] | None = None) -> None:
    """Run a hub until SIGTERM or SIGINT; on SIGHUP work by what `reread` returns (None: nothing is read again).

    Raises `HubError` or `StoreError` when it cannot start: folder, keys, port.
    """
    _raise_open_files(config.settings.limits.connections)
    notifier, stop = Notifier.from_environment(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # One that comes before there is anything to reload must not end the program.
    loop.add_signal_handler(signal.SIGHUP, lambda: None)
    async with running(config, reread) as hub:

        def reload() -> None:
            notifier.reloading(time.monotonic())
            hub.reload()
            notifier.ready(hub.status())

        loop.add_signal_handler(signal.SIGHUP, reload)
        log.info("noctule hub listens on %s", hub.url)
        notifier.ready(hub.status())
        stopped = asyncio.create_task(stop.wait())
        watching = asyncio.create_task(notifier.watch(hub.status))
        await asyncio.wait([stopped, *hub.work], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        watching.cancel()
        notifier.stopping()
        log.info("noctule hub stops")
        for task in hub.work:
            if task.done():
                task.result()
    log.info("noctule hub has stopped")


def _raise_open_files(connections: int) -> None:
    """Let as many connections be open as the settings allow, or say what is in the way."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + OTHER_FILES
    if soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
            soft = allowed
    if soft < wanted:
        log.warning(
            "only %d files may be open: less than limits.connections = %d needs; raise LimitNOFILE or `ulimit -n`",
            soft,
            connections,
        )
