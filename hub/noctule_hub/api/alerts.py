"""Alerts over HTTP: read, and acknowledged."""

from enum import StrEnum
from typing import Annotated, Final

import msgspec
from aiohttp import web
from noctule_shared.errors import invalid
from noctule_shared.events import AlertEvent, Severity
from noctule_shared.times import ms_from_iso

from noctule_hub.answers.pages import page_of
from noctule_hub.api.alert_rule_input import MAX_RULE_NAME_CHARS
from noctule_hub.api.bodies import (
    Id,
    PageQuery,
    Time,
    json_response,
    page_response,
    path_id,
    read_body,
    read_query,
)
from noctule_hub.api.context import ApiContext, authorship_of, context_of
from noctule_hub.api.device_input import Note, check_note
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.alert_filter import AlertFilter
from noctule_hub.core.announcements import alert_event
from noctule_hub.core.records import Alert

# How far back a customer's list of all alerts reaches.
MAX_LISTED: Final = 10_000
MAX_ACKNOWLEDGED_MS: Final = 90 * 86_400_000


class Listed(StrEnum):
    """Which alerts are listed: those pending or firing, or all."""

    ACTIVE = "active"
    ALL = "all"


class OwnAlertQuery(PageQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/me/alerts`."""

    state: Listed = Listed.ACTIVE


class AlertQuery(PageQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/alerts`; what is absent leaves all. `severity`: of that and above."""

    state: Listed = Listed.ACTIVE
    severity: Severity | None = None
    site_id: Id | None = None
    device_id: Id | None = None
    rule: Annotated[str, msgspec.Meta(max_length=MAX_RULE_NAME_CHARS)] | None = None
    acknowledged: bool | None = None


class Acknowledgement(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/alerts/{id}/acknowledge`: `note` is for colleagues; `until` absent: until it resolves."""

    note: Note | None = None
    until: Time | None = None


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
    )
    # As in every list that goes down, the cursor is the last id, negative; ids are 64-bit integers.
    before_id = None if query.cursor is None else min(max(0, -query.cursor), 2**63 - 1)
    found = await context.store.alerts(wanted, before_id=before_id, limit=query.limit + 1)
    chosen = found[: query.limit]
    next_cursor = str(-chosen[-1].id) if len(found) > query.limit else None
    return page_response([_view(context, alert) for alert in chosen], next_cursor)


async def show_alert(request: web.Request) -> web.Response:
    """`GET /api/v1/alerts/{id}`: an alert, a resolved one too."""
    context = context_of(request)
    return json_response(_view(context, await context.store.alert(path_id(request))))


async def acknowledge_alert(request: web.Request) -> web.Response:
    """`POST /api/v1/alerts/{id}/acknowledge`: the alert, which somebody takes care of from now on."""
    context = context_of(request)
    body = await read_body(request, Acknowledgement)
    by = authorship_of(request)
    note = None if body.note is None else check_note(body.note) or None
    until_ms = None if body.until is None else ms_from_iso(body.until, field="until")
    if until_ms is not None and until_ms <= by.at_ms:
        raise invalid("until", "has passed already")
    if until_ms is not None and until_ms > by.at_ms + MAX_ACKNOWLEDGED_MS:
        raise invalid("until", "must be within 90 days")
    return json_response(
        _view(context, await context.alerts.acknowledge(path_id(request), by, note=note, until_ms=until_ms))
    )


async def unacknowledge_alert(request: web.Request) -> web.Response:
    """`DELETE /api/v1/alerts/{id}/acknowledge`: the alert, which nobody takes care of any more."""
    context = context_of(request)
    return json_response(_view(context, await context.alerts.unacknowledge(path_id(request), authorship_of(request))))


def _view(context: ApiContext, alert: Alert) -> AlertEvent:
    device = None if alert.device_id is None else context.live.device(alert.device_id)
    return alert_event(
        alert,
        None if device is None else device.name,
        timestamp_ms=alert.resolved_ms or alert.fired_ms or alert.started_ms,
    )


_ONE: Final = "/api/v1/alerts/{id}"
ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/alerts",
        Action.READ_NETWORK,
        list_alerts,
        Contract(query=AlertQuery, answer=page_of(AlertEvent)),
    ),
    Endpoint("GET", _ONE, Action.READ_NETWORK, show_alert, Contract(answer=AlertEvent)),
    Endpoint(
        "POST",
        f"{_ONE}/acknowledge",
        Action.WRITE_ALERTS,
        acknowledge_alert,
        Contract(body=Acknowledgement, answer=AlertEvent),
    ),
    Endpoint("DELETE", f"{_ONE}/acknowledge", Action.WRITE_ALERTS, unacknowledge_alert, Contract(answer=AlertEvent)),
)
