"""One change for many devices over HTTP: one transaction, one reload, and of each device what became of it."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web
from noctule_shared.errors import Refused, invalid

from noctule_hub.answers.imports import BulkAnswer, BulkOutcome, BulkRowView
from noctule_hub.api.bodies import json_response, read_body
from noctule_hub.api.bulk_input import BulkChange, BulkInput, BulkRemoval, bulk_changed, check_not_empty
from noctule_hub.api.context import ApiContext, authorship_of, context_of
from noctule_hub.api.devices import resolve_agent, resolve_site
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.records import Device, NewDevice


async def change_devices(request: web.Request) -> web.Response:
    """`POST /api/v1/devices/bulk`: what became of each; those that are refused stay as they were, the others change."""
    context = context_of(request)
    body = await read_body(request, BulkInput)
    change = body.change
    check_not_empty(change)
    site_id, agent_id = await _places(context, change)

    def changed(device: Device) -> NewDevice:
        return bulk_changed(device, change, site_id=site_id, agent_id=agent_id)

    ids = _once(body.ids)
    results = await context.store.change_devices(ids, changed, by=authorship_of(request))
    return await _answer(context, ids, results, BulkOutcome.CHANGED)


async def remove_devices(request: web.Request) -> web.Response:
    """`POST /api/v1/devices/bulk-remove`: what became of each; one that is gone already is refused as such."""
    context = context_of(request)
    body = await read_body(request, BulkRemoval)
    ids = _once(body.ids)
    if body.count != len(ids):
        raise invalid("count", f"does not agree with ids, which are {len(ids)} devices; nothing was removed")
    results = await context.store.remove_devices(ids, by=authorship_of(request))
    return await _answer(context, ids, results, BulkOutcome.REMOVED)


async def _places(context: ApiContext, change: BulkChange) -> tuple[int | None, int | None]:
    """Return the site and the agent that the change names, None for none. Raises `Refused` (invalid)."""
    try:
        site_id = None
        if change.site is not None or change.site_id is not None:
            site_id = await resolve_site(context, change.site, change.site_id)
        return site_id, await resolve_agent(context, change.agent, change.agent_id)
    except Refused as refusal:
        raise Refused(refusal.code, refusal.message, field=f"change.{refusal.field}") from None


def _once(ids: Sequence[int]) -> list[int]:
    return list(dict.fromkeys(ids))


async def _answer(
    context: ApiContext, ids: Sequence[int], results: Sequence[bool | Refused], done: BulkOutcome
) -> web.Response:
    if any(result is True for result in results):
        await context.configuration_changed()
    return json_response(BulkAnswer([_row(one, result, done) for one, result in zip(ids, results, strict=True)]))


def _row(device_id: int, result: bool | Refused, done: BulkOutcome) -> BulkRowView:  # noqa: FBT001  what became of it
    if isinstance(result, Refused):
        return BulkRowView(device_id, BulkOutcome.REFUSED, result.field, result.message)
    return BulkRowView(device_id, done if result else BulkOutcome.UNCHANGED)


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/v1/devices/bulk",
        Action.WRITE_DEVICES,
        change_devices,
        Contract(body=BulkInput, answer=BulkAnswer),
    ),
    Endpoint(
        "POST",
        "/api/v1/devices/bulk-remove",
        Action.WRITE_DEVICES,
        remove_devices,
        Contract(body=BulkRemoval, answer=BulkAnswer),
    ),
)
