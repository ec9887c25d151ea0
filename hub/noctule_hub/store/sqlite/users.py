"""People who sign in, in hub.db."""

import sqlite3
from dataclasses import replace
from typing import Any, Final

from noctule_shared.errors import ErrorCode, Refused, invalid

from noctule_hub.core.accounts import SessionEnd, User
from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.principal import STAFF_ROLES, Role
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed

KIND: Final = "user"
_USER: Final = "id, username, password_hash, role, customer_id, disabled, min_issued_ms, created_ms, revision"


def user_of(row: tuple[Any, ...]) -> User:
    """Return a row of `USER_COLUMNS` as a user."""
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


def read_user(connection: sqlite3.Connection, user_id: int) -> User | None:
    """Return the user of that id, or None."""
    row = connection.execute(f"SELECT {_USER} FROM user WHERE id = ?", (user_id,)).fetchone()  # noqa: S608  a constant
    return None if row is None else user_of(row)


def read_user_by_name(connection: sqlite3.Connection, username: str) -> User | None:
    """Return the user of that name in any case of letters, or None."""
    query = f"SELECT {_USER} FROM user WHERE username = ?"  # noqa: S608  a constant
    row = connection.execute(query, (username,)).fetchone()
    return None if row is None else user_of(row)


def read_assignees(connection: sqlite3.Connection) -> dict[int, str]:
    """Return who may take care of alerts, by id with their names: staff who are not disabled."""
    roles = sorted(STAFF_ROLES)
    query = f"SELECT id, username FROM user WHERE NOT disabled AND role IN ({', '.join('?' * len(roles))})"  # noqa: S608  constants
    return dict(connection.execute(query, roles).fetchall())


def _existing(connection: sqlite3.Connection, user_id: int) -> User:
    user = read_user(connection, user_id)
    if user is None:
        raise Refused(ErrorCode.NOT_FOUND, f"there is no user {user_id}")
    return user


def _is_last_admin(connection: sqlite3.Connection, user: User) -> bool:
    """Return whether nobody could administrate the hub without this user."""
    if user.role is not Role.ADMIN or user.disabled:
        return False
    others = "SELECT 1 FROM user WHERE role = ? AND NOT disabled AND id <> ? LIMIT 1"
    return connection.execute(others, (Role.ADMIN, user.id)).fetchone() is None


def _save(connection: sqlite3.Connection, user: User) -> User:
    connection.execute(
        """UPDATE user SET password_hash = ?, role = ?, customer_id = ?, disabled = ?, min_issued_ms = ?, revision = ?
           WHERE id = ?""",
        (
            user.password_hash,
            user.role,
            user.customer_id,
            user.disabled,
            user.min_issued_ms,
            user.revision + 1,
            user.id,
        ),
    )
    return replace(user, revision=user.revision + 1)


def _end_all(connection: sqlite3.Connection, user: User, reason: SessionEnd, at_ms: int) -> User:
    """End a user's sessions; returns the user with the new minimum, the millisecond after, still to be saved."""
    end = "UPDATE session SET ended_ms = ?, end_reason = ? WHERE user_id = ? AND ended_ms IS NULL"
    connection.execute(end, (at_ms, reason, user.id))
    return replace(user, min_issued_ms=max(user.min_issued_ms, at_ms) + 1)


class SqliteUsers(Backed):
    """`Users` in SQLite."""

    async def add_user(
        self, *, username: str, password_hash: str, role: Role, customer_id: int | None, by: Authorship
    ) -> User:
        """Add a user. Raises `Refused` (invalid, field username) when the name is taken, in any case of letters."""

        def add(connection: sqlite3.Connection) -> User:
            if read_user_by_name(connection, username) is not None:
                raise invalid("username", f"there is a user named {username!r} already; choose another name")
            row = connection.execute(
                f"""INSERT INTO user (username, password_hash, role, customer_id, created_ms)
                    VALUES (?, ?, ?, ?, ?) RETURNING {_USER}""",  # noqa: S608  a constant
                (username, password_hash, role, customer_id, by.at_ms),
            )
            user = user_of(row.fetchone())
            record(connection, by, AuditAction.ADDED, KIND, object_id=user.id, name=username, after=user)
            return user

        return await self._writer.submit(add)

    async def user(self, user_id: int) -> User | None:
        """Return the user of that id, or None."""
        return await self._readers.read(lambda connection: read_user(connection, user_id))

    async def users(self) -> list[User]:
        """Return all users by id."""
        query = f"SELECT {_USER} FROM user ORDER BY id"  # noqa: S608  a constant
        return await self._readers.read(lambda connection: [user_of(row) for row in connection.execute(query)])

    async def change_user(
        self, user_id: int, *, revision: int, role: Role, customer_id: int | None, disabled: bool, by: Authorship
    ) -> User:
        """Change a user that still has `revision`. Disabling ends its sessions and makes its tokens worthless.

        Raises `Refused`: not-found; invalid (field revision) when somebody else changed it meanwhile, (field role or
        disabled) when no administrator would be left.
        """

        def change(connection: sqlite3.Connection) -> User:
            before = _existing(connection, user_id)
            if before.revision != revision:
                raise invalid("revision", "somebody else changed this user meanwhile; read it again")
            if _is_last_admin(connection, before) and (disabled or role is not Role.ADMIN):
                message = "this is the last administrator who can sign in; make another one first"
                raise invalid("disabled" if disabled else "role", message)
            after = replace(before, role=role, customer_id=customer_id, disabled=disabled)
            if after == before:
                return before
            if disabled and not before.disabled:
                after = _end_all(connection, after, SessionEnd.DISABLED, by.at_ms)
            after = _save(connection, after)
            record(
                connection,
                by,
                AuditAction.CHANGED,
                KIND,
                before=before,
                after=after,
                object_id=user_id,
                name=before.username,
            )
            return after

        return await self._writer.submit(change)

    async def set_password(self, user_id: int, *, password_hash: str, by: Authorship) -> User:
        """Give a user another password; its sessions end and its tokens of before are worthless.

        Raises `Refused` (not-found).
        """

        def change(connection: sqlite3.Connection) -> User:
            before = _existing(connection, user_id)
            after = replace(before, password_hash=password_hash)
            after = _save(connection, _end_all(connection, after, SessionEnd.PASSWORD, by.at_ms))
            connection.execute("DELETE FROM sign_in_backoff WHERE user_id = ?", (user_id,))
            record(
                connection,
                by,
                AuditAction.CHANGED,
                KIND,
                before=before,
                after=after,
                object_id=user_id,
                name=before.username,
            )
            return after

        return await self._writer.submit(change)

    async def rehash_password(self, user_id: int, *, former_hash: str, password_hash: str) -> None:
        """Keep the same password under other parameters, unless it was changed meanwhile. Nothing else changes."""
        change = "UPDATE user SET password_hash = ? WHERE id = ? AND password_hash = ?"

        def rehash(connection: sqlite3.Connection) -> None:
            connection.execute(change, (password_hash, user_id, former_hash))

        await self._writer.submit(rehash)

    async def remove_user(self, user_id: int, *, by: Authorship) -> None:
        """Remove a user with its sessions; its id is never used again.

        Raises `Refused`: not-found; invalid (field id) when no administrator would be left.
        """

        def remove(connection: sqlite3.Connection) -> None:
            before = _existing(connection, user_id)
            if _is_last_admin(connection, before):
                raise invalid("id", "this is the last administrator who can sign in; make another one first")
            of_user = "SELECT id FROM session WHERE user_id = ?"
            connection.execute(f"DELETE FROM refresh_token WHERE session_id IN ({of_user})", (user_id,))  # noqa: S608  a constant
            connection.execute("DELETE FROM session WHERE user_id = ?", (user_id,))
            connection.execute("DELETE FROM sign_in_backoff WHERE user_id = ?", (user_id,))
            connection.execute("DELETE FROM user WHERE id = ?", (user_id,))
            record(connection, by, AuditAction.REMOVED, KIND, object_id=user_id, name=before.username, before=before)

        await self._writer.submit(remove)
