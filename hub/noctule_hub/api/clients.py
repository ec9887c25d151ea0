"""Socket.IO clients over HTTP: who is connected now."""

from typing import Final

import msgspec
from aiohttp import web
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.clients import ClientCount, ClientView, UserConnected
from noctule_hub.answers.pages import page_of
from noctule_hub.api.bodies import DEFAULT_LIMIT, Limit, json_response, page_response, path_id, read_query
from noctule_hub.api.context import context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action


class ClientQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Query of `GET /api/v1/clients`."""

    limit: Limit = DEFAULT_LIMIT


async def list_clients(request: web.Request) -> web.Response:
    """`GET /api/v1/clients`: by time of connecting. Connections come and go, so this list has no cursor."""
    clients = sorted(context_of(request).sockets.clients(), key=lambda client: (client.since_ms, client.sid))
    views = [
        ClientView(
            sid=client.sid,
            user=client.user,
            role=client.role,
            address=client.address,
            tab=client.tab,
            transport=client.transport,
            rooms=list(client.rooms),
            since=iso_from_ms(client.since_ms),
            queued_bytes=client.queued_bytes,
            last_event=client.last_event,
        )
        for client in clients[: read_query(request, ClientQuery).limit]
    ]
    return page_response(views, None)


async def count_clients(request: web.Request) -> web.Response:
    """`GET /api/v1/clients/count`."""
    return json_response(ClientCount(context_of(request).sockets.connected_count()))


async def user_connected(request: web.Request) -> web.Response:
    """`GET /api/v1/users/{id}/connected`; false for a user who does not exist."""
    return json_response(UserConnected(context_of(request).sockets.is_user_connected(path_id(request))))


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/clients",
        Action.READ_CLIENTS,
        list_clients,
        Contract(query=ClientQuery, answer=page_of(ClientView)),
    ),
    Endpoint("GET", "/api/v1/clients/count", Action.READ_NETWORK, count_clients, Contract(answer=ClientCount)),
    Endpoint(
        "GET", "/api/v1/users/{id}/connected", Action.READ_NETWORK, user_connected, Contract(answer=UserConnected)
    ),
)
