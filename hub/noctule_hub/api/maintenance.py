"""Maintenance windows over HTTP."""

from http import HTTPStatus
from typing import Final

from aiohttp import web
from noctule_shared.errors import invalid
from noctule_shared.times import iso_from_ms, ms_from_iso

from noctule_hub.answers.maintenance import MaintenanceView, RecurringView, SpanView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.bodies import (
    PageQuery,
    Time,
    json_response,
    page,
    page_response,
    path_id,
    read_body,
    read_query,
)
from noctule_hub.api.context import authorship_of, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.maintenance_input import MaintenanceChange, NewMaintenance, check_change, check_new
from noctule_hub.auth.permissions import Action
from noctule_hub.core.maintenance import DAY_MS, MaintenanceWindow, Once, Span, occurrences, running

DEFAULT_RANGE_MS: Final = 30 * DAY_MS
MAX_RANGE_MS: Final = 400 * DAY_MS
# 2200-01-01; what is told lies before it.
_END_OF_TIME_MS: Final = 7_258_118_400_000


class OccurrencesQuery(PageQuery, frozen=True, rename={"from_": "from"}, forbid_unknown_fields=True):
    """Query of a window's occurrences that touch `[from, to)`: the next 30 days when absent, 400 at most."""

    from_: Time | None = None
    to: Time | None = None


async def list_windows(request: web.Request) -> web.Response:
    """`GET /api/v1/maintenance`: all windows by id, those that are over too."""
    context = context_of(request)
    windows = await context.store.windows()
    chosen, next_cursor = page(read_query(request, PageQuery), windows, lambda window: window.id)
    return page_response([_view(window, context.clock_ms()) for window in chosen], next_cursor)


async def add_window(request: web.Request) -> web.Response:
    """`POST /api/v1/maintenance`: 201 with the window, which holds from now on if it runs now."""
    context = context_of(request)
    body = await read_body(request, NewMaintenance)
    by = authorship_of(request)
    new = check_new(body, timezone=(await context.store.settings()).timezone, now_ms=by.at_ms)
    window = await context.store.add_window(new, by=by)
    await context.configuration_changed()
    return json_response(_view(window, by.at_ms), status=HTTPStatus.CREATED)


async def show_window(request: web.Request) -> web.Response:
    """`GET /api/v1/maintenance/{id}`."""
    context = context_of(request)
    return json_response(_view(await context.store.window(path_id(request)), context.clock_ms()))


async def change_window(request: web.Request) -> web.Response:
    """`PATCH /api/v1/maintenance/{id}`: the window as it is afterwards; refused when `revision` is not the newest."""
    context = context_of(request)
    body = await read_body(request, MaintenanceChange)
    by = authorship_of(request)
    window = await context.store.window(path_id(request))
    new = check_change(window, body, timezone=(await context.store.settings()).timezone, now_ms=by.at_ms)
    changed = await context.store.update_window(window.id, new, revision=body.revision, by=by)
    await context.configuration_changed()
    return json_response(_view(changed, by.at_ms))


async def end_window(request: web.Request) -> web.Response:
    """`POST /api/v1/maintenance/{id}/end`: ends what runs of the window now; what recurs comes again the next time."""
    context = context_of(request)
    by = authorship_of(request)
    window = await context.store.end_window(path_id(request), by=by)
    await context.configuration_changed()
    return json_response(_view(window, by.at_ms))


async def remove_window(request: web.Request) -> web.Response:
    """`DELETE /api/v1/maintenance/{id}`: what it held is judged as it is."""
    context = context_of(request)
    await context.store.remove_window(path_id(request), by=authorship_of(request))
    await context.configuration_changed()
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def list_occurrences(request: web.Request) -> web.Response:
    """`GET /api/v1/maintenance/{id}/occurrences`: when the window runs, by time."""
    context = context_of(request)
    query = read_query(request, OccurrencesQuery)
    window = await context.store.window(path_id(request))
    from_ms = context.clock_ms() if query.from_ is None else ms_from_iso(query.from_, field="from")
    to_ms = from_ms + DEFAULT_RANGE_MS if query.to is None else ms_from_iso(query.to, field="to")
    if not 0 <= from_ms < to_ms <= _END_OF_TIME_MS:
        raise invalid("from", "must be before to, and both between 1970 and 2200")
    if to_ms - from_ms > MAX_RANGE_MS:
        raise invalid("from", f"at most {MAX_RANGE_MS // DAY_MS} days at once; ask in parts")
    spans = occurrences(window, from_ms, to_ms, MAX_RANGE_MS // DAY_MS + 1)
    chosen, next_cursor = page(query, spans, lambda span: span.starts_ms)
    return page_response([_span(span) for span in chosen], next_cursor)


def _span(span: Span) -> SpanView:
    return SpanView(iso_from_ms(span.starts_ms), iso_from_ms(span.ends_ms))


def _view(window: MaintenanceWindow, now_ms: int) -> MaintenanceView:
    schedule, present = window.schedule, running(window, now_ms)
    coming = [span for span in occurrences(window, now_ms, now_ms + MAX_RANGE_MS, limit=10) if span.starts_ms > now_ms]
    once = recurring = None
    if isinstance(schedule, Once):
        once = _span(Span(schedule.starts_ms, schedule.ends_ms))
    else:
        recurring = RecurringView(
            weekdays=list(schedule.weekdays),
            start=f"{schedule.start_minute // 60:02d}:{schedule.start_minute % 60:02d}",
            duration_s=schedule.duration_s,
            timezone=schedule.timezone,
            first_date=schedule.first_date,
            last_date=schedule.last_date,
        )
    return MaintenanceView(
        id=window.id,
        name=window.name,
        note=window.note,
        device_ids=list(window.covers.device_ids),
        site_ids=list(window.covers.site_ids),
        tags=list(window.covers.tags),
        once=once,
        recurring=recurring,
        running=None if present is None else _span(present),
        next=_span(coming[0]) if coming else None,
        created_at=iso_from_ms(window.created_ms),
        revision=window.revision,
    )


_ONE: Final = "/api/v1/maintenance/{id}"
_READ: Final = Action.READ_NETWORK
_WRITE: Final = Action.WRITE_MAINTENANCE
ENDPOINTS: Final = (
    Endpoint(
        "GET", "/api/v1/maintenance", _READ, list_windows, Contract(query=PageQuery, answer=page_of(MaintenanceView))
    ),
    Endpoint(
        "POST",
        "/api/v1/maintenance",
        _WRITE,
        add_window,
        Contract(body=NewMaintenance, answer=MaintenanceView, status=HTTPStatus.CREATED),
    ),
    Endpoint("GET", _ONE, _READ, show_window, Contract(answer=MaintenanceView)),
    Endpoint("PATCH", _ONE, _WRITE, change_window, Contract(body=MaintenanceChange, answer=MaintenanceView)),
    Endpoint("DELETE", _ONE, _WRITE, remove_window, Contract(status=HTTPStatus.NO_CONTENT)),
    Endpoint("POST", f"{_ONE}/end", _WRITE, end_window, Contract(answer=MaintenanceView)),
    Endpoint(
        "GET",
        f"{_ONE}/occurrences",
        _READ,
        list_occurrences,
        Contract(query=OccurrencesQuery, answer=page_of(SpanView)),
    ),
)
