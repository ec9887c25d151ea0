"""The events by which the hub tells what it decided: payloads for staff, and the rooms that hear of them.

What other audiences see of a payload is left to `projection`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from noctule_shared.alerts import Assignee
from noctule_shared.customers import ServiceRef
from noctule_shared.events import (
    SEVERITY_NAMES,
    AgentLinkStatus,
    AgentStatusEvent,
    AlertEvent,
    ComponentRef,
    DeviceStatus,
    DeviceStatusEvent,
    EventName,
    InterfaceStatusEvent,
    NetworkLogEvent,
)
from noctule_shared.times import iso_from_ms

from noctule_hub.core.customers import Service
from noctule_hub.core.inventory_changes import SEVERITIES, Change
from noctule_hub.core.records import Alert, Device, DeviceState, Interface, NewEvent
from noctule_hub.core.rooms import rooms_of_event
from noctule_hub.core.status_page import component_state
from noctule_hub.core.tenancy import Tenancy, customer_rooms, held
from noctule_hub.core.world import Draft

# What is told later than this after it was observed is history.
LATE_AFTER_MS: Final = 60_000
# The source of log entries that no device sent.
INVENTORY: Final = "inventory"


def announce_device(
    draft: Draft,
    device: Device,
    state: DeviceState,
    previous: DeviceStatus,
    *,
    detail: str | None = None,
    late: bool = False,
) -> None:
    """Draft `device:status`: the device has been in `state` since `state.since_ms`, before that in `previous`.

    `previous` as it is now: since then for another reason.
    """
    components = [] if late else changed_components(draft, device.id, state.status, previous)
    services = held(draft.world.tenancy.on_device(device.id), state.since_ms)
    if state.status is previous and state.status is not DeviceStatus.MAINTENANCE:
        # That it is down for another reason is for those who mend it.
        services = ()
    payload = DeviceStatusEvent(
        timestamp=iso_from_ms(state.since_ms),
        device_id=device.id,
        device_name=device.name,
        site_id=device.site_id,
        status=state.status,
        previous=previous,
        reason=state.reason,
        underlying=state.underlying,
        detail=detail,
        components=components or None,
        services=refs(services),
    )
    draft.events.append(
        NewEvent(
            EventName.DEVICE_STATUS,
            builtins(payload),
            (*device_rooms(device), *(["public"] if components else []), *customer_rooms(services)),
            state.since_ms,
            device_id=device.id,
            site_id=device.site_id,
            late=late or draft.now_ms - state.since_ms > LATE_AFTER_MS,
        )
    )


def changed_components(
    draft: Draft, device_id: int, status: DeviceStatus, previous: DeviceStatus
) -> list[ComponentRef]:
    """Return the components of the status page that become something else by a device's change, which is drafted."""
    board = draft.world.board
    changed = []
    for component in board.of_device.get(device_id, ()):
        counts = draft.component_counts.get(component.id)
        if counts is None:
            # Counted once a draft: a whole site may fall in one.
            counts = draft.component_counts[component.id] = board.counted(component.id, draft.world.status)
        else:
            counts[previous] -= 1
            counts[status] += 1
        before = Counter(counts)
        before[status] -= 1
        before[previous] += 1
        state = component_state(counts)
        if state is not component_state(before):
            changed.append(ComponentRef(component.id, component.label, state))
    return changed


def announce_interface(
    draft: Draft, device: Device, old: Interface, new: Interface, reason: str, *, late: bool = False
) -> None:
    """Draft `interface:status`: the interface has been as `new` since `new.state_ms`, before that as `old`."""
    services = held(draft.world.tenancy.of_interface(device.id, new.id), new.state_ms)
    payload = InterfaceStatusEvent(
        timestamp=iso_from_ms(new.state_ms),
        device_id=device.id,
        device_name=device.name,
        interface_id=new.id,
        interface_name=new.identity,
        if_admin_status=new.if_admin_status,
        if_oper_status=new.if_oper_status,
        previous=old.if_oper_status,
        previous_admin_status=old.if_admin_status,
        reason=reason,
        services=refs(services),
    )
    rooms = (f"device:{device.id}", f"site:{device.site_id}", *customer_rooms(services))
    draft.events.append(
        NewEvent(
            EventName.INTERFACE_STATUS,
            builtins(payload),
            rooms,
            new.state_ms,
            device_id=device.id,
            site_id=device.site_id,
            late=late or draft.now_ms - new.state_ms > LATE_AFTER_MS,
        )
    )


def announce_change(draft: Draft, device: Device, change: Change, ts_ms: int) -> None:
    """Draft `network:log`: an inventory observed at `ts_ms` showed a change of a device's interfaces."""
    severity = SEVERITIES[change.kind]
    payload = NetworkLogEvent(
        timestamp=iso_from_ms(ts_ms),
        device_id=device.id,
        device_name=device.name,
        interface_id=change.interface_id,
        severity=severity,
        severity_name=SEVERITY_NAMES[severity],
        source=INVENTORY,
        message=change.message,
        change=change.kind,
    )
    announce_log(draft, payload, device, ts_ms)


def announce_log(draft: Draft, log: NetworkLogEvent, device: Device | None, ts_ms: int) -> None:
    """Draft `network:log`, observed at `ts_ms`; `device` None: it is no device's."""
    payload = builtins(log)
    draft.events.append(
        NewEvent(
            EventName.NETWORK_LOG,
            payload,
            rooms_of_event(EventName.NETWORK_LOG, payload),
            ts_ms,
            device_id=None if device is None else device.id,
            site_id=None if device is None else device.site_id,
            late=draft.now_ms - ts_ms > LATE_AFTER_MS,
        )
    )


def announce_alert(
    draft: Draft, alert: Alert, name: EventName, *, also: Iterable[Assignee | None] = (), late: bool = False
) -> None:
    """Draft `alert:new` or `alert:update` for the rooms of what the alert is about, its assignee's, and `also`'s.

    A customer hears of what its own service is: of an interface, or of the device that it is or is on.
    """
    device = draft.world.devices.get(alert.device_id) if alert.device_id is not None else None
    at_ms = alert.resolved_ms or draft.now_ms
    services = held(concerned(draft.world.tenancy, alert.trouble, alert.device_id, alert.interface_id), at_ms)
    payload = alert_event(alert, device.name if device else None, timestamp_ms=at_ms, services=services)
    rooms = ["alerts", *customer_rooms(services)]
    if alert.device_id is not None:
        rooms.append(f"device:{alert.device_id}")
    if alert.site_id is not None:
        rooms.append(f"site:{alert.site_id}")
    users = dict.fromkeys(one.user_id for one in (alert.assignee, *also) if one is not None)
    rooms += [f"user:{user_id}" for user_id in users]
    draft.events.append(
        NewEvent(
            name,
            builtins(payload),
            tuple(rooms),
            at_ms if late else draft.now_ms,
            device_id=alert.device_id,
            site_id=alert.site_id,
            late=late,
        )
    )


def concerned(
    tenancy: Tenancy, trouble: str | None, device_id: int | None, interface_id: int | None
) -> tuple[Service, ...]:
    """Return the services whose customers are told of an alert; none when its rule has no `trouble` for them."""
    if trouble is None or device_id is None:
        return ()
    return tenancy.on_device(device_id) if interface_id is None else tenancy.of_interface(device_id, interface_id)


def alert_event(
    alert: Alert, device_name: str | None, *, timestamp_ms: int, services: Sequence[Service] = ()
) -> AlertEvent:
    """Return an alert as clients see it; `services` are those whose customers are told of it."""
    return AlertEvent(
        timestamp=iso_from_ms(timestamp_ms),
        id=alert.id,
        rule=alert.rule,
        title=alert.title,
        severity=alert.severity,
        state=alert.state,
        device_id=alert.device_id,
        device_name=device_name,
        interface_id=alert.interface_id,
        site_id=alert.site_id,
        agent_id=alert.agent_id,
        started_at=iso_from_ms(alert.started_ms),
        resolved_at=_iso(alert.resolved_ms),
        acknowledged_by=alert.acknowledged_by,
        acknowledged_at=_iso(alert.acknowledged_ms),
        acknowledged_until=_iso(alert.acknowledged_until_ms),
        note=alert.note,
        reason=alert.reason,
        inhibited_by=alert.inhibited_by,
        silenced_by=alert.silenced_by,
        assignee=alert.assignee,
        incident=alert.incident,
        trouble=alert.trouble,
        services=refs(services),
    )


def _iso(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso_from_ms(at_ms)


def refs(services: Sequence[Service]) -> list[ServiceRef] | None:
    """Return services as events name them, None for none."""
    return [service.ref for service in services] or None


def builtins(payload: msgspec.Struct) -> dict[str, Any]:
    """Return an event's payload as the JSON object that the log keeps."""
    built: dict[str, Any] = msgspec.to_builtins(payload)
    return built


def device_rooms(device: Device) -> tuple[str, ...]:
    """Return the rooms that hear of a device."""
    return ("devices", f"device:{device.id}", f"site:{device.site_id}")


def announce_agent(
    draft: Draft, agent_id: int, status: AgentLinkStatus, reason: str, *, backlog: int | None = None
) -> None:
    """Draft `agent:status`; `backlog` is the number of frames that the agent has yet to deliver, None unknown."""
    agent = draft.world.agents.get(agent_id)
    payload = AgentStatusEvent(
        timestamp=iso_from_ms(draft.now_ms),
        agent_id=agent_id,
        agent_name=agent.name if agent is not None else str(agent_id),
        status=status,
        backlog=backlog,
        reason=reason,
    )
    draft.events.append(NewEvent(EventName.AGENT_STATUS, builtins(payload), ("agents",), draft.now_ms))
