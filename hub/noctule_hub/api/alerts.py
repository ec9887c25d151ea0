"""Alerts over HTTP, read; who takes care of them is changed in `alert_care`."""

from enum import StrEnum
from typing import Annotated, Final

import msgspec
from aiohttp import web
from noctule_shared.alerts import Assignee
from noctule_shared.events import AlertEvent, Severity

from noctule_hub.answers.alert_story import AssigneesView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.alert_rule_input import MAX_RULE_NAME_CHARS
from noctule_hub.api.bodies import (
    Id,
    PageQuery,
    json_response,
    page_response,
    path_id,
    read_query,
)
from noctule_hub.api.context import ApiContext, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.alerting.filter import AlertFilter
from noctule_hub.core.announcements import alert_event
from noctule_hub.core.records import Alert

# How far back a customer's list of all alerts reaches.
MAX_LISTED: Final = 10_000


class Listed(StrEnum):
    """Which alerts are listed: those pending or firing, or all."""

    ACTIVE = "active"
    ALL = "all"


class OwnAlertQuery(PageQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/me/alerts`."""

    state: Listed = Listed.ACTIVE


class AlertQuery(PageQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/alerts`; what is absent leaves all. `assignee` is a user's id."""

    state: Listed = Listed.ACTIVE
    severity: Severity | None = None
    site_id: Id | None = None
    device_id: Id | None = None
    rule: Annotated[str, msgspec.Meta(max_length=MAX_RULE_NAME_CHARS)] | None = None
    acknowledged: bool | None = None
    assignee: Id | None = None


async def list_alerts(request: web.Request) -> web.Response:
    """`GET /api/v1/alerts`: those that meet the query, newest first; the pending and firing unless asked otherwise."""
    query = read_query(request, AlertQuery)
    context = context_of(request)
    wanted = AlertFilter(
        open_only=query.state is Listed.ACTIVE,
        severity=query.severity,
        site_id=query.site_id,
        device_id=query.device_id,
        rule=query.rule,
        acknowledged=query.acknowledged,
        assignee=query.assignee,
    )
    # As in every list that goes down, the cursor is the last id, negative; ids are 64-bit integers.
    before_id = None if query.cursor is None else min(max(0, -query.cursor), 2**63 - 1)
    found = await context.store.alerts(wanted, before_id=before_id, limit=query.limit + 1)
    chosen = found[: query.limit]
    next_cursor = str(-chosen[-1].id) if len(found) > query.limit else None
    return page_response([alert_view(context, alert) for alert in chosen], next_cursor)


async def show_alert(request: web.Request) -> web.Response:
    """`GET /api/v1/alerts/{id}`: an alert, a resolved one too."""
    context = context_of(request)
    return json_response(alert_view(context, await context.store.alert(path_id(request))))


async def list_assignees(request: web.Request) -> web.Response:
    """`GET /api/v1/alerts/assignees`: whom alerts may be assigned to, by id: staff who are not disabled."""
    known = context_of(request).live.assignees
    return json_response(AssigneesView([Assignee(user_id, name) for user_id, name in sorted(known.items())]))


def alert_view(context: ApiContext, alert: Alert) -> AlertEvent:
    """Return an alert as HTTP answers show it."""
    device = None if alert.device_id is None else context.live.device(alert.device_id)
    return alert_event(
        alert,
        None if device is None else device.name,
        timestamp_ms=alert.resolved_ms or alert.fired_ms or alert.started_ms,
    )


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/alerts",
        Action.READ_NETWORK,
        list_alerts,
        Contract(query=AlertQuery, answer=page_of(AlertEvent)),
    ),
    Endpoint("GET", "/api/v1/alerts/assignees", Action.READ_NETWORK, list_assignees, Contract(answer=AssigneesView)),
    Endpoint("GET", "/api/v1/alerts/{id}", Action.READ_NETWORK, show_alert, Contract(answer=AlertEvent)),
)
