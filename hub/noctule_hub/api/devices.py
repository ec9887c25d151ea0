"""Devices over HTTP: lists with their present state, and registration with secrets sealed before they are kept."""

from http import HTTPStatus
from typing import Final

from aiohttp import web
from msgspec.structs import replace
from noctule_shared.errors import invalid
from noctule_shared.events import LogPosition
from noctule_shared.link import SnmpCredentials

from noctule_hub.answers.devices import DevicePage, DeviceView
from noctule_hub.api.bodies import (
    json_response,
    not_found,
    page,
    path_id,
    read_body,
    read_query,
)
from noctule_hub.api.context import ApiContext, authorship_of, context_of
from noctule_hub.api.customer_views import may_see_owners, owner_views
from noctule_hub.api.device_input import DeviceChange, NewDeviceInput, check_change, check_new
from noctule_hub.api.device_query import DeviceQuery, is_wanted
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.views import device_view
from noctule_hub.auth.permissions import Action
from noctule_hub.auth.sealing import store_form
from noctule_hub.core.records import Device
from noctule_hub.store.protocol import Seal


async def list_devices(request: web.Request) -> web.Response:
    """`GET /api/v1/devices`: all or those that the query names, by id, with the log position read before the states."""
    context = context_of(request)
    query = read_query(request, DeviceQuery)
    position = LogPosition(context.store.epoch, context.live.position())
    sites = {site.id: site.name for site in await context.store.sites()}
    wanted = [device for device in context.live.devices() if is_wanted(device, query, sites, context.live)]
    devices, next_cursor = page(query, wanted, lambda device: device.id)
    return json_response(DevicePage(await _views(request, devices), next_cursor, position))


async def show_device(request: web.Request) -> web.Response:
    """`GET /api/v1/devices/{id}`."""
    context = context_of(request)
    device = find_device(context, path_id(request))
    return json_response((await _views(request, [device]))[0])


async def add_device(request: web.Request) -> web.Response:
    """`POST /api/v1/devices`: 201 with the device."""
    context = context_of(request)
    body = await read_body(request, NewDeviceInput)
    checked = check_new(
        body,
        site_id=await resolve_site(context, body.site, body.site_id),
        agent_id=await resolve_agent(context, body.agent, body.agent_id),
    )
    device = await context.store.add_device(
        checked.device, seal=seal_of(context, checked.credentials), by=authorship_of(request)
    )
    await context.configuration_changed()
    return json_response((await _views(request, [device]))[0], status=201)


async def change_device(request: web.Request) -> web.Response:
    """`PATCH /api/v1/devices/{id}`: the device as it is afterwards; refused when `revision` is not the newest."""
    context = context_of(request)
    body = await read_body(request, DeviceChange)
    device = await context.store.device(path_id(request))
    site_id = device.site_id
    if body.site is not None or body.site_id is not None:
        site_id = await resolve_site(context, body.site, body.site_id)
    agent_id = await resolve_agent(context, body.agent, body.agent_id)
    if agent_id is None and site_id == device.site_id:
        agent_id = device.agent_id
    checked = check_change(device, body, site_id=site_id, agent_id=agent_id)
    changed = await context.store.update_device(
        device.id,
        checked.device,
        revision=body.revision,
        seal=seal_of(context, checked.credentials),
        by=authorship_of(request),
    )
    await context.configuration_changed()
    return json_response((await _views(request, [changed]))[0])


async def remove_device(request: web.Request) -> web.Response:
    """`DELETE /api/v1/devices/{id}`."""
    context = context_of(request)
    await context.store.remove_device(path_id(request), by=authorship_of(request))
    await context.configuration_changed()
    return web.Response(status=204)


def find_device(context: ApiContext, device_id: int) -> Device:
    """Return a device. Raises `Refused` (not-found)."""
    device = context.live.device(device_id)
    if device is None:
        raise not_found(f"there is no device {device_id}")
    return device


async def resolve_site(context: ApiContext, name: str | None, site_id: int | None) -> int:
    """Return the id of the site that is named by name or by id. Raises `Refused` (invalid)."""
    if (name is None) == (site_id is None):
        raise invalid("site", "name the site: either site (its name) or siteId")
    sites = await context.store.sites()
    for site in sites:
        if site.id == site_id or (name is not None and site.name.casefold() == name.strip().casefold()):
            return site.id
    if name is None:
        raise invalid("siteId", f"there is no site {site_id}")
    known = ", ".join(site.name for site in sites[:10]) or "none yet"
    raise invalid("site", f"there is no site {name[:40]!r}; known: {known}. Add one with: noctule site add NAME")


async def resolve_agent(context: ApiContext, name: str | None, agent_id: int | None) -> int | None:
    """Return the id of the active agent that is named by name or by id, None for none. Raises `Refused` (invalid)."""
    if name is None and agent_id is None:
        return None
    if name is not None and agent_id is not None:
        raise invalid("agent", "name the agent once: either agent (its name) or agentId")
    for agent in await context.store.agents():
        named = name is not None and agent.name.casefold() == name.strip().casefold()
        if agent.revoked_ms is None and (named or agent.id == agent_id):
            return agent.id
    if name is None:
        raise invalid("agentId", f"there is no agent {agent_id}")
    raise invalid("agent", f"there is no agent {name[:40]!r}; see: noctule agent list")


def seal_of(context: ApiContext, credentials: SnmpCredentials | None) -> Seal | None:
    """Return what seals credentials for the row that the store gives them, None for none."""
    if credentials is None:
        return None
    plaintext = store_form(credentials)
    return lambda row_id: context.keys.seal(row_id, plaintext)


async def _views(request: web.Request, devices: list[Device]) -> list[DeviceView]:
    context = context_of(request)
    sites = {site.id: site.name for site in await context.store.sites()}
    agents = {agent.id: agent.name for agent in await context.store.agents()}
    views = [device_view(device, sites=sites, agents=agents, live=context.live) for device in devices]
    if not may_see_owners(request):
        return views
    tenancy = context.live.tenancy
    return [replace(view, customers=owner_views(tenancy, tenancy.on_device(view.id))) for view in views]


ENDPOINTS: Final = (
    Endpoint(
        "GET", "/api/v1/devices", Action.READ_NETWORK, list_devices, Contract(query=DeviceQuery, answer=DevicePage)
    ),
    Endpoint(
        "POST",
        "/api/v1/devices",
        Action.WRITE_DEVICES,
        add_device,
        Contract(body=NewDeviceInput, answer=DeviceView, status=HTTPStatus.CREATED),
    ),
    Endpoint("GET", "/api/v1/devices/{id}", Action.READ_NETWORK, show_device, Contract(answer=DeviceView)),
    Endpoint(
        "PATCH",
        "/api/v1/devices/{id}",
        Action.WRITE_DEVICES,
        change_device,
        Contract(body=DeviceChange, answer=DeviceView),
    ),
    Endpoint(
        "DELETE", "/api/v1/devices/{id}", Action.WRITE_DEVICES, remove_device, Contract(status=HTTPStatus.NO_CONTENT)
    ),
)
