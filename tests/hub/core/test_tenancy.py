"""Who has which device or interface, and whose outages alarm nobody."""

from collections.abc import Callable

import pytest
from noctule_hub.core.customers import Customer, Service
from noctule_hub.core.inventory import observe_interface, observe_inventory
from noctule_hub.core.judgement import observe_axis, observe_configuration
from noctule_hub.core.records import NewEvent
from noctule_hub.core.tenancy import NOBODY, Tenancy, held
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import Axis, IfStatus
from noctule_shared.customers import CustomerState, SuspensionReason
from noctule_shared.events import AlertState, EventName
from noctule_shared.observations import AxisChanged, InterfaceChanged, Inventory, InventoryInterface

NOW_MS = 1_795_000_000_000
ACTIVE, SUSPENDED, CLOSED = CustomerState.ACTIVE, CustomerState.SUSPENDED, CustomerState.CLOSED
UP, DOWN = IfStatus.UP, IfStatus.DOWN
Drafted = Callable[[int], Draft]


def customer(customer_id: int, state: CustomerState = ACTIVE) -> Customer:
    reason = SuspensionReason.NON_PAYMENT if state is SUSPENDED else None
    return Customer(customer_id, f"c{customer_id}", None, "UTC", "", state, reason, 0)


def service(service_id: int, customer_id: int, device_id: int, interface_id: int | None, since_ms: int = 0) -> Service:
    return Service(service_id, customer_id, device_id, interface_id, f"s{service_id}", None, since_ms)


# Device 1 is shared by its ports: 11 is customer 4's, 12 is 5's. Device 2 is customer 4's whole.
SERVICES = (service(1, 4, 1, 11), service(2, 5, 1, 12), service(3, 4, 2, None))
TENANCY = Tenancy([customer(4), customer(5), customer(6)], SERVICES)


def test_rates_of_a_port_are_its_owners_and_a_shared_total_is_nobodys() -> None:
    assert TENANCY.of_rates(1, 11) == (4,)
    assert TENANCY.of_rates(1, 12) == (5,)
    assert TENANCY.of_rates(1, 13) == ()
    assert TENANCY.of_rates(1, None) == ()
    assert TENANCY.of_rates(2, None) == (4,)
    assert TENANCY.of_rates(2, 21) == (4,)


def test_latency_of_a_device_is_told_to_whoever_has_a_service_on_it() -> None:
    assert (TENANCY.of_latency(1), TENANCY.of_latency(2), TENANCY.of_latency(3)) == ((4, 5), (4,), ())


def test_rates_are_made_for_what_customers_who_look_on_have_and_for_nothing_else() -> None:
    heard = TENANCY.heard_by([4])
    assert (heard.whole, heard.ports) == ({2}, {1: {11}})
    assert TENANCY.heard_by([5, 99]).ports == {1: {12}}
    assert TENANCY.heard_by([]).whole == set()


def test_services_of_a_closed_customer_are_nobodys() -> None:
    tenancy = Tenancy([customer(4, CLOSED), customer(5)], SERVICES)
    assert (tenancy.of_latency(1), tenancy.of_rates(2, None)) == ((5,), ())
    assert [one.id for one in tenancy.services()] == [2]


def test_what_was_before_a_service_is_not_its_customers() -> None:
    services = (service(1, 4, 1, 11, since_ms=100), service(2, 5, 1, 12, since_ms=200))
    assert [one.id for one in held(services, 150)] == [1]


@pytest.mark.parametrize(
    ("states", "device_id", "interface_id", "spared"),
    [
        ((SUSPENDED, ACTIVE), 1, 11, True),
        ((SUSPENDED, ACTIVE), 1, 12, False),
        ((SUSPENDED, SUSPENDED), 1, None, False),  # it carries more than its customers know of
        ((SUSPENDED, ACTIVE), 2, None, True),
        ((SUSPENDED, ACTIVE), 2, 21, True),
        ((SUSPENDED, ACTIVE), 3, None, False),
        ((CLOSED, ACTIVE), 2, None, False),
    ],
)
def test_only_what_suspended_customers_have_alone_is_spared(
    states: tuple[CustomerState, CustomerState], device_id: int, interface_id: int | None, *, spared: bool
) -> None:
    tenancy = Tenancy([customer(4, states[0]), customer(5, states[1])], SERVICES)
    reason = tenancy.suspension(device_id, interface_id)
    assert reason == ("its customer is suspended: non-payment" if spared else None)


def port(if_index: int) -> InventoryInterface:
    name = f"ge-0/0/{if_index}"
    return InventoryInterface(if_index, name, name, name, "for whom", 6, 10**9, UP, UP, 64, polled=True)


def fallen(if_index: int, *, after_ms: int, new: IfStatus = DOWN) -> InterfaceChanged:
    old = UP if new is DOWN else DOWN
    return InterfaceChanged(1, if_index, 7, UP, new, UP, old, NOW_MS + after_ms, "poll")


def tenants(world: World, *, suspended: bool, since_ms: int = 0) -> None:
    """Port 1 (interface 1) is customer 4's."""
    owner = customer(4, SUSPENDED if suspended else ACTIVE)
    world.tenancy = Tenancy([owner], [service(1, 4, 1, 1, since_ms)])


def of(draft: Draft, *names: EventName) -> list[NewEvent]:
    return [event for event in draft.events if event.name in names]


def test_an_event_names_its_services_and_goes_to_their_customers(drafted: Drafted, world: World) -> None:
    tenants(world, suspended=False)
    observe_inventory(drafted(0), 1, Inventory(1, 7, NOW_MS, None, [port(1), port(2)]))
    draft = drafted(1_000)
    observe_interface(draft, 1, fallen(1, after_ms=900))
    observe_interface(draft, 1, fallen(2, after_ms=900))
    own, other = of(draft, EventName.INTERFACE_STATUS)
    assert own.rooms == ("device:1", "site:1", "customer:4")
    assert own.data["services"] == [{"customerId": 4, "serviceId": 1, "label": "s1"}]
    assert (other.rooms, "services" in other.data) == (("device:1", "site:1"), False)
    observe_axis(draft, 1, AxisChanged(1, Axis.ICMP, "none", "down", "lost", NOW_MS + 950))
    (status,) = of(draft, EventName.DEVICE_STATUS)
    assert status.rooms == ("devices", "device:1", "site:1", "customer:4")
    (alert,) = of(draft, EventName.ALERT_NEW)
    assert "customer:4" in alert.rooms


def test_what_was_observed_before_a_service_began_is_not_told_to_its_customer(drafted: Drafted, world: World) -> None:
    tenants(world, suspended=False, since_ms=NOW_MS + 950)
    observe_inventory(drafted(0), 1, Inventory(1, 7, NOW_MS, None, [port(1)]))
    draft = drafted(1_000)
    observe_interface(draft, 1, fallen(1, after_ms=900))
    (event,) = of(draft, EventName.INTERFACE_STATUS)
    assert (event.rooms, "services" in event.data) == (("device:1", "site:1"), False)


def test_an_outage_of_a_suspended_customer_is_listed_with_its_reason_and_rings_nobody(
    drafted: Drafted, world: World
) -> None:
    tenants(world, suspended=True)
    observe_inventory(drafted(0), 1, Inventory(1, 7, NOW_MS, None, [port(1)]))
    draft = drafted(1_000)
    observe_interface(draft, 1, fallen(1, after_ms=500))
    (pending,) = draft.commit().alerts
    assert (pending.state, pending.inhibited_by) == (AlertState.PENDING, "its customer is suspended: non-payment")
    assert of(draft, EventName.ALERT_NEW, EventName.ALERT_UPDATE) == []


def firing(drafted: Drafted, world: World, *, suspended: bool) -> Draft:
    """Let device 1, customer 4's whole, go offline."""
    whole(world, suspended=suspended)
    draft = drafted(0)
    observe_axis(draft, 1, AxisChanged(1, Axis.ICMP, "none", "down", "lost", NOW_MS))
    return draft


def whole(world: World, *, suspended: bool) -> None:
    owner = customer(4, SUSPENDED if suspended else ACTIVE)
    world.tenancy = Tenancy([owner], [service(1, 4, 1, None)])


def test_an_inhibited_alert_that_fires_is_told_as_an_update_with_why(drafted: Drafted, world: World) -> None:
    draft = firing(drafted, world, suspended=True)
    assert of(draft, EventName.ALERT_NEW) == []
    (event,) = of(draft, EventName.ALERT_UPDATE)
    assert (event.data["state"], event.data["inhibitedBy"]) == ("firing", "its customer is suspended: non-payment")
    draft = drafted(1_000)
    observe_axis(draft, 1, AxisChanged(1, Axis.ICMP, "down", "up", "heard", NOW_MS + 900))
    (event,) = of(draft, EventName.ALERT_NEW, EventName.ALERT_UPDATE)
    assert (event.data["state"], event.name) == ("resolved", EventName.ALERT_UPDATE)


def test_an_outage_that_lasts_rings_when_its_customer_is_resumed(drafted: Drafted, world: World) -> None:
    firing(drafted, world, suspended=True)
    draft = drafted(1_000)
    whole(world, suspended=False)
    observe_configuration(draft)
    (event,) = of(draft, EventName.ALERT_NEW, EventName.ALERT_UPDATE)
    assert (event.name, "inhibitedBy" in event.data) == (EventName.ALERT_NEW, False)
    observe_configuration(again := drafted(2_000))
    assert again.events == []


def test_an_outage_is_inhibited_when_its_customer_is_suspended_meanwhile(drafted: Drafted, world: World) -> None:
    assert of(firing(drafted, world, suspended=False), EventName.ALERT_NEW)
    draft = drafted(1_000)
    whole(world, suspended=True)
    observe_configuration(draft)
    (event,) = of(draft, EventName.ALERT_NEW, EventName.ALERT_UPDATE)
    assert (event.name, event.data["inhibitedBy"]) == (
        EventName.ALERT_UPDATE,
        "its customer is suspended: non-payment",
    )


def test_nobody_has_anything() -> None:
    assert (NOBODY.of_latency(1), NOBODY.of_rates(1, None), NOBODY.suspension(1, None)) == ((), (), None)
