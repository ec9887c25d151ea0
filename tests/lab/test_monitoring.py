"""The monitor for a minute in a network that misbehaves: bandwidth, a cut link, a lost round, what is on the wire.

    agent --- r1 --- r2 --- far      (one round of echoes lost, IPv6)
    src ------'       |---- spur     (the link is cut)
                      '---- drain    (tbf: less leaves than comes in)

One run is recorded; each test asks something of it.
"""

import json
import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import pytest
from noctule_agent.sink import LatencyRow
from noctule_shared.axes import Axis, IcmpLevel, IfStatus, LatencySource, Quality, SnmpLevel
from noctule_shared.observations import AxisChanged, InterfaceChanged

from tests.lab.capture import Seen
from tests.lab.conftest import COMMUNITY, start_snmpd
from tests.lab.counters import Counted
from tests.lab.driver import (
    DeviceOrder,
    EndLine,
    EventLine,
    InterfacesLine,
    LatencyLine,
    Line,
    MonitorOrder,
    RateRow,
)
from tests.lab.network import (
    Lab,
    Link,
    add_address,
    counter_packets,
    limit_rate,
    nftables,
    wait_until_reached,
)
from tests.lab.program import Program, Programs
from tests.lab.sender import Sent
from tests.lab.snmp_pdu import Pdu, PduKind, read_message

pytestmark = [pytest.mark.check, pytest.mark.timeout(240), pytest.mark.xdist_group("lab-monitoring")]

DEADLINE_S: Final = 60.0
WINDOW_S: Final = 60.0
POLL_INTERVAL_S: Final = 5.0
DOWN_WITHIN_S: Final = 15.0
# By which a machine that has much else to do may run an agent's timers late.
BUSY_S: Final = 5.0
FRAME_BYTES: Final = 1000
FRAMES_PER_S: Final = 1000
SENT_BPS: Final = FRAME_BYTES * 8 * FRAMES_PER_S
DRAINED_BPS: Final = 5_000_000
ACCESS_PORTS: Final = 40
# A request that is older may have been given up: the shortest timeout of a poll.
TIMEOUT_FLOOR_S: Final = 0.3
MAX_PAYLOAD_BYTES: Final = 1472
SYS_UP_TIME: Final = "1.3.6.1.2.1.1.3.0"
# Octets, packets, discards and errors of ifTable, and all of ifXTable that counts.
COUNTER_COLUMNS: Final = tuple(
    [f"1.3.6.1.2.1.2.2.1.{column}." for column in (10, 11, 12, 13, 14, 16, 17, 18, 19, 20)]
    + [f"1.3.6.1.2.1.31.1.1.1.{column}." for column in range(2, 14)]
)

R1, R2, BLINKING, SIX = 1, 2, 3, 4
# Their turns are spread over the interval; the first one's link is cut when its turn has just begun.
CUT: Final = (11, 12, 13, 14)


@dataclass(frozen=True, slots=True)
class Observed:
    """What was recorded, with the times (epoch seconds) of what was done to the network."""

    lines: list[Line]
    seen: list[Seen]
    counted: dict[int, list[Counted]]
    indexes: dict[int, dict[str, int]]
    addresses: dict[int, str]
    sent: Sent
    cut_s: float
    dropped_packets: int
    probe: dict[str, Any]

    def events(self, device_id: int) -> list[AxisChanged]:
        return [
            line.event
            for line in self.lines
            if isinstance(line, EventLine) and isinstance(line.event, AxisChanged) and line.event.device_id == device_id
        ]

    def echoes(self, device_id: int) -> list[LatencyRow]:
        return [line.row for line in self.lines if isinstance(line, LatencyLine) and line.row.device_id == device_id]

    def rates(self, device_id: int, device: str) -> list[RateRow]:
        index = self.indexes[device_id][device]
        return [
            row
            for line in self.lines
            if isinstance(line, InterfacesLine) and line.device_id == device_id
            for row in line.rows
            if row.if_index == index
        ]

    def snmp(self) -> list[tuple[Seen, Pdu]]:
        return [(seen, read_message(bytes.fromhex(seen.payload))) for seen in self.seen if seen.kind == "snmp"]


class Network:
    """The routers and hosts, and what is done to them."""

    def __init__(self, lab: Lab) -> None:
        self.agent, self.src = lab.host("agent"), lab.host("src")
        self.r1, self.r2 = lab.router("r1"), lab.router("r2")
        self.near, self.sending = lab.join(self.agent, self.r1), lab.join(self.src, self.r1)
        self.middle = lab.join(self.r1, self.r2)
        behind = {label: lab.join(self.r2, lab.host(label)) for label in ("far", "spur", "drain")}
        self.far, self.spur, self.drain = behind["far"], behind["spur"], behind["drain"]
        for link in behind.values():
            for origin, first in ((self.agent, self.near), (self.src, self.sending)):
                origin.route(link.subnet, first.right.address)
                link.right.namespace.route(first.subnet, link.left.address)
            self.r1.route(link.subnet, self.middle.right.address)
        for origin, first in ((self.agent, self.near), (self.src, self.sending)):
            origin.route(self.middle.subnet, first.right.address)
            self.r2.route(first.subnet, self.middle.left.address)
        for link in behind.values():
            wait_until_reached(self.agent, link.right.address)
            wait_until_reached(self.src, link.right.address)
        # More rows than fit one answer.
        ports = f"for n in $(seq {ACCESS_PORTS}); do ip tuntap add port$n mode tap; ip link set port$n up; done"
        self.r1.run("sh", "-c", ports)
        limit_rate(self.drain.left, DRAINED_BPS)
        nftables(self.drain.right.namespace, "input", ["udp dport 9 drop"])

    def lose_a_round(self, address: str, packets: int) -> None:
        """Drop exactly the next echoes to an address, counted in `round`."""
        rule = f"ip daddr {address} icmp type echo-request numgen inc mod 1000000 < {packets} counter name round drop"
        nftables(self.r2, "forward", [rule], ["round"])


@pytest.fixture(scope="module")
def observed(lab: Lab, programs: Programs) -> Observed:
    network = Network(lab)
    start_snmpd(network.r1, programs)
    start_snmpd(network.r2, programs)
    cut = {number: add_address(network.spur.right, network.spur.subnet.address(number)) for number in CUT}
    addresses = {
        R1: network.near.right.address.v4,
        R2: network.middle.right.address.v6,
        BLINKING: network.far.right.address.v4,
        SIX: network.far.right.address.v6,
        **{number: address.v4 for number, address in cut.items()},
    }
    watched = {
        R1: (network.r1, ["to-src", "to-r2"]),
        R2: (network.r2, ["to-r1", "to-drain"]),
    }
    counters = {
        device_id: programs.script(router, "counters.py", *devices) for device_id, (router, devices) in watched.items()
    }
    target = network.drain.right.address.v4
    sender = programs.ready(network.src, "sender.py", target, "9", str(FRAME_BYTES), str(FRAMES_PER_S))
    capture = programs.ready(network.agent, "capture.py", network.near.left.device)
    orders = [
        DeviceOrder(number, address, snmp_interval_s=POLL_INTERVAL_S, community=COMMUNITY)
        if number in watched
        else DeviceOrder(number, address)
        for number, address in addresses.items()
    ]
    order = msgspec.json.encode(MonitorOrder(orders, [addresses[R1]])).decode()
    monitor = programs.script(network.agent, "driver.py", "monitor", given=order)
    secret = programs.folder / "community"
    secret.write_text(COMMUNITY, "utf-8")
    probe = programs.module(
        network.src, "noctule_agent.cli", "probe", addresses[R2], "--community-file", str(secret), "--json"
    )

    for number in addresses:
        _wait(monitor, lambda line, number=number: _is_level(line, number, Axis.ICMP, "up"))  # type: ignore[misc]
    for number in watched:
        _wait(monitor, lambda line, number=number: isinstance(line, InterfacesLine) and line.device_id == number)  # type: ignore[misc]
    first_rows_s = time.monotonic()
    # The two rounds of the device whose link is cut are those that the interval gives, not the one at the start.
    cut_s = _cut_as_a_round_begins(capture, addresses[CUT[0]], network.spur)
    dropped = _lose_one_round(monitor, network, addresses[BLINKING])
    for number in CUT:
        _wait(monitor, lambda line, number=number: _is_level(line, number, Axis.ICMP, "down"))  # type: ignore[misc]
    network.r2.ip("link", "set", network.spur.left.device, "up")
    for number in CUT:
        _wait(monitor, lambda line, number=number: _is_level(line, number, Axis.ICMP, "up", old="down"))  # type: ignore[misc]
    for number in watched:
        _wait_for_window(monitor, number)
    assert time.monotonic() - first_rows_s >= WINDOW_S - 2 * POLL_INTERVAL_S
    lines = [msgspec.json.decode(line, type=Line) for line in monitor.stop()]
    probe.wait_to_end(DEADLINE_S)
    return Observed(
        lines=lines,
        seen=[msgspec.json.decode(line, type=Seen) for line in capture.stop()[1:]],
        counted={
            number: [msgspec.json.decode(line, type=Counted) for line in program.stop()]
            for number, program in counters.items()
        },
        indexes={device_id: router.interface_indexes() for device_id, (router, _) in watched.items()},
        addresses=addresses,
        sent=msgspec.json.decode(sender.stop()[-1], type=Sent),
        cut_s=cut_s,
        dropped_packets=dropped,
        probe=json.loads(probe.lines[0]),
    )


def _wait(monitor: Program, wanted: Callable[[Line], bool], *, after: int = 0) -> int:
    return monitor.wait_for(
        lambda text: wanted(msgspec.json.decode(text, type=Line)), deadline_s=DEADLINE_S, after=after
    )


def _is_level(line: Line, device_id: int, axis: Axis, new: str, old: str | None = None) -> bool:
    if not isinstance(line, EventLine) or not isinstance(line.event, AxisChanged):
        return False
    event = line.event
    return (event.device_id, event.axis, event.new) == (device_id, axis, new) and old in {None, event.old}


def _is_round(line: Line, device_id: int, sent: int, received: int) -> bool:
    if not isinstance(line, LatencyLine):
        return False
    return (line.row.device_id, line.row.sent, line.row.received) == (device_id, sent, received)


def _cut_as_a_round_begins(capture: Program, address: str, link: Link) -> float:
    """Cut a link right after the first reply of a round, the worst moment; return when."""
    last_s = None
    position = len(capture.lines)
    while True:
        position = (
            capture.wait_for(lambda text: address in text and '"reply"' in text, deadline_s=30, after=position) + 1
        )
        at_s = msgspec.json.decode(capture.lines[position - 1], type=Seen).at_s
        if last_s is not None and at_s - last_s > 5:
            break
        last_s = at_s
    cut_s = time.time()
    link.left.namespace.ip("link", "set", link.left.device, "down")
    return cut_s


def _lose_one_round(monitor: Program, network: Network, address: str) -> int:
    """Have the next round of a device dropped, and no packet of its retry; return how many were."""
    now = len(monitor.lines)
    ended = _wait(monitor, lambda line: _is_round(line, BLINKING, 5, 5), after=now)
    network.lose_a_round(address, 5)
    lost = _wait(monitor, lambda line: _is_round(line, BLINKING, 5, 0), after=ended)
    retried = _wait(monitor, lambda line: _is_round(line, BLINKING, 3, 3), after=lost)
    dropped = counter_packets(network.r2, "round")
    network.r2.run("nft", "delete table inet lab")
    _wait(monitor, lambda line: _is_round(line, BLINKING, 5, 5), after=retried)
    return dropped


def _wait_for_window(monitor: Program, device_id: int) -> None:
    """Wait until the rows of a device's polls span the window."""
    first: list[int] = []

    def spans(line: Line) -> bool:
        if not isinstance(line, InterfacesLine) or line.device_id != device_id:
            return False
        first.append(line.rows[0].ts_ms)
        return line.rows[0].ts_ms - first[0] >= WINDOW_S * 1000

    monitor.wait_for(
        lambda text: spans(msgspec.json.decode(text, type=Line)), deadline_s=WINDOW_S + 4 * POLL_INTERVAL_S
    )


def _kernel_octets(counted: list[Counted], device: str, direction: int, at_s: float) -> float:
    """Return the kernel's counter at a time, between two readings by a straight line."""
    after = bisect_right(counted, at_s, key=lambda one: one.at_s)
    first, second = counted[after - 1], counted[after]
    share = (at_s - first.at_s) / (second.at_s - first.at_s)
    before, then = first.octets[device][direction], second.octets[device][direction]
    return before + share * (then - before)


@pytest.mark.parametrize(
    ("router", "device", "direction", "expected_bps"),
    [
        (R1, "to-src", 0, SENT_BPS),
        (R1, "to-r2", 1, SENT_BPS),
        (R2, "to-r1", 0, SENT_BPS),
        (R2, "to-drain", 1, DRAINED_BPS),
    ],
)
def test_bandwidth_is_that_of_the_kernels_counters(
    observed: Observed, router: int, device: str, direction: int, expected_bps: float
) -> None:
    first, *rows = observed.rates(router, device)
    assert first.quality == Quality.FIRST
    assert {row.quality for row in rows} == {Quality.OK}
    octets = [row.out_octets if direction else row.in_octets for row in rows]
    measured = sum(part for part in octets if part is not None)
    interval_s = sum(row.interval_s for row in rows if row.interval_s is not None)
    starts_s, ends_s = first.ts_ms / 1000, rows[-1].ts_ms / 1000
    assert ends_s - starts_s >= WINDOW_S
    assert interval_s == pytest.approx(ends_s - starts_s, rel=0.002)
    counted = observed.counted[router]
    kernel = _kernel_octets(counted, device, direction, ends_s) - _kernel_octets(counted, device, direction, starts_s)
    assert measured == pytest.approx(kernel, rel=0.005)
    assert measured * 8 / interval_s == pytest.approx(kernel * 8 / (ends_s - starts_s), rel=0.005)
    # Beside the traffic go echoes and SNMP; tbf lets its burst through at first.
    assert measured * 8 / interval_s == pytest.approx(expected_bps, rel=0.02)


def test_sender_kept_its_rate(observed: Observed) -> None:
    assert observed.sent.frames / observed.sent.seconds == pytest.approx(FRAMES_PER_S, rel=0.02)


@pytest.mark.parametrize("number", CUT)
def test_device_behind_a_cut_link_is_down_within_15_s_and_up_again_after(observed: Observed, number: int) -> None:
    appeared, fell, returned = observed.events(number)
    assert (appeared.old, appeared.new) == ("none", "up")
    assert (fell.axis, fell.old, fell.new, fell.reason) == (Axis.ICMP, "up", "down", "3 fast retries lost")
    assert 3.0 <= fell.ts_ms / 1000 - observed.cut_s <= DOWN_WITHIN_S + BUSY_S
    assert (returned.old, returned.new, returned.reason) == ("down", "up", "2 good rounds")


def test_devices_behind_a_cut_link_are_traced_to_the_router_that_answers_last(observed: Observed) -> None:
    details = [observed.events(number)[1].detail for number in CUT]
    assert all(detail is not None and observed.addresses[R1] in detail for detail in details)


def test_cut_link_is_seen_on_its_router(observed: Observed) -> None:
    index = observed.indexes[R2]["to-spur"]
    changes = [
        (line.event.previous_oper_status, line.event.if_oper_status)
        for line in observed.lines
        if isinstance(line, EventLine)
        and isinstance(line.event, InterfaceChanged)
        and (line.event.device_id, line.event.if_index) == (R2, index)
    ]
    assert changes == [(IfStatus.UP, IfStatus.DOWN), (IfStatus.DOWN, IfStatus.UP)]


def test_single_lost_round_takes_nothing_down(observed: Observed) -> None:
    assert observed.dropped_packets == 5
    rounds = [(row.sent, row.received) for row in observed.echoes(BLINKING)]
    lost = rounds.index((5, 0))
    assert rounds[lost + 1] == (3, 3)
    assert rounds[:lost] + rounds[lost + 2 :] == [(5, 5)] * (len(rounds) - 2)
    assert [(event.old, event.new) for event in observed.events(BLINKING)] == [("none", "up")]


def test_nothing_else_changed_and_nothing_was_late(observed: Observed) -> None:
    (end,) = (line for line in observed.lines if isinstance(line, EndLine))
    assert {levels.icmp for levels in end.levels} == {IcmpLevel.UP}
    assert {levels.device_id for levels in end.levels if levels.snmp is SnmpLevel.UP} == {R1, R2}
    assert (end.stats["failed_polls"], end.stats["errors"], end.stats["overruns"]) == (0, 0, 0)
    for number in (R1, R2, SIX):
        assert {(event.old, event.new) for event in observed.events(number)} == {("none", "up")}
        assert {(row.sent, row.received) for row in observed.echoes(number)} == {(5, 5)}
    assert observed.events(0) == []


def test_ipv6_is_measured_by_icmp_and_snmp(observed: Observed) -> None:
    assert ":" in observed.addresses[SIX]
    rounds = observed.echoes(SIX)
    assert len(rounds) >= 6
    assert all(row.source is LatencySource.ICMP and row.rtt_min_s is not None for row in rounds)
    assert {(event.axis, event.new) for event in observed.events(R2)} == {(Axis.ICMP, "up"), (Axis.SNMP, "up")}
    spoken = {seen.destination for seen, pdu in observed.snmp() if pdu.kind is PduKind.GET}
    assert spoken == {observed.addresses[R1], observed.addresses[R2]}


def test_probe_command_asks_over_ipv6(observed: Observed) -> None:
    probe = observed.probe
    assert (probe["address"], probe["icmp"]["received"], probe["snmp"]["ok"]) == (observed.addresses[R2], 5, True)
    assert probe["snmp"]["sysName"] == "r2"
    (drain,) = (interface for interface in probe["interfaces"] if interface["ifName"] == "to-drain")
    assert drain["ifIndex"] == observed.indexes[R2]["to-drain"]
    assert (drain["counterBits"], drain["ifOperStatus"]) == (64, "up")
    assert drain["outOctets"] > 0


def test_no_message_is_larger_than_a_datagram_that_fits(observed: Observed) -> None:
    assert observed.seen[-1].kind == "end"
    assert observed.seen[-1].dropped == 0
    assert [seen for seen in observed.seen if seen.kind == "fragment"] == []
    sizes = [len(seen.payload) // 2 for seen, _ in observed.snmp()]
    assert 700 < max(sizes) <= MAX_PAYLOAD_BYTES


def test_one_request_is_in_flight_for_each_device(observed: Observed) -> None:
    open_requests: dict[str, tuple[float, int]] = {}
    answered = 0
    for seen, pdu in observed.snmp():
        if pdu.kind is PduKind.RESPONSE:
            asked = open_requests.pop(seen.source, None)
            assert asked is None or asked[1] == pdu.request_id or seen.at_s - asked[0] >= TIMEOUT_FLOOR_S
            answered += 1
            continue
        before = open_requests.get(seen.destination)
        assert before is None or seen.at_s - before[0] >= TIMEOUT_FLOOR_S
        open_requests[seen.destination] = (seen.at_s, pdu.request_id)
    assert answered > 100


def test_every_request_for_counters_begins_with_the_devices_uptime(observed: Observed) -> None:
    requests = [
        pdu
        for _, pdu in observed.snmp()
        if pdu.kind is PduKind.GET and any(name.startswith(COUNTER_COLUMNS) for name in pdu.names)
    ]
    assert len(requests) > 50
    assert {pdu.names[0] for pdu in requests} == {SYS_UP_TIME}
