"""Months over HTTP: an interface's 95th percentile and volume, a device's availability, and the status bar."""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC
from typing import Annotated, Final, Self

import msgspec
from aiohttp import web
from noctule_shared.errors import invalid
from noctule_shared.frames import TableName
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.series import AvailabilityView, BandwidthMonthView, GapView, StatusHistory, StatusSpanView
from noctule_hub.api.bodies import RangeQuery, ZoneName, check_timezone, json_response, path_id, range_ms, read_query
from noctule_hub.api.context import ApiContext, context_of
from noctule_hub.api.devices import find_device
from noctule_hub.api.endpoints import Contract, Costly, Endpoint
from noctule_hub.api.series import device_of, gaps
from noctule_hub.auth.permissions import Action
from noctule_hub.core.availability import Availability, StatusSpan, availability, spans
from noctule_hub.core.months import bandwidth_month, month_range_ms
from noctule_hub.core.resolution import DAY_MS, Resolution
from noctule_hub.core.timezones import find_zone

MAX_STATUS_RANGE_MS: Final = 731 * DAY_MS
MAX_SPANS: Final = 5_000
MAX_OUTAGES: Final = 1_000
# A device that flaps each minute of a month.
MAX_CHANGES: Final = 100_000
_MONTH: Final = re.compile(r"(19[7-9][0-9]|2[0-9]{3})-(0[1-9]|1[0-2])")
MonthName = Annotated[str, msgspec.Meta(pattern=f"^{_MONTH.pattern}$", description="A month such as 2026-11")]


class MonthQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Query of a month: `tz` is the time zone (`Europe/Berlin`) in which it begins and ends, absent: the hub's."""

    tz: ZoneName | None = None


@dataclass(frozen=True, slots=True)
class Month:
    """The month that a request names, up to now."""

    name: str
    tz: str
    from_ms: int
    to_ms: int
    complete: bool

    @classmethod
    async def of(cls, request: web.Request, *, tz: str | None = None, not_before_ms: int = 0) -> Self:
        """Return the month in the zone that is asked for, else in `tz`, else in the hub's.

        `not_before_ms`: what was before is left out. Raises `Refused` (invalid, field month or tz).
        """
        context, name = context_of(request), request.match_info["month"]
        match = _MONTH.fullmatch(name)
        if match is None:
            raise invalid("month", f"{name[:20]!r} is not a month such as 2026-11")
        asked = read_query(request, MonthQuery).tz
        if asked is not None:
            tz = check_timezone("tz", asked)
        elif tz is None:
            tz = (await context.store.settings()).timezone
        from_ms, end_ms = month_range_ms(int(match[1]), int(match[2]), find_zone(tz) or UTC)
        now_ms = context.clock_ms()
        if from_ms > now_ms:
            raise invalid("month", f"{name} has not begun yet")
        to_ms = min(end_ms, now_ms)
        return cls(name, tz, min(max(from_ms, not_before_ms), to_ms), to_ms, end_ms <= now_ms)


async def interface_month(request: web.Request) -> web.Response:
    """`GET /api/v1/interfaces/{id}/months/{month}?tz=`: percentiles and volume."""
    context = context_of(request)
    interface_id = path_id(request)
    month = await Month.of(request)
    device_id = await device_of(context, interface_id)
    holes = await gaps(context, device_id, from_ms=month.from_ms, to_ms=month.to_ms)
    return json_response(await bandwidth_month_view(context, interface_id, month, holes))


async def bandwidth_month_view(
    context: ApiContext, interface_id: int, month: Month, holes: list[GapView]
) -> BandwidthMonthView:
    """Return percentiles and volume of an interface in a month; `holes` are told with them."""
    rows = await context.store.rollup(
        TableName.INTERFACE, interface_id, Resolution.FIVE_MINUTES, from_ms=month.from_ms, to_ms=month.to_ms
    )
    # Some 10 ms, in which the loop has other things to do.
    found = await asyncio.to_thread(bandwidth_month, rows, from_ms=month.from_ms, to_ms=month.to_ms)
    seconds = (month.to_ms - month.from_ms) / 1000
    return BandwidthMonthView(
        interface_id=interface_id,
        month=month.name,
        tz=month.tz,
        from_=iso_from_ms(month.from_ms),
        to=iso_from_ms(month.to_ms),
        complete=month.complete,
        bins_expected=found.bins_expected,
        bins_used=found.bins_used,
        bins_gap=found.bins_gap,
        bins_doubtful=found.bins_doubtful,
        coverage=found.covered_s / seconds if seconds else 0.0,
        in_octets=found.in_octets,
        out_octets=found.out_octets,
        in_p95_bps=found.in_p95_bps,
        out_p95_bps=found.out_p95_bps,
        max_p95_bps=found.max_p95_bps,
        sum_p95_bps=found.sum_p95_bps,
        gaps=holes,
    )


async def device_availability(request: web.Request) -> web.Response:
    """`GET /api/v1/devices/{id}/availability/{month}?tz=`: seconds by status, the ratio, and outages."""
    context = context_of(request)
    device = find_device(context, path_id(request))
    month = await Month.of(request)
    found = await availability_of(context, device.id, month)
    return json_response(
        AvailabilityView(
            device_id=device.id,
            month=month.name,
            tz=month.tz,
            from_=iso_from_ms(month.from_ms),
            to=iso_from_ms(month.to_ms),
            complete=month.complete,
            seconds=dict(found.seconds),
            ratio=found.ratio,
            outages=[_span(span) for span in found.outages[-MAX_OUTAGES:]],
            outages_total=len(found.outages),
        )
    )


async def availability_of(context: ApiContext, device_id: int, month: Month) -> Availability:
    """Return how long a device was in which status in a month, and its outages."""
    history, _ = await status_spans(context, device_id, month.from_ms, month.to_ms, MAX_CHANGES)
    return availability(history)


async def device_statuses(request: web.Request) -> web.Response:
    """`GET /api/v1/devices/{id}/statuses?from=&to=`: the status bar."""
    context = context_of(request)
    device = find_device(context, path_id(request))
    now_ms = context.clock_ms()
    from_ms, to_ms = range_ms(read_query(request, RangeQuery), now_ms=now_ms, max_range_ms=MAX_STATUS_RANGE_MS)
    history, truncated = await status_spans(context, device.id, from_ms, min(to_ms, now_ms + 1), MAX_SPANS)
    return json_response(StatusHistory([_span(span) for span in history], truncated))


async def status_spans(
    context: ApiContext, device_id: int, from_ms: int, to_ms: int, limit: int
) -> tuple[list[StatusSpan], bool]:
    """Return a device's statuses in a range, cut where there are more than `limit` changes, and whether they were."""
    changes = await context.store.status_changes(device_id, from_ms=from_ms, to_ms=to_ms, limit=limit + 1)
    truncated = len(changes) > limit
    if truncated:
        to_ms = changes[limit].at_ms
    return spans(changes[:limit], from_ms=from_ms, to_ms=to_ms), truncated


def _span(span: StatusSpan) -> StatusSpanView:
    return StatusSpanView(
        from_=iso_from_ms(span.from_ms),
        to=iso_from_ms(span.to_ms),
        status=span.status,
        reason=span.reason,
        underlying=span.underlying,
        late=span.late,
    )


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/interfaces/{id}/months/{month}",
        Action.READ_NETWORK,
        interface_month,
        Contract(query=MonthQuery, answer=BandwidthMonthView, path={"month": MonthName}),
        costly=Costly.READ,
    ),
    Endpoint(
        "GET",
        "/api/v1/devices/{id}/availability/{month}",
        Action.READ_NETWORK,
        device_availability,
        Contract(query=MonthQuery, answer=AvailabilityView, path={"month": MonthName}),
        costly=Costly.READ,
    ),
    Endpoint(
        "GET",
        "/api/v1/devices/{id}/statuses",
        Action.READ_NETWORK,
        device_statuses,
        Contract(query=RangeQuery, answer=StatusHistory),
        costly=Costly.READ,
    ),
)
