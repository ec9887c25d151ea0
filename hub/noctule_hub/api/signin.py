"""Sign-in over HTTP: password for access token and refresh cookie, rotation, and the end of a session."""

import logging
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web
from noctule_shared.errors import ErrorCode, Refused, invalid

from noctule_hub.answers.accounts import CSRF_HEADER, HINT_COOKIE, REFRESH_COOKIE, Access, MeView
from noctule_hub.api.account_views import me_view
from noctule_hub.api.bodies import json_response, read_body
from noctule_hub.api.context import authorship_of, context_of, principal_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.middleware import is_allowed_origin
from noctule_hub.api.problems import refusal_response
from noctule_hub.auth.passwords import check_new_password
from noctule_hub.auth.permissions import Action
from noctule_hub.auth.sessions import LIFETIME_MS, Grant, SessionOver
from noctule_hub.auth.sign_in import too_many
from noctule_hub.auth.tokens import ACCESS_LIFETIME_S
from noctule_hub.core.accounts import User

_log = logging.getLogger(__name__)

COOKIE_PATH: Final = "/api/v1/auth"
MAX_USERNAME_CHARS: Final = 256


class Login(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/auth/login`."""

    username: str
    password: str

    def __repr__(self) -> str:
        return "Login(***)"


class PasswordChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/me/password`."""

    old_password: str
    new_password: str

    def __repr__(self) -> str:
        return "PasswordChange(***)"


async def login(request: web.Request) -> web.Response:
    """`POST /api/v1/auth/login`; wrong name, wrong password and disabled user are one answer."""
    context = context_of(request)
    _wait(context.sign_in_limit.admit(_address(request), context.clock_ms()))
    body = await read_body(request, Login)
    user = await context.sign_in.prove(body.username[:MAX_USERNAME_CHARS], body.password, _address(request))
    if user is None:
        raise Refused(ErrorCode.UNAUTHORISED, "user name or password is wrong")
    return await _begin(request, user)


async def refresh(request: web.Request) -> web.Response:
    """`POST /api/v1/auth/refresh`: spend the cookie for a new one and a new access token."""
    _refuse_forgery(request)
    context = context_of(request)
    _wait(context.refresh_limit.admit(_address(request), context.clock_ms()))
    secret = request.cookies.get(REFRESH_COOKIE, "")
    try:
        grant = await context.sessions.renew(secret, address=request.remote)
    except SessionOver as over:
        if over.user_id is not None:
            await context.sockets.recheck(f"user:{over.user_id}")
        response = refusal_response(over)
        _take_cookies_back(request, response)
        return response
    return _signed_in(request, grant)


async def logout(request: web.Request) -> web.Response:
    """`POST /api/v1/auth/logout`: end the session; 204 also when there was none."""
    _refuse_forgery(request)
    context = context_of(request)
    _wait(context.refresh_limit.admit(_address(request), context.clock_ms()))
    user_id = await context.sessions.end(request.cookies.get(REFRESH_COOKIE, ""), address=request.remote)
    if user_id is not None:
        await context.sockets.recheck(f"user:{user_id}")
    response = web.Response(status=HTTPStatus.NO_CONTENT)
    _take_cookies_back(request, response)
    return response


async def me(request: web.Request) -> web.Response:
    """`GET /api/v1/me`."""
    return json_response(me_view(principal_of(request)))


async def change_own_password(request: web.Request) -> web.Response:
    """`POST /api/v1/me/password`: a new session and its access token; all other sessions and tokens of before end."""
    context = context_of(request)
    body = await read_body(request, PasswordChange)
    user_id = principal_of(request).user_id
    user = None if user_id is None else await context.store.user(user_id)
    if user is None:
        raise Refused(ErrorCode.FORBIDDEN, "you are no user of this hub and have no password here")
    _check_new(body.new_password)
    if await context.sign_in.prove(user.username, body.old_password, _address(request)) is None:
        raise invalid("oldPassword", "is not your password")
    password_hash = await context.passwords.hash(body.new_password)
    changed = await context.store.set_password(user.id, password_hash=password_hash, by=authorship_of(request))
    _log.info("user %d changed its password", user.id)
    return await _begin(request, changed)


def _check_new(password: str) -> None:
    try:
        check_new_password(password)
    except Refused as refusal:
        raise invalid("newPassword", refusal.message) from None


async def _begin(request: web.Request, user: User) -> web.Response:
    context, address = context_of(request), _address(request)
    client = request.headers.get("User-Agent", "")
    strange = await context.sign_in.is_strange(user, address)
    grant = await context.sessions.start(user, address=address or None, client=client, clear_backoff=strange)
    _log.info("user %d signed in from %s, session %d", user.id, address or "an unknown address", grant.session_id)
    # A session that had to make room for this one may have sockets.
    await context.sockets.recheck(f"user:{user.id}")
    return _signed_in(request, grant)


def _address(request: web.Request) -> str:
    return request.remote or ""


def _wait(wait_s: float | None) -> None:
    if wait_s is not None:
        raise too_many(wait_s)


def _refuse_forgery(request: web.Request) -> None:
    if request.headers.get(CSRF_HEADER) != "1":
        raise Refused(ErrorCode.FORBIDDEN, f"send the header {CSRF_HEADER}: 1")
    if not is_allowed_origin(request):
        raise Refused(ErrorCode.FORBIDDEN, "this Origin is not allowed; add it to public_origins in hub.toml")


def _is_https(request: web.Request) -> bool:
    # Behind a proxy that ends TLS only the browser's Origin tells; it cannot be forged by a page.
    return request.secure or request.headers.get("Origin", "").lower().startswith("https://")


def _signed_in(request: web.Request, grant: Grant) -> web.Response:
    access = Access(context_of(request).tokens.issue_access(grant.user, grant.session_id), ACCESS_LIFETIME_S)
    response = json_response(access)
    secure = _is_https(request)
    response.set_cookie(
        REFRESH_COOKIE,
        grant.refresh_secret,
        path=COOKIE_PATH,
        max_age=LIFETIME_MS // 1000,
        httponly=True,
        samesite="Strict",
        secure=secure,
    )
    response.set_cookie(HINT_COOKIE, "1", path="/", max_age=LIFETIME_MS // 1000, samesite="Strict", secure=secure)
    return response


def _take_cookies_back(request: web.Request, response: web.Response) -> None:
    secure = _is_https(request)
    response.del_cookie(REFRESH_COOKIE, path=COOKIE_PATH, httponly=True, samesite="Strict", secure=secure)
    response.del_cookie(HINT_COOKIE, path="/", samesite="Strict", secure=secure)


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/v1/auth/login",
        Action.PUBLIC,
        login,
        Contract(body=Login, answer=Access),
    ),
    Endpoint(
        "POST",
        "/api/v1/auth/refresh",
        Action.PUBLIC,
        refresh,
        Contract(answer=Access),
    ),
    Endpoint(
        "POST",
        "/api/v1/auth/logout",
        Action.PUBLIC,
        logout,
        Contract(status=HTTPStatus.NO_CONTENT),
    ),
    Endpoint("GET", "/api/v1/me", Action.OWN_IDENTITY, me, Contract(answer=MeView)),
    Endpoint(
        "POST",
        "/api/v1/me/password",
        Action.OWN_IDENTITY,
        change_own_password,
        Contract(body=PasswordChange, answer=Access),
    ),
)
