"""`GET /health`: that the hub runs, for load balancers and people."""

from typing import Final

import msgspec
from aiohttp import web

from noctule_hub import __version__
from noctule_hub.api.bodies import json_response
from noctule_hub.api.context import context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action


class Health(msgspec.Struct, frozen=True, rename="camel"):
    """That the hub answers, and since when."""

    status: str
    version: str
    uptime_s: float


async def health(request: web.Request) -> web.Response:
    """`GET /health`: without touching the store, so that a slow disk does not look like a dead hub."""
    context = context_of(request)
    uptime_s = (context.clock_ms() - context.started_ms) / 1000
    return json_response(Health("ok", __version__, uptime_s))


ENDPOINTS: Final = (Endpoint("GET", "/health", Action.PUBLIC, health, Contract(answer=Health)),)
