"""How far long work is, for a person who waits."""

import sys
from typing import Self


class Progress:
    """A bar on stderr, when that is a terminal."""

    def __init__(self, total: int, words: str) -> None:
        from rich import progress  # noqa: PLC0415  likewise
        from rich.console import Console  # noqa: PLC0415  only long work pays for its import

        self._bar = progress.Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)
        self._task = self._bar.add_task(words, total=total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def advance(self, count: int) -> None:
        """Tell that so many more are done."""
        self._bar.advance(self._task, count)

    def set(self, done: int, total: int) -> None:
        """Tell that so many of so many are done."""
        self._bar.update(self._task, completed=done, total=total)
