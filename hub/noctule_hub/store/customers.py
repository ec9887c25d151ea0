"""The part of the store's interface that knows customers, their services, and their payments."""

from typing import Protocol

from noctule_hub.core.audit import Authorship
from noctule_hub.core.customers import Customer, CustomerFields, CustomerFilter, Service, ServiceFields, StepRequest
from noctule_hub.core.payments import Applied, HistoryRow, Payment, PaymentUpdate


class Customers(Protocol):
    """Customers and services. Each write logs its `customer:update` and its audit entry in the same transaction.

    Every method that names a customer or service raises `Refused` (not-found) when there is none of that id, and
    every one that names a `revision` `Refused` (invalid, field revision) when somebody else changed it meanwhile.
    """

    async def customers(self) -> list[Customer]:
        """Return all customers by id."""
        ...

    async def find_customers(self, wanted: CustomerFilter, *, after_id: int, limit: int) -> list[Customer]:
        """Return up to `limit` such customers by id, those above `after_id`."""
        ...

    async def customer(self, customer_id: int) -> Customer:
        """Return one customer."""
        ...

    async def add_customer(self, fields: CustomerFields, *, by: Authorship) -> Customer:
        """Add a customer. Raises `Refused`: invalid (field name or reference) when it is taken; too-many."""
        ...

    async def update_customer(
        self, customer_id: int, fields: CustomerFields, *, revision: int, by: Authorship
    ) -> Customer:
        """Change what people write of a customer. Raises `Refused` as `add_customer` does."""
        ...

    async def move_customer(self, customer_id: int, request: StepRequest, *, revision: int, by: Authorship) -> Customer:
        """Suspend, resume or close a customer. Raises `Refused` as `core.customers.take_step` does."""
        ...

    async def remove_customer(self, customer_id: int, *, by: Authorship) -> None:
        """Remove a customer with its services; ids are never reused, payments stay.

        Raises `Refused` (invalid, field id) while users who may sign in belong to it.
        """
        ...

    async def services(self) -> list[Service]:
        """Return the services of all customers by id."""
        ...

    async def services_of(self, customer_id: int) -> list[Service]:
        """Return a customer's services by id."""
        ...

    async def add_service(self, customer_id: int, fields: ServiceFields, *, by: Authorship) -> Service:
        """Give a customer a device or an interface as a service.

        Raises `Refused`: invalid (field deviceId or interfaceId) when there is no such object or it is another
        customer's; invalid (field label) when the customer has one of that label; too-many.
        """
        ...

    async def update_service(
        self, customer_id: int, service_id: int, fields: ServiceFields, *, revision: int, by: Authorship
    ) -> Service:
        """Change a service; with another object it begins anew. Raises `Refused` as `add_service` does."""
        ...

    async def remove_service(self, customer_id: int, service_id: int, *, by: Authorship) -> None:
        """Take a service from a customer."""
        ...


class Payments(Protocol):
    """Payments and the history of their updates."""

    async def update_payment(
        self, update: PaymentUpdate, *, key: str, request_hash: str, subject: str, now_ms: int
    ) -> Applied:
        """Keep an update, log `payment:update`, and remember the idempotency `key` of `subject` for seven days.

        The same key with the same `request_hash` gets the same answer again and changes nothing. Raises `Refused`:
        invalid (field Idempotency-Key) when the key was used for something else; invalid (field customerId) when
        there is no such customer or the payment is another's; too-many.
        """
        ...

    async def payments(self, *, customer_id: int | None, after: str | None, limit: int) -> list[Payment]:
        """Return up to `limit` payments by id, those after id `after`; `customer_id` None: of all customers."""
        ...

    async def payment(self, payment_id: str) -> Payment:
        """Return one payment. Raises `Refused` (not-found)."""
        ...

    async def payment_history(self, payment_id: str) -> list[HistoryRow]:
        """Return the updates of a payment in the order of their occurrence, at most `MAX_UPDATES_OF_PAYMENT`."""
        ...

    async def payment_counts(self, *, since_ms: int) -> dict[str, int]:
        """Return how many updates were received since `since_ms`, by status."""
        ...
