"""Keys are replaced without a moment at which the hub would not start."""

import os
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest
from noctule_hub.auth.keys import Keys
from noctule_hub.auth.rotation import needed_keys, rotate_data_key, rotate_jwt_key
from noctule_hub.core.accounts import ApiToken
from noctule_hub.core.audit import AuditAction, local
from noctule_hub.core.principal import Role
from noctule_hub.errors import KeyFileError, SealError
from noctule_hub.store.sqlite import SqliteStore
from noctule_hub.store.sqlite.schema import highest_id

DAY_MS = 86_400_000
NOW_MS = 1_795_000_000_000
TOKEN = ApiToken(1, "exporter", Role.METRICS, NOW_MS - 20 * DAY_MS, NOW_MS + DAY_MS, None, NOW_MS - 20 * DAY_MS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Keys.create(tmp_path / "keys")
    return tmp_path / "keys"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def plant(store: SqliteStore, keys: Keys, count: int) -> None:
    """Keep sealed secrets; which device they are of is of no matter here."""

    def job(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        assert highest_id(connection, "device") == 0
        site = connection.execute("INSERT INTO site (name) VALUES ('s') RETURNING id").fetchone()[0]
        for number in range(1, count + 1):
            connection.execute(
                """INSERT INTO device (name, address, site_id, reachability, tags, created_ms)
                   VALUES (?, ?, ?, '', '', 0)""",
                (f"d{number}", f"192.0.2.{number}", site),
            )
            connection.execute(
                "INSERT INTO device_secret VALUES (?, ?)", (number, keys.seal(number, b"public%d" % number))
            )

    await store._writer.submit(job)


async def opened(store: SqliteStore, keys: Keys) -> list[bytes]:
    return [keys.open(row_id, sealed, kind=kind) for kind, row_id, sealed in await store.sealed_secrets()]


async def test_every_secret_opens_with_the_new_key_alone(folder: Path, store: SqliteStore) -> None:
    former = Keys.load(folder)
    await plant(store, former, 3)
    done = await rotate_data_key(folder, store, by=local(NOW_MS))
    assert (done.made, done.removed, done.resealed) == ("data-2.key", ("data-1.key",), 3)
    assert names(folder) == ["data-2.key", "identity.key", "jwt-1.key"]
    assert await opened(store, Keys.load(folder)) == [b"public1", b"public2", b"public3"]
    with pytest.raises(SealError):
        await opened(store, former)


async def test_rotation_is_told_in_the_audit_log_without_any_secret(folder: Path, store: SqliteStore) -> None:
    await plant(store, Keys.load(folder), 1)
    await rotate_data_key(folder, store, by=local(NOW_MS))
    entries = await store.audit_entries(before_id=None, kind="key", object_id=None, subject=None, limit=10)
    assert [(entry.action, entry.name, entry.before, entry.after) for entry in entries] == [
        (AuditAction.ROTATED, "data key", None, None)
    ]


async def test_secret_that_does_not_open_undoes_the_rotation(folder: Path, store: SqliteStore, keys: Keys) -> None:
    own = Keys.load(folder)
    await plant(store, own, 2)

    def foreign(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE device_secret SET sealed = ? WHERE device_id = 2", (keys.seal(2, b"foreign"),))

    await store._writer.submit(foreign)
    with pytest.raises(SealError, match="device-snmp 2"):
        await rotate_data_key(folder, store, by=local(NOW_MS))
    assert own.open(1, (await store.sealed_secrets())[0][2]) == b"public1"
    assert "data-1.key" in names(folder)


class Interrupted(Exception):  # noqa: N818  an event of the test
    """Stands for a crash."""


async def test_rotation_that_was_interrupted_is_ended_by_the_next(
    folder: Path, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plant(store, Keys.load(folder), 2)

    async def crash(*_: object, **__: object) -> int:
        raise Interrupted

    with monkeypatch.context() as patched:
        patched.setattr(store, "reseal_secrets", crash)
        with pytest.raises(Interrupted):
            await rotate_data_key(folder, store, by=local(NOW_MS))
    assert names(folder)[:2] == ["data-1.key", "data-2.key"]
    assert await opened(store, Keys.load(folder)) == [b"public1", b"public2"]
    done = await rotate_data_key(folder, store, by=local(NOW_MS))
    assert (done.made, names(folder)[0]) == ("data-2.key", "data-2.key")
    assert await opened(store, Keys.load(folder)) == [b"public1", b"public2"]


async def test_new_jwt_key_signs_and_the_one_before_still_verifies(folder: Path, store: SqliteStore) -> None:
    done = await rotate_jwt_key(folder, store, now_ms=int(time.time() * 1000), forget_old=False)
    keys = Keys.load(folder)
    assert (done.made, done.kept, done.removed) == ("jwt-2.key", ("jwt-1.key",), ())
    assert (keys.jwt_signing_kid, set(keys.jwt_keys)) == ("2", {"1", "2"})


async def test_forgetting_old_jwt_keys_leaves_the_new_one_alone(folder: Path, store: SqliteStore) -> None:
    await rotate_jwt_key(folder, store, now_ms=int(time.time() * 1000), forget_old=False)
    done = await rotate_jwt_key(folder, store, now_ms=int(time.time() * 1000), forget_old=True)
    assert (done.made, done.removed) == ("jwt-3.key", ("jwt-1.key", "jwt-2.key"))
    assert set(Keys.load(folder).jwt_keys) == {"3"}


async def test_more_jwt_keys_than_a_hub_starts_with_are_never_there(
    folder: Path, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noctule_hub.auth.rotation.MAX_JWT_KEYS", 2)
    now_ms = int(time.time() * 1000)
    await rotate_jwt_key(folder, store, now_ms=now_ms, forget_old=False)
    with pytest.raises(KeyFileError, match="revoke old tokens"):
        await rotate_jwt_key(folder, store, now_ms=now_ms, forget_old=False)
    for number in (1, 2):
        os.utime(folder / f"jwt-{number}.key", (now_ms / 1000 - 4_000, now_ms / 1000 - 4_000))
    done = await rotate_jwt_key(folder, store, now_ms=now_ms, forget_old=False)
    assert (done.kept, done.removed) == (("jwt-2.key",), ("jwt-1.key",))


@pytest.mark.parametrize(
    ("made_days_ago", "tokens", "needed"),
    [
        # The newest signed until now, so its access tokens are good for minutes yet.
        ([30], [], {1}),
        ([30, 10], [], {2}),
        ([30, 10], [TOKEN], {1, 2}),
        ([30, 25, 10], [TOKEN], {2, 3}),
        ([30, 10], [replace(TOKEN, revoked_ms=NOW_MS)], {2}),
        ([30, 10], [replace(TOKEN, expires_ms=NOW_MS)], {2}),
        # A restored folder: every file is younger than what was signed with it.
        ([0, 0], [TOKEN], {1, 2}),
    ],
)
def test_key_is_kept_while_a_good_token_may_be_signed_with_it(
    made_days_ago: list[int], tokens: list[ApiToken], needed: set[int]
) -> None:
    made_ms = {number: NOW_MS - days * DAY_MS for number, days in enumerate(made_days_ago, start=1)}
    assert needed_keys(made_ms, tokens, NOW_MS) == needed
