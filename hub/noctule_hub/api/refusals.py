"""Refused tokens of others' issuers over HTTP, by admins: who may not come in though its own backend lets it."""

import re
from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from aiohttp import web
from noctule_shared.errors import invalid
from noctule_shared.times import ms_from_iso

from noctule_hub.answers.accounts import RefusalView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.account_views import refusal_view
from noctule_hub.api.bodies import (
    PageQuery,
    json_response,
    page,
    page_response,
    path_id,
    read_body,
    read_query,
)
from noctule_hub.api.context import authorship_of, context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action

# As `core.external_claims` writes subjects; without the last part all of the issuer's.
_SUBJECT: Final = re.compile(r"ext:[a-z][a-z0-9-]{0,31}(:[A-Za-z0-9._@|+-]{1,64})?", re.ASCII)
MAX_REASON_CHARS: Final = 200


class NewRefusal(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Body of `POST /api/v1/refusals`. `subject` is `ext:NAME:ID`, or `ext:NAME` for all of an issuer.

    `before` (ISO 8601) refuses tokens issued before then, None all of them.
    """

    subject: str
    before: str | None = None
    reason: Annotated[str, msgspec.Meta(max_length=MAX_REASON_CHARS)] = ""


async def list_refusals(request: web.Request) -> web.Response:
    """`GET /api/v1/refusals`: by id."""
    chosen, next_cursor = page(
        read_query(request, PageQuery), await context_of(request).store.refusals(), lambda refusal: refusal.id
    )
    return page_response([refusal_view(refusal) for refusal in chosen], next_cursor)


async def add_refusal(request: web.Request) -> web.Response:
    """`POST /api/v1/refusals`: 201 with the refusal, which replaces one of the same subject; its sockets are cut."""
    context = context_of(request)
    body = await read_body(request, NewRefusal)
    if not _SUBJECT.fullmatch(body.subject):
        raise invalid("subject", "must be ext:NAME:ID as the audit log and client lists show it, or ext:NAME")
    if not body.reason.isprintable():
        raise invalid("reason", "must hold no control characters or line ends")
    refusal = await context.store.add_refusal(
        subject=body.subject,
        before_ms=None if body.before is None else ms_from_iso(body.before, field="before"),
        reason=body.reason,
        by=authorship_of(request),
    )
    await context.sockets.recheck(refusal.subject)
    return json_response(refusal_view(refusal), status=HTTPStatus.CREATED)


async def remove_refusal(request: web.Request) -> web.Response:
    """`DELETE /api/v1/refusals/{id}`: the subject's tokens are taken again."""
    await context_of(request).store.remove_refusal(path_id(request), by=authorship_of(request))
    return web.Response(status=HTTPStatus.NO_CONTENT)


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/refusals",
        Action.MANAGE_USERS,
        list_refusals,
        Contract(query=PageQuery, answer=page_of(RefusalView)),
    ),
    Endpoint(
        "POST",
        "/api/v1/refusals",
        Action.MANAGE_USERS,
        add_refusal,
        Contract(body=NewRefusal, answer=RefusalView, status=HTTPStatus.CREATED),
    ),
    Endpoint(
        "DELETE",
        "/api/v1/refusals/{id}",
        Action.MANAGE_USERS,
        remove_refusal,
        Contract(status=HTTPStatus.NO_CONTENT),
    ),
)
