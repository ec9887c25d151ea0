"""A crowd of agents in one process: the real link and outbox of each, and one device that is always up.

`python crowd.py FOLDER...`: each an enrolled agent's. It prints a line of JSON for each welcome: agent and time.
"""

import asyncio
import functools
import json
import sys
import time
from pathlib import Path

from noctule_agent import link_connection
from noctule_agent.collector import Collector
from noctule_agent.devices import DeviceList, load_devices
from noctule_agent.enrolment import load_enrolment
from noctule_agent.join import tls_context
from noctule_agent.keys import load_keys
from noctule_agent.link_connection import LinkIdentity
from noctule_agent.outbox import Outbox
from noctule_agent.outbox_file import OUTBOX_NAME
from noctule_agent.outbox_frames import Limits
from noctule_agent.sink import LatencyRow
from noctule_agent.uplink import Uplink
from noctule_shared.axes import Axis, CanaryLevel, DeviceLevels, IcmpLevel, LatencySource
from noctule_shared.link import Command, Result
from noctule_shared.observations import AxisChanged

MEASURE_S = 5.0
DELAY_S = 1 / 64
MAX_BYTES = 16 * 1024 * 1024
DAY_MS = 86_400_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def calm_round(device_id: int, ts_ms: int) -> LatencyRow:
    """Return a round of which no rule has anything to say, however long it goes on."""
    return LatencyRow(device_id, ts_ms, LatencySource.ICMP, 5, 5, *(DELAY_S,) * 8)


class CrowdAgent:
    """Implements `session.AgentSide`."""

    def __init__(self, folder: Path) -> None:
        enrolment = load_enrolment(folder)
        self.agent_id = enrolment.agent_id
        self.device_list = load_devices(folder)
        self.canary = CanaryLevel.OK
        self._outbox = Outbox(folder / OUTBOX_NAME, Limits(MAX_BYTES, DAY_MS))
        self._collector = Collector(self._outbox)
        self._uplink = Uplink(LinkIdentity(enrolment, load_keys(folder), now_ms()), self._outbox, self)

    def levels(self) -> list[DeviceLevels]:
        return [DeviceLevels(device_id, icmp=IcmpLevel.UP) for device_id in self.device_list.devices]

    async def apply_devices(self, devices: DeviceList) -> None:
        for device_id in devices.devices:
            self._collector.event(AxisChanged(device_id, Axis.ICMP, "none", "up", "first round", now_ms()))
        self.device_list = devices

    async def obey(self, command: Command, *, skew_ms: int) -> Result:
        raise AssertionError(f"nobody commands here: {command.kind} at a skew of {skew_ms} ms")

    def welcomed(self, *, hub_went_back: bool) -> None:
        assert not hub_went_back, f"the hub has forgotten frames of agent {self.agent_id}"
        sys.stdout.write(f"{json.dumps({'agent': self.agent_id, 'atS': time.monotonic()})}\n")
        sys.stdout.flush()

    async def run(self) -> None:
        await self._outbox.open()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._uplink.run())
            tasks.create_task(self._collector.run())
            tasks.create_task(self._measure())

    async def _measure(self) -> None:
        while True:
            for device_id in self.device_list.devices:
                self._collector.latency(calm_round(device_id, now_ms()))
            await asyncio.sleep(MEASURE_S)


async def main(folders: list[str]) -> None:
    # Each agent has a machine of its own, which reads the certificates once a connection; here one reads them for all.
    link_connection.tls_context = functools.cache(tls_context)  # type: ignore[attr-defined]  # see above
    async with asyncio.TaskGroup() as tasks:
        for folder in folders:
            tasks.create_task(CrowdAgent(Path(folder)).run())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
