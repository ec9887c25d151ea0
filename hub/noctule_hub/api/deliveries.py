"""What was and is to be sent on notification channels, over HTTP, for administrators alone."""

from http import HTTPStatus
from typing import Final

from aiohttp import web
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.channels import AttemptView, DeliveryDetails, DeliveryView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.bodies import Id, PageQuery, json_response, page_response, path_id, read_query
from noctule_hub.api.context import authorship_of, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.notifying.deliveries import Delivery, DeliveryState


class OwnDeliveryQuery(PageQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of a channel's deliveries; without `state` all of them."""

    state: DeliveryState | None = None


class DeliveryQuery(OwnDeliveryQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/deliveries`; without `channelId` those of all channels."""

    channel_id: Id | None = None


async def list_deliveries(request: web.Request) -> web.Response:
    """`GET /api/v1/deliveries?state=queued|failed|delivered|dead`: newest first."""
    query = read_query(request, DeliveryQuery)
    return await _listed(request, query, query.channel_id)


async def list_channel_deliveries(request: web.Request) -> web.Response:
    """`GET /api/v1/channels/{id}/deliveries`: one channel's, newest first."""
    query = read_query(request, OwnDeliveryQuery)
    channel = await context_of(request).store.channel(path_id(request))
    return await _listed(request, query, channel.id)


async def _listed(request: web.Request, query: OwnDeliveryQuery, channel_id: int | None) -> web.Response:
    found = await context_of(request).store.deliveries(
        channel_id=channel_id, state=query.state, before_id=query.cursor, limit=query.limit + 1
    )
    chosen = found[: query.limit]
    return page_response([_view(one) for one in chosen], str(chosen[-1].id) if len(found) > query.limit else None)


async def show_delivery(request: web.Request) -> web.Response:
    """`GET /api/v1/deliveries/{id}`: with its newest attempts."""
    delivery, attempts = await context_of(request).store.delivery(path_id(request))
    views = [AttemptView(iso_from_ms(one.at_ms), one.delivered, one.outcome) for one in attempts]
    return json_response(DeliveryDetails(_view(delivery), views))


async def retry_delivery(request: web.Request) -> web.Response:
    """`POST /api/v1/deliveries/{id}/retry`: a dead one is tried again for another day."""
    context = context_of(request)
    delivery = await context.store.retry_delivery(path_id(request), by=authorship_of(request))
    context.notifications.changed()
    return json_response(_view(delivery), status=HTTPStatus.OK)


def _view(delivery: Delivery) -> DeliveryView:
    return DeliveryView(
        id=delivery.id,
        channel_id=delivery.channel_id,
        delivery_id=delivery.public_id,
        seq=delivery.seq,
        alert_id=delivery.alert_id,
        kind=delivery.kind,
        title=delivery.title,
        state=delivery.state,
        attempts=delivery.attempts,
        created_at=iso_from_ms(delivery.created_ms),
        next_at=None if delivery.next_ms is None else iso_from_ms(delivery.next_ms),
        outcome=delivery.outcome,
    )


_MANAGE: Final = Action.MANAGE_CHANNELS
_PAGE: Final = page_of(DeliveryView)
ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/deliveries", _MANAGE, list_deliveries, Contract(query=DeliveryQuery, answer=_PAGE)),
    Endpoint(
        "GET",
        "/api/v1/channels/{id}/deliveries",
        _MANAGE,
        list_channel_deliveries,
        Contract(query=OwnDeliveryQuery, answer=_PAGE),
    ),
    Endpoint("GET", "/api/v1/deliveries/{id}", _MANAGE, show_delivery, Contract(answer=DeliveryDetails)),
    Endpoint("POST", "/api/v1/deliveries/{id}/retry", _MANAGE, retry_delivery, Contract(answer=DeliveryView)),
)
