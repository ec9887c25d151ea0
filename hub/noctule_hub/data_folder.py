"""One hub per data folder: the lock that says so, and what is put on the disk in it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from noctule_hub.errors import DataFolderError, FolderInUseError

LOCK_FILE: Final = "lock"
TRIES: Final = 5
RETRY_S: Final = 0.05


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Hold DATA/lock; the kernel lets go of it however the process ends.

    Raises `DataFolderError`: no such folder, not writable; as `FolderInUseError` another hub runs on it.
    """
    path = data_dir / LOCK_FILE
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError as error:
        raise DataFolderError(
            f"{data_dir}: there is no hub here; make one with: noctule hub init --data-dir DIR"
        ) from error
    except OSError as error:
        raise DataFolderError(f"{path}: {error.strerror}; check the folder's owner and permissions") from error
    try:
        try:
            _lock(descriptor)
        except OSError as error:
            holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            raise FolderInUseError(
                f"{data_dir}: another hub or command (process {holder or 'unknown'}) works on this folder"
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Take the lock; whoever only looks at it (`holder`) has it for a moment. Raises `OSError`."""
    for _ in range(TRIES - 1):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(RETRY_S)
        else:
            return
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def holder(data_dir: Path) -> int | None:
    """Return the process that holds DATA/lock, 0 when it does not say, None when nobody does. Raises `OSError`."""
    try:
        descriptor = os.open(data_dir / LOCK_FILE, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.pread(descriptor, 20, 0).strip()
            return int(text) if text.isdigit() else 0
        return None
    finally:
        os.close(descriptor)


def sync(path: Path) -> None:
    """Put a file or a folder's entries on the disk. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
