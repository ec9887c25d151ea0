"""Sites over HTTP."""

from typing import Final

import msgspec
from aiohttp import web

from noctule_hub.api.bodies import check_name, json_response, page, page_response, read_body
from noctule_hub.api.context import context_of
from noctule_hub.api.endpoints import Endpoint
from noctule_hub.api.views import site_view
from noctule_hub.auth.permissions import Action


class NewSite(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/sites`."""

    name: str


async def list_sites(request: web.Request) -> web.Response:
    """`GET /api/v1/sites`: by id."""
    sites = sorted(await context_of(request).store.sites(), key=lambda site: site.id)
    chosen, next_cursor = page(request, sites, lambda site: site.id)
    return page_response([site_view(site) for site in chosen], next_cursor)


async def add_site(request: web.Request) -> web.Response:
    """`POST /api/v1/sites`: 201 with the site."""
    context = context_of(request)
    body = await read_body(request, NewSite)
    site = await context.store.add_site(check_name("name", body.name))
    await context.configuration_changed()
    return json_response(site_view(site), status=201)


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/sites", Action.READ_NETWORK, list_sites),
    Endpoint("POST", "/api/v1/sites", Action.WRITE_SITES, add_site),
)
