"""The part of the store's interface that knows who changed what."""

from typing import Protocol

from noctule_hub.core.audit import AuditEntry


class Audit(Protocol):
    """The audit log: one entry for each change of configuration, written in that change's transaction."""

    async def audit_entries(
        self,
        *,
        before_id: int | None,
        kind: str | None,
        object_id: int | None,
        subject: str | None,
        limit: int,
        from_ms: int | None = None,
        to_ms: int | None = None,
    ) -> list[AuditEntry]:
        """Return up to `limit` entries with an id below `before_id` (None: the newest), newest first.

        `kind`, `object_id` and `subject` keep those of one object or person, `from_ms` and `to_ms` those of a time, the
        first included; None keeps all.
        """
        ...
