"""A hub that watches a network of thousands of devices, whose agents are `fleet_load`."""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from tests.kill.enrolled import enrol, make_hub
from tests.kill.hub import HubProcess, until
from tests.kill.processes import Process

DEVICES = 5_000
AGENTS = 5
SETTLE_S = 300.0

T = TypeVar("T")


@contextlib.contextmanager
def crowded_hub(devices: int = DEVICES, *, fanout: int | None = None) -> Iterator[HubProcess]:
    """Lend a hub once it has heard of every device; its agents measure until the end. `fanout`: as of `enrol`."""
    with tempfile.TemporaryDirectory(prefix="noctule-fleet-") as name:
        folder = Path(name)
        data = folder / "hub"
        hub = HubProcess(data, folder / "hub.log", _done(make_hub(data)))
        names = [f"site{number}" for number in range(1, AGENTS + 1)]
        url = f"http://127.0.0.1:{hub.port}"
        agents = _done(enrol(data, folder, names, url=url, devices=devices // AGENTS, fanout=fanout))
        hub.start()
        load = Process(
            [sys.executable, Path(__file__).with_name("fleet_load.py"), *(agent.folder for agent in agents)],
            folder / "load.log",
            talks=True,
        )
        try:
            if not load.output.readline():
                raise RuntimeError(f"the agents ended by themselves\n{load.words()}")
            until(lambda: _known(hub), "the hub knows the state of every device", SETTLE_S)
            yield hub
        finally:
            if load.alive():
                load.kill()
            hub.end()


def _done(work: Coroutine[object, object, T]) -> T:
    """Run it in a loop on a thread of its own: a browser may have this one's."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _known(hub: HubProcess) -> bool:
    cursor: str | None = ""
    while cursor is not None:
        page = hub.get(f"devices?limit=1000{cursor and f'&cursor={cursor}'}")
        if any(device["status"] == "unknown" for device in page["items"]):
            return False
        cursor = page["nextCursor"]
    return True
