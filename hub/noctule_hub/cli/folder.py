"""A hub's data folder: made by `hub init`, checked by `hub run`. Its lock is `data_folder`'s, hub.db the store's."""

import os
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from noctule_hub.auth.keys import Keys, key_folder
from noctule_hub.auth.passwords import Passwords
from noctule_hub.core.audit import local
from noctule_hub.core.principal import Role
from noctule_hub.errors import DataFolderError, HubError
from noctule_hub.store.sqlite import open_store

DATABASE: Final = "hub.db"
MADE: Final = ("keys", "hub.db", "hub.db-wal", "hub.db-shm", "hub.db-journal", "metrics", "logs", "seq.high")
KEYS: Final = "keys"
DEFAULT_SITE: Final = "default"
# 15 random bytes: 120 bits in 20 characters.
PASSWORD_BYTES: Final = 15


@dataclass(frozen=True, slots=True)
class AdminSignIn:
    """The first administrator's sign-in, shown once."""

    username: str
    password: str = field(repr=False)


async def initialise(data_dir: Path, *, username: str) -> AdminSignIn:
    """Make a data folder: keys, database, the administrator and the site `default`.

    All or nothing: what was made is removed when a step fails. Raises `DataFolderError`, `HubError`, `StoreError`.
    """
    made_folder, before = _prepare(data_dir)
    passwords = Passwords()
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    try:
        Keys.create(data_dir / KEYS)
        store = await open_store(data_dir, clock_ms=now_ms)
        try:
            await store.add_site(DEFAULT_SITE, by=local(now_ms()))
            await store.add_user(
                username=username,
                password_hash=await passwords.hash(password),
                role=Role.ADMIN,
                customer_id=None,
                by=local(now_ms()),
            )
        finally:
            await store.close()
    except BaseException:
        _remove_new(data_dir, before, whole=made_folder)
        raise
    finally:
        passwords.close()
    return AdminSignIn(username, password)


def require_hub(data_dir: Path) -> None:
    """Return when this folder has a hub's database. Raises `DataFolderError`."""
    if not (data_dir / DATABASE).is_file():
        raise _no_hub(data_dir)


def check_folder(data_dir: Path) -> None:
    """Return when a hub can run on this folder. Raises `DataFolderError`."""
    require_hub(data_dir)
    if not key_folder(data_dir).is_dir():
        raise _no_hub(data_dir)
    for path in (data_dir, data_dir / DATABASE):
        if not os.access(path, os.R_OK | os.W_OK):
            raise _not_writable(path)


def _prepare(data_dir: Path) -> tuple[bool, set[Path]]:
    """Make the folder if there is none; returns whether it was made, and what it holds."""
    if (data_dir / DATABASE).exists() or (data_dir / KEYS).exists():
        raise DataFolderError(
            f"{data_dir}: is initialised already; run it with: noctule hub run --data-dir '{data_dir}', "
            "or take another folder"
        )
    made = not data_dir.exists()
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DataFolderError(f"{data_dir}: cannot be made: {error.strerror}") from error
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise _not_writable(data_dir)
    return made, set(data_dir.iterdir())


def _remove_new(data_dir: Path, before: set[Path], *, whole: bool) -> None:
    # Only what a hub makes: somebody else may be putting files into this folder at the same time.
    for path in {data_dir / name for name in MADE} - before:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if whole:
        with suppress(OSError):
            data_dir.rmdir()


def _no_hub(data_dir: Path) -> HubError:
    return DataFolderError(
        f"{data_dir}: is not a hub's data folder; make it one with: noctule hub init --data-dir '{data_dir}'"
    )


def _not_writable(path: Path) -> HubError:
    return DataFolderError(f"{path}: cannot be written by this user; give it to the user that runs the hub (chown)")


def now_ms() -> int:
    """Return the wall clock in epoch milliseconds."""
    return int(time.time() * 1000)
