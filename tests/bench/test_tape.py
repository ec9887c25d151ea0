"""A tape says again what the hub said, byte for byte, as far as the page goes, and owns up to what it lacks."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from tests.bench.tape import Tape, recorded, replayed

PAGE = gzip.compress(b"<!doctype html>", mtime=0)
POLICY = "default-src 'self'"
LATER_S = 0.2


class Origin:
    """A hub that counts its answers, greets on a socket, acknowledges what it is told and speaks by itself later."""

    def __init__(self) -> None:
        self.asked = 0

    async def page(self, _request: web.Request) -> web.Response:
        headers = {"Content-Encoding": "gzip", "Content-Security-Policy": POLICY, "Content-Type": "text/html"}
        return web.Response(body=PAGE, headers=headers)

    async def count(self, _request: web.Request) -> web.Response:
        self.asked += 1
        response = web.json_response({"asked": self.asked})
        response.set_cookie("session", "1", httponly=True)
        return response

    async def talk(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str("0greeting")
        assert (await socket.receive()).data == "40"
        await socket.send_str("40welcome")
        await asyncio.sleep(LATER_S)
        await socket.send_bytes(b"\x00later")
        await socket.receive()
        return socket


@asynccontextmanager
async def origin() -> AsyncIterator[str]:
    hub = Origin()
    app = web.Application()
    app.router.add_get("/", hub.page)
    app.router.add_get("/api/count", hub.count)
    app.router.add_get("/socket.io/", hub.talk)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield "http://{}:{}".format(*runner.addresses[0])
    finally:
        await runner.cleanup()


async def visit(url: str) -> list[object]:
    """Return all that a visitor is told, and in how many seconds the last message came."""
    async with aiohttp.ClientSession(url, auto_decompress=False) as http:
        told: list[object] = []
        for path in ("/", "/api/count?of=1", "/api/count?of=1"):
            async with http.get(path) as answer:
                kept = {name: value for name, value in answer.headers.items() if name not in {"Date", "Server"}}
                told.append((answer.status, kept, await answer.read()))
        async with http.ws_connect("/socket.io/") as socket:
            told.append((await socket.receive()).data)
            await socket.send_str("40")
            began_s = time.monotonic()
            told += [(await socket.receive()).data, (await socket.receive()).data]
            told.append(time.monotonic() - began_s > LATER_S / 2)
        return told


async def taken() -> tuple[Tape, list[object]]:
    """Return a tape and what the visitor was told while it was taken."""
    async with origin() as hub:
        with recorded(hub) as (url, tape):
            return tape, await visit(url)


async def test_what_the_hub_said_is_said_again_byte_for_byte_and_in_its_time() -> None:
    tape, told = await taken()
    assert told[0] == (
        200,
        {
            "Content-Encoding": "gzip",
            "Content-Length": str(len(PAGE)),
            "Content-Security-Policy": POLICY,
            "Content-Type": "text/html",
        },
        PAGE,
    )
    assert told[3:] == ["0greeting", "40welcome", b"\x00later", True]
    with pytest.raises(RuntimeError, match="the end of the visit"), replayed(tape) as url:
        assert await visit(url) == told


async def test_what_answers_the_page_waits_until_the_page_has_spoken() -> None:
    tape, _ = await taken()
    with replayed(tape) as url:
        async with aiohttp.ClientSession(url) as http, http.ws_connect("/socket.io/") as socket:
            assert (await socket.receive()).data == "0greeting"
            with pytest.raises(TimeoutError):
                await socket.receive(timeout=LATER_S)


@pytest.mark.parametrize(
    ("path", "status"), [("/api/count?of=2", 200), ("/api/other", 404)], ids=["other devices", "another address"]
)
async def test_only_the_address_is_held_to_and_what_is_not_there_is_told(path: str, status: int) -> None:
    tape, _ = await taken()
    missing = False
    try:
        with replayed(tape) as url:
            async with aiohttp.ClientSession(url) as http, http.get(path) as answer:
                assert answer.status == status
    except RuntimeError as error:
        missing = f"GET {path}" in str(error)
    assert missing == (status == 404)
