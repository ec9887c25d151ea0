"""What `noctule hub backup` and `restore` do with the hub, its folder and its keys."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

import aiohttp

from noctule_hub.auth.key_bundle import MAX_BUNDLE_BYTES, check_passphrase, open_keys, seal_keys
from noctule_hub.auth.keys import Keys, key_folder, write_new
from noctule_hub.backup_folder import arriving, open_backup
from noctule_hub.backup_stream import Progress, receive
from noctule_hub.cli.client import HubClient
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.folder import now_ms, require_hub
from noctule_hub.cli.options import PASSPHRASE_ENV
from noctule_hub.cli.secret_input import read_secret
from noctule_hub.core.audit import local
from noctule_hub.core.backup import DATABASE, Manifest, Tell
from noctule_hub.data_folder import locked, sync
from noctule_hub.errors import FolderInUseError, KeyFileError
from noctule_hub.store.backup import BackupProgress
from noctule_hub.store.sqlite.backup import opened_for_backup, take_backup
from noctule_hub.store.sqlite.schema import read_hub_id


async def back_up(dest: Path, data_dir: Path | None, tell: Tell) -> Manifest:
    """Make a backup: through the hub where one runs, else from its folder. Returns what is in it."""
    if data_dir is not None:
        require_hub(data_dir)
        try:
            with locked(data_dir):
                return await _from_folder(dest, data_dir, tell)
        except FolderInUseError:
            pass
    return await _from_hub(dest, data_dir, tell)


async def _from_folder(dest: Path, data_dir: Path, tell: Tell) -> Manifest:
    try:
        identity = Keys.of_hub(data_dir).fingerprint
    except KeyFileError:
        # Data are worth a copy without their keys too.
        identity = None
    with arriving(dest) as folder:
        async with opened_for_backup(data_dir) as writer:
            taking = take_backup(writer, data_dir, folder, identity=identity, by=local(now_ms()))
            async with aclosing(taking) as items:
                async for item in items:
                    if isinstance(item, BackupProgress):
                        tell(item.copied_bytes, item.total_bytes)
                    else:
                        await asyncio.to_thread(sync, item.path)
        return open_backup(folder)


async def _from_hub(dest: Path, data_dir: Path | None, tell: Tell) -> Manifest:
    expected = None if data_dir is None else read_hub_id(data_dir / DATABASE)

    def told(progress: Progress) -> None:
        if expected is not None and progress.hub_id != expected:
            raise CommandError(
                f"the hub that you are signed in to is not the one that runs on {data_dir}; sign in to that one with: "
                "noctule login URL"
            )
        tell(progress.copied_bytes, progress.total_bytes)

    with arriving(dest) as folder:

        async def sink(stream: aiohttp.StreamReader) -> None:
            try:
                await receive(stream, folder, told)
            except aiohttp.ClientError as error:
                raise CommandError("the backup was broken off; the hub's log says why") from error

        async with HubClient.from_environment() as client:
            await client.take("POST", "backups", sink)
        return open_backup(folder)


@contextmanager
def keep_keys(file: Path | None, data_dir: Path | None, passphrase_file: str | None) -> Iterator[None]:
    """Write the keys into `file` before the backup is made, and remove it again when that fails. None: no keys."""
    if file is None:
        yield
        return
    if data_dir is None:
        raise CommandError("--with-keys needs --data-dir: keys are read from the hub's folder and never sent over HTTP")
    if file.exists():
        raise CommandError(f"{file}: exists already; name a new file")
    folder = key_folder(data_dir)
    Keys.of_hub(data_dir)
    passphrase = read_secret(
        passphrase_file, env=PASSPHRASE_ENV, prompt="Passphrase", file_option="--passphrase-file", confirm=True
    )
    write_new(file, seal_keys(folder, check_passphrase(passphrase)))
    sync(file.absolute().parent)
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def read_keys(place: Path, passphrase_file: str | None) -> dict[str, bytes]:
    """Return key files by name, from a folder of them or from a file of `--with-keys`. Raises `KeyFileError`."""
    if place.is_dir():
        Keys.load(place)
        return {path.name: path.read_bytes() for path in place.iterdir() if path.suffix == ".key"}
    with place.open("rb") as stream:
        bundle = stream.read(MAX_BUNDLE_BYTES + 1)
    if len(bundle) > MAX_BUNDLE_BYTES:
        raise KeyFileError(f"{place}: is larger than any file of keys")
    passphrase = read_secret(passphrase_file, env=PASSPHRASE_ENV, prompt="Passphrase", file_option="--passphrase-file")
    try:
        return open_keys(bundle, passphrase)
    except KeyFileError as error:
        raise KeyFileError(f"{place}: {error}") from error
