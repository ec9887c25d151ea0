"""gufo's session with its descriptor watched by the event loop throughout, and not anew for each request.

gufo_snmp 0.13 registers and removes a reader and starts a timeout of its own at every request: more work than the
request itself. Timeouts are the caller's. The names with an underscore are gufo's, as of the pinned version.
"""

import asyncio
import contextlib
import weakref
from collections.abc import Callable
from typing import TypeVar

from gufo.snmp.aio import SnmpSession

T = TypeVar("T")


class GufoClient(SnmpSession):
    """A session of gufo's for one request at a time. It is not watched any more once nothing refers to it."""

    _loop: asyncio.AbstractEventLoop | None = None
    _answered: Callable[[], None] | None = None

    async def _recv(self, receiver: Callable[[], T]) -> T:
        """Return what `receiver` makes of the answer. Raises what it raises; waits without end."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._unwatch()
            loop.add_reader(self._fd, _readable, weakref.ref(self))
            self._loop = loop
        future: asyncio.Future[T] = loop.create_future()

        def answered() -> None:
            if future.done():
                return
            try:
                future.set_result(receiver())
            except BlockingIOError:
                # An answer to something else, such as a request given up: the one awaited may still come.
                pass
            except Exception as error:  # noqa: BLE001  the one who waits gets it
                future.set_exception(error)

        self._answered = answered
        try:
            return await future
        finally:
            self._answered = None

    def take_answer(self) -> None:
        """Give what has come in to the one who waits for it."""
        if self._answered is None:
            # Nobody does: what came late is read with the next answer, and must not keep the loop awake until then.
            self._unwatch()
        else:
            self._answered()

    def __del__(self) -> None:
        # The descriptor is closed after this; another one may get its number.
        self._unwatch()

    def _unwatch(self) -> None:
        if self._loop is not None:
            # A loop that is closed watches nothing any more.
            with contextlib.suppress(RuntimeError):
                self._loop.remove_reader(self._fd)
            self._loop = None


def _readable(reference: "weakref.ref[GufoClient]") -> None:
    client = reference()
    if client is not None:
        client.take_answer()
