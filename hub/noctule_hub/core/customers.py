"""Customers and their services: the records, and what may become of a customer.

Which object is whose, and what follows from that, is left to `tenancy`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec
from noctule_shared.customers import CustomerState, ServiceRef, SuspensionReason
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.events import CustomerUpdateEvent, EventName
from noctule_shared.times import iso_from_ms

from noctule_hub.core.records import NewEvent
from noctule_hub.core.rooms import rooms_of_event

MAX_CUSTOMERS: Final = 100_000
MAX_SERVICES_OF_CUSTOMER: Final = 1_000
# All of them are named in each event of the device.
MAX_SERVICES_OF_DEVICE: Final = 256


@dataclass(frozen=True, slots=True)
class CustomerFields:
    """What people write of a customer. `reference` is the billing system's id, None: it gave none.

    `timezone` is an IANA name; `note` is for staff alone.
    """

    name: str
    reference: str | None = None
    timezone: str = "UTC"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; see `CustomerFields`. `suspension_reason` is set while it is suspended. `revision` counts changes."""

    id: int
    name: str
    reference: str | None
    timezone: str
    note: str
    state: CustomerState
    suspension_reason: SuspensionReason | None
    created_ms: int
    revision: int = 1


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """Which customers are looked for; None: whatever it is. Names in any case of letters."""

    state: CustomerState | None = None
    name: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceFields:
    """What a service is: a device, or with `interface_id` one of its interfaces, and how the customer calls it.

    `committed_bps` None: nothing was agreed upon.
    """

    device_id: int
    interface_id: int | None
    label: str
    committed_bps: int | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A customer's device or interface; see `ServiceFields`.

    `since_ms`: the customer sees nothing of the object from before, because it was somebody else's.
    """

    id: int
    customer_id: int
    device_id: int
    interface_id: int | None
    label: str
    committed_bps: int | None
    since_ms: int
    revision: int = 1

    @property
    def ref(self) -> ServiceRef:
        """Return the service as events name it."""
        return ServiceRef(self.customer_id, self.id, self.label)


class Step(StrEnum):
    """What is done to a customer as a whole."""

    SUSPEND = "suspend"
    RESUME = "resume"
    CLOSE = "close"


STEPS: Final[Mapping[tuple[CustomerState, Step], CustomerState]] = {
    (CustomerState.ACTIVE, Step.SUSPEND): CustomerState.SUSPENDED,
    (CustomerState.SUSPENDED, Step.SUSPEND): CustomerState.SUSPENDED,
    (CustomerState.SUSPENDED, Step.RESUME): CustomerState.ACTIVE,
    (CustomerState.CLOSED, Step.RESUME): CustomerState.ACTIVE,
    (CustomerState.ACTIVE, Step.CLOSE): CustomerState.CLOSED,
    (CustomerState.SUSPENDED, Step.CLOSE): CustomerState.CLOSED,
}


class CustomerChange(StrEnum):
    """What `customer:update` tells."""

    ADDED = "added"
    CHANGED = "changed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    CLOSED = "closed"
    REMOVED = "removed"
    SERVICE_ADDED = "service-added"
    SERVICE_CHANGED = "service-changed"
    SERVICE_REMOVED = "service-removed"


CHANGE_OF_STEP: Final[Mapping[Step, CustomerChange]] = {
    Step.SUSPEND: CustomerChange.SUSPENDED,
    Step.RESUME: CustomerChange.RESUMED,
    Step.CLOSE: CustomerChange.CLOSED,
}


@dataclass(frozen=True, slots=True)
class StepRequest:
    """A step that somebody asks for. `reason` belongs to a suspension.

    `only_non_payment`: who asks may suspend and resume for non-payment alone.
    """

    step: Step
    reason: SuspensionReason | None = None
    only_non_payment: bool = False


def take_step(customer: Customer, request: StepRequest) -> tuple[CustomerState, SuspensionReason | None]:
    """Return the state and suspension reason that a step leads to.

    Raises `Refused`: invalid (field state) when the step does not go from here; forbidden when it is not for whoever
    asks.
    """
    state = STEPS.get((customer.state, request.step))
    if state is None:
        raise invalid("state", f"customer {customer.id} is {customer.state}; it cannot {request.step} from there")
    reason = request.reason if state is CustomerState.SUSPENDED else None
    if request.only_non_payment:
        concerned = [value for value in (customer.suspension_reason, reason) if value is not None]
        if not concerned or any(value is not SuspensionReason.NON_PAYMENT for value in concerned):
            message = f"your role may suspend and resume for {SuspensionReason.NON_PAYMENT} alone; ask an operator"
            raise Refused(ErrorCode.FORBIDDEN, message)
    return state, reason


def customer_event(
    customer: Customer, change: CustomerChange, at_ms: int, *, service_id: int | None = None
) -> NewEvent:
    """Return `customer:update` for the customer as it is after a change."""
    payload = CustomerUpdateEvent(
        timestamp=iso_from_ms(at_ms),
        customer_id=customer.id,
        state=customer.state,
        change=change,
        suspension_reason=customer.suspension_reason,
        service_id=service_id,
    )
    data: dict[str, Any] = msgspec.to_builtins(payload)
    return NewEvent(EventName.CUSTOMER_UPDATE, data, rooms_of_event(EventName.CUSTOMER_UPDATE, data), at_ms)
