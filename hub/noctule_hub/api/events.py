"""The event log over HTTP: the same rows that sockets receive, shown to whom the rooms allow."""

import re
from typing import Annotated, Any, Final

import msgspec
from aiohttp import web
from noctule_shared.errors import invalid
from noctule_shared.events import EVENT_CLASSES, EventClass, EventName, LogPosition
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.logs import EventsPage
from noctule_hub.api.bodies import DEFAULT_LIMIT, Id, Limit, read_query
from noctule_hub.api.context import ApiContext, context_of, principal_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.inert import inert_json
from noctule_hub.api.log_input import times_of
from noctule_hub.auth.permissions import Action
from noctule_hub.core.event_filter import EventFilter
from noctule_hub.core.log_classes import LogClass
from noctule_hub.core.principal import Principal
from noctule_hub.core.projection import project
from noctule_hub.core.records import EventRow
from noctule_hub.core.rooms import Allowed, RoomKind, hears, may_join, sight

MAX_NAMES_CHARS: Final = 400
_SINCE: Final = re.compile(r"([0-9a-f]{16}):([0-9]{1,18})", re.ASCII)
_LOGGED: Final = tuple(name for name in EventName if EVENT_CLASSES[name] is EventClass.EVENT)


class EventsQuery(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """`since` is EPOCH:SEQ, the position of an earlier answer. `names` are names of events, separated by commas.

    `from` and `to` are ISO 8601 times of observation, the first included.
    """

    limit: Limit = DEFAULT_LIMIT
    since: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    names: Annotated[str, msgspec.Meta(max_length=MAX_NAMES_CHARS)] | None = None
    device: Id | None = None
    site: Id | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None


async def list_events(request: web.Request) -> web.Response:
    """`GET /api/v1/events?since=EPOCH:SEQ&limit=`: rows after `since` in order; without it the newest.

    `position` is where to go on. A page may hold fewer items than `limit`, or none, when others are not for the
    caller or do not meet the filter: it is at the end only when `position` stays the same.
    """
    query = read_query(request, EventsQuery)
    context, principal = context_of(request), principal_of(request)
    wanted = _filter(query, principal)
    after, lost_logs = await _start(context, query.since, wanted)
    # How far a filtered read came would tell customers where rows are that are not for them.
    read = wanted if principal.is_staff else wanted.unfiltered
    rows, reached = await context.store.find_events(read, after=after, limit=query.limit)
    items = [item for row in rows if wanted.meets(row) and (item := event_item(row, principal)) is not None]
    page = EventsPage(items, LogPosition(context.store.epoch, reached), lost_logs)
    return web.Response(body=inert_json(msgspec.json.encode(page)), content_type="application/json")


def event_item(row: EventRow, principal: Principal) -> dict[str, Any] | None:
    """Return a row as the caller may see it, its payload both whole in `data` and spread; None: not for them."""
    if not any(hears(principal, row.name, row.rooms, room) for room in row.rooms):
        return None
    seen_as = sight(principal, row.rooms)
    data = project(row.name, row.data, seen_as.audience, seen_as.customer_ids)
    if data is None:
        return None
    item = data | {"seq": row.seq, "name": row.name, "committedAt": iso_from_ms(row.committed_ms), "data": data}
    return item | {"late": True} if row.late else item


def _filter(query: EventsQuery, principal: Principal) -> EventFilter:
    names = None
    if query.names is not None:
        given = query.names.split(",")
        unknown = [name for name in given if name not in {known.value for known in _LOGGED}]
        if unknown:
            raise invalid("names", f"{unknown[0][:40]!r} is not logged; use any of {', '.join(_LOGGED)}")
        names = frozenset(EventName(name) for name in given)
    from_ms, to_ms = times_of(query.from_, query.to)
    hears_logs = isinstance(may_join(principal, RoomKind.LOGS.value), Allowed)
    return EventFilter(
        names=names,
        device_id=query.device,
        site_id=query.site,
        from_ms=from_ms,
        to_ms=to_ms,
        visible=frozenset(LogClass) if hears_logs else frozenset({LogClass.EVENTS}),
    )


async def _start(context: ApiContext, since: str | None, wanted: EventFilter) -> tuple[int | None, bool]:
    """Return the seq to begin after, None for the newest, and whether network logs after it are gone from the log."""
    if since is None:
        return None, False
    match = _SINCE.fullmatch(since)
    if match is None:
        raise invalid("since", "must be EPOCH:SEQ, the position of an earlier answer")
    after, store = int(match[2]), context.store
    gone = {one for one in wanted.classes if after < await store.floor(one)}
    if match[1] != store.epoch or LogClass.EVENTS in gone:
        raise invalid("since", "this position is no longer kept; read the lists again and start without since")
    return after, LogClass.LOGS in gone


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/events",
        Action.READ_EVENTS,
        list_events,
        Contract(query=EventsQuery, answer=EventsPage),
    ),
)
