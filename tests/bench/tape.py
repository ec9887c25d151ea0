"""What a hub says to one visitor's browser, taken down between the two and said again without the hub.

A tape holds the hub's own bytes: its answers, by address and in their order, and what it said on each socket, with the
time and with how much the page had said before. Nothing is made up: what the tape lacks is a fault of the replay.
"""

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import CIMultiDict

SOCKET_PATH: Final = "/socket.io/"
# A page answers the hub's heartbeats when they come: they say nothing of how far the two are.
HEARTBEAT: Final = "3"
CALL_S: Final = 30.0
LEAVE_S: Final = 0.2
# What each connection has of its own.
OF_CONNECTION: Final = frozenset({"connection", "content-length", "date", "keep-alive", "transfer-encoding", "upgrade"})
OF_HANDSHAKE: Final = "sec-websocket-"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was on the wire: `body` is compressed where `headers` say so."""

    status: int
    headers: CIMultiDict[str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """`at_s`: since the socket was opened. `after`: how many messages the page had sent before, heartbeats aside."""

    at_s: float
    after: int
    data: str | bytes


# Method, address with its query, and whether the browser asked only for what is newer than its own.
Question = tuple[str, str, bool]

T = TypeVar("T")


@dataclass(slots=True)
class Tape:
    """One visit, which began at `began_s` of the epoch; the sockets are in the order in which they were opened."""

    began_s: float = field(default_factory=time.time)
    answers: dict[Question, list[Answer]] = field(default_factory=dict)
    sockets: list[list[Message]] = field(default_factory=list)

    @property
    def longest_silence_s(self) -> float:
        """The longest time in which the hub said nothing on the last socket."""
        times = [message.at_s for message in self.sockets[-1]]
        return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)


@contextlib.contextmanager
def recorded(hub_url: str) -> Iterator[tuple[str, Tape]]:
    """Stand before the hub; yields the address for one visitor, and the tape, which grows."""
    recorder = _Recorder(hub_url)
    with _served(recorder.app) as url:
        yield url, recorder.tape


@contextlib.contextmanager
def replayed(tape: Tape) -> Iterator[str]:
    """Stand in the hub's place for one visitor. Raises RuntimeError when they asked for what the tape has not."""
    player = _Player(tape)
    with _served(player.app) as url:
        try:
            yield url
        finally:
            if player.faults:
                raise RuntimeError(f"not on the tape: {', '.join(player.faults)}")


class _Recorder:
    def __init__(self, hub_url: str) -> None:
        self.tape = Tape()
        self._hub_url = hub_url
        self.app = _app(self._answer, self._talk)
        self.app.cleanup_ctx.append(self._client)

    async def _client(self, _app: web.Application) -> AsyncIterator[None]:
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(self._hub_url, cookie_jar=jar, auto_decompress=False) as self._hub:
            yield

    async def _answer(self, request: web.Request) -> web.Response:
        own, body = _passed_on(request.headers), await request.read()
        asked = self._hub.request(request.method, request.rel_url, headers=own, data=body, allow_redirects=False)
        async with asked as response:
            answer = Answer(response.status, _passed_on(response.headers), await response.read())
        self.tape.answers.setdefault(_question(request), []).append(answer)
        return _said(answer)

    async def _talk(self, request: web.Request) -> web.WebSocketResponse:
        messages: list[Message] = []
        self.tape.sockets.append(messages)
        async with self._hub.ws_connect(request.rel_url, headers=_passed_on(request.headers), max_msg_size=0) as hub:
            began_s, said = time.monotonic(), 0
            page = web.WebSocketResponse(max_msg_size=0, compress=bool(hub.compress))
            await page.prepare(request)

            async def to_page() -> None:
                async for message in hub:
                    messages.append(Message(time.monotonic() - began_s, said, message.data))
                    await _send(page, message.data)

            async def to_hub() -> None:
                nonlocal said
                async for message in page:
                    said += message.data != HEARTBEAT
                    await _send(hub, message.data)

            await _first_of(to_page(), to_hub())
            await page.close()
        return page


class _Player:
    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._asked: dict[Question, int] = {}
        self._opened = 0
        self._faults: list[str] = []
        self._played_out = False
        self.app = _app(self._answer, self._talk)

    @property
    def faults(self) -> Sequence[str]:
        """What was asked for in vain; and that the visit outlasts the tape."""
        return [*self._faults, *(["the end of the visit"] if self._played_out else [])]

    async def _answer(self, request: web.Request) -> web.Response:
        question = self._nearest(_question(request))
        answers = self._tape.answers.get(question)
        if answers is None:
            self._faults.append(f"{request.method} {request.rel_url}")
            raise web.HTTPNotFound
        turn = self._asked[question] = self._asked.get(question, -1) + 1
        return _said(answers[min(turn, len(answers) - 1)])

    def _nearest(self, asked: Question) -> Question:
        """Return the question itself where it is on the tape, else one that is answered in full or about others.

        What the browser still has, and which rows a list asks about in one breath, depends on how fast they came.
        """
        method, address, _ = asked
        if asked in self._tape.answers:
            return asked
        if (method, address, False) in self._tape.answers:
            return method, address, False
        path = address.partition("?")[0]
        others = (
            one for one in self._tape.answers if (one[0], one[1].partition("?")[0], one[2]) == (method, path, False)
        )
        return next(others, asked)

    async def _talk(self, request: web.Request) -> web.WebSocketResponse:
        turn, self._opened = self._opened, self._opened + 1
        if turn >= len(self._tape.sockets):
            self._faults.append("another socket")
            raise web.HTTPServiceUnavailable
        page = web.WebSocketResponse(max_msg_size=0, compress=False)
        await page.prepare(request)
        began_s, said, heard = time.monotonic(), 0, asyncio.Condition()

        async def play() -> None:
            messages = self._tape.sockets[turn]
            for message in messages:
                await asyncio.sleep(began_s + message.at_s - time.monotonic())
                async with heard:
                    await heard.wait_for(lambda: said >= message.after)  # noqa: B023  it is awaited here
                self._played_out |= messages is self._tape.sockets[-1] and message is messages[-1]
                await _send(page, message.data)
            await asyncio.Event().wait()

        async def listen() -> None:
            nonlocal said
            async for message in page:
                async with heard:
                    said += message.data != HEARTBEAT
                    heard.notify_all()

        await _first_of(play(), listen())
        return page


def _app(answer: Handler, talk: Handler) -> web.Application:
    app = web.Application(client_max_size=0)
    app.router.add_get(SOCKET_PATH, talk)
    app.router.add_route("*", "/{path:.*}", answer)
    return app


def _question(request: web.Request) -> Question:
    return request.method, str(request.rel_url), "If-None-Match" in request.headers


def _passed_on(headers: Mapping[str, str]) -> CIMultiDict[str]:
    kept = CIMultiDict(headers)
    for name in {*headers}:
        if name.lower() in OF_CONNECTION or name.lower().startswith(OF_HANDSHAKE):
            kept.popall(name, None)
    return kept


def _said(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


async def _send(socket: web.WebSocketResponse | aiohttp.ClientWebSocketResponse, data: str | bytes) -> None:
    """Send a message, unless the other side has gone meanwhile."""
    with contextlib.suppress(ConnectionError):
        await (socket.send_str(data) if isinstance(data, str) else socket.send_bytes(data))


async def _first_of(*works: Coroutine[object, object, None]) -> None:
    """Do all until one is done. Raises what ended it."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


@contextlib.contextmanager
def _served(app: web.Application) -> Iterator[str]:
    """Serve it from a thread of its own: a browser has this one. Yields the address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def call(work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(CALL_S)

    async def end(runner: web.AppRunner) -> None:
        await runner.cleanup()
        # aiohttp leaves handlers behind that it has cancelled.
        left = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait(left, timeout=LEAVE_S) if left else None

    async def begin() -> web.AppRunner:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=LEAVE_S)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    try:
        runner = call(begin())
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            call(end(runner))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(CALL_S)
        loop.close()
