"""The status of a device, derived from its axes and what stands around it.

The hub is the sole author of `device:status`; agents only report axes. Who is notified is left to `alerting`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from noctule_shared.axes import Axis, IcmpLevel, Reachability, SnmpLevel
from noctule_shared.events import DeviceStatus
from noctule_shared.observations import AxisChanged

from noctule_hub.core.records import Axes

_ICMP: Final = frozenset({Axis.ICMP})
_SNMP: Final = frozenset({Axis.SNMP})
_DECIDING: Final = {Reachability.ICMP: _ICMP, Reachability.SNMP: _SNMP, Reachability.BOTH: _ICMP | _SNMP}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A status and why. `underlying` is the true status while the device is under maintenance.

    `axes` are those that it is about: why these do not answer stands behind its words.
    """

    status: DeviceStatus
    reason: str
    underlying: DeviceStatus | None = None
    axes: frozenset[Axis] = frozenset()

    def is_explained_by(self, seen: AxisChanged, former: str) -> bool:
        """Return whether an observation says why a device that was so before, for the reason `former`, is so now.

        Where both axes are down, one that an agent finds down at its start says nothing new.
        """
        if self.status not in {DeviceStatus.OFFLINE, DeviceStatus.DEGRADED}:
            return False
        new = seen.old == seen.new or len(self.axes) == 1
        return not former.startswith(self.reason) or (new and seen.axis in self.axes)


def derive_status(
    axes: Axes,
    reachability: Reachability,
    *,
    blind: str | None = None,
    fallen_parents: Sequence[str] | None = None,
    maintenance: str | None = None,
) -> Verdict:
    """Return a device's status, first that applies: unknown, maintenance, unreachable, offline, degraded, online.

    `blind` says why the agent's word counts for nothing (silent, its canary lost, no agent), None when it counts.
    `fallen_parents` names the device's parents when all of them have fallen (see `reach`), else None or empty.
    `maintenance` names the window that covers the device, else None; the true status is kept in `underlying`.
    """
    if blind is not None:
        return Verdict(DeviceStatus.UNKNOWN, blind)
    true = _measured(axes, reachability)
    if true.status is DeviceStatus.OFFLINE and fallen_parents:
        true = Verdict(DeviceStatus.UNREACHABLE, f"behind {', '.join(fallen_parents)}")
    if maintenance is not None and true.status is not DeviceStatus.UNKNOWN:
        return Verdict(DeviceStatus.MAINTENANCE, f"maintenance {maintenance}: {true.reason}", underlying=true.status)
    return true


def _measured(axes: Axes, reachability: Reachability) -> Verdict:
    """Return what the axes alone say. One axis never clears another."""
    icmp, snmp = axes.icmp, axes.snmp
    match reachability:
        case Reachability.ICMP:
            known, offline = icmp is not IcmpLevel.NONE, icmp is IcmpLevel.DOWN
        case Reachability.SNMP:
            known, offline = snmp is not SnmpLevel.NONE, snmp is SnmpLevel.DOWN
        case Reachability.BOTH:
            known = icmp is not IcmpLevel.NONE or snmp is not SnmpLevel.NONE
            offline = icmp in {IcmpLevel.DOWN, IcmpLevel.NONE} and snmp in {SnmpLevel.DOWN, SnmpLevel.NONE}
    if not known:
        return Verdict(DeviceStatus.UNKNOWN, f"not measured by {reachability} yet")
    if offline:
        return Verdict(DeviceStatus.OFFLINE, _silence(reachability), axes=_DECIDING[reachability])
    if icmp is IcmpLevel.DEGRADED:
        return Verdict(DeviceStatus.DEGRADED, "packets are lost")
    if snmp is SnmpLevel.DOWN:
        return Verdict(DeviceStatus.DEGRADED, "SNMP does not answer, ICMP does", axes=_SNMP)
    if icmp is IcmpLevel.DOWN and reachability is Reachability.BOTH:
        return Verdict(DeviceStatus.DEGRADED, "ICMP does not answer, SNMP does", axes=_ICMP)
    return Verdict(DeviceStatus.ONLINE, "answers")


def _silence(reachability: Reachability) -> str:
    match reachability:
        case Reachability.ICMP:
            return "does not answer ICMP"
        case Reachability.SNMP:
            return "does not answer SNMP"
        case Reachability.BOTH:
            return "answers neither ICMP nor SNMP"
