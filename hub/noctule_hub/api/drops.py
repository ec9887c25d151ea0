"""What the hub refused or threw away over HTTP, for whoever looks after it; the same counters as `GET /metrics`."""

import asyncio
from typing import Final

from aiohttp import web
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.drops import DropList, DropView
from noctule_hub.api.bodies import json_response
from noctule_hub.api.context import ApiContext, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.drops import EVERY_MS, counted


async def list_drops(request: web.Request) -> web.Response:
    """`GET /api/v1/drops`: most of the last hour first."""
    context = context_of(request)
    drops = context.drops.told(counted(context.metrics()), context.clock_ms())
    items = [DropView(drop.kind, drop.reason, drop.last_hour, drop.total) for drop in drops]
    return json_response(DropList(iso_from_ms(context.started_ms), items))


async def watch_drops(context: ApiContext) -> None:
    """Remember what is counted, each minute; until cancelled."""
    while True:
        context.drops.note(counted(context.metrics()), context.clock_ms())
        await asyncio.sleep(EVERY_MS / 1000)


ENDPOINTS: Final = (Endpoint("GET", "/api/v1/drops", Action.READ_CLIENTS, list_drops, Contract(answer=DropList)),)
