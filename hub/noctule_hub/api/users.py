"""Users over HTTP: listed and added, by admins."""

import re
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web
from noctule_shared.errors import invalid

from noctule_hub.answers.accounts import UserView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.bodies import Id, PageQuery, json_response, page, page_response, read_body, read_query
from noctule_hub.api.context import context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.views import user_view
from noctule_hub.auth.passwords import check_new_password
from noctule_hub.auth.permissions import Action
from noctule_hub.core.principal import Role

USER_ROLES: Final = frozenset({Role.ADMIN, Role.OPERATOR, Role.VIEWER, Role.BILLING, Role.CUSTOMER})
_USERNAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}", re.ASCII)


class NewUser(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/users`."""

    username: str
    password: str
    role: Role
    customer_id: Id | None = None

    def __repr__(self) -> str:
        return f"NewUser(username={self.username!r}, password=***, role={self.role!r})"


def check_username(text: str) -> str:
    """Return a user name. Raises `Refused` (invalid)."""
    if not _USERNAME.fullmatch(text):
        raise invalid("username", "must have 1 to 64 letters, digits or . _ @ + - and begin with a letter or digit")
    return text


async def list_users(request: web.Request) -> web.Response:
    """`GET /api/v1/users`: by id."""
    chosen, next_cursor = page(
        read_query(request, PageQuery), await context_of(request).store.users(), lambda user: user.id
    )
    return page_response([user_view(user) for user in chosen], next_cursor)


async def add_user(request: web.Request) -> web.Response:
    """`POST /api/v1/users`: 201 with the user."""
    context = context_of(request)
    body = await read_body(request, NewUser)
    username = check_username(body.username)
    if body.role not in USER_ROLES:
        raise invalid("role", f"must be one of: {', '.join(sorted(USER_ROLES))}")
    if (body.role is Role.CUSTOMER) != (body.customer_id is not None):
        raise invalid("customerId", "belongs to role customer, which needs it")
    password_hash = await context.passwords.hash(check_new_password(body.password))
    user = await context.store.add_user(
        username=username,
        password_hash=password_hash,
        role=body.role,
        customer_id=body.customer_id,
        now_ms=context.clock_ms(),
    )
    return json_response(user_view(user), status=201)


ENDPOINTS: Final = (
    Endpoint(
        "GET", "/api/v1/users", Action.MANAGE_USERS, list_users, Contract(query=PageQuery, answer=page_of(UserView))
    ),
    Endpoint(
        "POST",
        "/api/v1/users",
        Action.MANAGE_USERS,
        add_user,
        Contract(body=NewUser, answer=UserView, status=HTTPStatus.CREATED),
    ),
)
