"""The hub's ground: a small disk of its own in a mount namespace of its own, which vanishes with its holder."""

import errno
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.kill.processes import Process

SIZE_MB = 96
BALLAST_BYTES = 64 * 1024
# What a hub makes while it runs, and an old copy of it brings back; keys and seq.high stay.
DATA = ("hub.db", "hub.db-wal", "hub.db-shm", "metrics")
SEQ_HIGH = "seq.high"


class Ground:
    """A disk of `SIZE_MB`. `inside` is the data folder as the hub sees it, `path` as we do."""

    def __init__(self, folder: Path) -> None:
        self._mount = folder / "disk"
        self._mount.mkdir()
        self.inside = self._mount / "hub"
        self._copies = folder / "copies"
        self._copies.mkdir()
        script = 'mount -t tmpfs -o size="$1"m noctule "$2" && echo ready && exec sleep infinity'
        self._holder = Process(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", str(SIZE_MB), self._mount],
            folder / "ground.log",
            talks=True,
        )
        assert self._holder.output.readline() == b"ready\n", self._holder.words()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._holder.kill()

    @property
    def path(self) -> Path:
        return Path(f"/proc/{self._holder.pid}/root{self.inside}")

    def put(self, folder: Path) -> None:
        """Copy a data folder onto the disk."""
        shutil.copytree(folder, self.path)

    def take(self, folder: Path) -> Path:
        """Copy the data folder off the disk: SQLite follows links, and a path through `/proc` is one."""
        return Path(shutil.copytree(self.path, folder))

    def words(self, *command: str | Path) -> list[str | Path]:
        """Return the command line that runs a program on this ground."""
        return ["nsenter", f"--mount=/proc/{self._holder.pid}/ns/mnt", *command]

    def fill(self) -> None:
        """Leave no free byte on the disk."""
        with (self.path.parent / "ballast").open("ab", buffering=0) as ballast:
            for size in (BALLAST_BYTES, 1):
                try:
                    while ballast.write(b"\0" * size):
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def relieve(self) -> None:
        """Give the disk back."""
        (self.path.parent / "ballast").unlink(missing_ok=True)

    def keep_copy(self) -> None:
        """Keep a copy of the data, whose hub must not run meanwhile."""
        shutil.rmtree(self._copies / "data", ignore_errors=True)
        (self._copies / "data").mkdir()
        for name in (*DATA, SEQ_HIGH):
            _copy(self.path / name, self._copies / "data" / name)

    def restore_copy(self, *, with_seq_high: bool) -> None:
        """Put the kept copy in place of the data."""
        for name in (*DATA, SEQ_HIGH) if with_seq_high else DATA:
            place = self.path / name
            if place.is_dir():
                shutil.rmtree(place)
            place.unlink(missing_ok=True)
            _copy(self._copies / "data" / name, place)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        shutil.copy2(source, target)
