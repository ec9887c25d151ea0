"""The audit log in hub.db: written inside the transactions of others, read by itself."""

import sqlite3
from typing import Any, Final

import msgspec

from noctule_hub.core.audit import AuditAction, AuditEntry, Authorship, told
from noctule_hub.store.sqlite.backed import Backed

_COLUMNS: Final = "id, subject, actor, address, at_ms, action, kind, object_id, name, before, after"


def record(
    connection: sqlite3.Connection,
    by: Authorship,
    action: AuditAction,
    kind: str,
    *,
    object_id: int | None,
    name: str,
    before: object = None,
    after: object = None,
) -> None:
    """Write one entry; `before` and `after` are records of `core`, None where there is none."""
    connection.execute(
        """INSERT INTO audit (at_ms, subject, actor, address, action, kind, object_id, name, before, after)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (by.at_ms, by.subject, by.name, by.address, action, kind, object_id, name, _json(before), _json(after)),
    )


def _json(record_: object) -> str | None:
    return None if record_ is None else msgspec.json.encode(told(record_)).decode()


def _entry(row: tuple[Any, ...]) -> AuditEntry:
    before, after = (None if text is None else msgspec.json.decode(text) for text in row[9:11])
    by = Authorship(row[1], row[2], row[3], row[4])
    return AuditEntry(row[0], by, AuditAction(row[5]), row[6], row[7], row[8], before, after)


class SqliteAudit(Backed):
    """`Audit` in SQLite."""

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
        """Return up to `limit` entries with an id below `before_id` (None: the newest), newest first."""

        def read(connection: sqlite3.Connection) -> list[AuditEntry]:
            rows = connection.execute(
                f"""SELECT {_COLUMNS} FROM audit
                    WHERE (?1 IS NULL OR id < ?1) AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR object_id = ?3)
                        AND (?4 IS NULL OR subject = ?4) AND (?6 IS NULL OR at_ms >= ?6) AND (?7 IS NULL OR at_ms < ?7)
                    ORDER BY id DESC LIMIT ?5""",  # noqa: S608  a constant
                (before_id, kind, object_id, subject, limit, from_ms, to_ms),
            )
            return [_entry(row) for row in rows]

        return await self._readers.read(read)
