"""Alerts over HTTP."""

from enum import StrEnum
from typing import Final

from aiohttp import web
from noctule_shared.events import AlertEvent

from noctule_hub.answers.pages import page_of
from noctule_hub.api.bodies import PageQuery, page, page_response, read_query
from noctule_hub.api.context import ApiContext, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.announcements import alert_event

# How far back a list of all alerts reaches.
MAX_LISTED: Final = 10_000


class Listed(StrEnum):
    """Which alerts are listed: those pending or firing, or all."""

    ACTIVE = "active"
    ALL = "all"


class AlertQuery(PageQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/alerts`."""

    state: Listed = Listed.ACTIVE


async def list_alerts(request: web.Request) -> web.Response:
    """`GET /api/v1/alerts?state=active|all`: newest first, `active` unless asked otherwise."""
    query = read_query(request, AlertQuery)
    context = context_of(request)
    alerts = await context.store.alerts(active_only=query.state is Listed.ACTIVE, limit=MAX_LISTED)
    newest_first = sorted(alerts, key=lambda alert: -alert.id)
    chosen, next_cursor = page(query, newest_first, lambda alert: -alert.id)
    views = [
        alert_event(
            alert,
            _name_of(context, alert.device_id),
            timestamp_ms=alert.resolved_ms or alert.fired_ms or alert.started_ms,
        )
        for alert in chosen
    ]
    return page_response(views, next_cursor)


def _name_of(context: ApiContext, device_id: int | None) -> str | None:
    device = None if device_id is None else context.live.device(device_id)
    return None if device is None else device.name


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/alerts",
        Action.READ_NETWORK,
        list_alerts,
        Contract(query=AlertQuery, answer=page_of(AlertEvent)),
    ),
)
