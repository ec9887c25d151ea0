"""Who takes care of alerts over HTTP: of one, or of many in one transaction, each for itself."""

from typing import Annotated, Final

import msgspec
from aiohttp import web
from noctule_shared.errors import Refused, invalid
from noctule_shared.events import AlertEvent
from noctule_shared.times import ms_from_iso

from noctule_hub.answers.alert_care import CareAnswer, CareOutcome, CareRowView
from noctule_hub.api.alerts import alert_view
from noctule_hub.api.bodies import Id, Time, json_response, path_id, read_body
from noctule_hub.api.context import ApiContext, authorship_of, context_of
from noctule_hub.api.device_input import Note, check_note
from noctule_hub.api.endpoints import Contract, Endpoint, Handler
from noctule_hub.auth.permissions import Action
from noctule_hub.core.alerting.care import Acknowledge, Assign, Care, Unacknowledge
from noctule_hub.core.records import Alert

MAX_ACKNOWLEDGED_MS: Final = 90 * 86_400_000
MAX_ALERTS: Final = 1_000

AlertIds = Annotated[list[Id], msgspec.Meta(min_length=1, max_length=MAX_ALERTS)]


class Acknowledgement(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/alerts/{id}/acknowledge`: `note` is for colleagues; `until` absent: until it resolves."""

    note: Note | None = None
    until: Time | None = None


class Assignment(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/alerts/{id}/assign`: the user who is to take care of it."""

    user_id: Id


class BulkAcknowledgement(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/alerts/bulk-acknowledge`: as of one, for up to 1,000 alerts."""

    ids: AlertIds
    note: Note | None = None
    until: Time | None = None


class BulkUnacknowledgement(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/alerts/bulk-unacknowledge`: up to 1,000 alerts."""

    ids: AlertIds


class BulkAssignment(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/alerts/bulk-assign`: up to 1,000 alerts; `user_id` null: to nobody in particular."""

    ids: AlertIds
    user_id: Id | None


async def acknowledge_alert(request: web.Request) -> web.Response:
    """`POST /api/v1/alerts/{id}/acknowledge`: the alert, which somebody takes care of from now on."""
    return await _take_one(request, _acknowledge(request, await read_body(request, Acknowledgement)))


async def unacknowledge_alert(request: web.Request) -> web.Response:
    """`DELETE /api/v1/alerts/{id}/acknowledge`: the alert, which nobody takes care of any more."""
    return await _take_one(request, Unacknowledge())


async def assign_alert(request: web.Request) -> web.Response:
    """`POST /api/v1/alerts/{id}/assign`: the alert, which a user is to take care of from now on."""
    return await _take_one(request, Assign((await read_body(request, Assignment)).user_id))


async def unassign_alert(request: web.Request) -> web.Response:
    """`DELETE /api/v1/alerts/{id}/assign`: the alert, which nobody in particular is to take care of any more."""
    return await _take_one(request, Assign(None))


async def acknowledge_alerts(request: web.Request) -> web.Response:
    """`POST /api/v1/alerts/bulk-acknowledge`: what became of each; those that are over are refused as such."""
    body = await read_body(request, BulkAcknowledgement)
    return await _take_many(request, body.ids, _acknowledge(request, body))


async def unacknowledge_alerts(request: web.Request) -> web.Response:
    """`POST /api/v1/alerts/bulk-unacknowledge`: what became of each; those nobody takes care of are refused as such."""
    return await _take_many(request, (await read_body(request, BulkUnacknowledgement)).ids, Unacknowledge())


async def assign_alerts(request: web.Request) -> web.Response:
    """`POST /api/v1/alerts/bulk-assign`: what became of each."""
    body = await read_body(request, BulkAssignment)
    return await _take_many(request, body.ids, Assign(body.user_id))


def _acknowledge(request: web.Request, body: Acknowledgement | BulkAcknowledgement) -> Acknowledge:
    """Return what a body says. Raises `Refused` (invalid, field note or until)."""
    now_ms = context_of(request).clock_ms()
    note = None if body.note is None else check_note(body.note) or None
    until_ms = None if body.until is None else ms_from_iso(body.until, field="until")
    if until_ms is not None and until_ms <= now_ms:
        raise invalid("until", "has passed already")
    if until_ms is not None and until_ms > now_ms + MAX_ACKNOWLEDGED_MS:
        raise invalid("until", "must be within 90 days")
    return Acknowledge(note, until_ms)


async def _take_one(request: web.Request, care: Care) -> web.Response:
    context = context_of(request)
    (found,) = await context.alerts.care([path_id(request)], care, authorship_of(request))
    if isinstance(found, Refused):
        raise found
    return json_response(alert_view(context, found))


async def _take_many(request: web.Request, alert_ids: list[int], care: Care) -> web.Response:
    context, ids = context_of(request), list(dict.fromkeys(alert_ids))
    results = await context.alerts.care(ids, care, authorship_of(request))
    return json_response(CareAnswer([_row(context, one, found) for one, found in zip(ids, results, strict=True)]))


def _row(context: ApiContext, alert_id: int, found: Alert | Refused) -> CareRowView:
    if isinstance(found, Refused):
        why, field = found.message, found.field
        return CareRowView(alert_id=alert_id, outcome=CareOutcome.REFUSED, field=field, message=why)
    return CareRowView(alert_id=alert_id, outcome=CareOutcome.CHANGED, alert=alert_view(context, found))


def _endpoint(method: str, path: str, handler: Handler, answer: object, body: type[msgspec.Struct] | None) -> Endpoint:
    return Endpoint(method, path, Action.WRITE_ALERTS, handler, Contract(body=body, answer=answer))


_ALL: Final = "/api/v1/alerts"
ENDPOINTS: Final = (
    _endpoint("POST", f"{_ALL}/{{id}}/acknowledge", acknowledge_alert, AlertEvent, Acknowledgement),
    _endpoint("DELETE", f"{_ALL}/{{id}}/acknowledge", unacknowledge_alert, AlertEvent, None),
    _endpoint("POST", f"{_ALL}/{{id}}/assign", assign_alert, AlertEvent, Assignment),
    _endpoint("DELETE", f"{_ALL}/{{id}}/assign", unassign_alert, AlertEvent, None),
    _endpoint("POST", f"{_ALL}/bulk-acknowledge", acknowledge_alerts, CareAnswer, BulkAcknowledgement),
    _endpoint("POST", f"{_ALL}/bulk-unacknowledge", unacknowledge_alerts, CareAnswer, BulkUnacknowledgement),
    _endpoint("POST", f"{_ALL}/bulk-assign", assign_alerts, CareAnswer, BulkAssignment),
)
