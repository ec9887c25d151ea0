"""Whose devices and interfaces are: the services of all customers, found by object.

A device is either one customer's whole (a service without an interface) or shared by its ports, each of which is one
customer's at most; the store refuses anything else. So what is told of an object never reaches a neighbour.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from noctule_shared.customers import CustomerState, SuspensionReason

from noctule_hub.core.customers import Customer, Service

# How the reason begins for which an outage alarms nobody because of who has it.
SUSPENDED: Final = "its customer is suspended"


@dataclass(frozen=True, slots=True)
class HeardRates:
    """The devices whose rates are heard whole, and the interfaces of others, by device."""

    whole: AbstractSet[int]
    ports: Mapping[int, AbstractSet[int]]


class Tenancy:
    """An index that is made anew at each change. Services of closed customers are not in it."""

    def __init__(self, customers: Iterable[Customer] = (), services: Iterable[Service] = ()) -> None:
        self._customers = {customer.id: customer for customer in customers}
        by_device: dict[int, list[Service]] = {}
        self._by_customer: dict[int, list[Service]] = {}
        for service in services:
            customer = self._customers.get(service.customer_id)
            if customer is not None and customer.state is not CustomerState.CLOSED:
                by_device.setdefault(service.device_id, []).append(service)
                self._by_customer.setdefault(service.customer_id, []).append(service)
        self._by_device = {device_id: tuple(found) for device_id, found in by_device.items()}
        # Asked for each sample while a customer looks on; ids of interfaces are those of no other device.
        self._of_latency = {device_id: customer_ids(found) for device_id, found in self._by_device.items()}
        self._of_whole = {device_id: customer_ids(self.of_device(device_id)) for device_id in self._by_device}
        self._of_port = {
            service.interface_id: (service.customer_id,)
            for found in self._by_device.values()
            for service in found
            if service.interface_id is not None
        }

    def customer(self, customer_id: int) -> Customer | None:
        """Return a customer, None when there is none of that id."""
        return self._customers.get(customer_id)

    def services(self) -> list[Service]:
        """Return all services by id."""
        return sorted((one for found in self._by_device.values() for one in found), key=lambda one: one.id)

    def on_device(self, device_id: int | None) -> tuple[Service, ...]:
        """Return every service on a device: who hears of its status and latency. None: of no device."""
        return () if device_id is None else self._by_device.get(device_id, ())

    def of_device(self, device_id: int) -> tuple[Service, ...]:
        """Return the services that are the whole device: who hears of its total traffic."""
        return tuple(one for one in self.on_device(device_id) if one.interface_id is None)

    def of_interface(self, device_id: int, interface_id: int) -> tuple[Service, ...]:
        """Return the services that are the interface, or the whole device that it belongs to."""
        return tuple(one for one in self.on_device(device_id) if one.interface_id in {None, interface_id})

    def of_rates(self, device_id: int, interface_id: int | None) -> tuple[int, ...]:
        """Return the customers who hear of an interface's rates, or with None of the device's total."""
        whole = self._of_whole.get(device_id, ())
        return whole if interface_id is None else whole or self._of_port.get(interface_id, ())

    def of_latency(self, device_id: int) -> tuple[int, ...]:
        """Return the customers who hear of a device's latency."""
        return self._of_latency.get(device_id, ())

    def heard_by(self, present: Iterable[int]) -> "HeardRates":
        """Return of which devices and interfaces the customers in `present` hear the rates."""
        whole: set[int] = set()
        ports: dict[int, set[int]] = {}
        for customer_id in present:
            for service in self._by_customer.get(customer_id, ()):
                if service.interface_id is None:
                    whole.add(service.device_id)
                else:
                    ports.setdefault(service.device_id, set()).add(service.interface_id)
        return HeardRates(whole, ports)

    def suspension(self, device_id: int, interface_id: int | None) -> str | None:
        """Return why an outage of the object alarms nobody: all who have it are suspended. None: it does alarm.

        A device that is shared by its ports carries more than its customers know of: only one that is a service as a
        whole is spared.
        """
        services = self.of_device(device_id) if interface_id is None else self.of_interface(device_id, interface_id)
        owners = [self._customers[customer_id] for customer_id in customer_ids(services)]
        if not owners or any(owner.state is not CustomerState.SUSPENDED for owner in owners):
            return None
        reasons = sorted({owner.suspension_reason or SuspensionReason.OTHER for owner in owners})
        # Without a name: who may read alerts may not read customers.
        return f"{SUSPENDED}: {', '.join(reasons)}"


NOBODY: Final = Tenancy()
UNHEARD: Final = HeardRates(frozenset(), {})


def held(services: Iterable[Service], at_ms: int) -> tuple[Service, ...]:
    """Return the services that their customers had at `at_ms` already: what was before is not theirs to know."""
    return tuple(service for service in services if service.since_ms <= at_ms)


def customer_ids(services: Iterable[Service]) -> tuple[int, ...]:
    """Return whose services these are, each customer once."""
    return tuple(dict.fromkeys(service.customer_id for service in services))


def customer_rooms(services: Iterable[Service]) -> tuple[str, ...]:
    """Return the rooms of the customers whose services these are."""
    return tuple(f"customer:{customer_id}" for customer_id in customer_ids(services))
