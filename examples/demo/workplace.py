"""The demo's temporary folder, and the janitor who removes it and ends what is left of the demo."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, Self

from demo.errors import DemoError

JANITOR: Final = Path(__file__).with_name("janitor.py")
# Removing what a hub has written waits for its disk, which others may keep busy.
CLEARING_S: Final = 60.0


class Workplace:
    """A folder that only its owner can read, and that is gone when the demo is: by its own end or by SIGKILL."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="noctule-demo-"))  # mkdtemp's mode is 0700
        try:
            self._janitor = subprocess.Popen(  # noqa: S603  our own script
                [sys.executable, "-I", "-S", JANITOR, self.folder],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )
        except OSError:
            self.folder.rmdir()
            raise
        for name in ("config", "logs", "scratch"):
            (self.folder / name).mkdir(mode=0o700)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Let the janitor clear up, and wait for it. Raises DemoError when it takes over a minute; it goes on alone."""
        if self._janitor.stdin is not None:
            self._janitor.stdin.close()
        try:
            self._janitor.wait(CLEARING_S)
        except subprocess.TimeoutExpired:
            raise DemoError(
                f"{self.folder} was not removed within {CLEARING_S:.0f} s; see whether it is gone"
            ) from None

    def environment(self) -> dict[str, str]:
        """Return the environment for the demo's programs: whatever they write goes into the folder."""
        return os.environ | {
            "NOCTULE_CONFIG_DIR": str(self.folder / "config"),
            "TMPDIR": str(self.folder / "scratch"),
            "PYTHONUNBUFFERED": "1",
            "NO_PROXY": "127.0.0.1",
        }

    def secret_file(self, name: str, content: str) -> Path:
        """Write a file that only its owner can read, and return where it is."""
        path = self.folder / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(content)
        return path

    def log_file(self, name: str) -> Path:
        """Return where a program's output goes."""
        return self.folder / "logs" / f"{name}.log"

    def started(self, group: int) -> None:
        """Tell the janitor of a process group."""
        self._tell(f"+{group}")

    def ended(self, group: int) -> None:
        """Tell the janitor that a process group is no more: its number may soon be someone else's."""
        self._tell(f"-{group}")

    def _tell(self, line: str) -> None:
        if self._janitor.stdin is not None:
            self._janitor.stdin.write(f"{line}\n".encode())
            self._janitor.stdin.flush()
