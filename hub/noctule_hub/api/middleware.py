"""What happens around every request: errors become problem documents, callers become principals, headers are set."""

import asyncio
import logging
import secrets
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from noctule_shared.errors import ErrorBody, ErrorCode, Refused, invalid

from noctule_hub.api import pages
from noctule_hub.api.arrival import IS_LOCAL, arrival
from noctule_hub.api.compression import compressed
from noctule_hub.api.context import PRINCIPAL, context_of
from noctule_hub.api.endpoints import BY_ROUTE, SELF_GUARDED_PREFIX, Costly, Endpoint
from noctule_hub.api.limits import MAX_EXPORTS
from noctule_hub.api.problems import http_error_response, problem_response, refusal_response
from noctule_hub.auth.permissions import Action, is_allowed, roles_that_may
from noctule_hub.core.principal import ANONYMOUS, Principal, Role
from noctule_hub.log import REQUEST_ID
from noctule_hub.store.errors import StoreError

_log = logging.getLogger(__name__)

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Server": "noctule",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# When a full disk or a lock of another program may be over.
STORE_RETRY_S: Final = 10.0
# What counts against a client's requests a minute; sockets have limits of their own, pages are few.
LIMITED_PREFIX: Final = "/api/"
# A scraper on the hub's own machine needs no sign-in for the hub's own metrics.
_LOCAL_SCRAPER: Final = Principal(subject="local", role=Role.METRICS, name="local")
_PREFLIGHT_HEADERS: Final = {
    "Access-Control-Allow-Methods": "GET, POST, PATCH, PUT, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, X-Noctule",
    "Access-Control-Max-Age": "600",
}


async def set_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that every answer carries, whoever made it; API answers are never cached."""
    for name, value in SECURITY_HEADERS.items():
        response.headers[name] = value
    number = REQUEST_ID.get()
    if number is not None:
        response.headers["X-Request-ID"] = number
    if request.path.startswith(LIMITED_PREFIX):
        response.headers.setdefault("Cache-Control", "no-store")


def is_allowed_origin(request: web.Request) -> bool:
    """Return whether the request's Origin is this hub's own or a known one. None at all is not.

    The scheme of our own origin is not compared: a reverse proxy ends TLS before us.
    """
    origin = request.headers.get("Origin", "").lower()
    if not origin:
        return False
    if origin in context_of(request).config.settings.known_origins:
        return True
    return urlsplit(origin).netloc == request.host.lower()


@web.middleware
async def errors_as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into a problem document; an unexpected one into a 500 that names its incident in the log."""
    try:
        return await handler(request)
    except Refused as refusal:
        return refusal_response(refusal)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        if isinstance(error, web.HTTPNotFound):
            page = pages.fallback(request)
            if page is not None:
                return page
        return http_error_response(error, method=request.method, path=request.path)
    except asyncio.CancelledError:
        raise
    except ConnectionError:
        # The client has gone; there is nobody to answer and nothing of ours to mend.
        raise
    except Exception as error:  # noqa: BLE001  the handler boundary: logged, answered as 500 or 503
        return _failure(request, error)


def _failure(request: web.Request, error: Exception) -> web.Response:
    """Answer the exception at hand as a 500 and log it with the incident that the answer names.

    A full disk and its like are nothing that a traceback would explain: whoever asks is told, by a 503.
    """
    if isinstance(error, StoreError) and error.reason is not None:
        _log.warning("%s %s: %s", request.method, request.path, error)
        message = f"the hub's data cannot be read or kept now: {error.reason}"
        return problem_response(ErrorBody(ErrorCode.BUSY, message, retry_after_s=STORE_RETRY_S))
    incident = REQUEST_ID.get() or secrets.token_hex(4)
    _log.exception("incident %s: %s %s failed", incident, request.method, request.path)
    message = f"the hub failed at this; its log says more under incident {incident}"
    return problem_response(
        ErrorBody(ErrorCode.BUSY, message), status=HTTPStatus.INTERNAL_SERVER_ERROR, incident=incident
    )


@web.middleware
async def cross_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer the preflights of pages of `public_origins`."""
    is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    if is_preflight and _shared_with(request) is not None:
        return web.Response(status=HTTPStatus.NO_CONTENT, headers=_PREFLIGHT_HEADERS)
    return await handler(request)


async def share_with_origins(request: web.Request, response: web.StreamResponse) -> None:
    """Let pages of `public_origins` read any answer, also one that is streamed; all others stay same-origin."""
    origin = _shared_with(request)
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Vary"] = ", ".join(filter(None, (response.headers.get("Vary"), "Origin")))


def _shared_with(request: web.Request) -> str | None:
    """Return the page that asks, when answers are shared with it. Socket.IO decides that for itself."""
    origin = request.headers.get("Origin", "").lower()
    if request.path.startswith(SELF_GUARDED_PREFIX):
        return None
    return origin if origin in context_of(request).config.settings.public_origins else None


@web.middleware
async def authorise(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who asks, and refuse what that role may not do. A route without a declared action is refused."""
    if request.match_info.http_exception is not None or request.path.startswith(SELF_GUARDED_PREFIX):
        return await handler(request)
    endpoint = _endpoint(request)
    if endpoint is None:
        raise Refused(ErrorCode.FORBIDDEN, "this route declares no permission; report it")
    action = endpoint.action
    try:
        principal = await _principal(request, action)
    except Refused:
        _limit(request, ANONYMOUS)
        raise
    _limit(request, principal)
    if not is_allowed(principal.role, action):
        if principal is ANONYMOUS:
            raise Refused(ErrorCode.UNAUTHORISED, "sign in first: send an access token as Authorization: Bearer")
        roles = ", ".join(roles_that_may(action))
        raise Refused(ErrorCode.FORBIDDEN, f"your role {principal.role} may not do this; it needs one of: {roles}")
    request[PRINCIPAL] = principal
    if endpoint.contract is not None and endpoint.contract.query is None and request.query:
        raise invalid(next(iter(request.query))[:40], "there is no such parameter here; this takes none")
    return await handler(request)


@web.middleware
async def take_turns(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let only a few costly reads run at once, and exports on their own: they would keep reads waiting for minutes."""
    endpoint = _endpoint(request)
    context = context_of(request)
    match None if endpoint is None else endpoint.costly:
        case None:
            return await handler(request)
        case Costly.READ:
            turn = context.costly_reads.turn(at_once=context.config.settings.limits.costly_reads)
        case Costly.EXPORT:
            turn = context.exports.turn(at_once=MAX_EXPORTS)
    async with turn:
        return await handler(request)


def _endpoint(request: web.Request) -> Endpoint | None:
    """Return what a request asks for, None for a route that was not declared."""
    resource = request.match_info.route.resource
    method = "GET" if request.method == "HEAD" else request.method
    return request.app[BY_ROUTE].get((method, resource.canonical if resource is not None else ""))


def _limit(request: web.Request, principal: Principal) -> None:
    """Count a request of the API. Raises `Refused` (too-many)."""
    if request.path.startswith(LIMITED_PREFIX):
        context = context_of(request)
        limits = context.config.settings.limits
        context.request_limit.admit(principal, request.remote or "", limits, context.clock_ms())


async def _principal(request: web.Request, action: Action) -> Principal:
    # A public route works with a stale token too: the client may be about to replace it.
    if action is Action.PUBLIC:
        return ANONYMOUS
    headers = request.headers.getall("Authorization", [])
    if not headers:
        is_scraper = action is Action.READ_HUB_METRICS and request.get(IS_LOCAL, False)
        return _LOCAL_SCRAPER if is_scraper else ANONYMOUS
    if len(headers) > 1:
        raise Refused(ErrorCode.UNAUTHORISED, "send one Authorization header")
    (header,) = headers
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(ErrorCode.UNAUTHORISED, "Authorization must be: Bearer <access token>")
    context = context_of(request)
    principal = await context.tokens.verify(token.strip())
    context.token_uses.note(principal, request.remote, context.clock_ms())
    return principal


# From the outside in: an error too must be readable by a page of an allowed origin.
MIDDLEWARES: Final = (arrival, cross_origin, compressed, errors_as_problems, authorise, take_turns)
