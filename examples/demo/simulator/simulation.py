"""The running simulation: the clock, the agents and the conversation with whoever started it.

All the arithmetic is left to `network`, all of SNMP to `agent`.
"""

import asyncio
import json
import os
import random
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from typing import Final

from demo.simulator.addresses import bind_all
from demo.simulator.agent import Agent
from demo.simulator.credentials import CREDENTIALS
from demo.simulator.network import Network, View
from demo.simulator.script import STORY, Kind, Script, begin, silent
from demo.simulator.topology import Device, build

SEED: Final = 20


class Simulation:
    """The network with a clock and an agent for each device."""

    def __init__(self, seed: int = SEED, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started_s = clock()
        self.devices = build(seed)
        self.network = Network(self.devices, Script())
        self.sockets: list[socket.socket] = bind_all(len(self.devices), random.Random(os.getpid()))  # noqa: S311  no secret
        self.agents: list[Agent] = []

    def now_s(self) -> float:
        """Return the time on the simulation's clock."""
        return self._clock() - self._started_s

    def serve(self) -> None:
        """Let every device answer. Needs a running event loop."""
        for device, sock in zip(self.devices, self.sockets, strict=True):
            agent = self._agent(device)
            agent.serve(sock)
            self.agents.append(agent)

    def begin(self, run_s: float | None) -> None:
        """Start the script for a run that is to last `run_s`, None until someone stops it."""
        self.network = Network(self.devices, begin(self.now_s(), run_s))

    def silence(self, names: Iterable[str]) -> None:
        """Let these devices fall silent and all others be well. Raises KeyError for a name that no device has."""
        known = {device.name: device.name for device in self.devices}
        self.network = Network(self.devices, silent(self.now_s(), [known[name] for name in names]))

    def close(self) -> None:
        """Let every device fall silent for good."""
        for agent in self.agents:
            agent.close()

    def _agent(self, device: Device) -> Agent:
        name = device.name
        return Agent(
            device,
            CREDENTIALS,
            look=lambda: View(self.network, name, self.now_s()),
            answers=lambda: self.network.answers(name, self.now_s()),
            rng=random.Random(name),  # noqa: S311  it draws response times, not secrets
        )

    def map(self) -> str:
        """Return where everything is, as one line of JSON. Devices that will fall silent must be watched by SNMP."""
        silent = {happening.device for happening in STORY if happening.kind is Kind.SILENCE}
        return json.dumps(
            [
                {
                    "name": device.name,
                    "site": device.site,
                    "address": sock.getsockname()[0],
                    "port": sock.getsockname()[1],
                    "version": "3" if device.v3 else "2c",
                    "reachability": "snmp" if device.name in silent else "icmp",
                    "interfaces": len(device.ports),
                }
                for device, sock in zip(self.devices, self.sockets, strict=True)
            ]
        )


async def main() -> int:
    """Run until stdin ends. Returns the exit status."""
    # pysnmp would note each engine's boots in the temporary folder for good. Where it cannot, it goes on without.
    tempfile.tempdir = os.devnull
    try:
        simulation = Simulation()
    except OSError as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 1
    simulation.serve()
    print(simulation.map(), flush=True)
    await _obey(simulation)
    simulation.close()
    return 0


async def _obey(simulation: Simulation) -> None:
    """Follow the lines on stdin until it ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        match line.decode(errors="replace").split():
            case ["begin"]:
                simulation.begin(None)
            case ["begin", seconds] if seconds.isdecimal():
                simulation.begin(float(seconds))
            case ["silence", *names]:
                try:
                    simulation.silence(names)
                except KeyError as error:
                    print(f"simulator: there is no device {error}", file=sys.stderr)
            case _:
                print("simulator: expected `begin`, `begin SECONDS` or `silence DEVICE...`", file=sys.stderr)
