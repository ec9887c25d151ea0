"""One hub per data folder: the lock that says so, and clear words when it cannot be had."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from noctule_hub.errors import DataFolderError, FolderInUseError

LOCK_FILE = "lock"


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
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            raise FolderInUseError(
                f"{data_dir}: another hub (process {holder or 'unknown'}) runs on this folder"
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
