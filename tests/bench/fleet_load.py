"""Agents of a large network in one process: thousands of small devices, measured as often as agents do by default.

`python fleet_load.py FOLDER...`: each an enrolled agent's. It says {"ready"} once the hub has all inventories, then
measures until its standard input ends. A few devices are down, and one after the other of the rest goes and comes.
"""

import asyncio
import functools
import math
import random
import sys
import time
from array import array
from collections.abc import Sequence
from pathlib import Path

from noctule_agent import link_connection
from noctule_agent.join import tls_context
from noctule_agent.sink import InterfaceRows, LatencyRow
from noctule_shared.axes import Axis, DeviceLevels, IcmpLevel, IfStatus, LatencySource
from noctule_shared.observations import AxisChanged, Inventory, InventoryInterface

if not __package__:  # started by its path: find `tests.bench` from the root
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.bench.ingest_load import LoadAgent, now_ms, say
from tests.bench.traffic import REVISION

PORTS = 2
ICMP_EVERY_S = 10.0
SNMP_EVERY_S = 30.0
# In the whole crowd: as a network has it on a bad day.
CHANGE_EVERY_S = 2.0
DOWN_EVERY = 250
TURN_S = 0.05
PROBES = 5


class CrowdAgent(LoadAgent):
    """An agent whose devices have two ports each."""

    def __init__(self, folder: Path, phase: float) -> None:
        super().__init__(folder, phase)
        self._rng = random.Random(folder.name)  # noqa: S311  it draws traffic, not secrets
        self._turned = 0

    def levels(self) -> list[DeviceLevels]:
        ids = self.device_list.devices
        return [DeviceLevels(number, icmp=IcmpLevel.DOWN if _down(number) else IcmpLevel.UP) for number in ids]

    async def settled(self) -> None:
        await self.configured.wait()
        for number in self.device_list.devices:
            self.collector.event(
                Inventory(number, REVISION, now_ms(), None, [_port(port + 1) for port in range(PORTS)])
            )
        await self.delivered()
        # It began without a device, and would tell of these within a minute.
        session = self._uplink._session
        assert session is not None, "there is no link"
        await session._tell(session._told.whole())

    async def measure(self, agents: int) -> None:
        """Measure at the agent's default intervals until cancelled; `agents` share the changes of state."""
        up = [number for number in self.device_list.devices if not _down(number)]
        began_s = time.monotonic()
        echoes = polls = changes = 0
        while True:
            passed_s = time.monotonic() - began_s
            while echoes + self._phase < passed_s * len(up) / ICMP_EVERY_S:
                self.collector.latency(self._echo(up[echoes % len(up)]))
                echoes += 1
            while polls + self._phase < passed_s * len(up) / SNMP_EVERY_S:
                self.collector.interfaces(self._octets(up[polls % len(up)]))
                polls += 1
            while changes + self._phase < passed_s / CHANGE_EVERY_S / agents:
                old, new = ("up", "down") if changes % 2 == 0 else ("down", "up")
                number = up[changes // 2 % len(up)]
                self.collector.event(AxisChanged(number, Axis.ICMP, old, new, "load", now_ms()))
                changes += 1
            await asyncio.sleep(TURN_S)

    def _echo(self, number: int) -> LatencyRow:
        rtt_s = 0.002 + 0.02 * self._rng.random() ** 3
        return LatencyRow(
            number,
            now_ms(),
            LatencySource.ICMP,
            PROBES,
            PROBES,
            *(rtt_s * factor for factor in (0.9, 0.95, 1.0, 1.1, 1.4, 1.05, 0.1, 0.1)),
        )

    def _octets(self, number: int) -> InterfaceRows:
        wave = 1 + math.sin(time.time() / 60 + number)
        octets = array("d", [wave * 4e6 * (number % 7 + 1) * SNMP_EVERY_S / 8] * PORTS)
        packets = array("d", [value / 700 for value in octets])
        none = array("d", [0.0] * PORTS)
        return InterfaceRows(
            number,
            REVISION,
            if_index=list(range(1, PORTS + 1)),
            ts_ms=[now_ms()] * PORTS,
            interval_s=[SNMP_EVERY_S] * PORTS,
            in_octets=octets,
            out_octets=octets,
            in_packets=packets,
            out_packets=packets,
            in_errors=none,
            out_errors=none,
            in_discards=none,
            out_discards=none,
            quality=[0] * PORTS,
        )


def _down(number: int) -> bool:
    return number % DOWN_EVERY == 0


def _port(number: int) -> InventoryInterface:
    name = f"eth{number}"
    return InventoryInterface(
        number, name, name, name, "", 6, 1_000_000_000, IfStatus.UP, IfStatus.UP, counter_bits=64, polled=True
    )


async def main(folders: Sequence[str]) -> None:
    # Each agent has a machine of its own, which reads the certificates once a connection; here one reads them for all.
    link_connection.tls_context = functools.cache(tls_context)  # type: ignore[attr-defined]  # see above
    agents = [CrowdAgent(Path(folder), number / len(folders)) for number, folder in enumerate(folders)]
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(agent.run()) for agent in agents]
        await asyncio.gather(*(agent.settled() for agent in agents))
        running += [tasks.create_task(agent.measure(len(agents))) for agent in agents]
        say({"ready": True})
        await asyncio.to_thread(sys.stdin.buffer.read)
        for task in running:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
