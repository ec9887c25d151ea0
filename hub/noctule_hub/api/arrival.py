"""The outermost layer of every request: where it comes from, its number, how long it took, and its log record.

Everything inside reads `request.remote`, `request.scheme` and `request.host`, which trusted proxies' word has been
worked into here and nowhere else.
"""

import asyncio
import logging
import secrets
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from noctule_hub.api.context import PRINCIPAL, context_of
from noctule_hub.config import HubSettings, ProxyHeaders
from noctule_hub.core.client_address import Forwarded, Origin, origin_of, read_forwarded, read_x_forwarded
from noctule_hub.core.histogram import Histogram
from noctule_hub.log import REQUEST_ID

_access = logging.getLogger("noctule_hub.access")

# By what a proxy betrays itself, one that nobody trusts too.
_PROXY_HEADERS: Final = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# The client went away before there was an answer; nginx's number for it.
GONE: Final = 499
MAX_SHOWN_CHARS: Final = 200
NO_ROUTE: Final = "none"


@dataclass(slots=True)
class HttpCounters:
    """Requests since the start by method, route and status, and how long those took that were not sockets."""

    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    durations: Histogram = field(default_factory=Histogram)
    in_progress: int = 0


HTTP_COUNTERS: Final = web.AppKey("noctule_http_counters", HttpCounters)
# The peer is this machine and no proxy stands between.
IS_LOCAL: Final = web.RequestKey("noctule_is_local", bool)


@web.middleware
async def arrival(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request whose origin is known; count it, and write it down where `access_log` is set."""
    settings = context_of(request).config.settings
    request = _with_origin(request, settings)
    REQUEST_ID.set(secrets.token_hex(4))
    counters, loop = request.app[HTTP_COUNTERS], asyncio.get_running_loop()
    began_s, status, size = loop.time(), GONE, 0
    counters.in_progress += 1
    try:
        response = await handler(request)
        status, size = response.status, response.body_length if response.prepared else response.content_length or 0
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        duration_s = loop.time() - began_s
        counters.in_progress -= 1
        method = request.method if request.method in _METHODS else "other"
        counters.requests[method, _route(request), status] += 1
        if status != HTTPStatus.SWITCHING_PROTOCOLS:
            counters.durations.observe(duration_s)
        if settings.access_log:
            _write_down(request, status, size, duration_s)
    return response


def _with_origin(request: web.Request, settings: HubSettings) -> web.Request:
    peer, headers = request.remote or "", request.headers
    request[IS_LOCAL] = peer in {"127.0.0.1", "::1"} and not any(name in headers for name in _PROXY_HEADERS)
    if not settings.trusted_proxies:
        return request
    origin = origin_of(peer, _told(request, settings.proxy_headers), settings.trusted_proxies)
    if origin == Origin(peer):
        return request
    return request.clone(
        remote=origin.address, scheme=origin.scheme or request.scheme, host=origin.host or request.host
    )


def _told(request: web.Request, kind: ProxyHeaders) -> Forwarded:
    headers = request.headers
    if kind is ProxyHeaders.FORWARDED:
        return read_forwarded(headers.getall("Forwarded", []))
    return read_x_forwarded(
        headers.getall("X-Forwarded-For", []),
        headers.getall("X-Forwarded-Proto", []),
        headers.getall("X-Forwarded-Host", []),
    )


def _route(request: web.Request) -> str:
    # The pattern, never the path: a client can make up paths without end.
    resource = request.match_info.route.resource
    return NO_ROUTE if resource is None else resource.canonical


def _write_down(request: web.Request, status: int, size: int, duration_s: float) -> None:
    principal = request.get(PRINCIPAL)
    fields = {
        "method": request.method[:20],
        # Without the query: it may hold what a client should have sent as a header.
        "path": request.path[:MAX_SHOWN_CHARS],
        "status": status,
        "bytes": size,
        "durationMs": round(duration_s * 1000, 1),
        "principal": None if principal is None else principal.subject,
        "address": request.remote,
    }
    _access.info(
        "%(method)s %(path)s %(status)d %(bytes)d bytes %(durationMs).1f ms %(principal)s from %(address)s",
        fields,
        extra={"fields": fields},
    )
