"""How a customer's service is now: one word made of its device's status and its interface's."""

from noctule_shared.axes import IfStatus
from noctule_shared.customers import ServiceState
from noctule_shared.events import DeviceStatus

from noctule_hub.core.customers import Service
from noctule_hub.core.records import DeviceState, Interface

_OF_DEVICE = {
    DeviceStatus.ONLINE: ServiceState.UP,
    DeviceStatus.DEGRADED: ServiceState.DEGRADED,
    DeviceStatus.OFFLINE: ServiceState.DOWN,
    DeviceStatus.UNREACHABLE: ServiceState.DOWN,
    DeviceStatus.MAINTENANCE: ServiceState.MAINTENANCE,
    DeviceStatus.UNKNOWN: ServiceState.UNKNOWN,
}


def interface_state(interface: Interface | None) -> ServiceState:
    """Return how an interface is; None: it is not there any more."""
    if interface is None:
        return ServiceState.UNKNOWN
    return ServiceState.UP if interface.if_oper_status is IfStatus.UP else ServiceState.DOWN


def service_state(
    service: Service, device: DeviceState | None, interface: Interface | None
) -> tuple[ServiceState, int | None]:
    """Return how a service is and since when (None: never judged), not before the customer had it.

    `device` None: never judged; `interface` None: the service is a whole device, or its interface is not there. An
    interface counts while its device is well: what is told of it is not newer than what is told of the device.
    """
    of_device = ServiceState.UNKNOWN if device is None else _OF_DEVICE[device.status]
    state, since_ms = of_device, None if device is None else device.since_ms
    if service.interface_id is not None and of_device in {ServiceState.UP, ServiceState.DEGRADED}:
        of_interface = interface_state(interface)
        if of_interface is not ServiceState.UP:
            state, since_ms = of_interface, None if interface is None else interface.state_ms
        elif since_ms is not None and interface is not None:
            since_ms = max(since_ms, interface.state_ms)
    return state, None if since_ms is None else max(since_ms, service.since_ms)
