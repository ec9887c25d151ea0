"""A customer's own months over HTTP, in its own time zone: the traffic of a service and how available it was."""

from typing import Final

from aiohttp import web
from noctule_shared.errors import invalid
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.customers import OutageView, OwnAvailabilityView
from noctule_hub.answers.series import BandwidthMonthView
from noctule_hub.api.bodies import json_response
from noctule_hub.api.context import context_of
from noctule_hub.api.endpoints import Contract, Costly, Endpoint
from noctule_hub.api.months import MAX_OUTAGES, Month, MonthName, MonthQuery, availability_of, bandwidth_month_view
from noctule_hub.api.own import NO_GAPS, own_customer, own_service
from noctule_hub.auth.permissions import Action
from noctule_hub.core.customers import Service
from noctule_hub.core.resolution import FIVE_MINUTES_MS


async def own_month(request: web.Request) -> web.Response:
    """`GET /api/v1/me/services/{id}/months/{month}?tz=`: percentiles and volume, of a service that is an interface."""
    service = await own_service(request)
    if service.interface_id is None:
        raise invalid("id", "this service is a whole device; months are of interfaces")
    month = await _month(request, service)
    return json_response(await bandwidth_month_view(context_of(request), service.interface_id, month, NO_GAPS))


async def own_availability(request: web.Request) -> web.Response:
    """`GET /api/v1/me/services/{id}/availability/{month}?tz=`: how long the service's device was reached."""
    service = await own_service(request)
    month = await _month(request, service)
    found = await availability_of(context_of(request), service.device_id, month)
    return json_response(
        OwnAvailabilityView(
            month=month.name,
            tz=month.tz,
            from_=iso_from_ms(month.from_ms),
            to=iso_from_ms(month.to_ms),
            complete=month.complete,
            seconds=dict(found.seconds),
            ratio=found.ratio,
            # Without reasons: those are the NOC's and may name others' devices.
            outages=[
                OutageView(from_=iso_from_ms(span.from_ms), to=iso_from_ms(span.to_ms), status=span.status)
                for span in found.outages[-MAX_OUTAGES:]
            ],
            outages_total=len(found.outages),
        )
    )


async def _month(request: web.Request, service: Service) -> Month:
    customer = await own_customer(request)
    # The step in which the customer got the service is half another's.
    own_ms = -(-service.since_ms // FIVE_MINUTES_MS) * FIVE_MINUTES_MS
    return await Month.of(request, tz=customer.timezone if customer else None, not_before_ms=own_ms)


_ONE: Final = "/api/v1/me/services/{id}"
ENDPOINTS: Final = (
    Endpoint(
        "GET",
        f"{_ONE}/months/{{month}}",
        Action.READ_OWN,
        own_month,
        Contract(query=MonthQuery, answer=BandwidthMonthView, path={"month": MonthName}),
        costly=Costly.READ,
    ),
    Endpoint(
        "GET",
        f"{_ONE}/availability/{{month}}",
        Action.READ_OWN,
        own_availability,
        Contract(query=MonthQuery, answer=OwnAvailabilityView, path={"month": MonthName}),
        costly=Costly.READ,
    ),
)
