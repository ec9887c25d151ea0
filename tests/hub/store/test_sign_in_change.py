"""The change of hub.db that made sessions of families: nobody is signed out by an upgrade, no token is lost."""

import sqlite3
from pathlib import Path

from noctule_hub.store.sqlite import open_store
from noctule_hub.store.sqlite.changes.sign_in import add_sign_in
from noctule_hub.store.sqlite.migrations import MIGRATIONS
from sqlite_utils import Database

from tests.hub.store.samples import NOW_MS


async def test_sessions_and_tokens_of_before_go_on(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
    db = Database(connection)
    before = MIGRATIONS[: MIGRATIONS.index(add_sign_in)]
    for migration in before:
        migration(db)
    connection.execute(f"PRAGMA user_version = {len(before)}")
    connection.execute("INSERT INTO user (username, password_hash, role, created_ms) VALUES ('ada', 'x', 'viewer', 1)")
    connection.executemany(
        "INSERT INTO refresh_token (family, user_id, secret_hash, issued_ms, expires_ms, used_ms, revoked_ms)"
        " VALUES (?, 1, ?, ?, ?, ?, ?)",
        [
            ("f", "h1", NOW_MS, NOW_MS + 100, NOW_MS + 5, None),
            ("g", "h2", NOW_MS + 1, NOW_MS + 101, None, NOW_MS + 2),
            ("f", "h3", NOW_MS + 5, NOW_MS + 105, None, None),
        ],
    )
    connection.execute("INSERT INTO api_token (name, role, created_ms, expires_ms) VALUES ('wall', 'viewer', 7, 9)")
    connection.close()

    store = await open_store(tmp_path, clock_ms=lambda: NOW_MS)
    spent, ended, newest = [await store.refresh_token(one) for one in ("h1", "h2", "h3")]
    assert spent is not None
    assert ended is not None
    assert newest is not None
    assert (spent.session_id, spent.used_ms, newest.session_id) == (newest.session_id, NOW_MS + 5, spent.session_id)
    assert (ended.ended_ms, newest.ended_ms) == (NOW_MS + 2, None)
    (session,) = await store.sessions(1, now_ms=NOW_MS)
    assert (session.id, session.created_ms, session.seen_ms) == (spent.session_id, NOW_MS, NOW_MS + 5)
    (token,) = await store.api_tokens()
    assert (token.issued_ms, token.good_until_ms(7)) == (7, 9)
    await store.close()
