"""Errors and discards of a device's interfaces over HTTP, as totals: which of its ports has a bad cable now."""

from typing import Final

import numpy as np
from aiohttp import web
from noctule_shared.frames import TableName
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.series import FaultsView, PortFaultsView
from noctule_hub.api.bodies import RangeQuery, json_response, path_id, range_ms, read_query
from noctule_hub.api.context import context_of
from noctule_hub.api.devices import find_device
from noctule_hub.api.endpoints import Contract, Costly, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.resolution import DAY_MS, Resolution
from noctule_hub.core.rollups import Rollup

MAX_RANGE_MS: Final = DAY_MS


async def interface_faults(request: web.Request) -> web.Response:
    """`GET /api/v1/devices/{id}/interfaces/faults?from=&to=`: by interface, of the 5 minutes that touch the range."""
    context = context_of(request)
    device = find_device(context, path_id(request))
    query = read_query(request, RangeQuery)
    from_ms, to_ms = range_ms(query, now_ms=context.clock_ms(), max_range_ms=MAX_RANGE_MS)
    items = []
    for interface in sorted(context.live.interfaces(device.id), key=lambda row: row.id):
        rows = await context.store.rollup(
            TableName.INTERFACE, interface.id, Resolution.FIVE_MINUTES, from_ms=from_ms, to_ms=to_ms
        )
        items.append(_view(interface.id, rows))
    return json_response(FaultsView(from_=iso_from_ms(from_ms), to=iso_from_ms(to_ms), items=items))


def _view(interface_id: int, rows: Rollup) -> PortFaultsView:
    def total(name: str) -> float | None:
        known = rows.columns[name][~np.isnan(rows.columns[name])]
        return float(known.sum()) if len(known) else None

    return PortFaultsView(
        interface_id=interface_id,
        in_errors=total("in_errors"),
        out_errors=total("out_errors"),
        in_discards=total("in_discards"),
        out_discards=total("out_discards"),
    )


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/devices/{id}/interfaces/faults",
        Action.READ_NETWORK,
        interface_faults,
        Contract(query=RangeQuery, answer=FaultsView),
        costly=Costly.READ,
    ),
)
