"""Interfaces by identity: what an agent discovered becomes rows, bindings of ifIndex, and events.

History follows the identity, whatever ifIndex a reboot gave it. Rates are left to `measurements`.
"""

from dataclasses import replace

from noctule_shared.axes import IfStatus
from noctule_shared.observations import InterfaceChanged, Inventory, InventoryInterface

from noctule_hub.core.alerts import INTERFACE_DOWN, Finding, Subject
from noctule_hub.core.announcements import announce_interface
from noctule_hub.core.commit import Binding
from noctule_hub.core.findings import find
from noctule_hub.core.records import Device, Interface
from noctule_hub.core.world import Draft, Ports


def observe_inventory(draft: Draft, agent_id: int, event: Inventory) -> bool:
    """Take all interfaces of a device; returns False when the device is not the agent's.

    A row that was not there before gets a new id, one that is gone is marked removed, a status that differs from
    the one held is told as `reconciled`. Of two rows with one identity the first counts.
    """
    world = draft.world
    device = world.device_of(agent_id, event.device_id)
    if device is None:
        return False
    before = world.ports.get(device.id)
    bound: dict[int, int] = {}
    present: set[int] = set()
    for row in event.interfaces:
        interface = _take_row(draft, device, row, event)
        if interface.id in present:
            continue
        present.add(interface.id)
        bound[row.if_index] = interface.id
        if before is None or before.interface_ids.get(row.if_index) != interface.id:
            draft.bindings.append(Binding(device.id, row.if_index, event.revision, interface.id))
    for interface_id in set(before.interface_ids.values() if before is not None else ()) - present:
        gone = world.interfaces.get(interface_id)
        if gone is not None:
            world.interfaces.set(interface_id, replace(gone, removed_ms=event.ts_ms))
            _judge_down(draft, device, gone, gone, holds=False, reason="the interface is gone")
    kept = None if before is None else replace(before, before=None)
    world.ports.set(device.id, Ports(event.revision, bound, before=kept))
    return True


def observe_interface(draft: Draft, agent_id: int, event: InterfaceChanged) -> bool:
    """Take a change of ifAdminStatus or ifOperStatus; returns False when device or ifIndex are not known."""
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
        announce_interface(draft, device, before, late, event.reason)
        return True
    new = replace(old, if_admin_status=event.if_admin_status, if_oper_status=event.if_oper_status, state_ms=event.ts_ms)
    _change(draft, device, old, new, event.reason)
    return True


def _take_row(draft: Draft, device: Device, row: InventoryInterface, event: Inventory) -> Interface:
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
        speed_bps=row.speed_bps,
        if_admin_status=row.if_admin_status,
        if_oper_status=row.if_oper_status,
        polled=row.polled,
        state_ms=state_ms,
    )
    if old is None or old.removed_ms is not None:
        world.interfaces.set(interface_id, new)
    else:
        _change(draft, device, old, new, "reconciled")
    return new


def _change(draft: Draft, device: Device, old: Interface, new: Interface, reason: str) -> None:
    draft.world.interfaces.set(new.id, new)
    if (old.if_admin_status, old.if_oper_status) == (new.if_admin_status, new.if_oper_status):
        return
    announce_interface(draft, device, old, new, reason)
    if new.if_oper_status is IfStatus.UP or new.if_admin_status is not IfStatus.UP:
        _judge_down(draft, device, old, new, holds=False, reason=_words(new))
    elif old.if_oper_status is IfStatus.UP:
        # Only a port that was seen up has fallen; one that never came up is not in use.
        _judge_down(draft, device, old, new, holds=True, reason=_words(new))


def _judge_down(draft: Draft, device: Device, old: Interface, new: Interface, *, holds: bool, reason: str) -> None:
    name = f"{new.identity} ({new.if_alias})" if new.if_alias else new.identity
    subject = Subject(
        f"interface:{old.id}",
        f"{device.name} {name} is down",
        device_id=device.id,
        interface_id=old.id,
        site_id=device.site_id,
    )
    # A port that fell and came back while the link was away is history: only what the backlog ends with counts.
    settled = not draft.world.is_behind(device.agent_id)
    find(draft, Finding(INTERFACE_DOWN, subject, holds, reason, new.state_ms, settled))


def _words(interface: Interface) -> str:
    return f"ifAdminStatus {interface.if_admin_status}, ifOperStatus {interface.if_oper_status}"
