"""Sign-in over HTTP: password for access token and refresh cookie, rotation, and the end of a session."""

import logging
import math
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web
from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.answers.accounts import CSRF_HEADER, REFRESH_COOKIE, Access, MeView
from noctule_hub.api.bodies import json_response, read_body
from noctule_hub.api.context import context_of, principal_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.middleware import is_allowed_origin
from noctule_hub.api.views import me_view
from noctule_hub.auth.permissions import Action
from noctule_hub.auth.sessions import LIFETIME_MS, Session
from noctule_hub.auth.tokens import ACCESS_LIFETIME_S

_log = logging.getLogger(__name__)

COOKIE_PATH: Final = "/api/v1/auth"
MAX_USERNAME_CHARS: Final = 256


class Login(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/auth/login`."""

    username: str
    password: str

    def __repr__(self) -> str:
        return "Login(***)"


async def login(request: web.Request) -> web.Response:
    """`POST /api/v1/auth/login`; wrong name, wrong password and disabled user are one answer."""
    context = context_of(request)
    now_ms = context.clock_ms()
    address = request.remote or ""
    _wait(context.sign_in_limit.admit(address, now_ms))
    body = await read_body(request, Login)
    username = body.username[:MAX_USERNAME_CHARS]
    _wait(context.login_throttle.admit(username, address, now_ms))
    user = await context.store.user_by_name(username)
    right = await context.passwords.verify(user.password_hash if user else None, body.password)
    if user is None or not right or user.disabled:
        # An unknown name may be a password in the wrong field, so only known ones are written down.
        _log.warning("sign-in refused for %s from %s", f"user {user.id}" if user else "an unknown name", address)
        raise Refused(ErrorCode.UNAUTHORISED, "user name or password is wrong")
    context.login_throttle.succeeded(username, address)
    return _signed_in(request, await context.sessions.start(user))


async def refresh(request: web.Request) -> web.Response:
    """`POST /api/v1/auth/refresh`: spend the cookie for a new one and a new access token."""
    _refuse_forgery(request)
    context = context_of(request)
    _wait(context.sign_in_limit.admit(request.remote or "", context.clock_ms()))
    session = await context.sessions.renew(request.cookies.get(REFRESH_COOKIE, ""))
    return _signed_in(request, session)


async def logout(request: web.Request) -> web.Response:
    """`POST /api/v1/auth/logout`: end the session; 204 also when there was none."""
    _refuse_forgery(request)
    await context_of(request).sessions.end(request.cookies.get(REFRESH_COOKIE, ""))
    response = web.Response(status=204)
    response.del_cookie(REFRESH_COOKIE, path=COOKIE_PATH, httponly=True, samesite="Strict", secure=_is_https(request))
    return response


async def me(request: web.Request) -> web.Response:
    """`GET /api/v1/me`."""
    return json_response(me_view(principal_of(request)))


def _wait(wait_s: float | None) -> None:
    if wait_s is not None:
        message = f"too many tries; wait {math.ceil(wait_s)} s and try again"
        raise Refused(ErrorCode.TOO_MANY, message, retry_after_s=wait_s)


def _refuse_forgery(request: web.Request) -> None:
    if request.headers.get(CSRF_HEADER) != "1":
        raise Refused(ErrorCode.FORBIDDEN, f"send the header {CSRF_HEADER}: 1")
    if not is_allowed_origin(request):
        raise Refused(ErrorCode.FORBIDDEN, "this Origin is not allowed; add it to public_origins in hub.toml")


def _is_https(request: web.Request) -> bool:
    # Behind a proxy that ends TLS only the browser's Origin tells; it cannot be forged by a page.
    return request.secure or request.headers.get("Origin", "").lower().startswith("https://")


def _signed_in(request: web.Request, session: Session) -> web.Response:
    access = Access(context_of(request).tokens.issue_access(session.user), ACCESS_LIFETIME_S)
    response = json_response(access)
    response.set_cookie(
        REFRESH_COOKIE,
        session.refresh_secret,
        path=COOKIE_PATH,
        max_age=LIFETIME_MS // 1000,
        httponly=True,
        samesite="Strict",
        secure=_is_https(request),
    )
    return response


ENDPOINTS: Final = (
    Endpoint("POST", "/api/v1/auth/login", Action.PUBLIC, login, Contract(body=Login, answer=Access)),
    Endpoint("POST", "/api/v1/auth/refresh", Action.PUBLIC, refresh, Contract(answer=Access)),
    Endpoint("POST", "/api/v1/auth/logout", Action.PUBLIC, logout, Contract(status=HTTPStatus.NO_CONTENT)),
    Endpoint("GET", "/api/v1/me", Action.OWN_IDENTITY, me, Contract(answer=MeView)),
)
