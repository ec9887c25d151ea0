"""People, browser sessions and long-lived tokens in hub.db."""

import sqlite3
from typing import Any, Final

from noctule_shared.errors import ErrorCode, Refused, invalid

from noctule_hub.core.accounts import ApiToken, RefreshToken, User
from noctule_hub.core.principal import Role
from noctule_hub.store.sqlite.backed import Backed

_USER: Final = "id, username, password_hash, role, customer_id, disabled, min_issued_ms, created_ms, revision"
_REFRESH: Final = "id, family, user_id, secret_hash, issued_ms, expires_ms, used_ms, revoked_ms"
_API: Final = "id, name, role, created_ms, expires_ms, revoked_ms"
# Expired rotations are kept this long so that the reuse of a stolen one is still told from an unknown one.
REFRESH_KEPT_MS: Final = 7 * 86_400_000


def _user(row: tuple[Any, ...]) -> User:
    return User(
        id=row[0],
        username=row[1],
        password_hash=row[2],
        role=Role(row[3]),
        customer_id=row[4],
        disabled=bool(row[5]),
        min_issued_ms=row[6],
        created_ms=row[7],
        revision=row[8],
    )


def _api_token(row: tuple[Any, ...]) -> ApiToken:
    return ApiToken(row[0], row[1], Role(row[2]), *row[3:])


def _add_refresh(
    connection: sqlite3.Connection, *, family: str, user_id: int, secret_hash: str, issued_ms: int, expires_ms: int
) -> RefreshToken:
    connection.execute("DELETE FROM refresh_token WHERE expires_ms < ?", (issued_ms - REFRESH_KEPT_MS,))
    row = connection.execute(
        f"""INSERT INTO refresh_token (family, user_id, secret_hash, issued_ms, expires_ms)
            VALUES (?, ?, ?, ?, ?) RETURNING {_REFRESH}""",  # noqa: S608  a constant
        (family, user_id, secret_hash, issued_ms, expires_ms),
    )
    return RefreshToken(*row.fetchone())


class SqliteUsers(Backed):
    """`Users` in SQLite."""

    async def add_user(
        self, *, username: str, password_hash: str, role: Role, customer_id: int | None, now_ms: int
    ) -> User:
        """Add a user. Raises `Refused` (invalid, field username) when the name is taken, in any case of letters."""

        def add(connection: sqlite3.Connection) -> User:
            if connection.execute("SELECT 1 FROM user WHERE username = ?", (username,)).fetchone():
                raise invalid("username", f"there is a user named {username!r} already; choose another name")
            row = connection.execute(
                f"""INSERT INTO user (username, password_hash, role, customer_id, created_ms)
                    VALUES (?, ?, ?, ?, ?) RETURNING {_USER}""",  # noqa: S608  a constant
                (username, password_hash, role, customer_id, now_ms),
            )
            return _user(row.fetchone())

        return await self._writer.submit(add)

    async def user_by_name(self, username: str) -> User | None:
        """Return the user of that name, case-insensitive, or None."""
        query = f"SELECT {_USER} FROM user WHERE username = ?"  # noqa: S608  a constant

        def find(connection: sqlite3.Connection) -> User | None:
            row = connection.execute(query, (username,)).fetchone()
            return None if row is None else _user(row)

        return await self._readers.read(find)

    async def users(self) -> list[User]:
        """Return all users by id."""
        query = f"SELECT {_USER} FROM user ORDER BY id"  # noqa: S608  a constant
        return await self._readers.read(lambda connection: [_user(row) for row in connection.execute(query)])

    async def add_refresh_token(
        self, *, family: str, user_id: int, secret_hash: str, issued_ms: int, expires_ms: int
    ) -> RefreshToken:
        """Keep the newest rotation of a session. Raises `Refused` (not-found) for an unknown user."""

        def add(connection: sqlite3.Connection) -> RefreshToken:
            if not connection.execute("SELECT 1 FROM user WHERE id = ?", (user_id,)).fetchone():
                raise Refused(ErrorCode.NOT_FOUND, f"there is no user {user_id}")
            return _add_refresh(
                connection,
                family=family,
                user_id=user_id,
                secret_hash=secret_hash,
                issued_ms=issued_ms,
                expires_ms=expires_ms,
            )

        return await self._writer.submit(add)

    async def refresh_token(self, secret_hash: str) -> RefreshToken | None:
        """Return the rotation with this hash, or None."""
        query = f"SELECT {_REFRESH} FROM refresh_token WHERE secret_hash = ?"  # noqa: S608  a constant

        def find(connection: sqlite3.Connection) -> RefreshToken | None:
            row = connection.execute(query, (secret_hash,)).fetchone()
            return None if row is None else RefreshToken(*row)

        return await self._readers.read(find)

    async def rotate_refresh_token(
        self, used_id: int, *, secret_hash: str, issued_ms: int, expires_ms: int
    ) -> RefreshToken:
        """Mark `used_id` used (first use wins) and keep its successor in the same family.

        Raises `Refused` (unauthorised) when it is unknown or its session was ended meanwhile.
        """

        def rotate(connection: sqlite3.Connection) -> RefreshToken:
            query = "SELECT family, user_id FROM refresh_token WHERE id = ? AND revoked_ms IS NULL"
            row = connection.execute(query, (used_id,)).fetchone()
            if row is None:
                raise Refused(ErrorCode.UNAUTHORISED, "the session has ended; sign in again")
            mark = "UPDATE refresh_token SET used_ms = ? WHERE id = ? AND used_ms IS NULL"
            connection.execute(mark, (issued_ms, used_id))
            return _add_refresh(
                connection,
                family=row[0],
                user_id=row[1],
                secret_hash=secret_hash,
                issued_ms=issued_ms,
                expires_ms=expires_ms,
            )

        return await self._writer.submit(rotate)

    async def revoke_refresh_family(self, family: str, *, now_ms: int) -> None:
        """End a browser session: all its rotations."""
        mark = "UPDATE refresh_token SET revoked_ms = ? WHERE family = ? AND revoked_ms IS NULL"

        def revoke(connection: sqlite3.Connection) -> None:
            connection.execute(mark, (now_ms, family))

        await self._writer.submit(revoke)

    async def add_api_token(self, *, name: str, role: Role, created_ms: int, expires_ms: int) -> ApiToken:
        """Keep a long-lived token. Raises `Refused` (invalid, field name) when an unrevoked one has the name."""

        def add(connection: sqlite3.Connection) -> ApiToken:
            if connection.execute("SELECT 1 FROM api_token WHERE name = ? AND revoked_ms IS NULL", (name,)).fetchone():
                raise invalid("name", f"there is a token named {name!r} already; choose another name or revoke it")
            row = connection.execute(
                f"""INSERT INTO api_token (name, role, created_ms, expires_ms) VALUES (?, ?, ?, ?)
                    RETURNING {_API}""",  # noqa: S608  a constant
                (name, role, created_ms, expires_ms),
            )
            return _api_token(row.fetchone())

        return await self._writer.submit(add)

    async def api_tokens(self) -> list[ApiToken]:
        """Return all long-lived tokens by id, revoked ones too."""
        query = f"SELECT {_API} FROM api_token ORDER BY id"  # noqa: S608  a constant
        return await self._readers.read(lambda connection: [_api_token(row) for row in connection.execute(query)])

    async def revoke_api_token(self, token_id: int, *, now_ms: int) -> None:
        """Revoke a long-lived token; the first time counts. Raises `Refused` (not-found)."""

        def revoke(connection: sqlite3.Connection) -> None:
            mark = "UPDATE api_token SET revoked_ms = ifnull(revoked_ms, ?) WHERE id = ?"
            if connection.execute(mark, (now_ms, token_id)).rowcount == 0:
                raise Refused(ErrorCode.NOT_FOUND, f"there is no token {token_id}")

        await self._writer.submit(revoke)
