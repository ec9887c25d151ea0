"""A backup as a stream of bytes: a tar whose last member is the manifest. Used by the API and by the command line.

Members named `progress` come before and between the files: they keep the connection busy while hub.db is copied and
tell how far it is. A stream without its manifest was broken off.
"""

import asyncio
import hashlib
import os
import tarfile
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import msgspec

from noctule_hub.core.backup import (
    MANIFEST,
    MAX_FILES,
    MAX_MANIFEST_BYTES,
    BackupFile,
    BackupRefused,
    is_backup_name,
    read_manifest,
)

BLOCK: Final = tarfile.BLOCKSIZE
CHUNK_BYTES: Final = 1024 * 1024
PROGRESS: Final = "progress"
MAX_PROGRESS_BYTES: Final = 4096
END: Final = b"\0" * (2 * BLOCK)


class Progress(msgspec.Struct, frozen=True, rename="camel"):
    """How far a backup is; `hub_id` says of which hub."""

    hub_id: str
    copied_bytes: int
    total_bytes: int


class Source(Protocol):
    """What the stream is read from; `asyncio.StreamReader` and aiohttp's are such."""

    async def readexactly(self, n: int) -> bytes:
        """Return exactly `n` bytes. Raises `asyncio.IncompleteReadError`."""
        ...


def progress_member(progress: Progress) -> bytes:
    """Return a member that tells how far the backup is."""
    content = msgspec.json.encode(progress)
    return _header(PROGRESS, len(content)) + content + _padding(len(content))


async def file_member(name: str, path: Path, size_bytes: int) -> AsyncGenerator[bytes, None]:
    """Yield a file as a member, in chunks; the file is opened before the first. Raises `OSError`."""
    stream = await asyncio.to_thread(path.open, "rb")
    try:
        yield _header(name, size_bytes)
        left = size_bytes
        while left:
            chunk = await asyncio.to_thread(stream.read, min(left, CHUNK_BYTES))
            if not chunk:
                raise OSError(f"{path}: became shorter while it was sent")
            left -= len(chunk)
            yield chunk
        yield _padding(size_bytes)
    finally:
        await asyncio.to_thread(stream.close)


async def receive(source: Source, folder: Path, tell: Callable[[Progress], None]) -> None:
    """Write a backup's files below `folder`, which exists and is empty, the manifest last and all of it on the disk.

    Raises `BackupRefused` when the stream is broken off, damaged or none; `folder` then holds no manifest.
    """
    received: dict[str, BackupFile] = {}
    try:
        while (member := _read_header(await source.readexactly(BLOCK))) is not None:
            name, size_bytes = member
            if name == PROGRESS:
                tell(msgspec.json.decode(await _small(source, name, size_bytes, MAX_PROGRESS_BYTES), type=Progress))
            elif name == MANIFEST:
                content = await _small(source, name, size_bytes, MAX_MANIFEST_BYTES)
                if {file.name: file for file in read_manifest(content).files} != received:
                    raise BackupRefused("the backup was changed on its way; try again")
                await asyncio.to_thread(keep, folder / MANIFEST, content)
                return
            elif not is_backup_name(name) or name in received or len(received) >= MAX_FILES:
                raise BackupRefused(f"the hub sends {name[:80]!r}, which is no file of a backup")
            else:
                received[name] = await _receive_file(source, folder, name, size_bytes)
    except (asyncio.IncompleteReadError, tarfile.TarError, msgspec.MsgspecError) as error:
        raise BackupRefused("the backup was broken off; the hub's log says why") from error
    raise BackupRefused("the backup ended without its manifest; the hub's log says why")


def keep(path: Path, content: bytes) -> None:
    """Write a new file, mode 0600, and put it on the disk. Raises `OSError`."""
    with open_new(path) as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def open_new(path: Path) -> BinaryIO:
    """Open a new file below an existing folder for writing, mode 0600. Raises `OSError`."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")


async def _receive_file(source: Source, folder: Path, name: str, size_bytes: int) -> BackupFile:
    path, digest, left = folder / name, hashlib.sha256(), size_bytes
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open_new(path) as stream:
        while left:
            chunk = await source.readexactly(min(left, CHUNK_BYTES))
            left -= len(chunk)
            digest.update(chunk)
            await asyncio.to_thread(stream.write, chunk)
        stream.flush()
        await asyncio.to_thread(os.fsync, stream.fileno())
    await source.readexactly(len(_padding(size_bytes)))
    return BackupFile(name, size_bytes, digest.hexdigest())


async def _small(source: Source, name: str, size_bytes: int, at_most: int) -> bytes:
    if size_bytes > at_most:
        raise BackupRefused(f"the hub sends {name} of {size_bytes} bytes; at most {at_most} are possible")
    content = await source.readexactly(size_bytes)
    await source.readexactly(len(_padding(size_bytes)))
    return content


def _header(name: str, size_bytes: int) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size_bytes, 0o600
    # GNU's form holds sizes of more than 8 GiB in one block.
    return member.tobuf(tarfile.GNU_FORMAT)


def _read_header(block: bytes) -> tuple[str, int] | None:
    """Return a member's name and size, None at the end. Raises `tarfile.TarError`, `BackupRefused`."""
    if block == b"\0" * BLOCK:
        return None
    member = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    if not member.isreg() or member.size < 0:
        raise BackupRefused("the hub sends something else than files")
    return member.name, member.size


def _padding(size_bytes: int) -> bytes:
    return b"\0" * (-size_bytes % BLOCK)
