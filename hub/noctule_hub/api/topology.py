"""How devices are connected and where they stand on the map, over HTTP."""

from typing import Annotated, Final, NamedTuple

import msgspec
from aiohttp import web
from noctule_shared.events import DeviceStatus

from noctule_hub.answers.topology import (
    EndView,
    LayoutView,
    LinkView,
    NodeView,
    OutsideView,
    ParentView,
    PositionView,
    TopologyView,
)
from noctule_hub.api.bodies import json_response, read_body
from noctule_hub.api.context import LiveView, authorship_of, context_of
from noctule_hub.api.endpoints import Contract, Costly, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.topology import MAX_POSITIONS, End, Layout, Link, Position, connect

# Ids, as JSON spells them where they are keys.
Key = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,17}$(?!\n)")]
Positions = Annotated[dict[Key, PositionView], msgspec.Meta(max_length=MAX_POSITIONS)]
Moves = Annotated[dict[Key, PositionView | None], msgspec.Meta(max_length=MAX_POSITIONS)]


class LayoutInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `PUT /api/v1/topology/layout`: all positions, by device id. `revision` is the one that was read."""

    revision: int
    positions: Positions


class LayoutChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `PATCH /api/v1/topology/layout`: positions of these devices, null takes one away; others stay."""

    positions: Moves


async def show_topology(request: web.Request) -> web.Response:
    """`GET /api/v1/topology`: all devices with their status, and the links between them with their rates now."""
    context = context_of(request)
    live, devices = context.live, context.live.devices()
    systems, neighbours = await context.store.discovered()
    found = connect(devices, systems, live.interfaces, neighbours)
    view = TopologyView(
        devices=[
            NodeView(
                device.id,
                device.name,
                device.site_id,
                DeviceStatus.UNKNOWN if (state := live.device_state(device.id)) is None else state.status,
            )
            for device in devices
        ],
        links=[_link(link, live) for link in found.links],
        outside=[OutsideView(row.key, row.sys_name, row.chassis_id) for row in found.outside],
        parents=[ParentView(device.id, parent_id) for device in devices for parent_id in device.parents],
    )
    return json_response(view)


async def show_layout(request: web.Request) -> web.Response:
    """`GET /api/v1/topology/layout`: where devices stand on the map."""
    return json_response(_layout(await context_of(request).store.layout()))


async def put_layout(request: web.Request) -> web.Response:
    """`PUT /api/v1/topology/layout`: the layout as it is afterwards; refused when `revision` is not the newest."""
    body = await read_body(request, LayoutInput)
    positions = {int(device_id): Position(row.x, row.y) for device_id, row in body.positions.items()}
    store = context_of(request).store
    layout = await store.replace_layout(positions, revision=body.revision, by=authorship_of(request))
    return json_response(_layout(layout))


async def move_devices(request: web.Request) -> web.Response:
    """`PATCH /api/v1/topology/layout`: moves some devices; the last who moves one is right."""
    body = await read_body(request, LayoutChange)
    positions = {
        int(device_id): None if row is None else Position(row.x, row.y) for device_id, row in body.positions.items()
    }
    return json_response(_layout(await context_of(request).store.move_devices(positions, by=authorship_of(request))))


def _layout(layout: Layout) -> LayoutView:
    positions = {str(device_id): PositionView(row.x, row.y) for device_id, row in layout.positions.items()}
    return LayoutView(positions, layout.revision)


def _link(link: Link, live: LiveView) -> LinkView:
    a, b = _rates(link.a, live), _rates(link.b, live)
    # What leaves one end is what comes in at the other; either tells.
    a_to_b = b.received if a.sent.bps is None else a.sent
    b_to_a = b.sent if a.received.bps is None else a.received
    return LinkView(
        a=_end(link.a, live),
        b=_end(link.b, live),
        confirmed=link.confirmed,
        a_to_b_bps=a_to_b.bps,
        b_to_a_bps=b_to_a.bps,
        a_to_b_util_ratio=a_to_b.util_ratio,
        b_to_a_util_ratio=b_to_a.util_ratio,
    )


def _end(end: End, live: LiveView) -> EndView:
    port = None if end.interface_id is None else live.interface(end.interface_id)
    return EndView(
        device_id=end.device_id,
        outside=end.outside,
        interface_id=end.interface_id,
        port=end.port,
        interface_name=None if port is None else port.identity,
        if_admin_status=None if port is None else port.if_admin_status,
        if_oper_status=None if port is None else port.if_oper_status,
    )


class _Flow(NamedTuple):
    """Traffic one way, as one port measured it; None: not known."""

    bps: float | None = None
    util_ratio: float | None = None


class _Rates(NamedTuple):
    received: _Flow = _Flow()
    sent: _Flow = _Flow()


def _rates(end: End, live: LiveView) -> _Rates:
    if end.device_id is None or end.interface_id is None:
        return _Rates()
    item = live.bandwidth(end.device_id, end.interface_id)
    if item is None:
        return _Rates()
    return _Rates(_Flow(item.in_bps, item.in_util_ratio), _Flow(item.out_bps, item.out_util_ratio))


_LAYOUT: Final = "/api/v1/topology/layout"
ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/topology",
        Action.READ_NETWORK,
        show_topology,
        Contract(answer=TopologyView),
        costly=Costly.READ,
    ),
    Endpoint("GET", _LAYOUT, Action.READ_NETWORK, show_layout, Contract(answer=LayoutView)),
    Endpoint("PUT", _LAYOUT, Action.WRITE_LAYOUT, put_layout, Contract(body=LayoutInput, answer=LayoutView)),
    Endpoint("PATCH", _LAYOUT, Action.WRITE_LAYOUT, move_devices, Contract(body=LayoutChange, answer=LayoutView)),
)
