"""The agents of a scenario: what they find becomes real frames and levels, as the link server hands them to the engine.

An outbox of their own keeps what is not acknowledged; without a connection it grows and is a backlog afterwards.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
from noctule_hub.ingest.inputs import FrameInput, LevelsInput, LinkLostInput, hello_input
from noctule_hub.ingest.session import Link, checked, checked_hello
from noctule_shared.axes import Axis, CanaryLevel, DeviceLevels, IcmpLevel, IfStatus, SnmpLevel
from noctule_shared.frames import (
    INTERFACE_COLUMNS,
    LATENCY_COLUMNS,
    EventsBody,
    FrameBody,
    MeasurementsBody,
    TableName,
    decode_frame,
    encode_frame,
    pack_table,
)
from noctule_shared.link import HEARTBEAT_S, LEVELS_INTERVAL_S, PROTOCOL, Hello, Levels
from noctule_shared.observations import AgentEvent, AxisChanged, InterfaceChanged, Inventory, InventoryInterface
from noctule_shared.observations import Rebooted as RebootedEvent

from tests.scenarios.hub import Hub, clock_ms

EPOCH: Final = "00000000000000aa"
NONCE: Final = "ab" * 16
ETHERNET: Final = 6
PACKETS_A_ROUND: Final = 20
OCTETS_A_PACKET: Final = 800
# More devices than that go into several frames.
ROWS_A_FRAME: Final = 5_000
REASONS: Final = {"down": "3 fast retries lost", "up": "2 good rounds", "degraded": "20 % of 60 s lost"}


@dataclass
class WatchedPort:
    """A port as its agent saw it last."""

    if_index: int
    name: str
    speed_bps: int
    admin: IfStatus = IfStatus.UP
    oper: IfStatus = IfStatus.UP


@dataclass
class WatchedDevice:
    """A device as its agent saw it last."""

    device_id: int
    levels: DeviceLevels
    ports: dict[str, WatchedPort]


@dataclass(frozen=True)
class PortRow:
    """What a poll finds of a port, over `interval_s` until now."""

    device: WatchedDevice
    port: WatchedPort
    interval_s: float
    in_bps: float
    out_bps: float
    error_ratio: float
    discard_ratio: float


@dataclass
class Agent:
    """One agent. `talks`: something comes from it; its connection may stand even so."""

    hub: Hub
    agent_id: int
    name: str
    devices: dict[str, WatchedDevice]
    canary: CanaryLevel = CanaryLevel.OK
    connected: bool = False
    talks: bool = True
    wants_link: bool = True
    _next_seq: int = 1
    _sent_seq: int = 0
    _acked_seq: int = 0
    _outbox: dict[int, tuple[bytes, FrameBody]] = field(default_factory=dict)
    _started_ms: int = field(default_factory=clock_ms)

    async def run(self) -> None:
        """Send levels each minute and a heartbeat each ten seconds, as long as there is a connection."""
        beats = 0
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            beats += 1
            if self.connected and self.talks and self.hub.runs:
                full = beats % (LEVELS_INTERVAL_S // HEARTBEAT_S) == 0
                levels = self._levels() if full else Levels(clock_ms(), self.canary, [], next_seq=0, full=False)
                self.hub.engine.submit(LevelsInput(self.agent_id, checked(Levels, msgspec.to_builtins(levels))))

    async def connect(self) -> None:
        """Say hello, and send all that the hub has not acknowledged."""
        answer = self.hub.engine.new_future()
        hello = Hello(
            protocols=[PROTOCOL],
            version="0.1.0",
            nonce=NONCE,
            epoch=EPOCH,
            first_seq=min(self._outbox, default=self._next_seq),
            next_seq=self._next_seq,
            clock_ms=clock_ms(),
            started_ms=self._started_ms,
            config_revision=1,
            levels=self._levels(),
            acked_seq=self._acked_seq,
        )
        said = checked_hello(msgspec.to_builtins(hello))
        link = Link(self.name, self.agent_id, self.name, "192.0.2.1", epoch=EPOCH)
        self.hub.engine.submit(hello_input(link, said, answer, now_ms=clock_ms()))
        expected = await answer
        self.connected, self.talks = True, True
        for seq in sorted(self._outbox):
            if seq >= expected:
                self._send(seq)

    def go_on(self) -> None:
        """Talk again on the connection that stood all the time."""
        self.talks = True
        for seq in sorted(seq for seq in self._outbox if seq > self._sent_seq):
            self._send(seq)

    def lose_link(self) -> None:
        if self.connected and self.hub.runs:
            self.hub.engine.submit(LinkLostInput(self.agent_id))
        self.connected = False

    def acknowledged(self, seq: int) -> None:
        self._acked_seq = max(seq, self._acked_seq)
        for known in [known for known in self._outbox if known <= seq]:
            del self._outbox[known]

    # --- what it finds

    def discover(self, devices: Sequence[WatchedDevice]) -> None:
        """Send the interfaces of devices that have some."""
        self._keep_events([_inventory(device) for device in devices if device.ports])

    def change_axis(
        self, devices: Sequence[WatchedDevice], icmp: IcmpLevel | None = None, snmp: SnmpLevel | None = None
    ) -> None:
        """Find that axes changed; those that are so already are no news."""
        now_ms, events = clock_ms(), list[AgentEvent]()
        for device in devices:
            levels = device.levels
            if icmp is not None and icmp is not levels.icmp:
                events.append(_axis(device, Axis.ICMP, levels.icmp, icmp, now_ms))
                levels = msgspec.structs.replace(levels, icmp=icmp, icmp_since_ms=now_ms)
            if snmp is not None and snmp is not levels.snmp:
                events.append(_axis(device, Axis.SNMP, levels.snmp, snmp, now_ms))
                levels = msgspec.structs.replace(levels, snmp=snmp, snmp_since_ms=now_ms)
            device.levels = levels
        self._keep_events(events)

    def change_canary(self, level: CanaryLevel) -> None:
        old, self.canary = self.canary, level
        self._keep_events([AxisChanged(0, Axis.CANARY, old, level, "all canaries", clock_ms())])

    def change_port(self, device: WatchedDevice, name: str, admin: IfStatus, oper: IfStatus) -> None:
        port, now_ms = device.ports[name], clock_ms()
        event = InterfaceChanged(
            device.device_id, port.if_index, 1, admin, oper, port.admin, port.oper, now_ms, "polled"
        )
        port.admin, port.oper = admin, oper
        self._keep_events([event])

    def reboot(self, devices: Sequence[WatchedDevice]) -> None:
        self._keep_events([RebootedEvent(device.device_id, clock_ms(), 3_000) for device in devices])

    def measure_latency(self, devices: Sequence[WatchedDevice], rtt_s: float | None, loss_ratio: float) -> None:
        """Keep one round of each device; `rtt_s` None: nothing came back."""
        received = 0 if rtt_s is None else PACKETS_A_ROUND - round(PACKETS_A_ROUND * loss_ratio)
        rtt = math.nan if rtt_s is None or not received else rtt_s
        rows = len(devices)
        columns: dict[str, list[float]] = {
            name: [0.0 if name in {"rtt_mdev_s", "ipdv_s"} else rtt] * rows
            for name, dtype in LATENCY_COLUMNS.items()
            if dtype == "f4"
        }
        columns |= {
            "device_id": [device.device_id for device in devices],
            "ts_ms": [clock_ms()] * rows,
            "source": [0] * rows,
            "sent": [PACKETS_A_ROUND] * rows,
            "received": [received] * rows,
        }
        self._keep(MeasurementsBody({TableName.LATENCY: pack_table(TableName.LATENCY, columns)}))

    def measure_ports(self, rows: Sequence[PortRow]) -> None:
        """Keep one poll."""
        columns: dict[str, list[float]] = {name: [] for name in INTERFACE_COLUMNS}
        for row in rows:
            octets = [bps / 8 * row.interval_s for bps in (row.in_bps, row.out_bps)]
            packets = [float(round(each / OCTETS_A_PACKET)) for each in octets]
            values = {
                "device_id": row.device.device_id,
                "if_index": row.port.if_index,
                "inventory_rev": 1,
                "ts_ms": clock_ms(),
                "interval_s": row.interval_s,
                "quality": 0,
            }
            for way, share in zip(("in", "out"), range(2), strict=True):
                values |= {
                    f"{way}_octets": octets[share],
                    f"{way}_packets": packets[share],
                    f"{way}_errors": round(packets[share] * row.error_ratio),
                    f"{way}_discards": round(packets[share] * row.discard_ratio),
                }
            for name, value in values.items():
                columns[name].append(value)
        self._keep(MeasurementsBody({TableName.INTERFACE: pack_table(TableName.INTERFACE, columns)}))

    # --- the outbox

    def _keep_events(self, events: Sequence[AgentEvent]) -> None:
        for at in range(0, len(events), ROWS_A_FRAME):
            self._keep(EventsBody(list(events[at : at + ROWS_A_FRAME])))

    def _keep(self, body: FrameBody) -> None:
        seq, self._next_seq = self._next_seq, self._next_seq + 1
        raw = encode_frame(body)
        self._outbox[seq] = raw, decode_frame(raw)
        if self.connected and self.talks and self.hub.runs:
            self._send(seq)

    def _send(self, seq: int) -> None:
        raw, body = self._outbox[seq]
        self._sent_seq = seq
        self.hub.engine.submit(FrameInput(self.agent_id, EPOCH, seq, raw, body))

    def _levels(self) -> Levels:
        return Levels(
            clock_ms(), self.canary, [device.levels for device in self.devices.values()], next_seq=self._next_seq
        )


def _axis(device: WatchedDevice, axis: Axis, old: str, new: str, now_ms: int) -> AxisChanged:
    return AxisChanged(device.device_id, axis, old, new, REASONS.get(new, "measured"), now_ms)


def _inventory(device: WatchedDevice) -> Inventory:
    device.levels = msgspec.structs.replace(device.levels, inventory_rev=1)
    return Inventory(
        device.device_id,
        1,
        clock_ms(),
        None,
        [
            InventoryInterface(
                if_index=port.if_index,
                identity=port.name,
                if_name=port.name,
                if_descr=port.name,
                if_alias="",
                if_type=ETHERNET,
                speed_bps=port.speed_bps,
                if_admin_status=port.admin,
                if_oper_status=port.oper,
                counter_bits=64,
                polled=True,
            )
            for port in device.ports.values()
        ],
    )
