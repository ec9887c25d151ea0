"""The `history` call of sockets: the same history as over HTTP, as columns of numbers in bytes.

Float64 for times and Float32 for values, little-endian as JavaScript's typed arrays have them: a fifth of the JSON, and
nothing to parse. Which rows and steps there are is `series`'.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from noctule_shared.errors import ErrorCode, Refused, invalid

from noctule_hub.answers.series import BandwidthColumns, LatencyColumns
from noctule_hub.api.bodies import Id
from noctule_hub.api.context import ApiContext
from noctule_hub.api.devices import find_device
from noctule_hub.api.misfits import misfit
from noctule_hub.api.own import NO_GAPS, own_interface, service_of
from noctule_hub.api.series import Asked, HistoryQuery, bandwidth_history, device_of, gaps, latency_history
from noctule_hub.auth.permissions import Action, is_allowed
from noctule_hub.core.customers import Service
from noctule_hub.core.principal import Principal

# So many rows are 40 kB of times and 20 kB of each value.
MAX_POINTS: Final = 5_000
DEFAULT_POINTS: Final = 2_000
_SERIES: Final = re.compile(r"(service-)?(latency|bandwidth):([1-9][0-9]{0,17})", re.ASCII)
_HOW: Final = "latency:{device}, bandwidth:{interface}, service-latency:{service} or service-bandwidth:{service}"
# What is answered besides times, by what it is of; clients' types are written from it.
VALUES: Final = {
    LatencyColumns: ("n", "bad", "rtt_s", "loss_ratio", "mdev_s", "rtt_min_s", "rtt_p25_s", "rtt_p75_s", "rtt_max_s"),
    BandwidthColumns: ("n", "bad", "in_bps", "out_bps", "in_min_bps", "in_max_bps", "out_min_bps", "out_max_bps"),
}


class HistoryCall(HistoryQuery, frozen=True, kw_only=True, rename={"from_": "from", "interface_id": "interfaceId"}):
    """What a client asks for, as over HTTP. `series` is one of `_HOW`; more rows than `points` are put together.

    `interface_id` is of a service that is a whole device.
    """

    series: Annotated[str, msgspec.Meta(max_length=40)]
    points: Annotated[int, msgspec.Meta(ge=50, le=MAX_POINTS)] = DEFAULT_POINTS
    interface_id: Id | None = None


class LiveHistory:
    """Answers `history` by what the API answers, under the same limits."""

    def __init__(self, context: ApiContext) -> None:
        self._context = context

    async def call(self, principal: Principal, asked: object) -> dict[str, Any]:
        """Return `{ok, series, resolution, stepS, gaps, columns}`, of which the columns are bytes of one length each.

        Raises `Refused`: invalid, forbidden, not-found (also for another customer's service), too-many, busy.
        """
        if not isinstance(asked, Mapping):
            raise invalid("series", f"call history with {{series, from, to, resolution, points}}; series is {_HOW}")
        try:
            query = msgspec.convert(asked, HistoryCall)
        except msgspec.ValidationError as error:
            raise misfit(str(error), HistoryCall) from None
        match = _SERIES.fullmatch(query.series)
        if match is None:
            raise invalid("series", f"use {_HOW}")
        own, kind, number = bool(match[1]), match[2], int(match[3])
        if not is_allowed(principal.role, Action.READ_OWN if own else Action.READ_NETWORK):
            raise Refused(ErrorCode.FORBIDDEN, "your role may not read it", field="series")
        context, limits = self._context, self._context.config.settings.limits
        # Nobody without a sign-in gets here, so no address counts.
        context.request_limit.admit(principal, "", limits, context.clock_ms())
        async with context.costly_reads.turn(at_once=limits.costly_reads):
            if own:
                found = await self._of_service(query, kind, await service_of(context, principal, number))
            else:
                found = await self._of_network(query, kind, number)
        return {
            "ok": True,
            "series": query.series,
            "resolution": found.resolution.value,
            "stepS": found.step_s,
            "gaps": msgspec.to_builtins(found.gaps),
            "columns": _columns(found),
        }

    async def _of_network(self, query: HistoryCall, kind: str, number: int) -> LatencyColumns | BandwidthColumns:
        context = self._context
        asked = Asked(query, now_ms=context.clock_ms())
        if kind == "latency":
            device = find_device(context, number)
            return await latency_history(context, number, asked, await gaps(context, device.id, **asked.range))
        holes = await gaps(context, await device_of(context, number), **asked.range)
        return await bandwidth_history(context, number, asked, holes)

    async def _of_service(self, query: HistoryCall, kind: str, service: Service) -> LatencyColumns | BandwidthColumns:
        context = self._context
        asked = Asked(query, now_ms=context.clock_ms(), not_before_ms=service.since_ms)
        if kind == "latency":
            return await latency_history(context, service.device_id, asked, NO_GAPS)
        interface_id = own_interface(context, service, query.interface_id)
        return await bandwidth_history(context, interface_id, asked, NO_GAPS)


def _columns(found: LatencyColumns | BandwidthColumns) -> dict[str, bytes]:
    """Return times and values by their names on the wire; NaN: unknown."""
    names = {field.name: field.encode_name for field in msgspec.structs.fields(found)}
    columns = {names["ts_ms"]: np.array(found.ts_ms, dtype="<f8").tobytes()}
    for name in VALUES[type(found)]:
        values: Sequence[float | None] = getattr(found, name)
        columns[names[name]] = np.array(values, dtype="<f4").tobytes()
    return columns
