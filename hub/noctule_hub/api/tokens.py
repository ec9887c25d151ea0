"""Long-lived tokens for programs over HTTP: made, listed, revoked. The token itself is shown once and not kept."""

from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from aiohttp import web
from noctule_shared.errors import invalid
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.accounts import NewTokenAnswer, TokenView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.bodies import (
    PageQuery,
    check_name,
    json_response,
    page,
    page_response,
    path_id,
    read_body,
    read_query,
)
from noctule_hub.api.context import context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.views import token_view
from noctule_hub.auth.permissions import Action
from noctule_hub.auth.tokens import API_TOKEN_ROLES
from noctule_hub.core.principal import Role

MIN_TTL_S: Final = 60
MAX_TTL_S: Final = 5 * 366 * 86_400


class NewToken(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/tokens`."""

    name: str
    role: Role
    ttl_s: Annotated[int, msgspec.Meta(ge=MIN_TTL_S, le=MAX_TTL_S)]


async def list_tokens(request: web.Request) -> web.Response:
    """`GET /api/v1/tokens`: by id, revoked ones too."""
    chosen, next_cursor = page(
        read_query(request, PageQuery), await context_of(request).store.api_tokens(), lambda token: token.id
    )
    return page_response([token_view(token) for token in chosen], next_cursor)


async def add_token(request: web.Request) -> web.Response:
    """`POST /api/v1/tokens`: 201 with the token."""
    context = context_of(request)
    body = await read_body(request, NewToken)
    if body.role not in API_TOKEN_ROLES:
        raise invalid("role", f"must be one of: {', '.join(sorted(API_TOKEN_ROLES))}")
    now_ms = context.clock_ms()
    token = await context.store.add_api_token(
        name=check_name("name", body.name), role=body.role, created_ms=now_ms, expires_ms=now_ms + body.ttl_s * 1000
    )
    text = context.tokens.issue_api(token)
    answer = NewTokenAnswer(token.id, token.name, token.role, text, iso_from_ms(token.expires_ms))
    return json_response(answer, status=201)


async def revoke_token(request: web.Request) -> web.Response:
    """`DELETE /api/v1/tokens/{id}`: refused from the next request on."""
    context = context_of(request)
    await context.store.revoke_api_token(path_id(request), now_ms=context.clock_ms())
    return web.Response(status=204)


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
        "DELETE", "/api/v1/tokens/{id}", Action.MANAGE_TOKENS, revoke_token, Contract(status=HTTPStatus.NO_CONTENT)
    ),
)
