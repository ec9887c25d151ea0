"""Records of customers, services and payments as HTTP answers show them."""

from collections.abc import Iterable

from aiohttp import web
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.customers import CustomerView, OwnerView, PaymentUpdateView, PaymentView, ServiceView
from noctule_hub.api.context import principal_of
from noctule_hub.auth.permissions import Action, is_allowed
from noctule_hub.core.customers import Customer, Service
from noctule_hub.core.payments import HistoryRow, Payment
from noctule_hub.core.tenancy import Tenancy


def customer_view(customer: Customer) -> CustomerView:
    """Return a customer for staff and billing."""
    return CustomerView(
        id=customer.id,
        name=customer.name,
        reference=customer.reference,
        state=customer.state,
        suspension_reason=customer.suspension_reason,
        timezone=customer.timezone,
        note=customer.note,
        created_at=iso_from_ms(customer.created_ms),
        revision=customer.revision,
    )


def service_view(service: Service) -> ServiceView:
    """Return a service for staff and billing."""
    return ServiceView(
        id=service.id,
        customer_id=service.customer_id,
        device_id=service.device_id,
        interface_id=service.interface_id,
        label=service.label,
        committed_bps=service.committed_bps,
        since=iso_from_ms(service.since_ms),
        revision=service.revision,
    )


def may_see_owners(request: web.Request) -> bool:
    """Return whether the caller may know whose devices and interfaces are: not every role of staff may."""
    return is_allowed(principal_of(request).role, Action.READ_CUSTOMERS)


def owner_views(tenancy: Tenancy, services: Iterable[Service]) -> list[OwnerView]:
    """Return whose services these are, for whoever may read customers."""
    return [
        OwnerView(
            id=customer.id,
            name=customer.name,
            state=customer.state,
            suspension_reason=customer.suspension_reason,
            service_id=service.id,
            service_label=service.label,
            interface_id=service.interface_id,
        )
        for service in services
        if (customer := tenancy.customer(service.customer_id)) is not None
    ]


def payment_view(payment: Payment) -> PaymentView:
    """Return a payment."""
    return PaymentView(
        payment_id=payment.payment_id,
        customer_id=payment.customer_id,
        status=payment.status,
        amount=payment.amount,
        currency=payment.currency,
        occurred_at=iso_from_ms(payment.occurred_ms),
        received_at=iso_from_ms(payment.received_ms),
    )


def history_view(row: HistoryRow) -> PaymentUpdateView:
    """Return one update of a payment."""
    return PaymentUpdateView(
        status=row.update.status,
        amount=row.update.amount,
        currency=row.update.currency,
        occurred_at=iso_from_ms(row.update.occurred_ms),
        received_at=iso_from_ms(row.received_ms),
        late=row.late,
        subject=row.subject,
    )
