"""The last hours of many devices over HTTP, as a list of devices shows them: one bar and one ratio each."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import msgspec
from aiohttp import web
from noctule_shared.errors import invalid
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.series import StatusBars, StatusBarView
from noctule_hub.api.bodies import HOUR_MS, json_response, read_query
from noctule_hub.api.context import context_of
from noctule_hub.api.endpoints import Contract, Costly, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.availability import StatusChange, availability, spans
from noctule_hub.core.status_bar import status_bar

MAX_DEVICES: Final = 500
MAX_HOURS: Final = 168
# Of 24 hours, half an hour each: as many as a thin bar has pixels for.
STEPS: Final = 48
# All 500 devices with a change each quarter of an hour of a day.
MAX_CHANGES: Final = 50_000
_IDS: Final = r"^[1-9][0-9]{0,17}(,[1-9][0-9]{0,17})*$(?!\n)"

Ids = Annotated[
    str, msgspec.Meta(pattern=_IDS, max_length=10_000, description="Ids of devices with commas between, such as 1,2")
]


class BarsQuery(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/statuses/bars`: up to 500 devices, and how many hours back, 24 when absent."""

    ids: Ids
    hours: Annotated[int, msgspec.Meta(ge=1, le=MAX_HOURS)] = 24


async def list_bars(request: web.Request) -> web.Response:
    """`GET /api/v1/statuses/bars?ids=`: the last hours of several devices in 48 steps each."""
    context = context_of(request)
    query = read_query(request, BarsQuery)
    wanted = sorted({int(word) for word in query.ids.split(",")})
    if len(wanted) > MAX_DEVICES:
        raise invalid("ids", f"at most {MAX_DEVICES} devices at once; ask in parts")
    ids = [device_id for device_id in wanted if context.live.device(device_id) is not None]
    now_ms = context.clock_ms()
    step_ms = query.hours * HOUR_MS // STEPS
    # Steps begin at multiples of themselves, so that a bar moves by whole steps only.
    from_ms = (now_ms // step_ms + 1 - STEPS) * step_ms
    changes = await context.store.status_changes_of(ids, from_ms=from_ms, to_ms=now_ms + 1, limit=MAX_CHANGES)
    items = await asyncio.to_thread(_bars, changes, from_ms, now_ms, step_ms)
    return json_response(
        StatusBars(from_=iso_from_ms(from_ms), to=iso_from_ms(now_ms), step_s=step_ms / 1000, items=items)
    )


def _bars(
    changes: Mapping[int, Sequence[StatusChange]], from_ms: int, now_ms: int, step_ms: int
) -> list[StatusBarView]:
    items: list[StatusBarView] = []
    for device_id, of_device in changes.items():
        history = spans(of_device, from_ms=from_ms, to_ms=now_ms)
        bar = status_bar(history, from_ms=from_ms, step_ms=step_ms, steps=STEPS)
        items.append(StatusBarView(device_id, bar, availability(history).ratio))
    return items


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/statuses/bars",
        Action.READ_NETWORK,
        list_bars,
        Contract(query=BarsQuery, answer=StatusBars),
        costly=Costly.READ,
    ),
)
