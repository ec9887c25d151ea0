"""A customer's own view over HTTP: its services, their history, its alerts and payments, and nothing else.

What is another customer's is not found here, as if it did not exist.
"""

from typing import Final

from aiohttp import web
from noctule_shared.customers import CustomerState
from noctule_shared.errors import ErrorCode, Refused, invalid
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.customers import (
    OwnAlertView,
    OwnCustomerView,
    OwnInterfaceView,
    OwnServiceView,
    PaymentPage,
)
from noctule_hub.answers.pages import page_of
from noctule_hub.answers.series import BandwidthColumns, GapView, LatencyColumns
from noctule_hub.api.alerts import MAX_LISTED, Listed, OwnAlertQuery
from noctule_hub.api.bodies import (
    Id,
    PageQuery,
    json_response,
    not_found,
    page,
    page_response,
    path_id,
    read_query,
)
from noctule_hub.api.context import ApiContext, context_of, principal_of
from noctule_hub.api.endpoints import Contract, Costly, Endpoint
from noctule_hub.api.payments import OwnPaymentQuery, payment_page
from noctule_hub.api.series import Asked, HistoryQuery, bandwidth_history, latency_history
from noctule_hub.api.views import iso_or_none
from noctule_hub.auth.permissions import Action
from noctule_hub.core.alerting.filter import AlertFilter
from noctule_hub.core.announcements import concerned
from noctule_hub.core.customers import Customer, Service
from noctule_hub.core.principal import Principal
from noctule_hub.core.projection import customer_title
from noctule_hub.core.records import Alert, Interface
from noctule_hub.core.service_state import interface_state, service_state
from noctule_hub.core.tenancy import NOBODY, Tenancy, held

# What agents tell of holes in their data is the NOC's; a hole itself shows as what it is, unknown.
NO_GAPS: Final[list[GapView]] = []


class OwnBandwidthQuery(
    HistoryQuery, frozen=True, rename={"from_": "from", "interface_id": "interfaceId"}, forbid_unknown_fields=True
):
    """Query of a service's bandwidth; `interfaceId` names one of a service that is a whole device."""

    interface_id: Id | None = None


async def show_own_customer(request: web.Request) -> web.Response:
    """`GET /api/v1/me/customer`: whose user asks, so that a suspension or an end is told plainly."""
    customer = await own_customer(request)
    if customer is None:
        raise not_found("your user belongs to no customer any more")
    view = OwnCustomerView(
        id=customer.id,
        name=customer.name,
        state=customer.state,
        suspension_reason=customer.suspension_reason,
        timezone=customer.timezone,
    )
    return json_response(view)


async def list_own_services(request: web.Request) -> web.Response:
    """`GET /api/v1/me/services`: the customer's services with their present state, by id."""
    query = read_query(request, PageQuery)
    chosen, next_cursor = page(query, await _services(request), lambda service: service.id)
    context = context_of(request)
    return page_response([_view(context, service) for service in chosen], next_cursor)


async def list_own_interfaces(request: web.Request) -> web.Response:
    """`GET /api/v1/me/services/{id}/interfaces`: of a service that is a whole device, by id; else none."""
    query = read_query(request, PageQuery)
    context, service = context_of(request), await own_service(request)
    found = sorted(_interfaces(context, service), key=lambda interface: interface.id)
    chosen, next_cursor = page(query, found, lambda interface: interface.id)
    views = [
        OwnInterfaceView(
            id=interface.id,
            name=interface.identity,
            state=interface_state(interface),
            bandwidth=context.live.bandwidth(service.device_id, interface.id),
        )
        for interface in chosen
    ]
    return page_response(views, next_cursor)


async def own_latency(request: web.Request) -> web.Response:
    """`GET /api/v1/me/services/{id}/latency`: the latency of the service's device since the customer has it."""
    query = read_query(request, HistoryQuery)
    context, service = context_of(request), await own_service(request)
    return json_response(await latency_history(context, service.device_id, _asked(context, query, service), NO_GAPS))


async def own_bandwidth(request: web.Request) -> web.Response:
    """`GET /api/v1/me/services/{id}/bandwidth`: the rates of the service's interface since the customer has it."""
    query = read_query(request, OwnBandwidthQuery)
    context, service = context_of(request), await own_service(request)
    interface_id = own_interface(context, service, query.interface_id)
    return json_response(await bandwidth_history(context, interface_id, _asked(context, query, service), NO_GAPS))


async def list_own_alerts(request: web.Request) -> web.Response:
    """`GET /api/v1/me/alerts`: alerts about the customer's services, newest first."""
    query = read_query(request, OwnAlertQuery)
    context = context_of(request)
    tenancy = await _tenancy(context, principal_of(request))
    alerts = await context.store.alerts(
        AlertFilter(open_only=query.state is Listed.ACTIVE), before_id=None, limit=MAX_LISTED
    )
    now_ms = context.clock_ms()
    found = [(alert, services) for alert in alerts if (services := _told(tenancy, alert, now_ms))]
    chosen, next_cursor = page(query, found, lambda pair: -pair[0].id)
    return page_response([_alert_view(alert, services) for alert, services in chosen], next_cursor)


async def list_own_payments(request: web.Request) -> web.Response:
    """`GET /api/v1/me/payments`: the customer's payments by id."""
    query = read_query(request, OwnPaymentQuery)
    customer = await own_customer(request)
    if customer is None:
        return payment_page([], query.limit)
    found = await context_of(request).store.payments(customer_id=customer.id, after=query.cursor, limit=query.limit + 1)
    return payment_page(found, query.limit)


async def own_customer(request: web.Request) -> Customer | None:
    """Return whose user asks, None when the customer is gone."""
    return await _customer(context_of(request), principal_of(request))


async def _customer(context: ApiContext, principal: Principal) -> Customer | None:
    own_id = principal.customer_id
    if own_id is None:
        return None
    try:
        return await context.store.customer(own_id)
    except Refused as refusal:
        if refusal.code is not ErrorCode.NOT_FOUND:
            raise
        return None


async def _tenancy(context: ApiContext, principal: Principal) -> Tenancy:
    customer = await _customer(context, principal)
    if customer is None or customer.state is CustomerState.CLOSED:
        return NOBODY
    return Tenancy([customer], await context.store.services_of(customer.id))


async def _services(request: web.Request) -> list[Service]:
    return (await _tenancy(context_of(request), principal_of(request))).services()


async def own_service(request: web.Request) -> Service:
    """Return the customer's service that the path names. Raises `Refused` (not-found), also for another's."""
    return await service_of(context_of(request), principal_of(request), path_id(request))


async def service_of(context: ApiContext, principal: Principal, service_id: int) -> Service:
    """Return the service of a customer's user. Raises `Refused` (not-found), also for another's."""
    for service in (await _tenancy(context, principal)).services():
        if service.id == service_id:
            return service
    raise not_found(f"there is no service {service_id}")


def own_interface(context: ApiContext, service: Service, interface_id: int | None) -> int:
    """Return the interface of a service; `interface_id` names one of a service that is a whole device.

    Raises `Refused` (invalid, not-found).
    """
    if service.interface_id is not None:
        if interface_id not in {None, service.interface_id}:
            raise not_found(f"the service has no interface {interface_id}")
        return service.interface_id
    if interface_id is None:
        raise invalid("interfaceId", "this service is a whole device; name one of its interfaces")
    if interface_id not in {interface.id for interface in _interfaces(context, service)}:
        raise not_found(f"the service has no interface {interface_id}")
    return interface_id


def _interfaces(context: ApiContext, service: Service) -> list[Interface]:
    return list(context.live.interfaces(service.device_id)) if service.interface_id is None else []


def _asked(context: ApiContext, query: HistoryQuery, service: Service) -> Asked:
    """Return what is asked for, without what was before the customer had the service."""
    return Asked(query, now_ms=context.clock_ms(), not_before_ms=service.since_ms)


def _view(context: ApiContext, service: Service) -> OwnServiceView:
    interface = None if service.interface_id is None else context.live.interface(service.interface_id)
    state, since_ms = service_state(service, context.live.device_state(service.device_id), interface)
    latency = context.live.latency(service.device_id)
    bandwidth = context.live.bandwidth(service.device_id, service.interface_id)
    begin = iso_from_ms(service.since_ms)
    return OwnServiceView(
        id=service.id,
        label=service.label,
        state=state,
        since=iso_or_none(since_ms),
        device_id=service.device_id,
        interface_id=service.interface_id,
        committed_bps=service.committed_bps,
        latency=latency if latency is not None and latency.timestamp >= begin else None,
        bandwidth=bandwidth if bandwidth is not None and bandwidth.timestamp >= begin else None,
    )


def _told(tenancy: Tenancy, alert: Alert, now_ms: int) -> tuple[Service, ...]:
    services = concerned(tenancy, alert.trouble, alert.device_id, alert.interface_id)
    return held(services, alert.resolved_ms or now_ms)


def _alert_view(alert: Alert, services: tuple[Service, ...]) -> OwnAlertView:
    return OwnAlertView(
        id=alert.id,
        title=customer_title([service.label for service in services], alert.trouble),
        severity=alert.severity,
        state=alert.state,
        started_at=iso_from_ms(alert.started_ms),
        resolved_at=iso_or_none(alert.resolved_ms),
        services=[service.ref for service in services],
    )


_ONE: Final = "/api/v1/me/services/{id}"
ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/me/customer", Action.READ_OWN, show_own_customer, Contract(answer=OwnCustomerView)),
    Endpoint(
        "GET",
        "/api/v1/me/services",
        Action.READ_OWN,
        list_own_services,
        Contract(query=PageQuery, answer=page_of(OwnServiceView)),
    ),
    Endpoint(
        "GET",
        f"{_ONE}/interfaces",
        Action.READ_OWN,
        list_own_interfaces,
        Contract(query=PageQuery, answer=page_of(OwnInterfaceView)),
    ),
    Endpoint(
        "GET",
        f"{_ONE}/latency",
        Action.READ_OWN,
        own_latency,
        Contract(query=HistoryQuery, answer=LatencyColumns),
        costly=Costly.READ,
    ),
    Endpoint(
        "GET",
        f"{_ONE}/bandwidth",
        Action.READ_OWN,
        own_bandwidth,
        Contract(query=OwnBandwidthQuery, answer=BandwidthColumns),
        costly=Costly.READ,
    ),
    Endpoint(
        "GET",
        "/api/v1/me/alerts",
        Action.READ_OWN,
        list_own_alerts,
        Contract(query=OwnAlertQuery, answer=page_of(OwnAlertView)),
    ),
    Endpoint(
        "GET",
        "/api/v1/me/payments",
        Action.READ_OWN,
        list_own_payments,
        Contract(query=OwnPaymentQuery, answer=PaymentPage),
    ),
)
