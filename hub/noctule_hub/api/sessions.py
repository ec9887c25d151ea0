"""Sessions over HTTP: who is signed in where, listed and ended; one's own, and by admins anybody's."""

from http import HTTPStatus
from typing import Final

from aiohttp import web
from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.answers.accounts import SessionView
from noctule_hub.answers.pages import page_of
from noctule_hub.api.account_views import session_view
from noctule_hub.api.bodies import Id, PageQuery, not_found, page, page_response, path_id, read_query
from noctule_hub.api.context import authorship_of, context_of, principal_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.auth.permissions import Action, is_allowed
from noctule_hub.core.accounts import SessionEnd


class SessionQuery(PageQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/sessions`: by `user_id` an admin sees another's."""

    user_id: Id | None = None


async def list_sessions(request: web.Request) -> web.Response:
    """`GET /api/v1/sessions`: by id, those that are neither ended nor expired. A program's token has none."""
    context, caller = context_of(request), principal_of(request)
    query = read_query(request, SessionQuery)
    user_id = query.user_id if query.user_id is not None else caller.user_id
    if user_id != caller.user_id and not is_allowed(caller.role, Action.MANAGE_USERS):
        raise Refused(ErrorCode.FORBIDDEN, "only an admin sees the sessions of others", field="userId")
    if query.user_id is not None and await context.store.user(query.user_id) is None:
        raise not_found(f"there is no user {query.user_id}")
    sessions = [] if user_id is None else await context.store.sessions(user_id, now_ms=context.clock_ms())
    chosen, next_cursor = page(query, sessions, lambda session: session.id)
    return page_response([session_view(session, caller) for session in chosen], next_cursor)


async def end_session(request: web.Request) -> web.Response:
    """`DELETE /api/v1/sessions/{id}`: its refresh and access tokens are refused at once, its sockets cut."""
    context, caller = context_of(request), principal_of(request)
    anybodys = is_allowed(caller.role, Action.MANAGE_USERS)
    if caller.user_id is None and not anybodys:
        raise not_found("you have no sessions: a program's token is revoked, not ended")
    ended = await context.store.end_session(
        path_id(request),
        SessionEnd.ENDED,
        user_id=None if anybodys else caller.user_id,
        by=authorship_of(request),
    )
    await context.sockets.recheck(f"user:{ended.user_id}")
    return web.Response(status=HTTPStatus.NO_CONTENT)


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/v1/sessions",
        Action.OWN_SESSIONS,
        list_sessions,
        Contract(query=SessionQuery, answer=page_of(SessionView)),
    ),
    Endpoint(
        "DELETE",
        "/api/v1/sessions/{id}",
        Action.OWN_SESSIONS,
        end_session,
        Contract(status=HTTPStatus.NO_CONTENT),
    ),
)
