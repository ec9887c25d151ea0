"""The audit log as HTTP answers show it."""

from typing import Any

import msgspec

from noctule_hub.core.audit import AuditAction


class AuditView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One change: who, from where, what, and the object before (null: added) and after (null: gone)."""

    id: int
    at: str
    subject: str
    actor: str
    address: str | None
    action: AuditAction
    kind: str
    object_id: int | None
    name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditPage(msgspec.Struct, frozen=True, rename="camel"):
    """Changes, newest first. `next_cursor` null: these were the oldest."""

    items: list[AuditView]
    next_cursor: str | None
