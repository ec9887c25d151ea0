"""Text without end: it is written as it is made, and a client that does not read is cut."""

import asyncio
import itertools

import pytest
from aiohttp import ClientPayloadError, web
from aiohttp.test_utils import TestClient, TestServer
from noctule_hub.api import streaming
from noctule_hub.api.streaming import CHUNK_CHARS, stream_text

LINE = "x" * 1_000 + "\n"


async def served(
    lines: "itertools.repeat[str] | list[str]", ended: asyncio.Event
) -> "TestClient[web.Request, web.Application]":
    """Serve lines; `ended` is set when an answer is over."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await stream_text(request, lines, content_type="text/plain")
        finally:
            if request.method == "GET":
                ended.set()

    app = web.Application()
    app.router.add_route("*", "/", answer)
    client = TestClient(TestServer(app))
    await client.start_server()
    return client


async def test_all_lines_arrive_whole_over_many_chunks() -> None:
    lines = [f"{number} {LINE}" for number in range(500)]
    assert len("".join(lines)) > 5 * CHUNK_CHARS
    client = await served(lines, asyncio.Event())
    assert await (await client.get("/")).text() == "".join(lines)
    assert await (await client.head("/")).text() == ""
    await client.close()


async def test_a_client_that_does_not_read_is_cut_and_others_are_answered_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "WRITE_WITHIN_S", 0.2)
    ended = asyncio.Event()
    client = await served(itertools.repeat(LINE), ended)
    # Packed, gigabytes of the same letter would fit into the buffers.
    answer = await client.get("/", headers={"Accept-Encoding": "identity"})
    assert (await client.head("/")).status == 200
    # The buffers on the way are full soon, and the hub then waits for the client in vain.
    async with asyncio.timeout(30):
        await ended.wait()
    with pytest.raises(ClientPayloadError):
        await answer.read()
    await client.close()
