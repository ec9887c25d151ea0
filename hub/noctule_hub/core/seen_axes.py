"""What an observation, or a snapshot of present levels, makes of what the hub holds of a device's axes."""

from dataclasses import replace

import msgspec
from noctule_shared.axes import Axis, DeviceLevels, IcmpLevel, SnmpLevel
from noctule_shared.observations import AxisChanged

from noctule_hub.core.records import Axes, Device


def with_level(axes: Axes, event: AxisChanged) -> Axes:
    """Return axes after an observation of one of them."""
    if event.axis is Axis.ICMP:
        return replace(axes, icmp=IcmpLevel(event.new), icmp_ms=event.ts_ms)
    return replace(axes, snmp=SnmpLevel(event.new), snmp_ms=event.ts_ms)


def with_levels(axes: Axes, row: DeviceLevels, ts_ms: int) -> Axes:
    """Return axes after a snapshot of `ts_ms`; what was observed later stays."""
    seen = axes
    if row.icmp is not axes.icmp and ts_ms >= axes.icmp_ms:
        seen = replace(seen, icmp=row.icmp, icmp_ms=ts_ms)
    if row.snmp is not axes.snmp and ts_ms >= axes.snmp_ms:
        seen = replace(seen, snmp=row.snmp, snmp_ms=ts_ms)
    return seen


def measured(device: Device, row: DeviceLevels, axes: Axes) -> DeviceLevels:
    """Return levels with those that are not measured yet as the hub holds them."""
    icmp = axes.icmp if row.icmp is IcmpLevel.NONE and device.icmp is not None else row.icmp
    snmp = axes.snmp if row.snmp is SnmpLevel.NONE and device.snmp is not None else row.snmp
    return msgspec.structs.replace(row, icmp=icmp, snmp=snmp)
