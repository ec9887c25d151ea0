"""`/api/test/*`: the sockets' state, and events on demand that are marked as tests and change nothing."""

from typing import Any, Final

import msgspec
from aiohttp import web
from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.api.bodies import json_response, read_body
from noctule_hub.api.context import context_of
from noctule_hub.api.endpoints import Endpoint
from noctule_hub.auth.permissions import Action

TEST_EVENTS: Final = ("device-status", "alert", "bandwidth", "payment", "stats", "log", "customer")


class TestEvent(msgspec.Struct, frozen=True, rename="camel"):
    """Body of `POST /api/test/emit-test`; `data` overrides parts of the sample payload."""

    __test__ = False

    event: str
    data: dict[str, Any] = {}


async def socket_status(request: web.Request) -> web.Response:
    """`GET /api/test/ws-status`: how many clients are connected, for anybody."""
    data = {"connectedClients": context_of(request).sockets.connected_count(), "isInitialized": True}
    return json_response({"success": True, "data": data})


async def emit_test(request: web.Request) -> web.Response:
    """`POST /api/test/emit-test`: emit one event marked `test: true`."""
    sockets = context_of(request).sockets
    body = await read_body(request, TestEvent)
    if body.event not in TEST_EVENTS:
        message = f"unknown event {body.event[:40]!r}; known: {', '.join(TEST_EVENTS)}"
        return json_response({"success": False, "message": message}, status=400)
    try:
        await sockets.emit_test(body.event, body.data)
    except Refused as refusal:
        if refusal.code is not ErrorCode.INVALID:
            raise
        field = f"{refusal.field}: " if refusal.field else ""
        return json_response({"success": False, "message": f"{field}{refusal.message}"}, status=400)
    return json_response(
        {
            "success": True,
            "message": f"test event {body.event} emitted",
            "connectedClients": sockets.connected_count(),
        }
    )


ENDPOINTS: Final = (
    Endpoint("GET", "/api/test/ws-status", Action.PUBLIC, socket_status),
    Endpoint("POST", "/api/test/emit-test", Action.EMIT_TEST, emit_test),
)
