"""An event loop whose time passes only when nobody works: an hour of timers takes as long as what they do.

Threads are waited for in real time; only when none of them works does the loop's time jump to the next timer. So the
hub's own loops run as they are, without sleeping, and in the same order each time.
"""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any, Final

import pytest
from noctule_hub.store.sqlite.writer import Writer

# A thread that does not answer for so long never does.
STUCK_S: Final = 30.0
# Timers and clocks are floats.
RESOLUTION_S: Final = 1e-6


class VirtualLoop(asyncio.SelectorEventLoop):
    """`busy` counts what threads have yet to answer; see `count_writers`."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.busy = 0
        super().__init__(_Selector(self))
        self._clock_resolution = RESOLUTION_S

    def time(self) -> float:
        return self.now_s

    def run_in_executor(  # type: ignore[override]  # a future of whatever is called
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        self.busy += 1
        answer = super().run_in_executor(executor, func, *args)
        answer.add_done_callback(self._answered)
        return answer

    def _answered(self, _answer: asyncio.Future[Any]) -> None:
        self.busy -= 1


class _Selector(selectors.EpollSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if timeout is None or self._loop.busy:
            events = super().select(STUCK_S)
            assert events, f"no thread has answered for {STUCK_S} s, and nothing else is to come"
            return events
        events = super().select(0)
        if not events:
            self._loop.now_s += timeout
        return events


def count_writers(patch: pytest.MonkeyPatch) -> None:
    """Have loops know when a store's writer works, which has a thread of its own."""
    for name in ("start", "submit", "run_long"):
        patch.setattr(Writer, name, _counted(getattr(Writer, name)))


def _counted(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def counted(*args: Any, **options: Any) -> Any:
        loop = asyncio.get_running_loop()
        if not isinstance(loop, VirtualLoop):
            return await method(*args, **options)
        loop.busy += 1
        try:
            return await method(*args, **options)
        finally:
            loop.busy -= 1

    return counted
