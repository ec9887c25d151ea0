"""A backup as a folder: made under another name and renamed when it is whole, and read with every byte checked."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from noctule_hub.backup_stream import CHUNK_BYTES, open_new
from noctule_hub.core.backup import MANIFEST, MAX_MANIFEST_BYTES, BackupFile, BackupRefused, Manifest, read_manifest
from noctule_hub.data_folder import sync

# In the name of a folder that is not whole yet, or never became so.
PARTIAL: Final = ".partial-"


@contextmanager
def arriving(dest: Path) -> Iterator[Path]:
    """Give a new folder, mode 0700, that becomes `dest` when all went well and is removed otherwise.

    A crash leaves it under its other name, DEST.partial-XXXX, never as `dest`.
    Raises `BackupRefused` when `dest` exists or the folder for it does not, `OSError`.
    """
    if dest.exists() or dest.is_symlink():
        raise BackupRefused(f"{dest}: exists already; name a new folder")
    if not dest.absolute().parent.is_dir():
        raise BackupRefused(f"{dest}: there is no folder {dest.absolute().parent}; make it first")
    folder = Path(tempfile.mkdtemp(prefix=dest.name + PARTIAL, dir=dest.absolute().parent))
    try:
        yield folder
        for path in (folder, *folder.rglob("*")):
            if path.is_dir():
                sync(path)
        folder.rename(dest)
        sync(dest.absolute().parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def open_backup(folder: Path) -> Manifest:
    """Return the manifest of a backup whose files are all there at their sizes. Raises `BackupRefused`, `OSError`."""
    try:
        with (folder / MANIFEST).open("rb") as stream:
            content = stream.read(MAX_MANIFEST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        hint = "; it was interrupted while it was made" if PARTIAL in folder.name else ""
        raise BackupRefused(f"{folder}: is no whole backup, there is no {MANIFEST} in it{hint}") from None
    if len(content) > MAX_MANIFEST_BYTES:
        raise BackupRefused(f"{folder / MANIFEST}: is larger than any manifest; take another backup")
    manifest = read_manifest(content)
    for file in manifest.files:
        path = folder / file.name
        if path.is_symlink() or not path.is_file():
            raise BackupRefused(f"{path}: is missing; take another backup")
        if path.stat().st_size != file.size_bytes:
            raise BackupRefused(f"{path}: has {path.stat().st_size} bytes instead of {file.size_bytes}; take another")
    return manifest


def copy_checked(folder: Path, manifest: Manifest, target: Path, tell: Callable[[int], None]) -> None:
    """Copy a backup's files below `target`, each compared with the manifest as it is read, and put them on the disk.

    `tell` gets the bytes copied so far. Raises `BackupRefused` at the first that differs, `OSError`.
    """
    copied = 0
    for file in manifest.files:
        path = target / file.name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _copy_checked(folder / file.name, file, path, copied, tell)
        copied += file.size_bytes


def _copy_checked(source: Path, file: BackupFile, target: Path, before: int, tell: Callable[[int], None]) -> None:
    digest, copied = hashlib.sha256(), 0
    with source.open("rb") as stream, open_new(target) as copy:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            copy.write(chunk)
            copied += len(chunk)
            tell(before + copied)
        copy.flush()
        os.fsync(copy.fileno())
    if digest.hexdigest() != file.sha256:
        raise BackupRefused(f"{source}: is damaged, its content is not what was backed up; take another backup")
