"""Incidents over HTTP: what fell together, read."""

from enum import StrEnum
from typing import Any, Final

from aiohttp import web
from noctule_shared.events import AlertEvent
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.incidents import IncidentDetailView, IncidentView, UnreachableView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.bodies import PageQuery, json_response, page_response, path_id, read_query
from noctule_hub.api.context import ApiContext, LiveView, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.alerting.incidents import Incident
from noctule_hub.core.announcements import alert_event
from noctule_hub.core.records import Alert

# Of one incident so many alerts and devices are shown.
MAX_SHOWN: Final = 1_000


class Which(StrEnum):
    """Which incidents are listed: those that are not over, or all."""

    OPEN = "open"
    ALL = "all"


class IncidentQuery(PageQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/incidents`."""

    state: Which = Which.OPEN


async def list_incidents(request: web.Request) -> web.Response:
    """`GET /api/v1/incidents`: those that are not over, or all, newest first."""
    query = read_query(request, IncidentQuery)
    # As in every list that goes down, the cursor is the last id, negative; ids are 64-bit integers.
    before_id = None if query.cursor is None else min(max(0, -query.cursor), 2**63 - 1)
    found = await context_of(request).store.incidents(
        open_only=query.state is Which.OPEN, before_id=before_id, limit=query.limit + 1
    )
    chosen = found[: query.limit]
    next_cursor = str(-chosen[-1].id) if len(found) > query.limit else None
    return page_response([IncidentView(**_fields(incident)) for incident in chosen], next_cursor)


async def show_incident(request: web.Request) -> web.Response:
    """`GET /api/v1/incidents/{id}`: one with its alerts, that of the root cause first, and what was unreachable."""
    context = context_of(request)
    incident = await context.store.incident(path_id(request))
    alerts = await context.store.alerts_of_incident(incident.id, limit=MAX_SHOWN)
    if all(alert.id != incident.root_alert_id for alert in alerts) and incident.merged_into is None:
        alerts = [await context.store.alert(incident.root_alert_id), *alerts[: MAX_SHOWN - 1]]
    alerts.sort(key=lambda alert: (alert.id != incident.root_alert_id, alert.id))
    devices = [_device(context.live, device_id) for device_id in sorted(incident.unreachable)[:MAX_SHOWN]]
    members = [_member(context, alert) for alert in alerts]
    return json_response(IncidentDetailView(**_fields(incident), members=members, devices=devices))


def _fields(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "title": incident.title,
        "root_alert_id": incident.root_alert_id,
        "site_id": incident.site_id,
        "started_at": iso_from_ms(incident.started_ms),
        "ended_at": None if incident.ended_ms is None else iso_from_ms(incident.ended_ms),
        "alerts": incident.alerts,
        "unreachable": len(incident.unreachable),
        "merged_into": incident.merged_into,
    }


def _member(context: ApiContext, alert: Alert) -> AlertEvent:
    device = None if alert.device_id is None else context.live.device(alert.device_id)
    at_ms = alert.resolved_ms or alert.fired_ms or alert.started_ms
    return alert_event(alert, None if device is None else device.name, timestamp_ms=at_ms)


def _device(live: LiveView, device_id: int) -> UnreachableView:
    device, state = live.device(device_id), live.device_state(device_id)
    return UnreachableView(device_id, None if device is None else device.name, None if state is None else state.status)


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/incidents",
        Action.READ_NETWORK,
        list_incidents,
        Contract(query=IncidentQuery, answer=page_of(IncidentView)),
    ),
    Endpoint(
        "GET",
        "/api/v1/incidents/{id}",
        Action.READ_NETWORK,
        show_incident,
        Contract(answer=IncidentDetailView),
    ),
)
