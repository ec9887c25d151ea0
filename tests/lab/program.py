"""A program that runs in a namespace, and its lines of output as they come, to be waited for."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.lab.network import Namespace

HERE: Final = Path(__file__).parent
START_DEADLINE_S: Final = 20.0
STOP_DEADLINE_S: Final = 10.0


class Program:
    """A running program. Its standard output is read line by line, its standard error kept for messages."""

    def __init__(self, namespace: Namespace, words: list[str], *, folder: Path, given: str = "") -> None:
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self._errors = folder / f"{namespace.label}-{time.monotonic_ns()}.stderr"
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                namespace.command(*words),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("both are pipes")
        self._process.stdin.write(given)
        self._process.stdin.close()
        self._output = self._process.stdout
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, wanted: Callable[[str], bool], *, deadline_s: float, after: int = 0) -> int:
        """Return the number of the first line, from `after` on, that is wanted.

        Raises AssertionError when it does not come in time or the program ends.
        """
        deadline = time.monotonic() + deadline_s
        position = after
        with self._changed:
            while True:
                while position < len(self.lines):
                    if wanted(self.lines[position]):
                        return position
                    position += 1
                if self._ended or not self._changed.wait(max(0.0, deadline - time.monotonic())):
                    raise AssertionError(f"{self._process.args!r}: not within {deadline_s} s\n{self.words()}")

    def finish(self, deadline_s: float) -> list[str]:
        """Return all lines once the program has ended by itself, which it must do in time and without error."""
        status = self.wait_to_end(deadline_s)
        if status != 0:
            raise AssertionError(f"{self._process.args!r} exited {status}\n{self.words()}")
        return self.lines

    def wait_to_end(self, deadline_s: float) -> int:
        """Return the status with which the program ended by itself; all its lines are there then."""
        status = self._process.wait(deadline_s)
        self._reader.join(STOP_DEADLINE_S)
        return status

    def errors(self) -> str:
        """Return what the program wrote to standard error."""
        return self._errors.read_text("utf-8", "replace")

    def stop(self) -> list[str]:
        """End the program by SIGTERM, with SIGKILL when that does not help; return all lines."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_DEADLINE_S)
        self._reader.join(STOP_DEADLINE_S)
        return self.lines

    def words(self) -> str:
        """Return what the program said lately, for a message."""
        return "\n".join(self.lines[-5:]) + "\n" + self.errors()[-4000:]

    def _read(self) -> None:
        with self._output:
            for line in self._output:
                with self._changed:
                    self.lines.append(line.rstrip("\n"))
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


class Programs:
    """The programs of one lab, with a folder for their files. Used as a context; leaving it ends them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started: list[Program] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in reversed(self._started):
            program.stop()

    def start(self, namespace: Namespace, *words: str, given: str = "") -> Program:
        """Start a program in a namespace, with text on its standard input; wait for nothing."""
        program = Program(namespace, list(words), folder=self.folder, given=given)
        self._started.append(program)
        return program

    def module(self, namespace: Namespace, name: str, *words: str) -> Program:
        """Start a Python module, such as a command line of the product."""
        return self.start(namespace, sys.executable, "-m", name, *words)

    def script(self, namespace: Namespace, name: str, *words: str, given: str = "") -> Program:
        """Start one of the lab's own scripts."""
        return self.start(namespace, sys.executable, str(HERE / name), *words, given=given)

    def ready(self, namespace: Namespace, name: str, *words: str, given: str = "") -> Program:
        """Start one of the lab's own scripts and wait until it says that it is ready."""
        program = self.script(namespace, name, *words, given=given)
        program.wait_for(lambda line: line == "ready", deadline_s=START_DEADLINE_S)
        return program
