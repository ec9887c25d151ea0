"""Silences in hub.db."""

import sqlite3
from typing import Any, Final

import msgspec
from noctule_shared.errors import ErrorCode, Refused, invalid

from noctule_hub.core.alerting.silences import MAX_SILENCES, Matchers, NewSilence, Silence
from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.store.sqlite.alert_rules import check_selector
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.revisions import check_revision

_COLUMNS: Final = "id, matchers, comment, starts_ms, ends_ms, created_by, created_ms, revision"
_KIND: Final = "silence"
_NOTHING: Final = Matchers()


def read_silences(connection: sqlite3.Connection) -> list[Silence]:
    """Return all silences by id."""
    return [_silence(row) for row in connection.execute(f"SELECT {_COLUMNS} FROM silence ORDER BY id")]  # noqa: S608  a constant


def _read_silence(connection: sqlite3.Connection, silence_id: int) -> Silence:
    query = f"SELECT {_COLUMNS} FROM silence WHERE id = ?"  # noqa: S608  a constant
    row = connection.execute(query, (silence_id,)).fetchone()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no silence {silence_id}")
    return _silence(row)


def _silence(row: tuple[Any, ...]) -> Silence:
    return Silence(row[0], msgspec.json.decode(row[1], type=Matchers), *row[2:])


def _values(new: NewSilence) -> tuple[object, ...]:
    return msgspec.json.encode(new.matchers).decode(), new.comment, new.starts_ms, new.ends_ms


def _check(connection: sqlite3.Connection, new: Matchers, old: Matchers) -> None:
    """Raise `Refused` when something that `old` did not name is not there."""
    check_selector(connection, new.selector, old.selector, "matchers")
    for name in new.rules:
        known = connection.execute("SELECT 1 FROM alert_rule WHERE name = ?", (name,)).fetchone()
        if known is None and name not in old.rules:
            raise invalid("matchers.rules", f"there is no rule {name}")


class SqliteSilences(Backed):
    """`Silences` in SQLite."""

    async def silences(self) -> list[Silence]:
        """Return all silences by id."""
        return await self._readers.read(read_silences)

    async def silence(self, silence_id: int) -> Silence:
        """Return a silence. Raises `Refused` (not-found)."""
        return await self._readers.read(lambda connection: _read_silence(connection, silence_id))

    async def add_silence(self, new: NewSilence, *, by: Authorship) -> Silence:
        """Add a silence. Raises `Refused` (invalid, the field; too-many)."""

        def add(connection: sqlite3.Connection) -> Silence:
            _check(connection, new.matchers, _NOTHING)
            if connection.execute("SELECT count(*) FROM silence").fetchone()[0] >= MAX_SILENCES:
                raise Refused(ErrorCode.TOO_MANY, f"{MAX_SILENCES} silences at most; remove some that are over")
            row = connection.execute(
                f"""INSERT INTO silence (matchers, comment, starts_ms, ends_ms, created_by, created_ms)
                    VALUES (?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}""",  # noqa: S608  a constant
                (*_values(new), by.name, by.at_ms),
            ).fetchone()
            silence = _silence(row)
            record(connection, by, AuditAction.ADDED, _KIND, object_id=silence.id, name=silence.comment, after=silence)
            return silence

        return await self._writer.submit(add)

    async def update_silence(self, silence_id: int, new: NewSilence, *, revision: int, by: Authorship) -> Silence:
        """Make a silence as `new`. Raises `Refused` (not-found; invalid, the field)."""

        def update(connection: sqlite3.Connection) -> Silence:
            old = _read_silence(connection, silence_id)
            check_revision("silence", old.revision, revision)
            _check(connection, new.matchers, old.matchers)
            connection.execute(
                """UPDATE silence SET matchers = ?, comment = ?, starts_ms = ?, ends_ms = ?, revision = revision + 1
                   WHERE id = ?""",
                (*_values(new), silence_id),
            )
            return _changed(connection, old, by)

        return await self._writer.submit(update)

    async def expire_silence(self, silence_id: int, *, by: Authorship) -> Silence:
        """End a silence. Raises `Refused` (not-found; invalid, field id, when it does not hold now)."""

        def expire(connection: sqlite3.Connection) -> Silence:
            old = _read_silence(connection, silence_id)
            if not old.holds_at(by.at_ms):
                raise invalid("id", "this silence does not hold now; change or remove it instead")
            connection.execute(
                "UPDATE silence SET ends_ms = ?, revision = revision + 1 WHERE id = ?", (by.at_ms, silence_id)
            )
            return _changed(connection, old, by)

        return await self._writer.submit(expire)

    async def remove_silence(self, silence_id: int, *, by: Authorship) -> None:
        """Remove a silence. Raises `Refused` (not-found)."""

        def remove(connection: sqlite3.Connection) -> None:
            old = _read_silence(connection, silence_id)
            connection.execute("DELETE FROM silence WHERE id = ?", (silence_id,))
            record(connection, by, AuditAction.REMOVED, _KIND, object_id=silence_id, name=old.comment, before=old)

        await self._writer.submit(remove)


def _changed(connection: sqlite3.Connection, old: Silence, by: Authorship) -> Silence:
    new = _read_silence(connection, old.id)
    record(connection, by, AuditAction.CHANGED, _KIND, object_id=old.id, name=new.comment, before=old, after=new)
    return new
