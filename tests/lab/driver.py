"""The agent's own parts inside a namespace, driven by a document on standard input.

`driver.py echo` runs rounds of the echo engine and prints one JSON document; `driver.py monitor` runs the
monitor until SIGTERM and prints a line of JSON for each measurement and event.
"""

import asyncio
import contextlib
import math
import signal
import sys

import msgspec
from noctule_agent.device_watch import PolledDevice
from noctule_agent.monitor import Monitor
from noctule_agent.probes.echo_round import EchoRound
from noctule_agent.probes.icmp import EchoEngine
from noctule_agent.sink import InterfaceRows, LatencyRow
from noctule_shared.axes import DeviceLevels, Reachability
from noctule_shared.link import DeviceConfig, IcmpConfig, SnmpConfig, SnmpCredentials, SnmpVersion
from noctule_shared.observations import AgentEvent


class RoundOrder(msgspec.Struct, frozen=True):
    """One round to run."""

    address: str
    count: int
    spacing_s: float
    timeout_s: float


class DeviceOrder(msgspec.Struct, frozen=True):
    """One device to watch. ICMP is measured with the defaults, SNMP each `snmp_interval_s` (None: not at all)."""

    device_id: int
    address: str
    icmp: bool = True
    snmp_interval_s: float | None = None
    community: str | None = None


class RateRow(msgspec.Struct, frozen=True):
    """One interface in one poll; None: unknown."""

    if_index: int
    ts_ms: int
    interval_s: float | None
    in_octets: float | None
    out_octets: float | None
    quality: int


class LatencyLine(msgspec.Struct, frozen=True, tag_field="kind", tag="latency"):
    """A latency row, printed as soon as the monitor gave it."""

    row: LatencyRow


class InterfacesLine(msgspec.Struct, frozen=True, tag_field="kind", tag="interfaces"):
    """The rows of one poll."""

    device_id: int
    rows: list[RateRow]


class EventLine(msgspec.Struct, frozen=True, tag_field="kind", tag="event"):
    """An event."""

    event: AgentEvent


class EndLine(msgspec.Struct, frozen=True, tag_field="kind", tag="end"):
    """The last line: the monitor's counters and levels."""

    stats: dict[str, float]
    levels: list[DeviceLevels]


Line = LatencyLine | InterfacesLine | EventLine | EndLine


def say(document: object) -> None:
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    sys.stdout.flush()


async def echo(stages: list[list[RoundOrder]]) -> None:
    """Run the rounds of each stage at once and the stages in turn; tell of all, and of the engine's counters."""
    engine = EchoEngine.open()
    found: list[list[EchoRound]] = []
    try:
        for stage in stages:
            rounds = (engine.round(one.address, one.count, one.spacing_s, one.timeout_s) for one in stage)
            found.append(list(await asyncio.gather(*rounds)))
        say({"stages": found, "stats": engine.stats})
    finally:
        engine.close()


class PrintSink:
    """Tells of everything at once, one line each."""

    def latency(self, row: LatencyRow) -> None:
        say(LatencyLine(row))

    def interfaces(self, rows: InterfaceRows) -> None:
        columns = zip(
            *(rows.if_index, rows.ts_ms, rows.interval_s, rows.in_octets, rows.out_octets, rows.quality), strict=True
        )
        known = [
            RateRow(index, ts_ms, _known(interval_s), _known(in_octets), _known(out_octets), quality)
            for index, ts_ms, interval_s, in_octets, out_octets, quality in columns
        ]
        say(InterfacesLine(rows.device_id, known))

    def event(self, event: AgentEvent) -> None:
        say(EventLine(event))


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def polled(order: DeviceOrder) -> PolledDevice:
    snmp = None
    if order.snmp_interval_s is not None:
        snmp = SnmpConfig(SnmpVersion.V2C, 161, order.snmp_interval_s, "")
    config = DeviceConfig(
        device_id=order.device_id,
        name=f"device {order.device_id}",
        address=order.address,
        reachability=Reachability.ICMP if order.icmp else Reachability.SNMP,
        icmp=IcmpConfig() if order.icmp else None,
        snmp=snmp,
    )
    return PolledDevice(config, None if order.community is None else SnmpCredentials(community=order.community))


async def monitor(orders: list[DeviceOrder], canaries: list[str]) -> None:
    engine = EchoEngine.open()
    watching = Monitor(engine, PrintSink(), canaries=canaries)
    watching.apply({order.device_id: polled(order) for order in orders})
    task = asyncio.create_task(watching.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await task

        say(EndLine(watching.stats(), watching.levels()))
    finally:
        engine.close()


class MonitorOrder(msgspec.Struct, frozen=True):
    """What to watch, and the canaries that show whether the way out works."""

    devices: list[DeviceOrder]
    canaries: list[str]


def main() -> None:
    given = sys.stdin.read()
    if sys.argv[1] == "echo":
        asyncio.run(echo(msgspec.json.decode(given, type=list[list[RoundOrder]])))
    else:
        order = msgspec.json.decode(given, type=MonitorOrder)
        asyncio.run(monitor(order.devices, order.canaries))


if __name__ == "__main__":
    main()
