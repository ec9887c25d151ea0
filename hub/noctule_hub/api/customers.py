"""Customers and their services over HTTP, for staff and billing. A customer's own view is `own`'s."""

from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType
from noctule_shared.customers import CustomerState, SuspensionReason
from noctule_shared.errors import Refused

from noctule_hub.answers.customers import CustomerView, ServiceView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.bodies import (
    MAX_NAME_CHARS,
    Id,
    PageQuery,
    ZoneName,
    check_name,
    check_timezone,
    json_response,
    not_found,
    page,
    page_response,
    path_id,
    read_body,
    read_query,
)
from noctule_hub.api.context import authorship_of, context_of, principal_of
from noctule_hub.api.customer_input import (
    MAX_REFERENCE_CHARS,
    check_label,
    check_reference,
)
from noctule_hub.api.customer_views import customer_view, service_view
from noctule_hub.api.device_input import Note, check_note
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.customers import CustomerFields, CustomerFilter, ServiceFields, Step, StepRequest
from noctule_hub.core.principal import Role

Revision = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
Bps = Annotated[int, msgspec.Meta(ge=1, le=10**15)]


class CustomerQuery(PageQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/customers`: those in one state, or the one of a name or of a reference."""

    state: CustomerState | None = None
    name: Annotated[str, msgspec.Meta(max_length=MAX_NAME_CHARS)] | None = None
    reference: Annotated[str, msgspec.Meta(max_length=MAX_REFERENCE_CHARS)] | None = None


class NewCustomer(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/customers`. `timezone` is an IANA name such as Europe/Zurich, absent: the hub's."""

    name: str
    reference: str | None = None
    timezone: ZoneName | None = None
    note: Note = ""


class CustomerEdit(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `PATCH /api/v1/customers/{id}`; what is absent stays. `revision` is the one that was read."""

    revision: Revision
    name: str | UnsetType = UNSET
    reference: str | UnsetType | None = UNSET
    timezone: ZoneName | UnsetType = UNSET
    note: Note | UnsetType = UNSET


class Suspension(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/customers/{id}/suspend`."""

    revision: Revision
    reason: SuspensionReason


class Seen(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of what changes a customer as a whole: the revision that was read."""

    revision: Revision


class NewService(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/customers/{id}/services`; `interfaceId` null: the whole device."""

    device_id: Id
    label: str
    interface_id: Id | None = None
    committed_bps: Bps | None = None


class ServiceEdit(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `PATCH /api/v1/customers/{id}/services/{sid}`; what is absent stays."""

    revision: Revision
    device_id: Id | UnsetType = UNSET
    interface_id: Id | UnsetType | None = UNSET
    label: str | UnsetType = UNSET
    committed_bps: Bps | UnsetType | None = UNSET


async def list_customers(request: web.Request) -> web.Response:
    """`GET /api/v1/customers`: by id."""
    query = read_query(request, CustomerQuery)
    wanted = CustomerFilter(query.state, query.name, query.reference)
    found = await context_of(request).store.find_customers(wanted, after_id=query.cursor or 0, limit=query.limit + 1)
    chosen, next_cursor = page(query, found, lambda customer: customer.id)
    return page_response([customer_view(customer) for customer in chosen], next_cursor)


async def add_customer(request: web.Request) -> web.Response:
    """`POST /api/v1/customers`: 201 with the customer."""
    context = context_of(request)
    body = await read_body(request, NewCustomer)
    timezone = (await context.store.settings()).timezone if body.timezone is None else body.timezone
    fields = CustomerFields(
        name=check_name("name", body.name),
        reference=check_reference(body.reference),
        timezone=check_timezone("timezone", timezone),
        note=check_note(body.note),
    )
    customer = await context.store.add_customer(fields, by=authorship_of(request))
    await context.configuration_changed()
    return json_response(customer_view(customer), status=HTTPStatus.CREATED)


async def show_customer(request: web.Request) -> web.Response:
    """`GET /api/v1/customers/{id}`: the customer."""
    return json_response(customer_view(await context_of(request).store.customer(path_id(request))))


async def change_customer(request: web.Request) -> web.Response:
    """`PATCH /api/v1/customers/{id}`: the customer as it is afterwards; refused when `revision` is not the newest."""
    context = context_of(request)
    body = await read_body(request, CustomerEdit)
    old = await context.store.customer(path_id(request))
    fields = CustomerFields(
        name=old.name if body.name is UNSET else check_name("name", body.name),
        reference=old.reference if body.reference is UNSET else check_reference(body.reference),
        timezone=old.timezone if body.timezone is UNSET else check_timezone("timezone", body.timezone),
        note=old.note if body.note is UNSET else check_note(body.note),
    )
    changed = await context.store.update_customer(old.id, fields, revision=body.revision, by=authorship_of(request))
    await context.configuration_changed()
    return json_response(customer_view(changed))


async def remove_customer(request: web.Request) -> web.Response:
    """`DELETE /api/v1/customers/{id}`: with its services; refused while users may sign in as it. Payments stay."""
    context = context_of(request)
    await context.store.remove_customer(path_id(request), by=authorship_of(request))
    await context.configuration_changed()
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def suspend_customer(request: web.Request) -> web.Response:
    """`POST /api/v1/customers/{id}/suspend`: its services' outages alarm nobody. Billing: for non-payment alone."""
    body = await read_body(request, Suspension)
    return await _step(request, Step.SUSPEND, body.revision, body.reason)


async def resume_customer(request: web.Request) -> web.Response:
    """`POST /api/v1/customers/{id}/resume`: active again, after a suspension or closed."""
    return await _step(request, Step.RESUME, (await read_body(request, Seen)).revision)


async def close_customer(request: web.Request) -> web.Response:
    """`POST /api/v1/customers/{id}/close`: the contract has ended; its services hear and tell nothing any more."""
    return await _step(request, Step.CLOSE, (await read_body(request, Seen)).revision)


async def _step(
    request: web.Request, step: Step, revision: int, reason: SuspensionReason | None = None
) -> web.Response:
    context = context_of(request)
    asked = StepRequest(step, reason, only_non_payment=principal_of(request).role is Role.BILLING)
    moved = await context.store.move_customer(path_id(request), asked, revision=revision, by=authorship_of(request))
    await context.configuration_changed()
    return json_response(customer_view(moved))


async def list_services(request: web.Request) -> web.Response:
    """`GET /api/v1/customers/{id}/services`: by id."""
    query = read_query(request, PageQuery)
    store = context_of(request).store
    customer = await store.customer(path_id(request))
    chosen, next_cursor = page(query, await store.services_of(customer.id), lambda service: service.id)
    return page_response([service_view(service) for service in chosen], next_cursor)


async def add_service(request: web.Request) -> web.Response:
    """`POST /api/v1/customers/{id}/services`: 201 with the service; refused when the object is another customer's."""
    context = context_of(request)
    body = await read_body(request, NewService)
    fields = ServiceFields(body.device_id, body.interface_id, check_label(body.label), body.committed_bps)
    service = await context.store.add_service(path_id(request), fields, by=authorship_of(request))
    await context.configuration_changed()
    return json_response(service_view(service), status=HTTPStatus.CREATED)


async def change_service(request: web.Request) -> web.Response:
    """`PATCH /api/v1/customers/{id}/services/{sid}`: the service as it is afterwards.

    With another device or interface it begins anew: what was before is not shown to the customer.
    """
    context = context_of(request)
    body = await read_body(request, ServiceEdit)
    customer_id, service_id = path_id(request), path_id(request, "sid")
    old = next((one for one in await context.store.services_of(customer_id) if one.id == service_id), None)
    if old is None:
        raise _no_service(customer_id, service_id)
    fields = ServiceFields(
        device_id=old.device_id if body.device_id is UNSET else body.device_id,
        interface_id=old.interface_id if body.interface_id is UNSET else body.interface_id,
        label=old.label if body.label is UNSET else check_label(body.label),
        committed_bps=old.committed_bps if body.committed_bps is UNSET else body.committed_bps,
    )
    changed = await context.store.update_service(
        customer_id, service_id, fields, revision=body.revision, by=authorship_of(request)
    )
    await context.configuration_changed()
    return json_response(service_view(changed))


async def remove_service(request: web.Request) -> web.Response:
    """`DELETE /api/v1/customers/{id}/services/{sid}`: the customer sees and hears nothing of the object any more."""
    context = context_of(request)
    await context.store.remove_service(path_id(request), path_id(request, "sid"), by=authorship_of(request))
    await context.configuration_changed()
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _no_service(customer_id: int, service_id: int) -> Refused:
    return not_found(f"customer {customer_id} has no service {service_id}")


_ONE: Final = "/api/v1/customers/{id}"
_SERVICES: Final = "/api/v1/customers/{id}/services"
_CREATED: Final = HTTPStatus.CREATED
_GONE: Final = Contract(status=HTTPStatus.NO_CONTENT)
_CHANGED: Final = Contract(body=Seen, answer=CustomerView)
ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/customers",
        Action.READ_CUSTOMERS,
        list_customers,
        Contract(query=CustomerQuery, answer=page_of(CustomerView)),
    ),
    Endpoint(
        "POST",
        "/api/v1/customers",
        Action.WRITE_CUSTOMERS,
        add_customer,
        Contract(body=NewCustomer, answer=CustomerView, status=_CREATED),
    ),
    Endpoint("GET", _ONE, Action.READ_CUSTOMERS, show_customer, Contract(answer=CustomerView)),
    Endpoint("PATCH", _ONE, Action.WRITE_CUSTOMERS, change_customer, Contract(body=CustomerEdit, answer=CustomerView)),
    Endpoint("DELETE", _ONE, Action.WRITE_CUSTOMERS, remove_customer, _GONE),
    Endpoint(
        "POST",
        f"{_ONE}/suspend",
        Action.SUSPEND_CUSTOMERS,
        suspend_customer,
        Contract(body=Suspension, answer=CustomerView),
    ),
    Endpoint("POST", f"{_ONE}/resume", Action.SUSPEND_CUSTOMERS, resume_customer, _CHANGED),
    Endpoint("POST", f"{_ONE}/close", Action.WRITE_CUSTOMERS, close_customer, _CHANGED),
    Endpoint(
        "GET",
        _SERVICES,
        Action.READ_CUSTOMERS,
        list_services,
        Contract(query=PageQuery, answer=page_of(ServiceView)),
    ),
    Endpoint(
        "POST",
        _SERVICES,
        Action.WRITE_CUSTOMERS,
        add_service,
        Contract(body=NewService, answer=ServiceView, status=_CREATED),
    ),
    Endpoint(
        "PATCH",
        f"{_SERVICES}/{{sid}}",
        Action.WRITE_CUSTOMERS,
        change_service,
        Contract(body=ServiceEdit, answer=ServiceView),
    ),
    Endpoint("DELETE", f"{_SERVICES}/{{sid}}", Action.WRITE_CUSTOMERS, remove_service, _GONE),
)
