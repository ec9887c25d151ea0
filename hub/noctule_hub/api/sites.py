"""Sites over HTTP."""

from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web

from noctule_hub.answers.pages import page_of
from noctule_hub.answers.sites import SiteView
from noctule_hub.api.bodies import (
    PageQuery,
    check_name,
    json_response,
    not_found,
    page,
    page_response,
    path_id,
    read_body,
    read_query,
)
from noctule_hub.api.context import authorship_of, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.views import site_view
from noctule_hub.auth.permissions import Action


class NewSite(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/sites`."""

    name: str


class SiteChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `PATCH /api/v1/sites/{id}`. `revision` is the one that was read."""

    revision: int
    name: str


async def list_sites(request: web.Request) -> web.Response:
    """`GET /api/v1/sites`: by id."""
    sites = sorted(await context_of(request).store.sites(), key=lambda site: site.id)
    chosen, next_cursor = page(read_query(request, PageQuery), sites, lambda site: site.id)
    return page_response([site_view(site) for site in chosen], next_cursor)


async def add_site(request: web.Request) -> web.Response:
    """`POST /api/v1/sites`: 201 with the site."""
    context = context_of(request)
    body = await read_body(request, NewSite)
    site = await context.store.add_site(check_name("name", body.name), by=authorship_of(request))
    await context.configuration_changed()
    return json_response(site_view(site), status=201)


async def show_site(request: web.Request) -> web.Response:
    """`GET /api/v1/sites/{id}`."""
    site_id = path_id(request)
    for site in await context_of(request).store.sites():
        if site.id == site_id:
            return json_response(site_view(site))
    raise not_found(f"there is no site {site_id}")


async def change_site(request: web.Request) -> web.Response:
    """`PATCH /api/v1/sites/{id}`: the site as it is afterwards; refused when `revision` is not the newest."""
    context = context_of(request)
    site_id = path_id(request)
    body = await read_body(request, SiteChange)
    site = await context.store.rename_site(
        site_id, check_name("name", body.name), revision=body.revision, by=authorship_of(request)
    )
    await context.configuration_changed()
    return json_response(site_view(site))


async def remove_site(request: web.Request) -> web.Response:
    """`DELETE /api/v1/sites/{id}`: refused while devices or agents belong to it."""
    context = context_of(request)
    await context.store.remove_site(path_id(request), by=authorship_of(request))
    await context.configuration_changed()
    return web.Response(status=204)


ENDPOINTS: Final = (
    Endpoint(
        "GET", "/api/v1/sites", Action.READ_NETWORK, list_sites, Contract(query=PageQuery, answer=page_of(SiteView))
    ),
    Endpoint(
        "POST",
        "/api/v1/sites",
        Action.WRITE_SITES,
        add_site,
        Contract(body=NewSite, answer=SiteView, status=HTTPStatus.CREATED),
    ),
    Endpoint("GET", "/api/v1/sites/{id}", Action.READ_NETWORK, show_site, Contract(answer=SiteView)),
    Endpoint(
        "PATCH", "/api/v1/sites/{id}", Action.WRITE_SITES, change_site, Contract(body=SiteChange, answer=SiteView)
    ),
    Endpoint("DELETE", "/api/v1/sites/{id}", Action.WRITE_SITES, remove_site, Contract(status=HTTPStatus.NO_CONTENT)),
)
