"""The status page as anybody sees it: JSON, a page without scripts, and a badge. Nothing of a device is in them."""

import hashlib
from datetime import UTC, datetime, tzinfo
from functools import cache
from html import escape
from http import HTTPStatus
from importlib.resources import files
from typing import Final

import msgspec
from aiohttp import hdrs, web
from noctule_shared.events import ComponentState

from noctule_hub.answers.status_page import PublicComponent, PublicStatus
from noctule_hub.api.bodies import not_found
from noctule_hub.api.context import ApiContext, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.views import iso_or_none
from noctule_hub.auth.permissions import Action
from noctule_hub.core.settings import Settings
from noctule_hub.core.status_page import overall
from noctule_hub.core.timezones import find_zone

MAX_AGE_S: Final = 15
CACHED: Final = f"public, max-age={MAX_AGE_S}"
# State is colour, shape and word, never colour alone; colours are the badge's, the page has its own by class.
SHAPES: Final = {
    ComponentState.OPERATIONAL: "\N{BLACK CIRCLE}",
    ComponentState.DEGRADED: "\N{BLACK UP-POINTING TRIANGLE}",
    ComponentState.OUTAGE: "\N{BLACK SQUARE}",
    ComponentState.MAINTENANCE: "\N{HEAVY GREEK CROSS}",
    ComponentState.UNKNOWN: "\N{WHITE CIRCLE}",
}
COLOURS: Final = {
    ComponentState.OPERATIONAL: "#2bb3a3",
    ComponentState.DEGRADED: "#e8a317",
    ComponentState.OUTAGE: "#e5484d",
    ComponentState.MAINTENANCE: "#5f8fb8",
    ComponentState.UNKNOWN: "#7d8896",
}
_SENTENCES: Final = {
    ComponentState.OPERATIONAL: "Everything works.",
    ComponentState.DEGRADED: "Some of it is in trouble.",
    ComponentState.OUTAGE: "Something does not work.",
    ComponentState.MAINTENANCE: "Maintenance is under way.",
    ComponentState.UNKNOWN: "Not all of it is known at the moment.",
}
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="60">
<title>{title}</title>
<link rel="stylesheet" href="/status.css">
</head>
<body>
<main>
<header>
<h1>{title}</h1>
<p class="overall {state}"><span aria-hidden="true">{shape}</span> {sentence}</p>
</header>
{message}<ul>
{components}</ul>
<footer>{organisation}<p>This page renews itself each minute.</p></footer>
</main>
</body>
</html>
"""
_COMPONENT: Final = """<li class="{state}">
<span class="label">{label}</span>
<span class="state"><span aria-hidden="true">{shape}</span> {state}</span>
{since}</li>
"""
_NOT_PUBLISHED: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>No status page</title><link rel="stylesheet" href="/status.css"></head>
<body><main><h1>No status page</h1><p>There is no public status page here.</p></main></body>
</html>
"""
# Attributes, no style: the badge is shown on other people's pages too.
_BADGE: Final = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{title}">
<title>{title}</title>
<rect width="{width}" height="20" rx="4" fill="#151a21"/>
<g font-family="system-ui,Verdana,sans-serif" font-size="11">
<text x="8" y="14" fill="{colour}">{shape}</text>
<text x="22" y="14" fill="#ffffff">{state}</text>
</g>
</svg>
"""


async def show_status(request: web.Request) -> web.Response:
    """`GET /api/v1/status`: the published status page; not-found when there is none. May be kept for 15 s."""
    status = _status(context_of(request))
    if status is None:
        raise not_found("there is no public status page here")
    return _cached(request, msgspec.json.encode(status), "application/json")


async def show_page(request: web.Request) -> web.Response:
    """`GET /status`: the status page for people."""
    context = context_of(request)
    status = _status(context)
    if status is None:
        return web.Response(text=_NOT_PUBLISHED, status=HTTPStatus.NOT_FOUND, content_type="text/html")
    return _cached(request, _html(status, await context.store.settings()).encode(), "text/html")


async def show_badge(request: web.Request) -> web.Response:
    """`GET /status/badge.svg`: the state of the whole as a small picture."""
    status = _status(context_of(request))
    if status is None:
        raise web.HTTPNotFound
    # 7 units for a character of 11 px are enough for any of the five words.
    badge = _BADGE.format(
        width=30 + 7 * len(status.state),
        title=escape(f"{status.title}: {status.state}"),
        colour=COLOURS[status.state],
        shape=SHAPES[status.state],
        state=status.state,
    )
    return _cached(request, badge.encode(), "image/svg+xml")


async def show_style(request: web.Request) -> web.Response:
    """`GET /status.css`: how the status page looks."""
    return _cached(request, _style(), "text/css")


def _status(context: ApiContext) -> PublicStatus | None:
    page, components = context.live.status_page()
    if not page.published:
        return None
    return PublicStatus(
        title=page.title,
        message=page.message,
        state=overall(row.state for row in components),
        components=[PublicComponent(row.id, row.label, row.state, iso_or_none(row.since_ms)) for row in components],
    )


def _html(status: PublicStatus, settings: Settings) -> str:
    """Return the page; every text that people or devices gave is escaped here."""
    zone = find_zone(settings.timezone) or UTC
    components = "".join(
        _COMPONENT.format(
            state=row.state,
            label=escape(row.label),
            shape=SHAPES[row.state],
            since=""
            if row.since is None
            else f'<time datetime="{row.since}">since {_minute(row.since, zone)}</time>\n',
        )
        for row in status.components
    )
    return _PAGE.format(
        title=escape(status.title),
        state=status.state,
        shape=SHAPES[status.state],
        sentence=_SENTENCES[status.state],
        message=f'<p class="message">{escape(status.message)}</p>\n' if status.message else "",
        components=components,
        organisation=f"<p>{escape(settings.organisation)}</p>" if settings.organisation else "",
    )


def _minute(iso: str, zone: tzinfo) -> str:
    """Return an ISO time to the minute by the clocks of a zone, for people."""
    return f"{datetime.fromisoformat(iso).astimezone(zone):%Y-%m-%d %H:%M %Z}"


@cache
def _style() -> bytes:
    return (files("noctule_hub") / "web" / "status.css").read_bytes()


def _cached(request: web.Request, body: bytes, content_type: str) -> web.Response:
    """Return an answer that may be kept for 15 s, or 304 when the client has it already."""
    tag = hashlib.sha256(body).hexdigest()[:32]
    headers = {hdrs.CACHE_CONTROL: CACHED, hdrs.ETAG: f'"{tag}"'}
    if any(known.value in {tag, "*"} for known in request.if_none_match or ()):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    charset = None if content_type == "application/json" else "utf-8"
    return web.Response(body=body, content_type=content_type, charset=charset, headers=headers)


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/status", Action.PUBLIC, show_status, Contract(answer=PublicStatus)),
    Endpoint("GET", "/status", Action.PUBLIC, show_page),
    Endpoint("GET", "/status/badge.svg", Action.PUBLIC, show_badge),
    Endpoint("GET", "/status.css", Action.PUBLIC, show_style),
)
