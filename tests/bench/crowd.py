"""Clients by the thousand in a process of their own (`fanout_load`), as benchmarks and tests start and ask them."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from tests.bench.fanout_client import Setup
from tests.kill.processes import Process

Answer = TypeVar("Answer")


class Talk:
    """A program that answers lines by lines."""

    def __init__(self, words: Sequence[str | Path], log: Path) -> None:
        self._process = Process(words, log, talks=True)

    @property
    def pid(self) -> int:
        return self._process.pid

    def hear(self, kind: type[Answer]) -> Answer:
        line = self._process.output.readline()
        if not line:
            raise RuntimeError(f"it ended by itself\n{self._process.words()}")
        return msgspec.json.decode(line, type=kind)

    def ask(self, word: bytes, kind: type[Answer]) -> Answer:
        self._process.input.write(word + b"\n")
        self._process.input.flush()
        return self.hear(kind)

    def end(self) -> None:
        if self._process.alive():
            self._process.kill()


class Crowd(Talk):
    """All clients of a `Setup`, connected and in their rooms."""

    def __init__(self, setup: Setup, log: Path) -> None:
        super().__init__([sys.executable, Path(__file__).with_name("fanout_load.py")], log)
        try:
            self.ask(msgspec.json.encode(setup), dict[str, int])
        except BaseException:
            self.end()
            raise
