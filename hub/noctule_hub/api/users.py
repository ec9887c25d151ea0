"""Users over HTTP, by admins: listed, added, changed, given a password, removed."""

import re
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType
from noctule_shared.errors import Refused, invalid

from noctule_hub.answers.accounts import UserView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.account_views import user_view
from noctule_hub.api.bodies import (
    Id,
    PageQuery,
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


class UserChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `PATCH /api/v1/users/{id}`: what is absent stays. `revision` is the one that was read.

    A role other than customer takes the customer away by itself.
    """

    revision: int
    role: Role | UnsetType = UNSET
    customer_id: Id | UnsetType | None = UNSET
    disabled: bool | UnsetType = UNSET


class NewPassword(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/users/{id}/password`."""

    password: str

    def __repr__(self) -> str:
        return "NewPassword(***)"


def check_username(text: str) -> str:
    """Return a user name. Raises `Refused` (invalid)."""
    if not _USERNAME.fullmatch(text):
        raise invalid("username", "must have 1 to 64 letters, digits or . _ @ + - and begin with a letter or digit")
    return text


def check_role(role: Role, customer_id: int | None) -> None:
    """Raise `Refused` (invalid) unless a user may have this role, with or without a customer."""
    if role not in USER_ROLES:
        raise invalid("role", f"must be one of: {', '.join(sorted(USER_ROLES))}")
    if (role is Role.CUSTOMER) != (customer_id is not None):
        raise invalid("customerId", "belongs to role customer, which needs it")


async def require_customer(context: ApiContext, customer_id: int | None) -> None:
    """Raise `Refused` (invalid, field customerId) unless the customer exists; the next one to be added gets its id."""
    if customer_id is None:
        return
    try:
        await context.store.customer(customer_id)
    except Refused as refusal:
        raise invalid("customerId", refusal.message) from refusal


async def list_users(request: web.Request) -> web.Response:
    """`GET /api/v1/users`: by id."""
    chosen, next_cursor = page(
        read_query(request, PageQuery), await context_of(request).store.users(), lambda user: user.id
    )
    return page_response([user_view(user) for user in chosen], next_cursor)


async def show_user(request: web.Request) -> web.Response:
    """`GET /api/v1/users/{id}`."""
    user_id = path_id(request)
    user = await context_of(request).store.user(user_id)
    if user is None:
        raise not_found(f"there is no user {user_id}")
    return json_response(user_view(user))


async def add_user(request: web.Request) -> web.Response:
    """`POST /api/v1/users`: 201 with the user."""
    context = context_of(request)
    body = await read_body(request, NewUser)
    username = check_username(body.username)
    check_role(body.role, body.customer_id)
    await require_customer(context, body.customer_id)
    password_hash = await context.passwords.hash(check_new_password(body.password))
    user = await context.store.add_user(
        username=username,
        password_hash=password_hash,
        role=body.role,
        customer_id=body.customer_id,
        by=authorship_of(request),
    )
    await context.configuration_changed()
    return json_response(user_view(user), status=HTTPStatus.CREATED)


async def change_user(request: web.Request) -> web.Response:
    """`PATCH /api/v1/users/{id}`: the user as it is afterwards; its sockets are cut and come back with its new rights.

    Disabling ends its sessions and makes its tokens worthless, also for when it is enabled again.
    """
    context, user_id = context_of(request), path_id(request)
    body = await read_body(request, UserChange)
    user = await context.store.user(user_id)
    if user is None:
        raise not_found(f"there is no user {user_id}")
    role = user.role if body.role is UNSET else body.role
    kept = user.customer_id if role is Role.CUSTOMER else None
    customer_id = kept if body.customer_id is UNSET else body.customer_id
    check_role(role, customer_id)
    if customer_id != user.customer_id:
        await require_customer(context, customer_id)
    changed = await context.store.change_user(
        user_id,
        revision=body.revision,
        role=role,
        customer_id=customer_id,
        disabled=user.disabled if body.disabled is UNSET else body.disabled,
        by=authorship_of(request),
    )
    await context.sockets.recheck(f"user:{user_id}")
    # Alerts that are assigned to one who may not take care of them any more are assigned to nobody.
    await context.configuration_changed()
    return json_response(user_view(changed))


async def set_password(request: web.Request) -> web.Response:
    """`POST /api/v1/users/{id}/password`: the user is signed out everywhere and signs in with the new one."""
    context, user_id = context_of(request), path_id(request)
    body = await read_body(request, NewPassword)
    password = check_new_password(body.password)
    if await context.store.user(user_id) is None:
        raise not_found(f"there is no user {user_id}")
    password_hash = await context.passwords.hash(password)
    await context.store.set_password(user_id, password_hash=password_hash, by=authorship_of(request))
    await context.sockets.recheck(f"user:{user_id}")
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def remove_user(request: web.Request) -> web.Response:
    """`DELETE /api/v1/users/{id}`: with its sessions; the audit log keeps what it did, and its id is not used again."""
    context, user_id = context_of(request), path_id(request)
    await context.store.remove_user(user_id, by=authorship_of(request))
    await context.sockets.recheck(f"user:{user_id}")
    await context.configuration_changed()
    return web.Response(status=HTTPStatus.NO_CONTENT)


_ONE: Final = "/api/v1/users/{id}"
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
    Endpoint("GET", _ONE, Action.MANAGE_USERS, show_user, Contract(answer=UserView)),
    Endpoint("PATCH", _ONE, Action.MANAGE_USERS, change_user, Contract(body=UserChange, answer=UserView)),
    Endpoint("DELETE", _ONE, Action.MANAGE_USERS, remove_user, Contract(status=HTTPStatus.NO_CONTENT)),
    Endpoint(
        "POST",
        "/api/v1/users/{id}/password",
        Action.MANAGE_USERS,
        set_password,
        Contract(body=NewPassword, status=HTTPStatus.NO_CONTENT),
    ),
)
