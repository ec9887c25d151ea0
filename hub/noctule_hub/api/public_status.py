"""The status page as anybody sees it: JSON, a page that needs no script, a badge. Nothing of a device is in them."""

import hashlib
from collections.abc import Sequence
from functools import cache
from html import escape
from http import HTTPStatus
from importlib.resources import files
from typing import Annotated, Final

import msgspec
from aiohttp import hdrs, web
from noctule_shared.events import ComponentState
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.status_page import PublicComponent, PublicDisturbance, PublicStatus, PublicWork
from noctule_hub.api.bodies import not_found, read_query
from noctule_hub.api.context import context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.public_past import Past
from noctule_hub.api.status_html import SHAPES, Shown, no_page_html, page_html
from noctule_hub.api.status_words import PageWords, words_for
from noctule_hub.api.views import iso_or_none
from noctule_hub.auth.permissions import Action
from noctule_hub.core.component_history import LETTERS
from noctule_hub.core.maintenance import MINUTE_MS
from noctule_hub.core.status_page import ComponentNow, StatusPage, overall

MAX_AGE_S: Final = 15
# A cache in between goes on showing what it has while it asks for the new one, and for a day when the hub is away:
# the page says of when it is.
CACHED: Final = f"public, max-age={MAX_AGE_S}, stale-while-revalidate=60, stale-if-error=86400"
MAX_DISTURBANCES: Final = 100
# Ground, edge, words and states of the badge: dark by itself, light where it is asked for.
_DARK: Final = ("#151a21", "#2a3340", "#ebebec")
_LIGHT: Final = ("#ffffff", "#d7dde4", "#10151b")
_COLOURS: Final = {
    ComponentState.OPERATIONAL: ("#2bb3a3", "#17776c"),
    ComponentState.DEGRADED: ("#e8a317", "#8a5d00"),
    ComponentState.OUTAGE: ("#f2777b", "#c0272d"),
    ComponentState.MAINTENANCE: ("#7fb0d8", "#3d6b92"),
    ComponentState.UNKNOWN: ("#98a3b0", "#59636f"),
}
# Attributes, no style: the badge is shown on other people's pages too.
_BADGE: Final = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{title}">
<title>{title}</title>
<rect x="0.5" y="0.5" width="{inner}" height="19" rx="4" fill="{ground}" stroke="{edge}"/>
<g font-family="system-ui,Verdana,sans-serif" font-size="11">
<text x="8" y="14" fill="{colour}">{shape}</text>
<text x="22" y="14" fill="{ink}">{word}</text>
</g>
</svg>
"""


class BadgeQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Query of `GET /status/badge.svg`: for a light or a dark page, dark when absent."""

    theme: Annotated[str, msgspec.Meta(pattern=r"^(light|dark)$(?!\n)")] = "dark"


async def show_status(request: web.Request) -> web.Response:
    """`GET /api/v1/status`: the published status page; not-found when there is none. May be kept for 15 s."""
    page, components = context_of(request).live.status_page()
    if not page.published:
        raise not_found("there is no public status page here")
    status = _status(page, components, await _past(request, page))
    return _cached(request, msgspec.json.encode(status), "application/json")


async def show_page(request: web.Request) -> web.Response:
    """`GET /status`: the status page for people, in the language that they read."""
    context, words = context_of(request), _words(request)
    page, components = context.live.status_page()
    if not page.published:
        answer = web.Response(text=no_page_html(words), status=HTTPStatus.NOT_FOUND, content_type="text/html")
        return _spoken(answer, words)
    past, now_ms = await _past(request, page), context.clock_ms()
    organisation = (await context.store.settings()).organisation
    # All that the page is made of: it tells times to the minute. Anybody may ask, so it is not written for each.
    made_of = (page, tuple(components), past, organisation, now_ms // MINUTE_MS)
    rendered = context.public_past.pages[words.language]
    if rendered.of != made_of:
        shown = Shown(
            words=words,
            status=_status(page, components, past),
            histories=past.histories,
            organisation=organisation,
            zone=past.zone,
            now_ms=now_ms,
        )
        rendered.of, rendered.body = made_of, page_html(shown).encode()
    return _spoken(_cached(request, rendered.body, "text/html"), words)


async def show_badge(request: web.Request) -> web.Response:
    """`GET /status/badge.svg?theme=`: the state of the whole as a small picture, in the reader's language."""
    words = _words(request)
    page, components = context_of(request).live.status_page()
    if not page.published:
        raise web.HTTPNotFound
    is_light = read_query(request, BadgeQuery).theme == "light"
    ground, edge, ink = _LIGHT if is_light else _DARK
    state = overall(row.state for row in components)
    word = words.states[state].lower()
    # 7 units for a character of 11 px are enough for any of the words.
    width = 30 + 7 * len(word)
    badge = _BADGE.format(
        width=width,
        inner=width - 1,
        title=escape(f"{page.title}: {word}"),
        ground=ground,
        edge=edge,
        ink=ink,
        colour=_COLOURS[state][is_light],
        shape=SHAPES[state],
        word=word,
    )
    return _spoken(_cached(request, badge.encode(), "image/svg+xml"), words)


async def show_style(request: web.Request) -> web.Response:
    """`GET /status.css`: how the status page looks."""
    return _cached(request, _file("status.css"), "text/css")


async def show_script(request: web.Request) -> web.Response:
    """`GET /status.js`: renews the status page in place; without it the browser loads the page anew."""
    return _cached(request, _file("status.js"), "text/javascript")


async def _past(request: web.Request, page: StatusPage) -> Past:
    context = context_of(request)
    return await context.public_past.of(page, context.live.devices(), context.store, context.clock_ms())


def _status(page: StatusPage, components: Sequence[ComponentNow], past: Past) -> PublicStatus:
    shown, disturbances = [], []
    for row in components:
        history = past.histories.get(row.id)
        days = "" if history is None else "".join(LETTERS[day.state] for day in history.days)
        ratio = None if history is None else history.ratio
        shown.append(PublicComponent(row.id, row.label, row.state, iso_or_none(row.since_ms), ratio, days))
        disturbances += [(one, row.id) for one in (() if history is None else history.disturbances)]
    disturbances.sort(key=lambda found: (-found[0].from_ms, found[1]))
    return PublicStatus(
        title=page.title,
        message=page.message,
        state=overall(row.state for row in components),
        components=shown,
        disturbances=[
            PublicDisturbance(component_id, one.state, iso_from_ms(one.from_ms), iso_or_none(one.to_ms))
            for one, component_id in disturbances[:MAX_DISTURBANCES]
        ],
        maintenance=[
            PublicWork(list(one.component_ids), iso_from_ms(one.span.starts_ms), iso_from_ms(one.span.ends_ms))
            for one in past.work
        ],
    )


@cache
def _file(name: str) -> bytes:
    return (files("noctule_hub") / "web" / name).read_bytes()


def _words(request: web.Request) -> PageWords:
    return words_for(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))


def _spoken(answer: web.Response, words: PageWords) -> web.Response:
    """Tell caches that an answer is in one language of several; 304 says it too."""
    answer.headers[hdrs.CONTENT_LANGUAGE] = words.language
    answer.headers[hdrs.VARY] = hdrs.ACCEPT_LANGUAGE
    return answer


def _cached(request: web.Request, body: bytes, content_type: str) -> web.Response:
    """Return an answer that may be kept for 15 s, or 304 when the client has it already."""
    tag = hashlib.sha256(body).hexdigest()[:32]
    # Weak: the same answer goes out compressed or not.
    headers = {hdrs.CACHE_CONTROL: CACHED, hdrs.ETAG: f'W/"{tag}"'}
    if any(known.value in {tag, "*"} for known in request.if_none_match or ()):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    charset = None if content_type == "application/json" else "utf-8"
    return web.Response(body=body, content_type=content_type, charset=charset, headers=headers)


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/status", Action.PUBLIC, show_status, Contract(answer=PublicStatus)),
    Endpoint("GET", "/status", Action.PUBLIC, show_page),
    Endpoint("GET", "/status/badge.svg", Action.PUBLIC, show_badge),
    Endpoint("GET", "/status.css", Action.PUBLIC, show_style),
    Endpoint("GET", "/status.js", Action.PUBLIC, show_script),
)
