"""What each device would say of itself at a given time: a pure function of the topology, the script and the time.

Nothing is remembered between two looks; counters are integrals of the curves. How it is said is left to `mib`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from demo.simulator.curves import OCTET_BITS
from demo.simulator.script import Kind, Pulse, Script
from demo.simulator.topology import Device, Flow, Port

# What a surge adds to the traffic of the customer whom it befalls.
SURGE_DOWN_BPS: Final = 660_000_000
SURGE_UP_BPS: Final = 40_000_000
PACKET_OCTETS: Final = 740
# A radio link loses a frame now and then, an overfull one drops what does not fit.
RADIO_ERROR_OCTETS: Final = 40_000_000
SURGE_DISCARDS_PER_S: Final = 24
NARROW_MBPS: Final = 1000


@dataclass(frozen=True, slots=True)
class PortReading:
    """One row of the interface table. `last_change_s` is on the clock of the device's sysUpTime."""

    port: Port
    oper_up: bool
    last_change_s: float
    in_octets: int
    out_octets: int
    in_errors: int
    out_discards: int


class Network:
    """The devices with one script. A new script is a new network; the counters go on from the same curves."""

    def __init__(self, devices: Iterable[Device], script: Script) -> None:
        self.devices = {device.name: device for device in devices}
        self._script = script
        self._reboots = {name: script.of(Kind.REBOOT, name) for name in self.devices}
        self._flaps = {flow: script.of(Kind.FLAP, flow.device, flow.customer) for flow in self._flows()}
        self._surges = {flow: script.of(Kind.SURGE, flow.device, flow.customer) for flow in self._flows()}

    def _flows(self) -> set[Flow]:
        return {flow for device in self.devices.values() for port in device.ports for flow in port.flows}

    def answers(self, name: str, time_s: float) -> bool:
        """Return whether a device answers SNMP."""
        pulses = (*self._reboots[name], *self._script.of(Kind.SILENCE, name))
        return not any(pulse.active(time_s) for pulse in pulses)

    def booted_s(self, name: str, time_s: float) -> float:
        """Return when a device last started, which is before time 0 if it has not been rebooted."""
        ends = [end for pulse in self._reboots[name] if (end := pulse.last_end_s(time_s)) is not None]
        return max(ends, default=-self.devices[name].uptime_s)

    def flow_octets(self, flow: Flow, time_s: float) -> tuple[float, float]:
        """Return what a flow has carried (down, up) since time 0. It rests while any link on its way is down.

        What stops one flow must not overlap: the times are added up.
        """
        stops = (*self._flaps[flow], *(pulse for name in flow.path for pulse in self._reboots[name]))
        carried_s = time_s - sum(pulse.total_s(time_s) for pulse in stops)
        surged_s = sum(pulse.total_s(time_s) for pulse in self._surges[flow])
        return (
            flow.down.octets(carried_s) + surged_s * SURGE_DOWN_BPS / OCTET_BITS,
            flow.up.octets(carried_s) + surged_s * SURGE_UP_BPS / OCTET_BITS,
        )

    def port_outages(self, port: Port) -> tuple[Pulse, ...]:
        """Return when a port has no link although it is not switched off."""
        if port.peer is not None:
            return self._reboots[port.peer]
        return self._flaps[port.flows[0]] if port.customer is not None else ()

    def port_surged_s(self, port: Port, time_s: float) -> float:
        """Return for how long surges have run over a port, all together."""
        return sum(pulse.total_s(time_s) for flow in port.flows for pulse in self._surges[flow])


class View:
    """One device at one time. Ports are worked out when they are asked for, and once."""

    def __init__(self, network: Network, name: str, time_s: float) -> None:
        self.device = network.devices[name]
        self._network = network
        self._time_s = time_s
        self._booted_s = network.booted_s(name, time_s)
        self._readings: dict[int, PortReading] = {}

    @property
    def uptime_s(self) -> float:
        """Return for how long the device has been running."""
        return self._time_s - self._booted_s

    def reading(self, index: int) -> PortReading:
        """Return what the port with an ifIndex counts. Raises KeyError when the device has no such port."""
        if index not in self._readings:
            self._readings[index] = self._read(self.device.ports[index - 1])
        return self._readings[index]

    def _read(self, port: Port) -> PortReading:
        outages = self._network.port_outages(port)
        changes = [change for pulse in outages if (change := pulse.last_change_s(self._time_s)) is not None]
        down_octets, up_octets = self._carried(port)
        in_octets, out_octets = (down_octets, up_octets) if port.uplink else (up_octets, down_octets)
        surged_s = self._network.port_surged_s(port, self._time_s)
        return PortReading(
            port,
            oper_up=port.admin_up and not any(pulse.active(self._time_s) for pulse in outages),
            last_change_s=max(0.0, max(changes, default=self._booted_s) - self._booted_s),
            in_octets=in_octets,
            out_octets=out_octets,
            in_errors=in_octets // RADIO_ERROR_OCTETS if port.name.startswith("wlan") else 0,
            out_discards=int(surged_s * SURGE_DISCARDS_PER_S) if self._narrow(port) else 0,
        )

    def _carried(self, port: Port) -> tuple[int, int]:
        """Return the octets (down, up) since the device started, as its counters hold them."""
        down = up = 0.0
        for flow in port.flows:
            down_now, up_now = self._network.flow_octets(flow, self._time_s)
            if self._booted_s >= 0:
                down_then, up_then = self._network.flow_octets(flow, self._booted_s)
            else:
                # Before time 0 the traffic was at its mean for as long as the device ran.
                down_then = flow.down.mean_bps / OCTET_BITS * self._booted_s
                up_then = flow.up.mean_bps / OCTET_BITS * self._booted_s
            down += down_now - down_then
            up += up_now - up_then
        return int(down), int(up)

    def _narrow(self, port: Port) -> bool:
        """Return whether many share a port that a surge nearly fills: it is the sending end that drops."""
        return not port.uplink and len(port.flows) > 1 and port.speed_mbps <= NARROW_MBPS
