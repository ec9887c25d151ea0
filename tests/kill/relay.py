"""A TCP relay before a hub that cuts connections in the middle of what they carry, or loses one way."""

import asyncio
import contextlib
import random
import socket
import struct
import threading
from types import TracebackType
from typing import Self

CHUNK_BYTES = 4096
MAX_BUDGET_BYTES = 3_000
# What a hub says to clients is more than they say to it.
MAX_DOWN_BYTES = 20_000
DEADLINE_S = 10.0


class _Pair:
    """One connection through the relay. `deaf`: the hub's answers are lost.

    `budgets` holds how many bytes it may still carry to the hub (up, True) and from it, where a cut is planned.
    """

    def __init__(self, tasks: list["asyncio.Task[None]"], writers: list[asyncio.StreamWriter]) -> None:
        self.tasks = tasks
        self.writers = writers
        self.budgets: dict[bool, int] = {}
        self.deaf = False

    def cut(self) -> None:
        """End both connections by a reset, with whatever was on the way."""
        for writer in self.writers:
            sock = writer.get_extra_info("socket")
            if sock is not None:
                with contextlib.suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


class Relay:
    """Listens on `port` of the loopback and passes on to `target`. Its methods may be called from any thread."""

    def __init__(self, target: int, rng: random.Random) -> None:
        self.cuts = 0
        self.port = 0
        self._unrest = 0.0
        self._target = target
        self._rng = rng
        self._pairs: set[_Pair] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(DEADLINE_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(DEADLINE_S)

    def cut_soon(self) -> None:
        """Cut each connection after so many bytes more from its agent, which is nearly always inside a message."""
        self._loop.call_soon_threadsafe(self._plan_cuts)

    def lose_answers(self) -> None:
        """Lose what the hub says on every connection, which then looks dead to its agent."""
        self._loop.call_soon_threadsafe(self._deafen)

    def cut_now(self) -> None:
        """Cut every connection."""
        self._loop.call_soon_threadsafe(self._cut_all)

    def cut_some(self, ratio: float) -> None:
        """Cut so many of the connections: some now, others after so many bytes more of either side."""
        self._loop.call_soon_threadsafe(self._cut_part, ratio)

    def be_restless(self, ratio: float) -> None:
        """Cut so many of the connections that come from now on early: while they are made, or catch up."""
        self._loop.call_soon_threadsafe(setattr, self, "_unrest", ratio)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        self._cut_all()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        pair = _Pair([], [writer, far_writer])
        self._pairs.add(pair)
        if self._rng.random() < self._unrest:
            self._plan_cut(pair)
        try:
            await asyncio.wait(
                [
                    asyncio.create_task(self._pass_on(pair, reader, far_writer, up=True)),
                    asyncio.create_task(self._pass_on(pair, far_reader, writer, up=False)),
                ],
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            self._pairs.discard(pair)
            pair.cut()

    async def _pass_on(
        self, pair: _Pair, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                left = pair.budgets.get(up)
                if left is not None:
                    data, pair.budgets[up] = data[:left], left - len(data)
                if up or not pair.deaf:
                    writer.write(data)
                    await writer.drain()
                if left is not None and pair.budgets[up] <= 0:
                    self.cuts += 1
                    return

    def _plan_cuts(self) -> None:
        for pair in self._pairs:
            pair.budgets[True] = self._rng.randrange(1, MAX_BUDGET_BYTES)

    def _plan_cut(self, pair: _Pair) -> None:
        up = self._rng.random() < 0.3
        pair.budgets[up] = self._rng.randrange(1, MAX_BUDGET_BYTES if up else MAX_DOWN_BYTES)

    def _cut_part(self, ratio: float) -> None:
        for pair in [pair for pair in self._pairs if self._rng.random() < ratio]:
            if self._rng.random() < 0.3:
                self.cuts += 1
                pair.cut()
            else:
                self._plan_cut(pair)

    def _deafen(self) -> None:
        for pair in self._pairs:
            pair.deaf = True

    def _cut_all(self) -> None:
        self.cuts += len(self._pairs)
        for pair in list(self._pairs):
            pair.cut()
