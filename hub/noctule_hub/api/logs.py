"""Network logs over HTTP: searched in pages, and exported as a stream."""

from collections.abc import AsyncIterator, Callable
from typing import Final

import msgspec
from aiohttp import web
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.logs import ExportEnd, ExportEndLine, ExportFormat, LogOrder, LogPage, LogView
from noctule_hub.api.bodies import read_query
from noctule_hub.api.context import ApiContext, context_of
from noctule_hub.api.endpoints import Contract, Costly, Endpoint
from noctule_hub.api.inert import csv_line, inert_json
from noctule_hub.api.log_input import ExportQuery, LogQuery, filter_of
from noctule_hub.api.streaming import stream
from noctule_hub.auth.permissions import Action
from noctule_hub.core.records import EventRow

MAX_EXPORT_ROWS: Final = 1_000_000
PAGE_ROWS: Final = 1_000
_TYPES: Final = {ExportFormat.NDJSON: "application/x-ndjson", ExportFormat.CSV: "text/csv"}
_FIELDS: Final = tuple(field.encode_name for field in msgspec.structs.fields(LogView))


async def list_logs(request: web.Request) -> web.Response:
    """`GET /api/v1/logs`: network logs that meet a filter, newest first unless `order=oldest`."""
    query = read_query(request, LogQuery)
    wanted, context = filter_of(query), context_of(request)
    # One more than asked for tells whether there is another page.
    rows = await context.store.search_logs(
        wanted, cursor=query.cursor, limit=query.limit + 1, newest_first=query.order is LogOrder.NEWEST
    )
    chosen = rows[: query.limit]
    next_cursor = str(chosen[-1].seq) if len(rows) > query.limit else None
    page = LogPage([log_view(row) for row in chosen], next_cursor)
    return web.Response(body=inert_json(msgspec.json.encode(page)), content_type="application/json")


async def export_logs(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/logs/export?format=ndjson|csv`: the same filters, streamed; the last line says that it is whole."""
    query = read_query(request, ExportQuery)
    filter_of(query)
    headers = {
        "Content-Type": f"{_TYPES[query.format]}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="network-logs.{query.format}"',
    }
    return await stream(request, _parts(context_of(request), query), headers)


async def _parts(context: ApiContext, query: ExportQuery) -> AsyncIterator[bytes]:
    """Yield an export a page at a time, so that never more than one is in memory."""
    wanted, newest_first = filter_of(query), query.order is LogOrder.NEWEST
    line: Callable[[LogView], bytes] = _csv if query.format is ExportFormat.CSV else _ndjson
    if query.format is ExportFormat.CSV:
        yield csv_line(_FIELDS).encode()
    cursor, rows = query.cursor, 0
    while rows < MAX_EXPORT_ROWS:
        asked = min(PAGE_ROWS, MAX_EXPORT_ROWS - rows)
        page = await context.store.search_logs(wanted, cursor=cursor, limit=asked, newest_first=newest_first)
        if page:
            yield b"".join([line(log_view(row)) for row in page])
            rows, cursor = rows + len(page), page[-1].seq
        if len(page) < asked:
            yield _end(query.format, ExportEnd(rows, complete=True, next_cursor=None))
            return
    yield _end(query.format, ExportEnd(rows, complete=False, next_cursor=str(cursor)))


def log_view(row: EventRow) -> LogView:
    """Return a network log as answers show it."""
    data = row.data
    return LogView(
        seq=row.seq,
        timestamp=iso_from_ms(row.observed_ms),
        committed_at=iso_from_ms(row.committed_ms),
        late=row.late,
        device_id=row.device_id,
        device_name=data.get("deviceName"),
        site_id=row.site_id,
        interface_id=data.get("interfaceId"),
        address=data.get("address"),
        severity=data.get("severity"),
        severity_name=data.get("severityName"),
        facility=data.get("facility"),
        source=data.get("source"),
        message=data.get("message", ""),
        change=data.get("change"),
    )


def _ndjson(view: LogView) -> bytes:
    return inert_json(msgspec.json.encode(view)) + b"\n"


def _csv(view: LogView) -> bytes:
    return csv_line(getattr(view, name) for name in LogView.__struct_fields__).encode()


def _end(form: ExportFormat, end: ExportEnd) -> bytes:
    if form is ExportFormat.NDJSON:
        return msgspec.json.encode(ExportEndLine(end)) + b"\n"
    if end.complete:
        return csv_line([f"# end: {end.rows} rows, all there are"]).encode()
    return csv_line([f"# end: cut after {end.rows} rows; the rest is after cursor {end.next_cursor}"]).encode()


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/logs",
        Action.READ_LOGS,
        list_logs,
        Contract(query=LogQuery, answer=LogPage),
        costly=Costly.READ,
    ),
    Endpoint(
        "GET",
        "/api/v1/logs/export",
        Action.READ_LOGS,
        export_logs,
        Contract(
            query=ExportQuery,
            media_type=_TYPES[ExportFormat.NDJSON],
            or_media_types=(_TYPES[ExportFormat.CSV],),
        ),
        costly=Costly.EXPORT,
    ),
)
