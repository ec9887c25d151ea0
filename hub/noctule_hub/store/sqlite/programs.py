"""Programs' long-lived tokens, and refused tokens of others' issuers, in hub.db."""

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from noctule_shared.errors import ErrorCode, Refused, invalid

from noctule_hub.core.accounts import ApiToken, Refusal, Use
from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.principal import Role
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed

MAX_REFUSALS: Final = 10_000
_API: Final = (
    "id, name, role, created_ms, expires_ms, revoked_ms, issued_ms, former_issued_ms, former_until_ms, used_ms, "
    "used_address"
)
_REFUSAL: Final = "id, subject, before_ms, reason, created_ms"


def _api_token(row: tuple[Any, ...]) -> ApiToken:
    used = None if row[9] is None else Use(row[9], row[10])
    return replace(ApiToken(row[0], row[1], Role(row[2]), *row[3:9]), used=used)


def _read(connection: sqlite3.Connection, token_id: int) -> ApiToken | None:
    row = connection.execute(f"SELECT {_API} FROM api_token WHERE id = ?", (token_id,)).fetchone()  # noqa: S608  a constant
    return None if row is None else _api_token(row)


def _existing(connection: sqlite3.Connection, token_id: int) -> ApiToken:
    token = _read(connection, token_id)
    if token is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no token {token_id}")
    return token


class SqlitePrograms(Backed):
    """`Programs` in SQLite."""

    async def add_api_token(self, *, name: str, role: Role, expires_ms: int, by: Authorship) -> ApiToken:
        """Keep a long-lived token. Raises `Refused` (invalid, field name) when one not revoked has the name."""

        def add(connection: sqlite3.Connection) -> ApiToken:
            if connection.execute("SELECT 1 FROM api_token WHERE name = ? AND revoked_ms IS NULL", (name,)).fetchone():
                raise invalid("name", f"there is a token named {name!r} already; choose another name or revoke it")
            row = connection.execute(
                f"""INSERT INTO api_token (name, role, created_ms, issued_ms, expires_ms) VALUES (?, ?, ?, ?, ?)
                    RETURNING {_API}""",  # noqa: S608  a constant
                (name, role, by.at_ms, by.at_ms, expires_ms),
            )
            token = _api_token(row.fetchone())
            record(connection, by, AuditAction.ADDED, "token", object_id=token.id, name=name, after=token)
            return token

        return await self._writer.submit(add)

    async def api_token(self, token_id: int) -> ApiToken | None:
        """Return the long-lived token of that id, or None."""
        return await self._readers.read(lambda connection: _read(connection, token_id))

    async def api_tokens(self) -> list[ApiToken]:
        """Return all long-lived tokens by id, revoked ones too."""
        query = f"SELECT {_API} FROM api_token ORDER BY id"  # noqa: S608  a constant
        return await self._readers.read(lambda connection: [_api_token(row) for row in connection.execute(query)])

    async def rotate_api_token(
        self, token_id: int, *, expires_ms: int, former_until_ms: int, by: Authorship
    ) -> ApiToken:
        """Issue a token anew; the one before is good until `former_until_ms` or its own end, any older one no more.

        Raises `Refused`: not-found; invalid (field id) when it is revoked.
        """

        def rotate(connection: sqlite3.Connection) -> ApiToken:
            before = _existing(connection, token_id)
            if before.revoked_ms is not None:
                raise invalid("id", f"token {token_id} is revoked; make a new one")
            # A token is told from the one before by its time alone, so no two may share a millisecond.
            issued_ms = max(by.at_ms, before.issued_ms + 1)
            row = connection.execute(
                f"""UPDATE api_token SET issued_ms = ?, expires_ms = ?, former_issued_ms = ?, former_until_ms = ?
                    WHERE id = ? RETURNING {_API}""",  # noqa: S608  a constant
                (issued_ms, expires_ms, before.issued_ms, min(former_until_ms, before.expires_ms), token_id),
            )
            after = _api_token(row.fetchone())
            record(
                connection,
                by,
                AuditAction.ROTATED,
                "token",
                before=before,
                after=after,
                object_id=token_id,
                name=before.name,
            )
            return after

        return await self._writer.submit(rotate)

    async def revoke_api_token(self, token_id: int, *, by: Authorship) -> None:
        """Revoke a long-lived token; the first time counts. Raises `Refused` (not-found)."""

        def revoke(connection: sqlite3.Connection) -> None:
            before = _existing(connection, token_id)
            if before.revoked_ms is not None:
                return
            connection.execute("UPDATE api_token SET revoked_ms = ? WHERE id = ?", (by.at_ms, token_id))
            after = _read(connection, token_id)
            record(
                connection,
                by,
                AuditAction.REVOKED,
                "token",
                before=before,
                after=after,
                object_id=token_id,
                name=before.name,
            )

        await self._writer.submit(revoke)

    async def note_token_uses(self, uses: Mapping[int, Use]) -> None:
        """Keep the last uses of tokens by id; older ones than are kept change nothing, nor do those of no token."""
        rows = [(use.at_ms, use.address, token_id, use.at_ms) for token_id, use in uses.items()]

        def note(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "UPDATE api_token SET used_ms = ?, used_address = ? WHERE id = ? AND ifnull(used_ms, 0) <= ?", rows
            )

        await self._writer.submit(note)

    async def add_refusal(self, *, subject: str, before_ms: int | None, reason: str, by: Authorship) -> Refusal:
        """Refuse a subject's tokens; one for the same subject is replaced.

        Raises `Refused` (too-many) at `MAX_REFUSALS`.
        """

        def add(connection: sqlite3.Connection) -> Refusal:
            connection.execute("DELETE FROM refusal WHERE subject = ?", (subject,))
            if connection.execute("SELECT count(*) FROM refusal").fetchone()[0] >= MAX_REFUSALS:
                raise Refused(ErrorCode.TOO_MANY, f"{MAX_REFUSALS} refusals at most; remove some, or refuse the issuer")
            row = connection.execute(
                f"INSERT INTO refusal (subject, before_ms, reason, created_ms) VALUES (?, ?, ?, ?) RETURNING {_REFUSAL}",  # noqa: S608, E501  a constant
                (subject, before_ms, reason, by.at_ms),
            )
            refusal = Refusal(*row.fetchone())
            record(connection, by, AuditAction.ADDED, "refusal", object_id=refusal.id, name=subject, after=refusal)
            return refusal

        return await self._writer.submit(add)

    async def refusals(self) -> list[Refusal]:
        """Return all refusals by id."""
        query = f"SELECT {_REFUSAL} FROM refusal ORDER BY id"  # noqa: S608  a constant
        return await self._readers.read(lambda connection: [Refusal(*row) for row in connection.execute(query)])

    async def refusals_of(self, subject: str) -> list[Refusal]:
        """Return the refusals of `ext:NAME:ID` and of its issuer, `ext:NAME`."""
        issuer = ":".join(subject.split(":")[:2])
        query = f"SELECT {_REFUSAL} FROM refusal WHERE subject IN (?, ?) ORDER BY id"  # noqa: S608  a constant
        return await self._readers.read(
            lambda connection: [Refusal(*row) for row in connection.execute(query, (subject, issuer))]
        )

    async def remove_refusal(self, refusal_id: int, *, by: Authorship) -> None:
        """Let a subject's tokens in again. Raises `Refused` (not-found)."""

        def remove(connection: sqlite3.Connection) -> None:
            row = connection.execute(
                f"DELETE FROM refusal WHERE id = ? RETURNING {_REFUSAL}",  # noqa: S608  a constant
                (refusal_id,),
            ).fetchone()
            if row is None:
                raise Refused(ErrorCode.NOT_FOUND, f"there is no refusal {refusal_id}")
            before = Refusal(*row)
            record(
                connection, by, AuditAction.REMOVED, "refusal", before=before, object_id=refusal_id, name=before.subject
            )

        await self._writer.submit(remove)
