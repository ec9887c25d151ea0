"""What `noctule hub rotate-key` does with the folder."""

from pathlib import Path

from noctule_hub.auth.keys import FOLDER, Keys, key_folder
from noctule_hub.auth.rotation import Rotation, rotate_data_key, rotate_jwt_key
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.folder import check_folder, now_ms
from noctule_hub.core.audit import local
from noctule_hub.data_folder import locked
from noctule_hub.errors import FolderInUseError
from noctule_hub.store.sqlite import open_store


async def rotate(data_dir: Path, *, jwt: bool, data: bool, forget_old: bool) -> dict[str, Rotation]:
    """Replace keys and return what was done, by `jwt` and `data`. Raises `CommandError`, `HubError`, `StoreError`."""
    check_folder(data_dir)
    folder = key_folder(data_dir)
    if folder != data_dir / FOLDER or not folder.is_dir():
        raise CommandError(f"{data_dir}: its keys are not in {data_dir / FOLDER}; rotate them where they are kept")
    try:
        with locked(data_dir):
            # A key that is damaged is found before anything is changed.
            Keys.load(folder)
            return await _rotate(data_dir, folder, jwt=jwt, data=data, forget_old=forget_old)
    except FolderInUseError as error:
        raise CommandError(
            f"{error}; a hub reads its keys when it starts: stop it, repeat this, and start it again"
        ) from error


async def _rotate(data_dir: Path, folder: Path, *, jwt: bool, data: bool, forget_old: bool) -> dict[str, Rotation]:
    done: dict[str, Rotation] = {}
    store = await open_store(data_dir, clock_ms=now_ms)
    try:
        by = local(now_ms())
        if data:
            done["data"] = await rotate_data_key(folder, store, by=by)
        if jwt:
            done["jwt"] = await rotate_jwt_key(folder, store, now_ms=by.at_ms, forget_old=forget_old)
            await store.note_key_rotation("token key", by=by)
    finally:
        await store.close()
    return done
