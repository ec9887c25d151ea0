"""The event log over HTTP: the same rows that sockets receive, shown to whom the rooms allow."""

import re
from typing import Annotated, Any, Final

import msgspec
from aiohttp import web
from noctule_shared.errors import invalid
from noctule_shared.events import LogPosition
from noctule_shared.times import iso_from_ms

from noctule_hub.api.bodies import DEFAULT_LIMIT, Limit, json_response, read_query
from noctule_hub.api.context import ApiContext, context_of, principal_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.principal import Principal
from noctule_hub.core.projection import project
from noctule_hub.core.records import EventRow
from noctule_hub.core.rooms import Allowed, audience, may_join

_SINCE: Final = re.compile(r"([0-9a-f]{16}):([0-9]{1,18})", re.ASCII)


class EventQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Query of `GET /api/v1/events`: after `since`, EPOCH:SEQ of an earlier answer; the newest without it."""

    since: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    limit: Limit = DEFAULT_LIMIT


class EventPage(msgspec.Struct, frozen=True, rename="camel"):
    """Events in order, each as the caller may see it; `position` is where to go on."""

    items: list[dict[str, Any]]
    position: LogPosition


async def list_events(request: web.Request) -> web.Response:
    """`GET /api/v1/events?since=EPOCH:SEQ&limit=`: rows after `since` in order; without it the newest.

    `position` is where to go on. A page may hold fewer items than `limit`, or none, when others are not for the
    caller: it is at the end only when `position` stays the same.
    """
    context = context_of(request)
    query = read_query(request, EventQuery)
    limit = query.limit
    after = await _start(context, query.since, limit)
    rows = await context.store.events_after(after, limit=limit)
    principal = principal_of(request)
    items = [item for row in rows if (item := event_item(row, principal)) is not None]
    position = LogPosition(context.store.epoch, rows[-1].seq if rows else after)
    return json_response(EventPage(items, position))


def event_item(row: EventRow, principal: Principal) -> dict[str, Any] | None:
    """Return a row as the caller may see it, its payload both whole in `data` and spread; None: not for them."""
    if not any(isinstance(may_join(principal, room), Allowed) for room in row.rooms):
        return None
    data = project(row.name, row.data, audience(principal))
    if data is None:
        return None
    item = data | {"seq": row.seq, "name": row.name, "committedAt": iso_from_ms(row.committed_ms), "data": data}
    return item | {"late": True} if row.late else item


async def _start(context: ApiContext, since: str | None, limit: int) -> int:
    floor = await context.store.floor()
    if since is None:
        return max(floor, await context.store.head() - limit)
    match = _SINCE.fullmatch(since)
    if match is None:
        raise invalid("since", "must be EPOCH:SEQ, the position of an earlier answer")
    if match[1] != context.store.epoch or int(match[2]) < floor:
        raise invalid("since", "this position is no longer kept; read the lists again and start without since")
    return int(match[2])


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/events", Action.READ_EVENTS, list_events, Contract(query=EventQuery, answer=EventPage)),
)
