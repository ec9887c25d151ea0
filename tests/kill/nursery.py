"""Hubs that are forked from one process which has imported the hub: most of a start is imports, and those lose nothing.

A test that kills hubs by the hundred then kills them at work. That a hub starts by its command line is seen elsewhere.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Final

from tests.kill.processes import STOP_S, tail

PR_SET_PDEATHSIG: Final = 1
_FORKSERVER: Final = multiprocessing.get_context("forkserver")
_FORKSERVER.set_forkserver_preload(["noctule_hub.cli.hub", "noctule_hub.process", "tests.kill.nursery"])


class Newborn:
    """A hub; `Running` of `processes`."""

    def __init__(self, words: Sequence[str | Path], log: Path) -> None:
        """`words`: those of `python -m noctule_hub.cli`."""
        assert tuple(words[:3]) == (sys.executable, "-m", "noctule_hub.cli"), words
        log.touch()
        self.log = log
        self._process: ForkServerProcess = _FORKSERVER.Process(target=_live, args=(list(map(str, words[3:])), str(log)))
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def alive(self) -> bool:
        return self._process.is_alive()

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it by SIGKILL and see it gone."""
        self._process.kill()
        self.gone()

    def gone(self) -> None:
        """Wait until it has ended."""
        self._process.join()

    def stop(self) -> int:
        """End it by SIGTERM; raises AssertionError when it does not end in time."""
        self._process.terminate()
        self._process.join(STOP_S)
        if self._process.exitcode is None:
            self.kill()
            raise AssertionError(f"{self._process.name} did not stop within {STOP_S} s\n{self.words()}")
        return self._process.exitcode

    def words(self) -> str:
        """Return the end of its log."""
        return tail(self.log)


def _live(arguments: list[str], log: str) -> None:
    """Be a hub by its command line, which dies with the test."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    output = os.open(log, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.close(output)
    from noctule_hub.cli import main  # noqa: PLC0415  in the newborn only

    sys.argv = ["noctule", *arguments]
    main()
