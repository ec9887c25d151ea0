"""Backups of a store in use: hub.db on the writer's own connection between commits, then the measured files.

In this order a crash anywhere between journal and day files stays what it is in the copy: frames that are in both
are applied again without effect. Where the files go is the caller's.
"""

import asyncio
import hashlib
import shutil
import sqlite3
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, aclosing, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
from noctule_shared.errors import ErrorCode, Refused

from noctule_hub import __version__
from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.backup import (
    DATABASE,
    FORMAT,
    LOGS,
    MANIFEST,
    METRICS,
    BackupFile,
    Manifest,
)
from noctule_hub.store.backup import BackupProgress, CopiedFile
from noctule_hub.store.errors import StoreError
from noctule_hub.store.sqlite.audit import record
from noctule_hub.store.sqlite.backed import Backed
from noctule_hub.store.sqlite.backup_files import filled_files, sizes_bytes, total_bytes
from noctule_hub.store.sqlite.copies import copy_database, copy_file
from noctule_hub.store.sqlite.days import DayFiles
from noctule_hub.store.sqlite.head import read_head
from noctule_hub.store.sqlite.log_files import LogFiles
from noctule_hub.store.sqlite.migrations import MIGRATIONS, require_known, schema_version
from noctule_hub.store.sqlite.schema import META_EPOCH, META_HUB_ID, meta, note_backup
from noctule_hub.store.sqlite.writer import Writer

# In the data folder: what a backup over the API is made in, a file at a time.
SCRATCH: Final = "backup.tmp"
PROGRESS_EVERY_S: Final = 1.0
# Left free on the disk beside the copy, for the hub itself.
SPARE_BYTES: Final = 64 * 1024 * 1024

Item = BackupProgress | CopiedFile


@dataclass(slots=True)
class _Taking:
    """One backup being made."""

    writer: Writer
    data_dir: Path
    scratch: Path
    identity: str | None
    taken_ms: int
    hub_id: str = ""
    copied_bytes: int = 0
    total_bytes: int = 0
    files: list[BackupFile] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def watch(self, before: int) -> Callable[[int, int], None]:
        """Return what counts a file's progress on top of `before` bytes, and ends the copy when it is stopped."""

        def watch(copied: int, _: int) -> None:
            self.copied_bytes = before + copied
            if self.stopped.is_set():
                raise StoreError("the backup was broken off")

        return watch

    def progress(self) -> BackupProgress:
        """Return how far it is."""
        return BackupProgress(self.hub_id, self.copied_bytes, max(self.total_bytes, self.copied_bytes))


def clear_scratch(data_dir: Path) -> None:
    """Remove what an interrupted backup left in the data folder; nobody may be making one."""
    shutil.rmtree(data_dir / SCRATCH, ignore_errors=True)


async def take_backup(
    writer: Writer,
    data_dir: Path,
    scratch: Path,
    *,
    identity: str | None,
    by: Authorship,
    filling: AbstractContextManager[object] | None = None,
) -> AsyncGenerator[Item, None]:
    """Make the files of a backup in `scratch`; see `Backups.back_up`.

    `filling` is held while files that change together are copied; None: nobody fills any.
    """
    taking = _Taking(writer, data_dir, scratch, identity, by.at_ms)
    taking.hub_id = await writer.submit(lambda connection: _note_begin(connection, by))
    taking.total_bytes = await asyncio.to_thread(total_bytes, data_dir)
    yield taking.progress()
    copied = taking.scratch / "copying.db"
    async with aclosing(_while_running(taking, _copy_hub(taking, copied))) as steps:
        async for progress in steps:
            yield progress
    epoch, head, version = await asyncio.to_thread(_read_position, copied)
    yield await _finished(taking, copied, DATABASE)
    for names in await asyncio.to_thread(filled_files, data_dir):
        work = asyncio.to_thread(_copy_together, taking, names, filling)
        async with aclosing(_while_running(taking, work)) as steps:
            async for progress in steps:
                yield progress
        for number, name in enumerate(names):
            if _part(taking, number).exists():
                yield await _finished(taking, _part(taking, number), name)
    manifest = Manifest(
        format=FORMAT,
        hub_version=__version__,
        schema_version=version,
        hub_id=taking.hub_id,
        identity=identity,
        epoch=epoch,
        head=head,
        taken_ms=by.at_ms,
        files=taking.files,
    )
    content = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    await asyncio.to_thread(_write, scratch / MANIFEST, content)
    yield CopiedFile(MANIFEST, scratch / MANIFEST, len(content))
    # The caller came back for more: it has everything.
    await writer.submit(lambda connection: note_backup(connection, by.at_ms))


async def _copy_hub(taking: _Taking, target: Path) -> None:
    count = taking.watch(0)

    def copy(connection: sqlite3.Connection, pause: Callable[[], None]) -> None:
        def watch(copied: int, total: int) -> None:
            count(copied, total)
            pause()

        copy_database(connection, target, watch)

    await taking.writer.run_long(copy)


def _part(taking: _Taking, number: int) -> Path:
    return taking.scratch / f"copying-{number}.db"


def _copy_together(taking: _Taking, names: Sequence[str], filling: AbstractContextManager[object] | None) -> None:
    """Copy files between two changes of them, each to its `_part`."""
    with filling or nullcontext():
        for number, name in enumerate(names):
            copy_file(taking.data_dir / name, _part(taking, number), taking.watch(taking.copied_bytes))


async def _while_running(taking: _Taking, work: Awaitable[object]) -> AsyncGenerator[BackupProgress, None]:
    """Yield progress until `work` is done; when the caller breaks off, stop it and see it ended."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait([task], timeout=PROGRESS_EVERY_S)
            if not task.done():
                yield taking.progress()
        await task
    finally:
        if not task.done():
            taking.stopped.set()
            await asyncio.wait([task])
        if not task.cancelled():
            # Nobody else asks for it when the caller has broken off.
            task.exception()


async def _finished(taking: _Taking, copied: Path, name: str) -> CopiedFile:
    """Give a copy its name in the scratch folder and in the manifest."""

    def place() -> CopiedFile:
        with copied.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        path = taking.scratch / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        copied.rename(path)
        size_bytes = path.stat().st_size
        taking.files.append(BackupFile(name, size_bytes, digest))
        return CopiedFile(name, path, size_bytes)

    return await asyncio.to_thread(place)


def _note_begin(connection: sqlite3.Connection, by: Authorship) -> str:
    hub_id = meta(connection, META_HUB_ID)
    # Data of an older hub are copied as they are, before the upgrade: it may have had another audit log.
    if schema_version(connection) == len(MIGRATIONS):
        record(connection, by, AuditAction.BACKED_UP, "hub", object_id=None, name=hub_id)
    return hub_id


def _read_position(copied: Path) -> tuple[str, int, int]:
    """Return the log's epoch and head, and the schema version, of a copy that nobody writes."""
    connection = sqlite3.connect(f"{copied.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return meta(connection, META_EPOCH), read_head(connection), schema_version(connection)
    finally:
        connection.close()


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)


def _make_scratch(data_dir: Path) -> Path:
    """Make the store's own scratch folder; that it is there means that a backup is being made."""
    largest = max(map(sum, sizes_bytes(data_dir)))
    free = shutil.disk_usage(data_dir).free
    if free < largest + SPARE_BYTES:
        raise Refused(
            ErrorCode.BUSY,
            f"a backup needs {(largest + SPARE_BYTES) >> 20} MiB free in the data folder, there are {free >> 20}; "
            "free some space",
        )
    scratch = data_dir / SCRATCH
    try:
        scratch.mkdir(mode=0o700)
    except FileExistsError:
        raise Refused(
            ErrorCode.TOO_MANY, "another backup is being made; wait for its end", retry_after_s=60.0
        ) from None
    except OSError as error:
        raise StoreError(f"{scratch}: cannot be made: {error.strerror}") from error
    return scratch


class SqliteBackup(Backed):
    """`Backups` in SQLite."""

    async def back_up(
        self, *, identity: str | None, by: Authorship, scratch: Path | None = None
    ) -> AsyncGenerator[Item, None]:
        """Yield progress and the files of a backup, the manifest last; see `Backups`."""
        folder = await asyncio.to_thread(_make_scratch, self._data_dir) if scratch is None else scratch
        try:
            taking = take_backup(
                self._writer, self._data_dir, folder, identity=identity, by=by, filling=self._days.filling
            )
            async with aclosing(taking) as items:
                async for item in items:
                    yield item
                    if scratch is None and isinstance(item, CopiedFile):
                        item.path.unlink(missing_ok=True)
        finally:
            if scratch is None:
                await asyncio.to_thread(clear_scratch, self._data_dir)

    async def note_restoration(self, *, taken_ms: int, by: Authorship) -> None:
        """Remember that these data were restored from a backup taken at `taken_ms`."""

        def work(connection: sqlite3.Connection) -> None:
            note_backup(connection, taken_ms)
            hub_id = meta(connection, META_HUB_ID)
            record(connection, by, AuditAction.RESTORED, "hub", object_id=None, name=hub_id)

        await self._writer.submit(work)


@asynccontextmanager
async def opened_for_backup(data_dir: Path) -> AsyncIterator[Writer]:
    """Open hub.db as it is, without bringing it to this hub's schema; the caller holds the folder's lock.

    Raises `StoreError`, as `NewerSchemaError` when a newer hub has written it.
    """

    def initialise(connection: sqlite3.Connection) -> None:
        require_known(connection)
        # Transactions that a crash interrupted: who only reads may not undo them.
        DayFiles(data_dir / METRICS).prepare()
        LogFiles(data_dir / LOGS).prepare(read_head(connection))

    writer = Writer(data_dir / DATABASE, initialise=initialise, after_group=lambda: None)
    try:
        await writer.start()
        yield writer
    finally:
        await writer.close()
