"""What `noctule device show` prints for people: a device, what it says of itself, its interfaces and neighbours."""

import msgspec
from noctule_shared.interface_filter import InterfaceFilter

from noctule_hub.answers.devices import DeviceView, InterfaceView, NeighbourView, SystemView
from noctule_hub.cli.output import bit_rate, milliseconds, print_table, short_time
from noctule_hub.cli.thresholds import shown_thresholds


class Shown(msgspec.Struct, frozen=True):
    """All that the hub tells of one device; as JSON it is what `--json` prints."""

    device: DeviceView
    system: SystemView
    interfaces: list[InterfaceView]
    neighbours: list[NeighbourView]
    parents: list[DeviceView] = []


def print_device(shown: Shown) -> None:
    """Print a device as tables."""
    found, system = shown.device, shown.system
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
    rows = [
        (
            str(interface.id),
            interface.name,
            interface.if_alias,
            interface.if_oper_status,
            bit_rate(interface.speed_bps),
            interface.duplex or "-",
            bit_rate(interface.bandwidth.in_bps if interface.bandwidth else None),
            bit_rate(interface.bandwidth.out_bps if interface.bandwidth else None),
        )
        for interface in shown.interfaces
    ]
    print_table("Interfaces", ("#id", "name", "alias", "state", "#speed", "duplex", "#in", "#out"), rows)
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


def _filter_words(chosen: InterfaceFilter) -> str:
    skipped = ", ".join([*(f"ifType {number}" for number in chosen.skip_types), *chosen.skip_names])
    only = f"only {', '.join(chosen.only_names)}" if chosen.only_names else "all"
    return f"{only} but {skipped}" if skipped else only
