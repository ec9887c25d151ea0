"""Who is signed in, and what of failed sign-ins outlasts a restart, in hub.db."""

import sqlite3
from typing import Any, Final

from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.core.accounts import Backoff, RefreshToken, Session, SessionEnd, SignInState, User
from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.users import read_user, read_user_by_name

KIND: Final = "session"
MAX_SESSIONS: Final = 50
# As many places as a user is likely to work from.
MAX_KNOWN_ADDRESSES: Final = 100
# Expired sessions are kept this long so that the reuse of a stolen token is still told from an unknown one.
KEPT_MS: Final = 7 * 86_400_000

_SESSION: Final = "id, user_id, created_ms, seen_ms, expires_ms, address, client, ended_ms, end_reason"
_REFRESH: Final = """SELECT refresh_token.id, session_id, user_id, secret_hash, issued_ms, refresh_token.expires_ms,
    used_ms, ended_ms FROM refresh_token JOIN session ON session.id = session_id"""


def _session(row: tuple[Any, ...]) -> Session:
    return Session(
        id=row[0],
        user_id=row[1],
        created_ms=row[2],
        seen_ms=row[3],
        expires_ms=row[4],
        address=row[5],
        client=row[6],
        ended_ms=row[7],
        end_reason=None if row[8] is None else SessionEnd(row[8]),
    )


def _read_session(connection: sqlite3.Connection, session_id: int) -> Session | None:
    row = connection.execute(f"SELECT {_SESSION} FROM session WHERE id = ?", (session_id,)).fetchone()  # noqa: S608  a constant
    return None if row is None else _session(row)


def _over() -> Refused:
    return Refused(ErrorCode.UNAUTHORISED, "the session is over; sign in again")


def _add_rotation(
    connection: sqlite3.Connection, session_id: int, *, secret_hash: str, issued_ms: int, expires_ms: int
) -> RefreshToken:
    row = connection.execute(
        "INSERT INTO refresh_token (session_id, secret_hash, issued_ms, expires_ms) VALUES (?, ?, ?, ?) RETURNING id",
        (session_id, secret_hash, issued_ms, expires_ms),
    ).fetchone()
    return RefreshToken(*connection.execute(f"{_REFRESH} WHERE refresh_token.id = ?", row).fetchone())


def _forget_expired(connection: sqlite3.Connection, now_ms: int) -> None:
    expired = "SELECT id FROM session WHERE expires_ms < ?"
    connection.execute(f"DELETE FROM refresh_token WHERE session_id IN ({expired})", (now_ms - KEPT_MS,))  # noqa: S608  a constant
    connection.execute("DELETE FROM session WHERE expires_ms < ?", (now_ms - KEPT_MS,))


def _end(connection: sqlite3.Connection, session: Session, reason: SessionEnd, by: Authorship) -> Session:
    if session.ended_ms is not None:
        return session
    connection.execute("UPDATE session SET ended_ms = ?, end_reason = ? WHERE id = ?", (by.at_ms, reason, session.id))
    after = _read_session(connection, session.id)
    user = read_user(connection, session.user_id)
    name = user.username if user else ""
    record(connection, by, AuditAction.ENDED, KIND, object_id=session.id, name=name, before=session, after=after)
    return after or session


def _make_room(connection: sqlite3.Connection, user_id: int, by: Authorship) -> None:
    """End the sessions longest unused, so that there is room for one more."""
    rows = connection.execute(
        f"""SELECT {_SESSION} FROM session WHERE user_id = ? AND ended_ms IS NULL AND expires_ms > ?
            ORDER BY seen_ms DESC, id DESC LIMIT -1 OFFSET ?""",  # noqa: S608  a constant
        (user_id, by.at_ms, MAX_SESSIONS - 1),
    ).fetchall()
    for row in rows:
        _end(connection, _session(row), SessionEnd.TOO_MANY, by)


def _state(connection: sqlite3.Connection, username: str) -> SignInState:
    user = read_user_by_name(connection, username)
    if user is None:
        return SignInState(None, None, ())
    kept = "SELECT failures, last_ms, blocked_until_ms FROM sign_in_backoff WHERE user_id = ?"
    row = connection.execute(kept, (user.id,)).fetchone()
    addresses = connection.execute(
        """SELECT address FROM session WHERE user_id = ? AND address IS NOT NULL
           GROUP BY address ORDER BY max(id) DESC LIMIT ?""",
        (user.id, MAX_KNOWN_ADDRESSES),
    )
    return SignInState(user, None if row is None else Backoff(*row), tuple(address for (address,) in addresses))


class SqliteSignIns(Backed):
    """`SignIns` in SQLite."""

    async def sign_in_state(self, username: str) -> SignInState:
        """Return what a sign-in by that name, in any case of letters, is judged by."""
        return await self._readers.read(lambda connection: _state(connection, username))

    async def keep_backoff(self, user_id: int, backoff: Backoff, *, by: Authorship) -> None:
        """Keep that a user's sign-in is blocked for a while. Nothing happens when the user is gone."""

        def keep(connection: sqlite3.Connection) -> None:
            user = read_user(connection, user_id)
            if user is None:
                return
            connection.execute(
                "INSERT OR REPLACE INTO sign_in_backoff VALUES (?, ?, ?, ?)",
                (user_id, backoff.failures, backoff.last_ms, backoff.blocked_until_ms),
            )
            record(
                connection,
                by,
                AuditAction.SIGN_IN_BLOCKED,
                "user",
                after=backoff,
                object_id=user_id,
                name=user.username,
            )

        await self._writer.submit(keep)

    async def start_session(
        self, user_id: int, *, secret_hash: str, expires_ms: int, client: str, clear_backoff: bool, by: Authorship
    ) -> RefreshToken:
        """Begin a session, issued at `by.at_ms`; past `MAX_SESSIONS` of a user the one longest unused ends.

        Raises `Refused` (unauthorised) when the user is gone or disabled meanwhile.
        """

        def start(connection: sqlite3.Connection) -> RefreshToken:
            user = read_user(connection, user_id)
            if user is None or user.disabled:
                raise _over()
            _forget_expired(connection, by.at_ms)
            _make_room(connection, user_id, by)
            if clear_backoff:
                connection.execute("DELETE FROM sign_in_backoff WHERE user_id = ?", (user_id,))
            row = connection.execute(
                f"""INSERT INTO session (user_id, created_ms, seen_ms, expires_ms, address, client)
                    VALUES (?, ?, ?, ?, ?, ?) RETURNING {_SESSION}""",  # noqa: S608  a constant
                (user_id, by.at_ms, by.at_ms, expires_ms, by.address, client),
            ).fetchone()
            session = _session(row)
            record(connection, by, AuditAction.SIGNED_IN, KIND, after=session, object_id=session.id, name=user.username)
            return _add_rotation(
                connection, session.id, secret_hash=secret_hash, issued_ms=by.at_ms, expires_ms=expires_ms
            )

        return await self._writer.submit(start)

    async def refresh_token(self, secret_hash: str) -> RefreshToken | None:
        """Return the rotation with this hash, or None."""

        def find(connection: sqlite3.Connection) -> RefreshToken | None:
            row = connection.execute(f"{_REFRESH} WHERE secret_hash = ?", (secret_hash,)).fetchone()
            return None if row is None else RefreshToken(*row)

        return await self._readers.read(find)

    async def rotate_refresh_token(
        self, used_id: int, *, secret_hash: str, issued_ms: int, expires_ms: int
    ) -> RefreshToken:
        """Mark `used_id` used (first use wins) and keep its successor in the same session.

        Raises `Refused` (unauthorised) when it is unknown or its session was ended meanwhile.
        """

        def rotate(connection: sqlite3.Connection) -> RefreshToken:
            row = connection.execute(f"{_REFRESH} WHERE refresh_token.id = ?", (used_id,)).fetchone()
            spent = None if row is None else RefreshToken(*row)
            if spent is None or spent.ended_ms is not None:
                raise _over()
            mark = "UPDATE refresh_token SET used_ms = ? WHERE id = ? AND used_ms IS NULL"
            connection.execute(mark, (issued_ms, used_id))
            # A screen on a wall refreshes for years in one session.
            old = "DELETE FROM refresh_token WHERE session_id = ? AND expires_ms < ?"
            connection.execute(old, (spent.session_id, issued_ms - KEPT_MS))
            seen = "UPDATE session SET seen_ms = max(seen_ms, ?), expires_ms = max(expires_ms, ?) WHERE id = ?"
            connection.execute(seen, (issued_ms, expires_ms, spent.session_id))
            return _add_rotation(
                connection, spent.session_id, secret_hash=secret_hash, issued_ms=issued_ms, expires_ms=expires_ms
            )

        return await self._writer.submit(rotate)

    async def end_session(self, session_id: int, reason: SessionEnd, *, user_id: int | None, by: Authorship) -> Session:
        """End a session; the first end counts. `user_id` None: whoever's it is.

        Raises `Refused` (not-found) when there is none of that id, or it is not that user's.
        """

        def end(connection: sqlite3.Connection) -> Session:
            session = _read_session(connection, session_id)
            if session is None or user_id not in {None, session.user_id}:
                raise Refused(ErrorCode.NOT_FOUND, f"there is no session {session_id} of yours")
            return _end(connection, session, reason, by)

        return await self._writer.submit(end)

    async def sessions(self, user_id: int, *, now_ms: int) -> list[Session]:
        """Return a user's sessions that are neither ended nor expired, by id."""
        query = f"""SELECT {_SESSION} FROM session
            WHERE user_id = ? AND ended_ms IS NULL AND expires_ms > ? ORDER BY id"""  # noqa: S608  a constant
        return await self._readers.read(
            lambda connection: [_session(row) for row in connection.execute(query, (user_id, now_ms))]
        )

    async def user_in_session(self, user_id: int, session_id: int | None) -> User | None:
        """Return a user, None when it is gone or when that session (None: of no matter) is not its own or has ended."""

        def find(connection: sqlite3.Connection) -> User | None:
            if session_id is not None:
                session = _read_session(connection, session_id)
                if session is None or session.user_id != user_id or session.ended_ms is not None:
                    return None
            return read_user(connection, user_id)

        return await self._readers.read(find)
