"""Measurement history over HTTP, as columns: NaN becomes null, the hole in the graph that it is."""

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
from aiohttp import web
from noctule_shared.axes import LATENCY_SOURCE_CODES, Quality
from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.api.bodies import RangeQuery, json_response, not_found, path_id, range_ms, read_query
from noctule_hub.api.context import ApiContext, context_of
from noctule_hub.api.devices import find_device
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action

MAX_RANGE_MS: Final = 31 * 86_400_000
# Some 10 MB of JSON; a day of one device at 1 s.
MAX_ROWS: Final = 100_000
_SOURCES: Final = {code: source.value for source, code in LATENCY_SOURCE_CODES.items()}


class LatencyColumns(msgspec.Struct, frozen=True, rename="camel"):
    """A device's rounds, all columns of one length; `rtt_s` is the median. null: nothing came back.

    `rtt_min_s`, `rtt_p25_s`, `rtt_s`, `rtt_p75_s` and `rtt_max_s` draw a smoke chart: of a round of 5 replies they
    are the 5, sorted. `ipdv_s` null: no two packets sent one after the other were both answered.
    """

    ts_ms: list[int]
    rtt_s: list[float]
    loss_ratio: list[float]
    mdev_s: list[float]
    rtt_min_s: list[float]
    rtt_p25_s: list[float]
    rtt_p75_s: list[float]
    rtt_max_s: list[float]
    rtt_mean_s: list[float]
    ipdv_s: list[float]
    sent: list[int]
    received: list[int]
    source: list[str]


class BandwidthColumns(msgspec.Struct, frozen=True, rename="camel"):
    """An interface's rates, all columns of one length. null: unknown."""

    ts_ms: list[int]
    in_bps: list[float]
    out_bps: list[float]
    quality: list[list[str]]


async def latency(request: web.Request) -> web.Response:
    """`GET /api/v1/devices/{id}/latency?from=&to=`."""
    context = context_of(request)
    device = await find_device(context, path_id(request))
    from_ms, to_ms = range_ms(read_query(request, RangeQuery), now_ms=context.clock_ms(), max_range_ms=MAX_RANGE_MS)
    rows = await context.store.latency(device.id, from_ms=from_ms, to_ms=to_ms)
    _limit_rows(len(rows.ts_ms))
    sent = np.where(rows.sent > 0, rows.sent, np.nan)
    return json_response(
        LatencyColumns(
            ts_ms=rows.ts_ms.tolist(),
            rtt_s=rows.rtt_median_s.tolist(),
            loss_ratio=(1.0 - rows.received / sent).tolist(),
            mdev_s=rows.rtt_mdev_s.tolist(),
            rtt_min_s=rows.rtt_min_s.tolist(),
            rtt_p25_s=rows.rtt_p25_s.tolist(),
            rtt_p75_s=rows.rtt_p75_s.tolist(),
            rtt_max_s=rows.rtt_max_s.tolist(),
            rtt_mean_s=rows.rtt_mean_s.tolist(),
            ipdv_s=rows.ipdv_s.tolist(),
            sent=rows.sent.tolist(),
            received=rows.received.tolist(),
            source=[_SOURCES.get(code, "icmp") for code in rows.source.tolist()],
        )
    )


async def bandwidth(request: web.Request) -> web.Response:
    """`GET /api/v1/interfaces/{id}/bandwidth?from=&to=`."""
    context = context_of(request)
    interface_id = path_id(request)
    from_ms, to_ms = range_ms(read_query(request, RangeQuery), now_ms=context.clock_ms(), max_range_ms=MAX_RANGE_MS)
    rows = await context.store.bandwidth(interface_id, from_ms=from_ms, to_ms=to_ms)
    if not len(rows.ts_ms):
        await _require_interface(context, interface_id)
    _limit_rows(len(rows.ts_ms))
    return json_response(
        BandwidthColumns(
            ts_ms=rows.ts_ms.tolist(),
            in_bps=_bps(rows.in_octets, rows.interval_s),
            out_bps=_bps(rows.out_octets, rows.interval_s),
            quality=[Quality(bits).words() for bits in rows.quality.tolist()],
        )
    )


def _bps(octets: npt.NDArray[np.float64], interval_s: npt.NDArray[np.float64]) -> list[float]:
    seconds = np.where(interval_s > 0, interval_s, np.nan)
    rates: list[float] = (octets * 8 / seconds).tolist()
    return rates


def _limit_rows(rows: int) -> None:
    if rows > MAX_ROWS:
        raise Refused(ErrorCode.TOO_LARGE, f"{rows} rows are over {MAX_ROWS}; ask for a shorter range", field="from")


async def _require_interface(context: ApiContext, interface_id: int) -> None:
    # Only an interface without any row in the range costs this search.
    for device in await context.store.devices():
        if any(interface.id == interface_id for interface in context.live.interfaces(device.id)):
            return
    raise not_found(f"there is no interface {interface_id}")


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/devices/{id}/latency",
        Action.READ_NETWORK,
        latency,
        Contract(query=RangeQuery, answer=LatencyColumns),
    ),
    Endpoint(
        "GET",
        "/api/v1/interfaces/{id}/bandwidth",
        Action.READ_NETWORK,
        bandwidth,
        Contract(query=RangeQuery, answer=BandwidthColumns),
    ),
)
