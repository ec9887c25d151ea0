"""The programs that the demo runs: starting them so that they cannot outlive it, watching them, stopping them.

Which programs with which arguments is left to `programs`.
"""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from demo.errors import DemoError
from demo.workplace import Workplace

STOP_S: Final = 5.0
CALL_S: Final = 60.0
LOG_LINES_SHOWN: Final = 12
# Starting a Python program keeps a core busy for a while; more at once only make each other late.
CALLS_AT_ONCE_MAX: Final = 3
PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    """Have the kernel end this process when the demo is gone. Runs in the child, before the program."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Child:
    """A program that runs for as long as the demo does."""

    name: str
    process: asyncio.subprocess.Process
    log: Path


class Children:
    """All programs of one demo, each in a process group of its own."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._running: list[Child] = []
        self._calls = asyncio.Semaphore(CALLS_AT_ONCE_MAX)
        self._started = asyncio.Event()

    async def start(self, name: str, argv: Sequence[str | Path], *, talks: bool = False) -> Child:
        """Start a program that is to run until the end. `talks`: its stdin and stdout are pipes, not the log."""
        log = self._workplace.log_file(name)
        with log.open("ab") as output:
            process = await self._spawn(
                argv,
                stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talks else output,
                stderr=output,
            )
        child = Child(name, process, log)
        self._running.append(child)
        self._started.set()
        return child

    async def call(self, argv: Sequence[str | Path], *, said: str, stdin: str = "") -> str:
        """Run a program to its end and return its stdout.

        Raises DemoError, naming what was `said` on the command line, when it fails or takes over a minute.
        """
        async with self._calls:
            process = await self._spawn(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                async with asyncio.timeout(CALL_S):
                    out, err = await process.communicate(stdin.encode())
            except TimeoutError:
                raise DemoError(f"`{said}` did not end within {CALL_S:.0f} s") from None
            finally:
                if process.returncode is None:
                    await self._end([process])
                self._workplace.ended(process.pid)
        if process.returncode:
            reason = "\n".join(err.decode(errors="replace").splitlines()[-LOG_LINES_SHOWN:])
            raise DemoError(f"`{said}` failed with status {process.returncode}:\n{reason}")
        return out.decode()

    async def death(self) -> None:
        """Watch the programs for ever. Raises DemoError, with the end of its log, when one ends by itself."""
        while True:
            self._started.clear()
            waits = [asyncio.create_task(child.process.wait()) for child in self._running]
            new = asyncio.create_task(self._started.wait())
            try:
                await asyncio.wait([*waits, new], return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (*waits, new):
                    task.cancel()
            for child in self._running:
                if child.process.returncode is not None:
                    raise DemoError(epitaph(child))

    async def forget(self, child: Child) -> None:
        """Stop one program, and no longer expect it to run."""
        self._running.remove(child)
        await self._end([child.process])
        self._workplace.ended(child.process.pid)

    async def stop(self) -> None:
        """End all programs: ask, wait for some seconds, insist."""
        await self._end([child.process for child in self._running])
        for child in self._running:
            self._workplace.ended(child.process.pid)
        self._running.clear()

    async def _spawn(self, argv: Sequence[str | Path], **streams: object) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *argv,
            env=self._workplace.environment(),
            cwd=self._workplace.folder,
            process_group=0,
            preexec_fn=_die_with_parent,
            **streams,  # type: ignore[arg-type]  # stdin, stdout and stderr
        )
        self._workplace.started(process.pid)
        return process

    async def _end(self, processes: Sequence[asyncio.subprocess.Process]) -> None:
        waits = asyncio.gather(*(process.wait() for process in processes))
        _signal(processes, signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_S):
                await asyncio.shield(waits)
        except TimeoutError:
            _signal(processes, signal.SIGKILL)
            await waits


def _signal(processes: Sequence[asyncio.subprocess.Process], number: int) -> None:
    for process in processes:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)


def epitaph(child: Child) -> str:
    """Return how a program ended, and its last words."""
    with child.log.open(errors="replace") as log:
        lines = "".join(deque(log, LOG_LINES_SHOWN)).rstrip()
    status = child.process.returncode or 0
    how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
    return f"{child.name} {how}. The last lines of its log:\n{lines or '(none)'}"
