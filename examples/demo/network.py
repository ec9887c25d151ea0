"""The simulated network as the demo sees it: a child process that tells its map and takes orders.

What is simulated is left to the package `simulator`.
"""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from demo.children import Child, Children
from demo.errors import DemoError

SIMULATOR: Final = Path(__file__).with_name("simulator")
MAP_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Device:
    """One simulated device. `version` is that of SNMP, `reachability` what decides whether it is offline."""

    name: str
    site: str
    address: str
    port: int
    version: str
    reachability: str
    interfaces: int


class SimulatedNetwork:
    """The running simulator. It ends when its stdin is closed, so also when the demo is gone."""

    def __init__(self, child: Child) -> None:
        self._child = child

    @classmethod
    async def start(cls, children: Children) -> "SimulatedNetwork":
        """Start the simulator; it takes about a second until it can tell its map."""
        return cls(await children.start("simulator", [sys.executable, SIMULATOR], talks=True))

    async def devices(self) -> list[Device]:
        """Wait for the map and return it; it is told once. Raises DemoError when none comes."""
        assert self._child.process.stdout is not None  # noqa: S101  it was started with pipes
        try:
            async with asyncio.timeout(MAP_S):
                line = await self._child.process.stdout.readline()
            return [Device(**device) for device in json.loads(line)]
        except (TimeoutError, ValueError) as error:
            raise DemoError(f"the simulator told no map:\n{self._child.log.read_text(errors='replace')}") from error

    async def begin(self, seconds: int | None) -> None:
        """Let things begin to go wrong, paced for a run of that many seconds, None for one without end."""
        await self._order(f"begin {seconds or ''}")

    async def silence(self, *names: str) -> None:
        """Let these devices fall silent, and all others be well, until another order."""
        await self._order(" ".join(("silence", *names)))

    async def _order(self, line: str) -> None:
        assert self._child.process.stdin is not None  # noqa: S101  it was started with pipes
        self._child.process.stdin.write(f"{line}\n".encode())
        await self._child.process.stdin.drain()
