"""Files of the data folder: private, replaced whole, and the lock that keeps a second agent out."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from noctule_agent.errors import AlreadyRunning, DataDirError

LOCK_FILE: Final = "lock"
PRIVATE_MODE: Final = 0o600


def make_folder(path: Path) -> None:
    """Make a folder for the owner only (0700) unless it is there. Raises `DataDirError`."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DataDirError(f"cannot make the data folder {path}: {error.strerror}; name another with --data-dir") from (
            error
        )


def write_private(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Replace a file whole, readable by its owner only; a reader sees the old or the new content, never half.

    `durable`: on disk when the call returns. Raises `DataDirError`.
    """
    temporary = path.with_name(f"{path.name}.new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, PRIVATE_MODE)
            file.write(content)
            if durable:
                file.flush()
                os.fsync(descriptor)
        temporary.replace(path)
    except OSError as error:
        raise DataDirError(f"cannot write {path}: {error.strerror}") from error


@contextlib.contextmanager
def data_dir_lock(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for this process; the kernel lets go of it when the process ends, however it ends.

    Raises `AlreadyRunning` when another process holds it, `DataDirError` when it cannot be written.
    """
    make_folder(data_dir)
    path = data_dir / LOCK_FILE
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_MODE)
    except OSError as error:
        raise DataDirError(
            f"the data folder {data_dir} cannot be written: {error.strerror}; name another with --data-dir"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
            raise AlreadyRunning(f"another noctule-agent (pid {pid}) works on {data_dir}; stop it first") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def is_locked(data_dir: Path) -> bool:
    """Return whether an agent runs on the folder at present; False also when the folder cannot be read."""
    try:
        descriptor = os.open(data_dir / LOCK_FILE, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
