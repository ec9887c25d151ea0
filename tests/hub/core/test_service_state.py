"""One word for a service, of its device's status and its interface's."""

from dataclasses import replace

import pytest
from noctule_hub.core.customers import Service
from noctule_hub.core.records import Axes, DeviceState, Interface
from noctule_hub.core.service_state import service_state
from noctule_shared.axes import IfStatus
from noctule_shared.customers import ServiceState
from noctule_shared.events import DeviceStatus

PORT = Service(1, 4, 1, 7, "fibre", None, since_ms=100)
WHOLE = replace(PORT, interface_id=None)


def port_row(status: IfStatus) -> Interface:
    return Interface(7, 1, "ge-0", 1, 1, "ge-0", "ge-0", "", 6, None, IfStatus.UP, status, polled=True, state_ms=900)


def device(status: DeviceStatus, since_ms: int = 500) -> DeviceState:
    return DeviceState(1, Axes(), status, "because", since_ms)


@pytest.mark.parametrize(
    ("status", "port", "state"),
    [
        (DeviceStatus.ONLINE, IfStatus.UP, ServiceState.UP),
        (DeviceStatus.ONLINE, IfStatus.DOWN, ServiceState.DOWN),
        (DeviceStatus.ONLINE, None, ServiceState.UNKNOWN),
        (DeviceStatus.DEGRADED, IfStatus.UP, ServiceState.DEGRADED),
        (DeviceStatus.OFFLINE, IfStatus.UP, ServiceState.DOWN),
        (DeviceStatus.UNREACHABLE, IfStatus.UP, ServiceState.DOWN),
        (DeviceStatus.UNKNOWN, IfStatus.UP, ServiceState.UNKNOWN),
        (DeviceStatus.MAINTENANCE, IfStatus.DOWN, ServiceState.MAINTENANCE),
    ],
)
def test_a_port_is_as_well_as_its_device_lets_it_be(
    status: DeviceStatus, port: IfStatus | None, state: ServiceState
) -> None:
    row = None if port is None else port_row(port)
    assert service_state(PORT, device(status), row)[0] is state


def test_a_whole_device_is_as_its_status_says() -> None:
    assert service_state(WHOLE, device(DeviceStatus.DEGRADED), None) == (ServiceState.DEGRADED, 500)
    assert service_state(WHOLE, None, None) == (ServiceState.UNKNOWN, None)


def test_since_is_when_the_word_began_to_be_true_and_never_before_the_customer_had_it() -> None:
    up = port_row(IfStatus.UP)
    assert service_state(PORT, device(DeviceStatus.ONLINE), up)[1] == 900
    assert service_state(PORT, device(DeviceStatus.OFFLINE), up)[1] == 500
    assert service_state(PORT, device(DeviceStatus.OFFLINE, since_ms=1), up)[1] == 100
