"""Interfaces over HTTP with their present rates: those of a device, one, and those that carry most."""

from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
from aiohttp import web
from msgspec.structs import replace

from noctule_hub.answers.devices import BusyInterfaceView, InterfaceView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.bodies import PageQuery, json_response, not_found, page, page_response, path_id, read_query
from noctule_hub.api.context import context_of
from noctule_hub.api.customer_views import may_see_owners, owner_views
from noctule_hub.api.devices import find_device
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.views import interface_view
from noctule_hub.auth.permissions import Action
from noctule_hub.core.records import Interface

MAX_BUSIEST: Final = 100


class BusiestQuery(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/interfaces/busiest`."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_BUSIEST)] = 10


async def list_interfaces(request: web.Request) -> web.Response:
    """`GET /api/v1/devices/{id}/interfaces`: by id, those that are present."""
    context = context_of(request)
    device = find_device(context, path_id(request))
    interfaces = sorted(context.live.interfaces(device.id), key=lambda interface: interface.id)
    chosen, next_cursor = page(read_query(request, PageQuery), interfaces, lambda interface: interface.id)
    return page_response(_views(request, chosen), next_cursor)


async def show_interface(request: web.Request) -> web.Response:
    """`GET /api/v1/interfaces/{id}`: one that is present on its device."""
    interface = context_of(request).live.interface(path_id(request))
    if interface is None:
        raise not_found(f"there is no interface {path_id(request)}")
    return json_response(_views(request, [interface])[0])


async def busiest(request: web.Request) -> web.Response:
    """`GET /api/v1/interfaces/busiest?limit=`: those that carry most in or out now, most first."""
    context = context_of(request)
    found = context.live.busiest(read_query(request, BusiestQuery).limit)
    names = [getattr(context.live.device(interface.device_id), "name", "") for interface in found]
    views = [BusyInterfaceView(name, view) for name, view in zip(names, _views(request, found), strict=True)]
    return page_response(views, None)


def _views(request: web.Request, interfaces: Iterable[Interface]) -> list[InterfaceView]:
    live = context_of(request).live
    views = [interface_view(interface, live) for interface in interfaces]
    if not may_see_owners(request):
        return views
    tenancy = live.tenancy
    return [
        replace(view, customers=owner_views(tenancy, tenancy.of_interface(view.device_id, view.id))) for view in views
    ]


_READ: Final = Action.READ_NETWORK
ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/devices/{id}/interfaces",
        _READ,
        list_interfaces,
        Contract(query=PageQuery, answer=page_of(InterfaceView)),
    ),
    Endpoint("GET", "/api/v1/interfaces/{id}", _READ, show_interface, Contract(answer=InterfaceView)),
    Endpoint(
        "GET",
        "/api/v1/interfaces/busiest",
        _READ,
        busiest,
        Contract(query=BusiestQuery, answer=page_of(BusyInterfaceView)),
    ),
)
