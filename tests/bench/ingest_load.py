"""The load on a hub: agents in one process, each with the real link, told what to send on standard input.

`python ingest_load.py PORTS FOLDER...`: how many ports a device has, and each an enrolled agent's folder. It says
{"ready"} once the hub has all inventories, then answers each line of standard input, an `Order` as JSON, by one line,
a `Report`. A flood sends frames made beforehand from memory as fast as the hub grants; a pace measures as an agent
does, through collector and outbox file.
"""

import asyncio
import functools
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from noctule_agent import link_connection
from noctule_agent.collector import FLUSH_INTERVAL_S, Collector
from noctule_agent.devices import DeviceList, load_devices
from noctule_agent.enrolment import load_enrolment
from noctule_agent.join import tls_context
from noctule_agent.keys import load_keys
from noctule_agent.link_connection import LinkIdentity
from noctule_agent.outbox import Outbox
from noctule_agent.outbox_file import OUTBOX_NAME
from noctule_agent.outbox_frames import Limits, NewFrame, OutboundFrame
from noctule_agent.sink import InterfaceRows
from noctule_agent.uplink import Uplink
from noctule_shared.axes import Axis, CanaryLevel, DeviceLevels, IcmpLevel, IfStatus
from noctule_shared.frames import FrameClass, decode_frame, unpack_column
from noctule_shared.link import Command, Result
from noctule_shared.observations import AxisChanged, Inventory, InventoryInterface

if not __package__:  # started by its path: find `tests.bench` from the root
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.bench.traffic import INTERVAL_S, PORTS, REVISION, Traffic

MAX_BYTES = 256 * 1024 * 1024
DAY_MS = 86_400_000
# 2,000 interface rows, as the agent's collector packs them at most.
DEVICES_PER_FRAME = 2_000 // PORTS
# Where struct tcp_info has tcpi_bytes_acked: all octets that the far end has taken (linux/tcp.h).
_BYTES_ACKED_AT = 120


class Order(msgspec.Struct):
    """Flood: so many `rounds` of all ports. Pace (`seconds` > 0): so many rows and events a second, of all agents.

    Fall: every device at once.
    """

    rounds: int = 0
    seconds: float = 0.0
    rows_per_s: float = 0.0
    events_per_s: float = 0.0
    fall: bool = False


class Report(msgspec.Struct):
    """What was acknowledged, and from capture to acknowledgement in ms, one number for each row and event."""

    rows: int
    wall_s: float
    wire_bytes: int
    row_ages_ms: list[int]
    event_ages_ms: list[int]


class MemoryOutbox(Outbox):
    """An outbox whose flood is in memory: no disk, no thread; everything else is in the file, as always."""

    def __init__(self, path: Path, limits: Limits) -> None:
        super().__init__(path, limits)
        self.row_ages_ms: list[int] = []
        self.event_ages_ms: list[int] = []
        self.delivered = asyncio.Event()
        self._flood: deque[bytes] = deque()
        self._sent: deque[tuple[int, FrameClass, Sequence[float]]] = deque()
        self._flood_from = 0

    async def append(self, frames: Sequence[NewFrame]) -> None:
        await super().append(frames)
        self.delivered.clear()
        first = self.counts.next_seq - len(frames)
        for at, frame in enumerate(frames):
            self._sent.append((first + at, frame.frame_class, _captured_ms(frame)))

    def flood(self, frames: Sequence[bytes]) -> None:
        """Offer frames after all that were appended; nothing may be appended after them."""
        self._flood_from = self.counts.next_seq
        self._flood.extend(frames)
        self.counts.next_seq += len(frames)
        self.delivered.clear()
        self.changed.set()

    async def read(self, from_seq: int, *, limit: int, max_bytes: int) -> list[OutboundFrame]:
        if not self._flood_from or from_seq < self._flood_from:
            return await super().read(from_seq, limit=limit, max_bytes=max_bytes)
        at = from_seq - self._flood_from
        stop = min(at + limit, len(self._flood))
        return [OutboundFrame(self._flood_from + n, self._flood_from + n, self._flood[n]) for n in range(at, stop)]

    def acked(self, seq: int) -> None:
        super().acked(seq)
        at_ms = now_ms()
        while self._sent and self._sent[0][0] <= seq:
            _, frame_class, times_ms = self._sent.popleft()
            ages = self.event_ages_ms if frame_class is FrameClass.EVENTS else self.row_ages_ms
            ages.extend(at_ms - int(ts_ms) for ts_ms in times_ms)
        if self.acked_seq == self.counts.next_seq - 1:
            self.delivered.set()


class LoadAgent:
    """Implements `session.AgentSide`: devices that are always up.

    `phase` (0 to 1): where in their seconds and intervals its collector, polls and events stand, as agents do that
    started apart.
    """

    def __init__(self, folder: Path, phase: float, ports: int = PORTS) -> None:
        enrolment = load_enrolment(folder)
        self.device_list = load_devices(folder)
        self.canary = CanaryLevel.OK
        self.configured = asyncio.Event()
        self.outbox = MemoryOutbox(folder / OUTBOX_NAME, Limits(MAX_BYTES, DAY_MS))
        self.collector = Collector(self.outbox)
        self._phase = phase
        self._ports = ports
        self._traffic = Traffic(enrolment.agent_id)
        self._uplink = Uplink(LinkIdentity(enrolment, load_keys(folder), now_ms()), self.outbox, self)

    def levels(self) -> list[DeviceLevels]:
        return [DeviceLevels(device_id, icmp=IcmpLevel.UP) for device_id in self.device_list.devices]

    async def apply_devices(self, devices: DeviceList) -> None:
        self.device_list = devices
        self.configured.set()

    async def obey(self, command: Command, *, skew_ms: int) -> Result:
        raise AssertionError(f"nobody commands here: {command.kind} at a skew of {skew_ms} ms")

    def welcomed(self, *, hub_went_back: bool) -> None:
        assert not hub_went_back, "the hub has forgotten frames"

    async def run(self) -> None:
        await self.outbox.open()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._uplink.run())
            await asyncio.sleep(self._phase * FLUSH_INTERVAL_S)
            tasks.create_task(self.collector.run())

    async def settled(self) -> None:
        """Deliver an inventory of each device."""
        await self.configured.wait()
        for device_id in self.device_list.devices:
            ports = [_port(number) for number in range(1, self._ports + 1)]
            self.collector.event(Inventory(device_id, REVISION, now_ms(), None, ports))
        await self.delivered()

    async def delivered(self) -> None:
        await self.collector.flush(rows_too=True)
        await self.outbox.delivered.wait()

    @property
    def wire_bytes(self) -> int:
        """All octets of TCP that the hub has taken on this connection."""
        session = self._uplink._session
        assert session is not None, "there is no link"
        client = session._connection._sio
        assert client is not None, "there is no link"
        wire = client.eio.ws.get_extra_info("socket")
        info = wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        return int(struct.unpack_from("<Q", info, _BYTES_ACKED_AT)[0])

    def frames(self, rounds: int, from_ms: int) -> list[bytes]:
        """Return the frames of so many polls of everything, one each interval from `from_ms` on."""
        ids = list(self.device_list.devices)
        parts = [ids[start : start + DEVICES_PER_FRAME] for start in range(0, len(ids), DEVICES_PER_FRAME)]
        times = [from_ms + round_ * int(INTERVAL_S * 1000) for round_ in range(rounds)]
        return [self._traffic.frame(part, ts_ms) for ts_ms in times for part in parts]

    async def pace(self, seconds: float, rows_per_s: float, events_per_s: float) -> int:
        """Measure at a steady rate, one device at a time; returns how many rows."""
        ids, polls, events = list(self.device_list.devices), 0, 0
        began_s = time.monotonic()
        while (passed_s := time.monotonic() - began_s) < seconds:
            while (polls + self._phase) * PORTS < passed_s * rows_per_s:
                self._poll(ids[polls % len(ids)])
                polls += 1
            while events + self._phase < passed_s * events_per_s:
                # Down and up again, one device after the other: each fall is an alert, and none is a flap.
                old, new = ("up", "down") if events % 2 == 0 else ("down", "up")
                device_id = ids[events // 2 % len(ids)]
                self.collector.event(AxisChanged(device_id, Axis.ICMP, old, new, "load", now_ms()))
                events += 1
            await asyncio.sleep(0.02)
        return polls * PORTS

    def fall(self) -> None:
        """Lose every device at once."""
        for device_id in self.device_list.devices:
            self.collector.event(AxisChanged(device_id, Axis.ICMP, "up", "down", "load", now_ms()))

    def _poll(self, device_id: int) -> None:
        values: dict[str, Any] = dict(self._traffic.rows([device_id], 0))
        values |= {"device_id": device_id, "inventory_rev": REVISION, "ts_ms": [now_ms()] * PORTS}
        self.collector.interfaces(InterfaceRows(**values))


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def _captured_ms(frame: NewFrame) -> Sequence[float]:
    if frame.frame_class is FrameClass.EVENTS:
        return [frame.from_ms] * frame.rows
    tables = decode_frame(frame.body).tables.values()  # type: ignore[union-attr]  # its class says so
    return [ts_ms for table in tables for ts_ms in unpack_column(table.columns["ts_ms"])]


def _port(number: int) -> InventoryInterface:
    name = f"ge-0/0/{number}"
    return InventoryInterface(
        number, name, name, name, "", 6, 1_000_000_000, IfStatus.UP, IfStatus.UP, counter_bits=64, polled=True
    )


async def obey(agents: Sequence[LoadAgent], order: Order) -> Report:
    floods: list[list[bytes]] = []
    if order.rounds:
        from_ms = now_ms() - order.rounds * int(INTERVAL_S * 1000)
        floods = [agent.frames(order.rounds, from_ms) for agent in agents]
    for agent in agents:
        agent.outbox.row_ages_ms.clear()
        agent.outbox.event_ages_ms.clear()
    wire_bytes, began_s = sum(agent.wire_bytes for agent in agents), time.monotonic()
    rows = [order.rounds * PORTS * len(agent.device_list.devices) for agent in agents]
    if order.fall:
        for agent in agents:
            agent.fall()
    elif floods:
        for agent, frames in zip(agents, floods, strict=True):
            agent.outbox.flood(frames)
    else:
        share = 1 / len(agents)
        rows = await asyncio.gather(
            *(agent.pace(order.seconds, order.rows_per_s * share, order.events_per_s * share) for agent in agents)
        )
    await asyncio.gather(*(agent.delivered() for agent in agents))
    return Report(
        rows=sum(rows),
        wall_s=time.monotonic() - began_s,
        wire_bytes=sum(agent.wire_bytes for agent in agents) - wire_bytes,
        row_ages_ms=[age for agent in agents for age in agent.outbox.row_ages_ms],
        event_ages_ms=[age for agent in agents for age in agent.outbox.event_ages_ms],
    )


def say(report: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    sys.stdout.buffer.flush()


async def main(ports: int, folders: list[str]) -> None:
    # Each agent has a machine of its own, which reads the certificates once a connection; here one reads them for all.
    link_connection.tls_context = functools.cache(tls_context)  # type: ignore[attr-defined]  # see above
    agents = [LoadAgent(Path(folder), number / len(folders), ports) for number, folder in enumerate(folders)]
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(agent.run()) for agent in agents]
        await asyncio.gather(*(agent.settled() for agent in agents))
        say({"ready": True})
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            say(await obey(agents, msgspec.json.decode(line, type=Order)))
        for task in running:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2:]))
