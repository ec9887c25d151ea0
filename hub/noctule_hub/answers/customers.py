"""Customers, services and payments as HTTP answers show them: to staff and billing, and to a customer its own."""

import msgspec
from noctule_shared.customers import CustomerState, ServiceRef, ServiceState, SuspensionReason
from noctule_shared.events import AlertState, DeviceStatus, Severity
from noctule_shared.updates import BandwidthItem, LatencyItem


class CustomerView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A customer. `reference` is the billing system's id for it, null: it has none."""

    id: int
    name: str
    reference: str | None
    state: CustomerState
    suspension_reason: SuspensionReason | None
    timezone: str
    note: str
    created_at: str
    revision: int


class ServiceView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A customer's device, or one of its interfaces. The customer sees nothing of the object from before `since`."""

    id: int
    customer_id: int
    device_id: int
    interface_id: int | None
    label: str
    committed_bps: int | None
    since: str
    revision: int


class OwnerView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Whose a device or interface is, beside it; several lines for a device that is shared by its ports."""

    id: int
    name: str
    state: CustomerState
    suspension_reason: SuspensionReason | None
    service_id: int
    service_label: str
    interface_id: int | None


class OwnCustomerView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A customer as its own users see it: without the billing system's id and the NOC's note."""

    id: int
    name: str
    state: CustomerState
    suspension_reason: SuspensionReason | None
    timezone: str


class OwnServiceView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A service as its customer sees it. `since`: in this state since then, null: never judged.

    `latency` is that of the device, `bandwidth` that of the interface or of the whole device; null: no data yet.
    """

    id: int
    label: str
    state: ServiceState
    since: str | None
    device_id: int
    interface_id: int | None
    committed_bps: int | None
    latency: LatencyItem | None
    bandwidth: BandwidthItem | None


class OwnInterfaceView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One interface of a service that is a whole device."""

    id: int
    name: str
    state: ServiceState
    bandwidth: BandwidthItem | None


class OwnAlertView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An alert about a customer's services, called after them."""

    id: int
    title: str
    severity: Severity
    state: AlertState
    started_at: str
    resolved_at: str | None
    services: list[ServiceRef]


class PaymentView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A payment as its newest update left it. `amount` is an exact decimal number as text; null: nobody said."""

    payment_id: str
    customer_id: int
    status: str
    amount: str | None
    currency: str | None
    occurred_at: str
    received_at: str


class PaymentUpdateView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One update; `late`: a newer one was there already, so it is history only. `subject` is who sent it."""

    status: str
    amount: str | None
    currency: str | None
    occurred_at: str
    received_at: str
    late: bool
    subject: str


class PaymentDetails(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A payment and its updates in the order of their occurrence."""

    payment: PaymentView
    updates: list[PaymentUpdateView]


class PaymentAnswer(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What an update made of its payment; `late`: it is history only and changed nothing."""

    payment: PaymentView
    late: bool


class PaymentPage(msgspec.Struct, frozen=True, rename="camel"):
    """Payments by id. `next_cursor` null: these were the last."""

    items: list[PaymentView]
    next_cursor: str | None


class OutageView(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A time in which a service's device was not reached."""

    from_: str
    to: str
    status: DeviceStatus


class OwnAvailabilityView(
    msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from", "outages_total": "outagesTotal"}
):
    """Availability of a service's device in a month, up to now or since the customer has it.

    `seconds` are by status; `ratio` null: nothing was known of it. The newest outages are listed.
    """

    month: str
    tz: str
    from_: str
    to: str
    complete: bool
    seconds: dict[DeviceStatus, float]
    ratio: float | None
    outages: list[OutageView]
    outages_total: int
