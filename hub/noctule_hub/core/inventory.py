"""Interfaces by identity: what an agent discovered becomes rows, bindings of ifIndex, and events.

History follows the identity, whatever ifIndex a reboot gave it. Rates are left to `measurements`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from noctule_shared.axes import Duplex, IfStatus
from noctule_shared.observations import InterfaceChanged, Inventory, InventoryInterface

from noctule_hub.core.alerting.conditions import InterfaceDown
from noctule_hub.core.alerting.findings import alerts_about, find
from noctule_hub.core.alerting.flap_watch import observe_interface_flap, observe_interface_gone
from noctule_hub.core.alerting.machine import Finding
from noctule_hub.core.alerting.past import end_backlog, observe_past
from noctule_hub.core.alerting.subjects import interface_subject
from noctule_hub.core.announcements import announce_change, announce_interface
from noctule_hub.core.commit import Binding
from noctule_hub.core.inventory_changes import changes
from noctule_hub.core.link_changes import observe_link_change, observe_link_gone
from noctule_hub.core.ports import Ports
from noctule_hub.core.records import Device, Interface, Neighbour, SystemGroup
from noctule_hub.core.world import Draft, World


def observe_inventory(draft: Draft, agent_id: int, event: Inventory, *, history: bool = False) -> bool:
    """Take all interfaces of a device; returns False when the device is not the agent's.

    `history`: it is part of a backlog. As the newest that is known it counts, but alarms only at the backlog's end.

    A row that was not there before gets a new id, one that is gone is marked removed, a status that differs from
    the one held is told as `reconciled`. Of two rows with one identity the first counts. What differs from the
    inventory before is logged; the first one of a device is no news, and one that is sent again says nothing new.
    """
    world = draft.world
    device = world.device_of(agent_id, event.device_id)
    if device is None:
        return False
    before = world.ports.get(device.id)
    known = _held(world, () if before is None else before.interface_ids.values())
    bound: dict[int, int] = {}
    present: set[int] = set()
    for row in event.interfaces:
        interface = _take_row(draft, device, row, event, history=history)
        if interface.id in present:
            continue
        present.add(interface.id)
        bound[row.if_index] = interface.id
        if before is None or before.interface_ids.get(row.if_index) != interface.id:
            draft.bindings.append(Binding(device.id, row.if_index, event.revision, interface.id))
    for gone in known:
        if gone.id not in present:
            world.interfaces.set(gone.id, replace(gone, removed_ms=event.ts_ms))
            observe_interface_gone(draft, gone)
            observe_link_gone(draft, gone)
            _judge_down(draft, device, gone, holds=False, reason="the interface is gone")
    if before is not None:
        for change in changes(known, _held(world, bound.values())):
            announce_change(draft, device, change, event.ts_ms)
    _take_attachments(draft, device, event, bound)
    kept = None if before is None else replace(before, before=None)
    world.ports.set(device.id, Ports(event.revision, bound, before=kept))
    return True


def observe_interface(draft: Draft, agent_id: int, event: InterfaceChanged, *, history: bool = False) -> bool:
    """Take a change of ifAdminStatus or ifOperStatus; returns False when device or ifIndex are not known.

    `history` as for `observe_inventory`.
    """
    world = draft.world
    device = world.device_of(agent_id, event.device_id)
    ports = world.ports.get(event.device_id)
    bound = None if ports is None else ports.of_revision(event.inventory_rev)
    old = None if bound is None else world.interfaces.get(bound.get(event.if_index, 0))
    if device is None or old is None:
        return False
    if event.ts_ms < old.state_ms:
        late = replace(
            old, if_admin_status=event.if_admin_status, if_oper_status=event.if_oper_status, state_ms=event.ts_ms
        )
        before = replace(old, if_admin_status=event.previous_admin_status, if_oper_status=event.previous_oper_status)
        announce_interface(draft, device, before, late, event.reason, late=True)
        return True
    new = replace(old, if_admin_status=event.if_admin_status, if_oper_status=event.if_oper_status, state_ms=event.ts_ms)
    _change(draft, device, old, new, event.reason, history=history)
    return True


def judge_past(draft: Draft, agent_id: int) -> None:
    """Judge what an agent's backlog made of its interfaces, now that all of it is taken: as it ended, not each step.

    What is under maintenance waits for its end.
    """
    world = draft.world
    under_maintenance = world.coverage(draft.now_ms).names
    for interface_id, before in list(world.past_interfaces.items()):
        device, now = world.device_of(agent_id, before.device_id), world.interfaces.get(interface_id)
        if device is not None and device.id not in under_maintenance:
            world.past_interfaces.set(interface_id, None)
            if now is not None and now.removed_ms is None:
                _judge(draft, device, before, now)
    # What they were before is forgotten by a hub that was started anew meanwhile; that they are up it knows.
    for _, alert in alerts_about(world, InterfaceDown):
        device = None if alert.device_id is None else world.device_of(agent_id, alert.device_id)
        port = None if alert.interface_id is None else world.interfaces.get(alert.interface_id)
        if device is not None and device.id not in under_maintenance and port is not None and _is_over(port):
            _judge_down(draft, device, port, holds=False, reason=_words(port))
    if not world.is_behind(agent_id):
        end_backlog(draft, agent_id)


def _take_attachments(draft: Draft, device: Device, event: Inventory, bound: Mapping[int, int]) -> None:
    """Take what an inventory says besides interfaces; `bound` are interface ids by ifIndex."""
    if event.system is not None:
        system = event.system
        draft.systems[device.id] = SystemGroup(
            sys_name=system.sys_name,
            sys_descr=system.sys_descr,
            sys_object_id=system.sys_object_id,
            sys_location=system.sys_location,
            sys_contact=system.sys_contact,
            seen_ms=event.ts_ms,
        )
    if event.neighbours is not None:
        draft.neighbours[device.id] = [
            Neighbour(
                interface_id=None if row.local_if_index is None else bound.get(row.local_if_index),
                local_port=row.local_port,
                chassis_id_subtype=row.chassis_id_subtype,
                chassis_id=row.chassis_id,
                port_id_subtype=row.port_id_subtype,
                port_id=row.port_id,
                port_descr=row.port_descr,
                sys_name=row.sys_name,
                seen_ms=event.ts_ms,
            )
            for row in event.neighbours
        ]


def _held(world: World, interface_ids: Iterable[int]) -> list[Interface]:
    """Return interfaces as drafted."""
    return [row for interface_id in interface_ids if (row := world.interfaces.get(interface_id)) is not None]


def _take_row(draft: Draft, device: Device, row: InventoryInterface, event: Inventory, *, history: bool) -> Interface:
    world = draft.world
    known_id = world.identities.get((device.id, row.identity))
    old = None if known_id is None else world.interfaces.get(known_id)
    if old is None:
        interface_id = world.next_interface_id
        world.next_interface_id += 1
        world.identities.set((device.id, row.identity), interface_id)
        state_ms = event.ts_ms
    else:
        interface_id = old.id
        same = (old.if_admin_status, old.if_oper_status) == (row.if_admin_status, row.if_oper_status)
        state_ms = old.state_ms if same else event.ts_ms
    speed_bps, duplex = _link(row, old)
    new = Interface(
        id=interface_id,
        device_id=device.id,
        identity=row.identity,
        if_index=row.if_index,
        inventory_rev=event.revision,
        if_name=row.if_name,
        if_descr=row.if_descr,
        if_alias=row.if_alias,
        if_type=row.if_type,
        speed_bps=speed_bps,
        if_admin_status=row.if_admin_status,
        if_oper_status=row.if_oper_status,
        polled=row.polled,
        state_ms=state_ms,
        duplex=duplex,
    )
    if old is None or old.removed_ms is not None:
        world.interfaces.set(interface_id, new)
    else:
        _change(draft, device, old, new, "reconciled", history=history)
        observe_link_change(draft, device, old, new, event.ts_ms, history=history)
    return new


def _link(row: InventoryInterface, old: Interface | None) -> tuple[int | None, Duplex | None]:
    """Return speed and duplex; those of a port that is not up mean nothing where it is known how it ran before."""
    if old is None or row.if_oper_status is IfStatus.UP:
        return row.speed_bps, row.duplex
    return (
        row.speed_bps if old.speed_bps is None else old.speed_bps,
        row.duplex if old.duplex is None else old.duplex,
    )


def _change(draft: Draft, device: Device, old: Interface, new: Interface, reason: str, *, history: bool) -> None:
    world = draft.world
    world.interfaces.set(new.id, new)
    if (old.if_admin_status, old.if_oper_status) == (new.if_admin_status, new.if_oper_status):
        return
    announce_interface(draft, device, old, new, reason, late=history)
    if history:
        observe_past_interface(draft, device, old, new)
    if not history and device.id not in world.coverage(draft.now_ms).names:
        observe_interface_flap(draft, device, old, new)
        _judge(draft, device, old, new)
    elif world.past_interfaces.get(new.id) is None:
        world.past_interfaces.set(new.id, old)


def observe_past_interface(draft: Draft, device: Device, old: Interface, new: Interface) -> None:
    """Take a change of an interface from a backlog: what fell and came back in it has an alert in history."""
    down = new.if_oper_status is not IfStatus.UP and new.if_admin_status is IfStatus.UP
    if not down or old.if_oper_status is IfStatus.UP:
        subject = interface_subject(device, new, "is down")
        observe_past(draft, device, InterfaceDown, subject, down=down, reason=_words(new), at_ms=new.state_ms)


def _judge(draft: Draft, device: Device, old: Interface, new: Interface) -> None:
    if _is_over(new):
        _judge_down(draft, device, new, holds=False, reason=_words(new))
    elif old.if_oper_status is IfStatus.UP:
        # Only a port that was seen up has fallen; one that never came up is not in use.
        _judge_down(draft, device, new, holds=True, reason=_words(new))


def _is_over(interface: Interface) -> bool:
    return interface.if_oper_status is IfStatus.UP or interface.if_admin_status is not IfStatus.UP


def _judge_down(draft: Draft, device: Device, new: Interface, *, holds: bool, reason: str) -> None:
    find(draft, Finding(InterfaceDown, interface_subject(device, new, "is down"), holds, reason, new.state_ms))


def _words(interface: Interface) -> str:
    return f"ifAdminStatus {interface.if_admin_status}, ifOperStatus {interface.if_oper_status}"
