"""Long-lived tokens for programs over HTTP: made, listed, rotated, revoked. A token is shown once and not kept."""

from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from aiohttp import web
from noctule_shared.errors import invalid
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.accounts import NewTokenAnswer, TokenView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.account_views import token_view
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
from noctule_hub.api.context import ApiContext, authorship_of, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action
from noctule_hub.auth.tokens import API_TOKEN_ROLES
from noctule_hub.core.accounts import ApiToken
from noctule_hub.core.principal import Role

MIN_TTL_S: Final = 60
MAX_TTL_S: Final = 5 * 366 * 86_400
DEFAULT_GRACE_S: Final = 3_600
MAX_GRACE_S: Final = 7 * 86_400

Ttl = Annotated[int, msgspec.Meta(ge=MIN_TTL_S, le=MAX_TTL_S)]


class NewToken(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/tokens`."""

    name: str
    role: Role
    ttl_s: Ttl


class Rotation(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/tokens/{id}/rotate`.

    The token of before is good for `grace_s` more. `ttl_s` None: the new one lasts as long as it was given at first.
    """

    grace_s: Annotated[int, msgspec.Meta(ge=0, le=MAX_GRACE_S)] = DEFAULT_GRACE_S
    ttl_s: Ttl | None = None


async def list_tokens(request: web.Request) -> web.Response:
    """`GET /api/v1/tokens`: by id, revoked ones too."""
    context = context_of(request)
    chosen, next_cursor = page(read_query(request, PageQuery), await context.store.api_tokens(), lambda token: token.id)
    return page_response([token_view(token, context.token_uses.of(token.id)) for token in chosen], next_cursor)


async def add_token(request: web.Request) -> web.Response:
    """`POST /api/v1/tokens`: 201 with the token."""
    context = context_of(request)
    body = await read_body(request, NewToken)
    if body.role not in API_TOKEN_ROLES:
        raise invalid("role", f"must be one of: {', '.join(sorted(API_TOKEN_ROLES))}")
    by = authorship_of(request)
    token = await context.store.add_api_token(
        name=check_name("name", body.name), role=body.role, expires_ms=by.at_ms + body.ttl_s * 1000, by=by
    )
    return _shown_once(context, token)


async def rotate_token(request: web.Request) -> web.Response:
    """`POST /api/v1/tokens/{id}/rotate`: 201 with the new token; id, name and role stay."""
    context, token_id = context_of(request), path_id(request)
    body = await read_body(request, Rotation)
    token = await context.store.api_token(token_id)
    if token is None:
        raise not_found(f"there is no token {token_id}")
    by = authorship_of(request)
    ttl_ms = token.expires_ms - token.issued_ms if body.ttl_s is None else body.ttl_s * 1000
    rotated = await context.store.rotate_api_token(
        token_id, expires_ms=by.at_ms + ttl_ms, former_until_ms=by.at_ms + body.grace_s * 1000, by=by
    )
    await context.sockets.recheck(f"token:{token_id}")
    return _shown_once(context, rotated)


async def revoke_token(request: web.Request) -> web.Response:
    """`DELETE /api/v1/tokens/{id}`: refused from the next request on, its sockets are cut."""
    context, token_id = context_of(request), path_id(request)
    await context.store.revoke_api_token(token_id, by=authorship_of(request))
    await context.sockets.recheck(f"token:{token_id}")
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _shown_once(context: ApiContext, token: ApiToken) -> web.Response:
    text = context.tokens.issue_api(token)
    answer = NewTokenAnswer(token.id, token.name, token.role, text, iso_from_ms(token.expires_ms))
    return json_response(answer, status=HTTPStatus.CREATED)


ENDPOINTS: Final = (
    Endpoint(
        "GET", "/api/v1/tokens", Action.MANAGE_TOKENS, list_tokens, Contract(query=PageQuery, answer=page_of(TokenView))
    ),
    Endpoint(
        "POST",
        "/api/v1/tokens",
        Action.MANAGE_TOKENS,
        add_token,
        Contract(body=NewToken, answer=NewTokenAnswer, status=HTTPStatus.CREATED),
    ),
    Endpoint(
        "POST",
        "/api/v1/tokens/{id}/rotate",
        Action.MANAGE_TOKENS,
        rotate_token,
        Contract(body=Rotation, answer=NewTokenAnswer, status=HTTPStatus.CREATED),
    ),
    Endpoint(
        "DELETE",
        "/api/v1/tokens/{id}",
        Action.MANAGE_TOKENS,
        revoke_token,
        Contract(status=HTTPStatus.NO_CONTENT),
    ),
)
