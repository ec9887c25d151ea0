"""Processes of the kill test: each dies with the test, whatever ends it, and its words are kept for a message."""

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Protocol

ROOT = Path(__file__).resolve().parents[2]
DIE_WITH_US = ("setpriv", "--pdeathsig", "KILL")
STOP_S = 20.0
LOG_TAIL_BYTES = 4000


def environment() -> dict[str, str]:
    """Return an environment in which `tests` and the packages of this checkout are importable."""
    path = [str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path)}


def tail(log: Path) -> str:
    """Return the end of a log."""
    return log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")


class Running(Protocol):
    """A process that was started and may have ended."""

    @property
    def pid(self) -> int: ...

    def alive(self) -> bool: ...

    def send(self, number: signal.Signals) -> None: ...

    def kill(self) -> None:
        """End it by SIGKILL and see it gone."""

    def gone(self) -> None:
        """Wait until it has ended."""

    def stop(self) -> int:
        """End it by SIGTERM and return its status; raises AssertionError when it does not end in time."""
        ...

    def words(self) -> str:
        """Return the end of its log."""
        ...


Spawn = Callable[[Sequence[str | Path], Path], Running]
"""Starts a program, by its words, that writes to a log."""


def wrapped(wrap: Callable[..., Sequence[str | Path]]) -> Spawn:
    """Return what starts a program by other words, as a tracer's or those of another mount namespace."""
    return lambda words, log: Process(wrap(*words), log)


class Process:
    """A program with its log. `talks`: its standard input and output are pipes."""

    def __init__(self, words: Sequence[str | Path], log: Path, *, talks: bool = False) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*DIE_WITH_US, *words],
                stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talks else output,
                stderr=output,
                env=environment(),
                cwd=ROOT,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def output(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        """End it by SIGKILL and see it gone."""
        self.send(signal.SIGKILL)
        self.gone()

    def stop(self) -> int:
        """End it by SIGTERM; raises AssertionError when it does not end in time."""
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self._process.args!r} did not stop within {STOP_S} s\n{self.words()}") from None
        self.gone()
        return self._process.returncode

    def words(self) -> str:
        """Return the end of its log."""
        return tail(self.log)

    def gone(self) -> None:
        """See it ended and close what led to it."""
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
