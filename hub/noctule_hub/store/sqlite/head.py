"""The head of the event log: how far it reaches, who is told when it moves, and how an older copy is noticed.

DATA/seq.high holds the highest event seq that a client can have seen, beside hub.db. A hub.db that was
restored from a copy knows less than its clients; then the log starts a new epoch.
"""

import asyncio
import logging
import os
import secrets
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from noctule_hub.store.sqlite.assignments import forget_config_changes
from noctule_hub.store.sqlite.metric_files import sync_folder
from noctule_hub.store.sqlite.schema import META_EPOCH, highest_id, meta, set_meta

# Overwritten in place, always as many bytes: within one sector, so never half old and half new.
_DIGITS: Final = 20

logger = logging.getLogger(__name__)


def read_head(connection: sqlite3.Connection) -> int:
    """Return the seq of the newest event ever appended, 0 for none; it stays when that event is deleted."""
    return highest_id(connection, "event")


class SeqHigh:
    """The file; used on the writer's thread only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = 0
        self._fd: int | None = None

    def read(self) -> int | None:
        """Return what the file says, 0 when there is none, None when it cannot be understood."""
        try:
            return int(self._path.read_text("ascii"))
        except FileNotFoundError:
            return 0
        except ValueError:
            return None

    def restart(self, seq: int) -> None:
        """Open the file and put `seq` on the disk, also when that is less than before."""
        self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        self._write(self._fd, seq)
        sync_folder(self._path.parent)

    def raise_to(self, seq: int) -> None:
        """Put `seq` on the disk if it is higher; called after its commit and before anybody is told of it."""
        if seq > self._written and self._fd is not None:
            self._write(self._fd, seq)

    def close(self) -> None:
        """Let go of the file. Idempotent."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _write(self, fd: int, seq: int) -> None:
        os.pwrite(fd, b"%0*d\n" % (_DIGITS, seq), 0)
        os.fdatasync(fd)
        self._written = seq


class Head:
    """The log's epoch and the signal that it has grown."""

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop) -> None:
        """`path` is DATA/seq.high; followers wait on `loop`."""
        self.epoch = ""
        self.woken = asyncio.Event()
        self._file = SeqHigh(path)
        self._loop = loop
        self._noted = 0

    def settle(self, connection: sqlite3.Connection) -> None:
        """At a start, compare the file with the log and choose the epoch; on the writer's thread."""
        head, high = read_head(connection), self._file.read()
        self.epoch = meta(connection, META_EPOCH)
        if high is None or high > head:
            self.begin_epoch(connection)
            logger.warning(
                "the event log ends at %d, clients have seen up to %s: hub.db is an older copy; "
                "the log starts the new epoch %s and clients fetch the present state anew",
                head,
                "an unknown number" if high is None else high,
                self.epoch,
            )
        self._file.restart(head)

    def begin_epoch(self, connection: sqlite3.Connection) -> None:
        """Choose another epoch, because hub.db is an older copy; on the writer's thread."""
        self.epoch = secrets.token_hex(8)
        set_meta(connection, META_EPOCH, self.epoch)
        forget_config_changes(connection)

    def note(self, seqs: Sequence[int]) -> None:
        """Remember what a job of the group just committed appended; on the writer's thread."""
        if seqs:
            self._noted = seqs[-1]

    def announce(self) -> None:
        """Tell the followers when the group appended events; on the writer's thread, after its commit."""
        if self._noted:
            noted, self._noted = self._noted, 0
            try:
                self._file.raise_to(noted)
            finally:
                # The events are committed whatever became of the file: their followers must see them.
                self._loop.call_soon_threadsafe(self._wake)

    def close(self) -> None:
        """Let go of the file. Idempotent."""
        self._file.close()

    def _wake(self) -> None:
        self.woken.set()
        self.woken = asyncio.Event()
