"""A data folder made from a backup: all of it or nothing, with a new log epoch so that everybody fetches anew.

Everything is made and examined in a folder of its own inside the data folder, then moved into place, hub.db last:
without it no hub starts.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from noctule_hub.auth.key_bundle import write_keys
from noctule_hub.auth.keys import FOLDER, Keys
from noctule_hub.backup_folder import copy_checked, open_backup
from noctule_hub.core.audit import local
from noctule_hub.core.backup import DATABASE, BackupRefused, Manifest
from noctule_hub.data_folder import locked, sync
from noctule_hub.errors import DataFolderError, KeyFileError, SealError
from noctule_hub.store.secrets import Secrets
from noctule_hub.store.sqlite import open_store
from noctule_hub.store.sqlite.restored import prepare_restored

# What may be in a folder that counts as empty: settings, and what a file system of its own brings along.
TOLERATED: Final = frozenset({"hub.toml", "lost+found"})
STAGING: Final = ".restoring-"


@dataclass(frozen=True, slots=True)
class Restoration:
    """What was restored. `lost_secrets` are SNMP secrets that nothing opens any more, because the keys are new."""

    manifest: Manifest
    epoch: str
    new_keys: bool
    lost_secrets: int


async def restore(
    backup: Path, data_dir: Path, keys: Mapping[str, bytes] | None, *, at_ms: int, tell: Callable[[int, int], None]
) -> Restoration:
    """Make `data_dir`, new or empty, what the backup holds; `keys` None makes new ones.

    `tell` gets the bytes copied and in all. Raises `BackupRefused`, `DataFolderError`, `KeyFileError`, `StoreError`;
    the folder is as it was then.
    """
    manifest = open_backup(backup)
    with _staging(data_dir) as staging:
        copy_checked(backup, manifest, staging, lambda copied: tell(copied, manifest.size_bytes))
        prepare_restored(staging, [file.name for file in manifest.files])
        if keys is None:
            Keys.create(staging / FOLDER)
        else:
            write_keys(staging / FOLDER, dict(keys))
        restoration = await _adopt(staging, manifest, new_keys=keys is None, at_ms=at_ms)
        for path in (staging, *staging.rglob("*")):
            if path.is_dir():
                sync(path)
        for path in sorted(staging.iterdir(), key=lambda path: path.name == DATABASE):
            path.rename(data_dir / path.name)
        sync(data_dir)
    return restoration


async def _adopt(staging: Path, manifest: Manifest, *, new_keys: bool, at_ms: int) -> Restoration:
    """Bring the data to this hub's schema, see that the keys fit, and begin the log's new epoch."""
    keys = Keys.load(staging / FOLDER)
    if not new_keys and manifest.identity is not None and keys.fingerprint != manifest.identity:
        raise KeyFileError("these keys are of another hub than the backup; name the keys that were kept with it")
    store = await open_store(staging, clock_ms=lambda: at_ms)
    try:
        by = local(at_ms)
        lost = await store.forget_secrets(by=by) if new_keys else await _require_opening(store, keys)
        await store.begin_log_epoch()
        await store.note_restoration(taken_ms=manifest.taken_ms, by=by)
        return Restoration(manifest, store.epoch, new_keys, lost)
    finally:
        await store.close()


async def _require_opening(store: Secrets, keys: Keys) -> int:
    sealed = await store.sealed_secrets()
    closed = 0
    for kind, row_id, secret in sealed:
        try:
            keys.open(row_id, secret, kind=kind)
        except SealError:
            closed += 1
    if closed:
        raise KeyFileError(
            f"{closed} of {len(sealed)} secrets of the backup do not open with these keys, which are of another time; "
            "name the keys that were kept with this backup"
        )
    return 0


@contextmanager
def _staging(data_dir: Path) -> Iterator[Path]:
    """Give a folder inside the empty `data_dir`; afterwards nothing of ours is left there when it failed."""
    made = not data_dir.exists()
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = sorted(path.name for path in data_dir.iterdir() if path.name not in TOLERATED)
    except OSError as error:
        raise DataFolderError(f"{data_dir}: cannot be made: {error.strerror}") from error
    if found:
        raise DataFolderError(
            f"{data_dir}: is not empty ({', '.join(found[:3])}); a backup is restored into a new or empty folder, "
            "so move what is there away first"
        )
    before = set(data_dir.iterdir())
    try:
        with locked(data_dir):
            staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=data_dir))
            yield staging
            staging.rmdir()
    except BaseException:
        for path in set(data_dir.iterdir()) - before:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        if made:
            with suppress(OSError):
                data_dir.rmdir()
        raise


def require_keys_or_consent(*, keys: bool, new_keys: bool) -> None:
    """Raise `BackupRefused` unless keys are given or their loss is agreed to, which costs what the message says."""
    if keys == new_keys:
        raise BackupRefused(
            "name the keys that were kept with this backup: --keys FILE. Without them --new-keys makes new ones, and "
            "then every agent must join again, every device's SNMP secret must be entered again, and every sign-in "
            "and program's token is void"
        )
