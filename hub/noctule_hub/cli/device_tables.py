"""What `noctule device show` prints for people: a device, what it says of itself, its interfaces and neighbours."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from noctule_shared.axes import IfStatus
from noctule_shared.customers import CustomerState
from noctule_shared.interface_filter import InterfaceFilter
from noctule_shared.updates import BandwidthItem

from noctule_hub.answers.customers import OwnerView
from noctule_hub.answers.devices import DeviceView, InterfaceView, NeighbourView, SystemView
from noctule_hub.cli.output import bit_rate, milliseconds, print_table, short_time
from noctule_hub.cli.thresholds import shown_thresholds

# A rate that is older than so many polls is none of now.
CURRENT_POLLS: Final = 3
# So often the counters of a port that is down are read.
DOWN_PORT_S: Final = 300


class Shown(msgspec.Struct, frozen=True):
    """All that the hub tells of one device; as JSON it is what `--json` prints."""

    device: DeviceView
    system: SystemView
    interfaces: list[InterfaceView]
    neighbours: list[NeighbourView]
    parents: list[DeviceView] = []


def rates(device: DeviceView, sample: BandwidthItem | None, now: datetime, *, up: bool = True) -> tuple[str, str]:
    """Return what goes in and out as text; `-`: unknown, or of more than `CURRENT_POLLS` polls ago."""
    if sample is None or device.snmp is None:
        return "-", "-"
    interval_s = device.snmp.interval_s if up else max(device.snmp.interval_s, DOWN_PORT_S)
    if (now - datetime.fromisoformat(sample.timestamp)).total_seconds() > CURRENT_POLLS * interval_s:
        return "-", "-"
    return bit_rate(sample.in_bps), bit_rate(sample.out_bps)


def print_device(shown: Shown, now: datetime) -> None:
    """Print a device as tables."""
    found, system = shown.device, shown.system
    whole = [one for one in found.customers or [] if one.interface_id is None]
    snmp = f"version {found.snmp.version}, port {found.snmp.port}, {found.snmp.interval_s:g} s" if found.snmp else "-"
    facts = [
        ("id", str(found.id)),
        ("address", found.address),
        ("site", found.site_name),
        ("agent", found.agent_name or "-"),
        ("status", f"{found.status} ({found.status_reason}) since {short_time(found.status_since)}"),
        ("reachability", found.reachability),
        ("icmp", f"{found.icmp.count} packets each {found.icmp.interval_s:g} s" if found.icmp else "-"),
        ("snmp", snmp),
        ("thresholds", shown_thresholds(found)),
        ("interfaces", _filter_words(found.snmp.interfaces) if found.snmp else "-"),
        ("rtt", milliseconds(found.latency.rtt_s if found.latency else None)),
        ("role", found.role or "-"),
        ("tags", ", ".join(found.tags) or "-"),
        ("behind", ", ".join(f"{parent.name} ({parent.status})" for parent in shown.parents) or "-"),
        *([("customer", _owners(whole))] if whole else []),
        ("note", found.note.replace("\n", " / ") or "-"),
    ]
    said = (
        ("sysName", system.sys_name),
        ("sysDescr", system.sys_descr),
        ("sysObjectID", system.sys_object_id),
        ("sysLocation", system.sys_location),
        ("sysContact", system.sys_contact),
    )
    print_table(found.name, ("", ""), [*facts, *((name, text) for name, text in said if text)])
    sold = any(interface.customers for interface in shown.interfaces)
    rows = [
        (
            str(interface.id),
            interface.name,
            interface.if_alias,
            interface.if_oper_status,
            bit_rate(interface.speed_bps),
            interface.duplex or "-",
            *rates(found, interface.bandwidth, now, up=interface.if_oper_status is IfStatus.UP),
            *([_owners(interface.customers or [])] if sold else []),
        )
        for interface in shown.interfaces
    ]
    columns = ("#id", "name", "alias", "state", "#speed", "duplex", "#in", "#out")
    print_table("Interfaces", (*columns, "customer") if sold else columns, rows)
    if shown.neighbours:
        heard = [
            (
                neighbour.interface_name or neighbour.local_port or "-",
                neighbour.device_name or neighbour.sys_name or "-",
                neighbour.port_id or "-",
                neighbour.port_descr,
                neighbour.chassis_id,
            )
            for neighbour in shown.neighbours
        ]
        print_table("Neighbours", ("on", "device", "port", "description", "chassis"), heard)


def _owners(owners: Sequence[OwnerView]) -> str:
    return ", ".join(one.name + _state(one) for one in owners) or "-"


def _state(owner: OwnerView) -> str:
    if owner.state is CustomerState.ACTIVE:
        return ""
    return f" ({owner.state}: {owner.suspension_reason})" if owner.suspension_reason else f" ({owner.state})"


def _filter_words(chosen: InterfaceFilter) -> str:
    skipped = ", ".join([*(f"ifType {number}" for number in chosen.skip_types), *chosen.skip_names])
    only = f"only {', '.join(chosen.only_names)}" if chosen.only_names else "all"
    return f"{only} but {skipped}" if skipped else only
