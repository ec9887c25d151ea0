"""The demo's own Socket.IO client, against a server that does not always answer."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import socketio  # type: ignore[import-untyped]
from aiohttp import web
from demo import witness
from demo.witness import Witness

pytestmark = pytest.mark.timeout(30)


class Deaf:
    """A hub in small that does not answer the first connection's `subscribe`."""

    def __init__(self) -> None:
        self.connections: list[str] = []
        self.joined: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._server = socketio.AsyncServer(async_mode="aiohttp")
        self._server.on("connect", self._connect)
        self._server.on("subscribe", self._subscribe)
        self.app = web.Application()
        self.app.router.add_post("/api/v1/auth/login", self._login)
        self._server.attach(self.app)

    async def _login(self, _request: web.Request) -> web.Response:
        return web.json_response({"accessToken": "token"})

    async def _connect(self, sid: str, _environ: object, _auth: object) -> None:
        self.connections.append(sid)

    async def _subscribe(self, sid: str, room: str) -> dict[str, bool]:
        if sid == self.connections[0]:
            await asyncio.Event().wait()
        await self.joined.put((sid, room))
        return {"ok": True}


@pytest.fixture
async def hub(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Deaf, str]]:
    monkeypatch.setattr(witness, "ANSWER_S", 0.5)
    monkeypatch.setattr(witness, "AGAIN_S", 0.01)
    deaf = Deaf()
    runner = web.AppRunner(deaf.app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield deaf, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_room_that_is_not_answered_is_joined_by_the_next_connection(hub: tuple[Deaf, str]) -> None:
    deaf, url = hub
    client = Witness(url, "password")
    watching = asyncio.create_task(client.watch())
    await client.connected()
    await client.subscribe("device:1")
    assert await deaf.joined.get() == (deaf.connections[1], "device:1")
    assert client.trouble is not None
    assert client.trouble.startswith("TimeoutError")
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
