"""What devices say of themselves and hear by LLDP, over HTTP."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.devices import NeighbourView, SystemView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.bodies import PageQuery, json_response, page, page_response, path_id, read_query
from noctule_hub.api.context import context_of
from noctule_hub.api.devices import find_device
from noctule_hub.api.endpoints import Contract, Costly, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.core.records import Device, Neighbour
from noctule_hub.core.topology import peers

# LldpChassisIdSubtype and LldpPortIdSubtype, with the MIB's own words.
CHASSIS_ID_SUBTYPES: Final = {
    1: "chassisComponent",
    2: "interfaceAlias",
    3: "portComponent",
    4: "macAddress",
    5: "networkAddress",
    6: "interfaceName",
    7: "local",
}
PORT_ID_SUBTYPES: Final = {
    1: "interfaceAlias",
    2: "portComponent",
    3: "macAddress",
    4: "networkAddress",
    5: "interfaceName",
    6: "agentCircuitId",
    7: "local",
}


def neighbour_view(neighbour: Neighbour, names: Mapping[int, str], peer: Device | None) -> NeighbourView:
    """Return a neighbour; `names` are the device's interfaces by id, `peer` is the device that it is."""
    return NeighbourView(
        interface_id=neighbour.interface_id,
        interface_name=None if neighbour.interface_id is None else names.get(neighbour.interface_id),
        local_port=neighbour.local_port,
        chassis_id_subtype=CHASSIS_ID_SUBTYPES.get(neighbour.chassis_id_subtype),
        chassis_id=neighbour.chassis_id,
        port_id_subtype=PORT_ID_SUBTYPES.get(neighbour.port_id_subtype),
        port_id=neighbour.port_id,
        port_descr=neighbour.port_descr,
        sys_name=neighbour.sys_name,
        device_id=None if peer is None else peer.id,
        device_name=None if peer is None else peer.name,
        seen_at=iso_from_ms(neighbour.seen_ms),
    )


async def show_system(request: web.Request) -> web.Response:
    """`GET /api/v1/devices/{id}/system`: the system group of SNMPv2-MIB."""
    context = context_of(request)
    found = await context.store.system_group(find_device(context, path_id(request)).id)
    if found is None:
        return json_response(SystemView())
    view = SystemView(
        sys_name=found.sys_name,
        sys_descr=found.sys_descr,
        sys_object_id=found.sys_object_id,
        sys_location=found.sys_location,
        sys_contact=found.sys_contact,
        seen_at=iso_from_ms(found.seen_ms),
    )
    return json_response(view)


async def list_neighbours(request: web.Request) -> web.Response:
    """`GET /api/v1/devices/{id}/neighbours`: what the device hears by LLDP, in the order of its ports."""
    context = context_of(request)
    device = find_device(context, path_id(request))
    names = {interface.id: interface.identity for interface in context.live.interfaces(device.id)}
    query = read_query(request, PageQuery)
    systems, neighbours = await context.store.discovered()
    devices = {row.id: row for row in context.live.devices()}
    numbered = list(enumerate(peers(device.id, devices.values(), systems, neighbours), start=1))
    chosen, next_cursor = page(query, numbered, lambda row: row[0])
    views = [
        neighbour_view(neighbour, names, None if peer_id is None else devices.get(peer_id))
        for _, (neighbour, peer_id) in chosen
    ]
    return page_response(views, next_cursor)


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/devices/{id}/system", Action.READ_NETWORK, show_system, Contract(answer=SystemView)),
    Endpoint(
        "GET",
        "/api/v1/devices/{id}/neighbours",
        Action.READ_NETWORK,
        list_neighbours,
        Contract(query=PageQuery, answer=page_of(NeighbourView)),
        costly=Costly.READ,
    ),
)
