"""`GET /health`: that the hub runs, for load balancers and people."""

from typing import Final

from aiohttp import web

from noctule_hub import __version__
from noctule_hub.api.bodies import json_response
from noctule_hub.api.context import context_of
from noctule_hub.api.endpoints import Endpoint
from noctule_hub.auth.permissions import Action


async def health(request: web.Request) -> web.Response:
    """Answer without touching the store, so that a slow disk does not look like a dead hub."""
    context = context_of(request)
    uptime_s = (context.clock_ms() - context.started_ms) / 1000
    return json_response({"status": "ok", "version": __version__, "uptimeS": uptime_s})


ENDPOINTS: Final = (Endpoint("GET", "/health", Action.PUBLIC, health),)
