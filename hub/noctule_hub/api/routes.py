"""All endpoints of the hub, added to an application with what surrounds every request."""

from itertools import chain
from pathlib import Path
from typing import Final

from aiohttp import web

from noctule_hub.api import (
    agents,
    alert_care,
    alert_explanations,
    alert_rules,
    alerts,
    audit,
    backups,
    channels,
    clients,
    commands,
    customers,
    deliveries,
    device_bulk,
    device_import,
    devices,
    discovered,
    drops,
    events,
    health,
    incidents,
    interface_faults,
    interfaces,
    logs,
    maintenance,
    metrics,
    months,
    notification_policies,
    openapi,
    own,
    own_months,
    pages,
    parents,
    payments,
    public_status,
    refusals,
    rule_trial,
    series,
    sessions,
    settings,
    signin,
    silences,
    sites,
    socket_trial,
    status_bars,
    status_page,
    tokens,
    topology,
    users,
)
from noctule_hub.api.arrival import HTTP_COUNTERS, HttpCounters
from noctule_hub.api.context import API_CONTEXT
from noctule_hub.api.endpoints import BY_ROUTE, Endpoint
from noctule_hub.api.middleware import MIDDLEWARES, set_security_headers, share_with_origins

RESOURCES: Final = (
    signin,
    sites,
    device_bulk,
    device_import,
    devices,
    interface_faults,
    interfaces,
    discovered,
    drops,
    series,
    months,
    status_bars,
    notification_policies,
    agents,
    commands,
    clients,
    alerts,
    alert_care,
    alert_explanations,
    incidents,
    alert_rules,
    rule_trial,
    silences,
    events,
    logs,
    tokens,
    users,
    audit,
    sessions,
    refusals,
    maintenance,
    status_page,
    public_status,
    topology,
    parents,
    settings,
    channels,
    deliveries,
    customers,
    payments,
    own,
    own_months,
    health,
    backups,
    metrics,
    socket_trial,
    openapi,
    pages,
)
ALL_ENDPOINTS: Final[tuple[Endpoint, ...]] = tuple(chain.from_iterable(module.ENDPOINTS for module in RESOURCES))


def add_routes(app: web.Application, *, static_dir: Path | None = None) -> None:
    """Add all endpoints, middlewares and headers to `app`, which must hold `API_CONTEXT` before it starts.

    `static_dir` None: the dashboard inside the installed package. The application must be made with aiohttp's own
    limit on bodies, 1 MB.
    """
    by_route: dict[tuple[str, str], Endpoint] = {}
    for endpoint in ALL_ENDPOINTS:
        route = app.router.add_route(endpoint.method, endpoint.pattern, endpoint.handler)
        if endpoint.method == "GET":
            app.router.add_route("HEAD", endpoint.pattern, endpoint.handler)
        by_route[endpoint.method, _canonical(route)] = endpoint
    app[BY_ROUTE] = by_route
    app[HTTP_COUNTERS] = HttpCounters()
    app[openapi.DOCUMENT] = openapi.Document(ALL_ENDPOINTS)
    app[pages.STATIC_DIR] = static_dir or pages.default_static_dir()
    app.middlewares.extend(MIDDLEWARES)
    app.on_response_prepare.extend((set_security_headers, share_with_origins))
    app.on_cleanup.append(_finish_sign_ins)


def _canonical(route: web.AbstractRoute) -> str:
    return route.resource.canonical if route.resource is not None else ""


async def _finish_sign_ins(app: web.Application) -> None:
    await app[API_CONTEXT].sign_in.written()
    app[API_CONTEXT].passwords.close()
