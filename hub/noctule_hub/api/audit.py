"""The audit log over HTTP: who changed what, for admins."""

from typing import Annotated, Final

import msgspec
from aiohttp import web
from noctule_shared.times import iso_from_ms

from noctule_hub.answers.audit import AuditPage, AuditView
from noctule_hub.api.bodies import Id, PageQuery, json_response, read_query
from noctule_hub.api.context import context_of
from noctule_hub.api.endpoints import Contract, Endpoint
from noctule_hub.api.log_input import times_of
from noctule_hub.auth.permissions import Action
from noctule_hub.core.audit import AuditEntry


class AuditQuery(PageQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/audit`: of one kind of object, one object, or one person or program.

    `from` and `to` are ISO 8601 times of the change, the first included.
    """

    kind: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    object_id: Id | None = None
    subject: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None


async def list_audit(request: web.Request) -> web.Response:
    """`GET /api/v1/audit`: changes of configuration, newest first."""
    query = read_query(request, AuditQuery)
    from_ms, to_ms = times_of(query.from_, query.to)
    entries = await context_of(request).store.audit_entries(
        before_id=query.cursor,
        kind=query.kind,
        object_id=query.object_id,
        subject=query.subject,
        limit=query.limit + 1,
        from_ms=from_ms,
        to_ms=to_ms,
    )
    chosen = entries[: query.limit]
    next_cursor = str(chosen[-1].id) if len(entries) > query.limit else None
    return json_response(AuditPage([_view(entry) for entry in chosen], next_cursor))


def _view(entry: AuditEntry) -> AuditView:
    return AuditView(
        id=entry.id,
        at=iso_from_ms(entry.by.at_ms),
        subject=entry.by.subject,
        actor=entry.by.name,
        address=entry.by.address,
        action=entry.action,
        kind=entry.kind,
        object_id=entry.object_id,
        name=entry.name,
        before=entry.before,
        after=entry.after,
    )


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/audit", Action.READ_AUDIT, list_audit, Contract(query=AuditQuery, answer=AuditPage)),
)
