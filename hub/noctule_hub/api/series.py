"""Measurement history over HTTP, as columns: NaN becomes null, the hole in the graph that it is."""

import contextlib
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, Final, NamedTuple, TypeVar

import msgspec
from aiohttp import web
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.frames import TableName
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.series import BandwidthColumns, GapView, LatencyColumns
from noctule_hub.api.bodies import RangeQuery, json_response, not_found, path_id, range_ms, read_query
from noctule_hub.api.context import ApiContext, context_of
from noctule_hub.api.devices import find_device
from noctule_hub.api.endpoints import Contract, Costly, Endpoint
from noctule_hub.api.series_columns import bandwidth_steps, latency_steps, polls, rounds
from noctule_hub.auth.permissions import Action
from noctule_hub.core.charts import bucketed_bandwidth, bucketed_latency, on_grid, widened, with_holes
from noctule_hub.core.resolution import DAY_MS, STEP_MS, Resolution, bucket_ms, may_be_raw, most_raw, rollup_for
from noctule_hub.core.rollups import Rollup
from noctule_hub.core.series import BandwidthSeries, LatencySeries
from noctule_hub.store.errors import TooManyRowsError

MAX_RAW_RANGE_MS: Final = 31 * DAY_MS
# Some ten years: a row a day still fits the largest width.
MAX_RANGE_MS: Final = 3_700 * DAY_MS
# Some 10 MB of JSON; a day of one device at 1 s.
MAX_ROWS: Final = 100_000
MAX_GAPS: Final = 500
DEFAULT_POINTS: Final = 2_000

Rows = TypeVar("Rows", LatencySeries, BandwidthSeries)


class WantedResolution(StrEnum):
    """`Resolution`, or `auto`: the finest that fits the width and that is still kept for the whole range."""

    AUTO = "auto"
    RAW = Resolution.RAW.value
    FIVE_MINUTES = Resolution.FIVE_MINUTES.value
    HOUR = Resolution.HOUR.value
    DAY = Resolution.DAY.value


class HistoryQuery(RangeQuery, frozen=True, rename={"from_": "from"}, forbid_unknown_fields=True):
    """Query of a history: from `from` on and before `to`, both ISO 8601; the last hour when absent.

    `points` is the width of the chart: rows are put together until so many fit, keeping the least and the largest.
    Absent: 2,000 with `auto`, else all rows are answered as they are.
    """

    resolution: WantedResolution = WantedResolution.AUTO
    points: Annotated[int, msgspec.Meta(ge=50, le=5_000)] | None = None


class _Steps(NamedTuple):
    """Rows of all steps in a range, how wide they are, and the resolution of what they were made of."""

    rows: Rollup
    step_ms: int
    made_of: Resolution


class Asked:
    """What a history request asks for, checked: nothing from before `not_before_ms`, not as part of a step either."""

    def __init__(self, query: HistoryQuery, *, now_ms: int, not_before_ms: int = 0) -> None:
        longest = MAX_RAW_RANGE_MS if query.resolution is WantedResolution.RAW else MAX_RANGE_MS
        from_ms, self.to_ms = range_ms(query, now_ms=now_ms, max_range_ms=longest)
        self.from_ms = min(max(from_ms, not_before_ms), self.to_ms)
        self._not_before_ms = not_before_ms
        self.fixed = None if query.resolution is WantedResolution.AUTO else Resolution(query.resolution.value)
        # The most rows to answer, and whether more of them are put together or refused.
        self.points = query.points or (DEFAULT_POINTS if self.fixed is None else MAX_ROWS)
        self.puts_together = query.points is not None or self.fixed is None

    @property
    def span_ms(self) -> int:
        """How long the range is."""
        return self.to_ms - self.from_ms

    @property
    def range(self) -> dict[str, int]:
        """The range as the store takes it."""
        return {"from_ms": self.from_ms, "to_ms": self.to_ms}

    def steps_range(self, step_ms: int) -> dict[str, int]:
        """Return the range as steps of that width are read: without one that begins before `not_before_ms`."""
        start_ms = self.from_ms // step_ms * step_ms
        from_ms = self.from_ms if start_ms >= self._not_before_ms else start_ms + step_ms
        return {"from_ms": from_ms, "to_ms": max(from_ms, self.to_ms)}

    def bucket_ms(self, rows: int) -> int | None:
        """Return the width of the buckets for so many raw rows, None: as they are. Raises `Refused` (too-large)."""
        if rows > MAX_ROWS or (rows > self.points and not self.puts_together):
            raise _too_many(rows)
        return bucket_ms(self.span_ms, self.points) if rows > self.points else None


async def latency(request: web.Request) -> web.Response:
    """`GET /api/v1/devices/{id}/latency?from=&to=&resolution=&points=`."""
    context = context_of(request)
    asked = Asked(read_query(request, HistoryQuery), now_ms=context.clock_ms())
    device = find_device(context, path_id(request))
    holes = await gaps(context, device.id, **asked.range)
    return json_response(await latency_history(context, device.id, asked, holes))


async def latency_history(context: ApiContext, device_id: int, asked: Asked, holes: list[GapView]) -> LatencyColumns:
    """Return a device's rounds, or steps of them. Raises `Refused` (too-large)."""
    found = await _found(context, TableName.LATENCY, context.store.latency, device_id, asked)
    if isinstance(found, LatencySeries):
        step_ms = asked.bucket_ms(len(found.ts_ms))
        if step_ms is None:
            return rounds(found, holes)
        found = _Steps(with_holes(bucketed_latency(found, step_ms), step_ms), step_ms, Resolution.RAW)
    return latency_steps(*found, holes)


async def bandwidth(request: web.Request) -> web.Response:
    """`GET /api/v1/interfaces/{id}/bandwidth?from=&to=&resolution=&points=`."""
    context = context_of(request)
    asked = Asked(read_query(request, HistoryQuery), now_ms=context.clock_ms())
    interface_id = path_id(request)
    holes = await gaps(context, await device_of(context, interface_id), **asked.range)
    return json_response(await bandwidth_history(context, interface_id, asked, holes))


async def bandwidth_history(
    context: ApiContext, interface_id: int, asked: Asked, holes: list[GapView]
) -> BandwidthColumns:
    """Return an interface's rates, or steps of them. Raises `Refused` (too-large)."""
    found = await _found(context, TableName.INTERFACE, context.store.bandwidth, interface_id, asked)
    if isinstance(found, BandwidthSeries):
        step_ms = asked.bucket_ms(len(found.ts_ms))
        if step_ms is None:
            return polls(found, holes)
        found = _Steps(with_holes(bucketed_bandwidth(found, step_ms), step_ms), step_ms, Resolution.RAW)
    return bandwidth_steps(*found, holes)


async def gaps(context: ApiContext, device_id: int, *, from_ms: int, to_ms: int) -> list[GapView]:
    """Return the holes in a device's data that its agents told of, oldest first; of very many the newest."""
    rows = await context.store.device_gaps(device_id, from_ms=from_ms, to_ms=to_ms, limit=MAX_GAPS)
    return [GapView(iso_from_ms(row.from_ms), iso_from_ms(row.to_ms), row.reason, row.samples) for row in rows[::-1]]


async def device_of(context: ApiContext, interface_id: int) -> int:
    """Return the device of an interface. Raises `Refused` (not-found)."""
    device_id = await context.store.device_of_interface(interface_id)
    if device_id is None:
        raise not_found(f"there is no interface {interface_id}")
    return device_id


async def _found(
    context: ApiContext, table: TableName, read: Callable[..., Awaitable[Rows]], object_id: int, asked: Asked
) -> "Rows | _Steps":
    """Return what `read` finds where single rows are asked for or few enough, else all steps in the range."""
    if asked.fixed is Resolution.RAW:
        return await read(object_id, **asked.range)
    reach = await context.store.reach()
    if asked.fixed is None and may_be_raw(asked.span_ms) and reach.covers(Resolution.RAW, asked.from_ms):
        with contextlib.suppress(TooManyRowsError):
            return await read(object_id, **asked.range, at_most=most_raw(asked.points))
    chosen = asked.fixed or rollup_for(asked.span_ms, asked.points, reach, asked.from_ms)
    step_ms = STEP_MS[chosen]
    wider_ms = step_ms * max(1, -(-asked.span_ms // (asked.points * step_ms)))
    if wider_ms > step_ms and not asked.puts_together:
        raise _too_many(asked.span_ms // step_ms)
    steps = asked.steps_range(wider_ms)
    rows = await context.store.rollup(table, object_id, chosen, **steps)
    return _Steps(on_grid(widened(rows, wider_ms), **steps, step_ms=wider_ms), wider_ms, chosen)


def _too_many(rows: int) -> Refused:
    return Refused(
        ErrorCode.TOO_LARGE, f"{rows} rows are over {MAX_ROWS}; ask for a shorter range or with points", field="from"
    )


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/devices/{id}/latency",
        Action.READ_NETWORK,
        latency,
        Contract(query=HistoryQuery, answer=LatencyColumns),
        costly=Costly.READ,
    ),
    Endpoint(
        "GET",
        "/api/v1/interfaces/{id}/bandwidth",
        Action.READ_NETWORK,
        bandwidth,
        Contract(query=HistoryQuery, answer=BandwidthColumns),
        costly=Costly.READ,
    ),
)
