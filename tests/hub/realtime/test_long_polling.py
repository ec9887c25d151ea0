"""Long-polling by hand over raw sockets: every event of a POST arrives, or its answer is not 200."""

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import pytest
from engineio.exceptions import EngineIOError  # type: ignore[import-untyped]
from engineio.payload import Payload  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.config import Compression
from noctule_hub.realtime.fanout import encode
from noctule_hub.realtime.gate import Refusal
from noctule_hub.realtime.transport_contract import MAX_POST_PACKETS, check_packets

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import SocketHub

DEADLINE_S = 20
SEPARATOR = "\x1e"


class Polling:
    """A long-polling session over one kept connection; `got` are the numbers of the pings that were answered."""

    def __init__(self, hub: "SocketHub") -> None:
        self.host, port = hub.url.removeprefix("http://").split(":")
        self.port = int(port)
        self.sid = ""
        self.got: list[int] = []

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        self.sid = json.loads((await self.get())[1:])["sid"]
        assert await self.post("40") == 200
        while "replay:done" not in await self.get():
            pass

    def close(self) -> None:
        self.writer.close()

    def head(self, method: str, extra: str = "") -> bytes:
        sid = f"&sid={self.sid}" if self.sid else ""
        target = f"/socket.io/?EIO=4&transport=polling{sid}"
        return f"{method} {target} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{extra}\r\n".encode()

    async def get(self) -> str:
        self.writer.write(self.head("GET"))
        status, body = await self.answer()
        assert status == 200
        return body

    async def post(self, body: str) -> int:
        raw = body.encode()
        self.writer.write(self.head("POST", f"Content-Length: {len(raw)}\r\n") + raw)
        return (await self.answer())[0]

    async def answer(self) -> tuple[int, str]:
        async with asyncio.timeout(DEADLINE_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            size = next(
                int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")
            )
            return int(head.split(" ")[1]), (await self.reader.readexactly(size)).decode()

    async def until(self, number: int) -> None:
        """Read until that ping was answered."""
        while number not in self.got[-1:]:
            for part in (await self.get()).split(SEPARATOR):
                if part.startswith("43"):
                    self.got.append(json.loads(part[part.index("[") :])[0]["n"])


@pytest.fixture
async def polling(hub: "SocketHub") -> Polling:
    polling = Polling(hub)
    await polling.open()
    hub.closing.callback(polling.close)
    return polling


def pings(*numbers: int) -> str:
    return SEPARATOR.join(f'42{number}["ping",{number}]' for number in numbers)


@pytest.mark.parametrize("waits", [True, False])
async def test_a_first_connection_and_its_place_in_the_log_come_or_are_lost_together(
    hub: "SocketHub", *, waits: bool
) -> None:
    await hub.log(1, 2)
    await hub.settled()
    client, other = Polling(hub), Polling(hub)
    for one in (client, other):
        one.reader, one.writer = await asyncio.open_connection(one.host, one.port)
        hub.closing.callback(one.close)
    client.sid = other.sid = json.loads((await client.get())[1:])["sid"]
    if waits:
        client.writer.write(client.head("GET"))
        # Turns of the loop in which the hub takes it.
        for _ in range(50):
            await asyncio.sleep(0)
    assert await other.post('40{"token":"viewer"}') == 200
    body = (await client.answer())[1] if waits else await client.get()
    connected, done = body.split(SEPARATOR)
    assert connected.startswith("40{")
    assert json.loads(done.removeprefix("42"))[1]["seq"] == 2


async def test_post_split_at_any_byte_is_taken_whole(polling: Polling) -> None:
    """The hub reads the first part before the second is sent: nothing but its head is there to be answered."""
    size = len(pings(100_000, 100_001).encode())
    for at in range(size + 1):
        first = 100_000 + 2 * at
        body = pings(first, first + 1).encode()
        assert len(body) == size
        polling.writer.write(polling.head("POST", f"Content-Length: {size}\r\n") + body[:at])
        await polling.writer.drain()
        # Turns of the loop in which the hub, in this very loop, takes what there is.
        for _ in range(20):
            await asyncio.sleep(0)
        polling.writer.write(body[at:])
        assert (await polling.answer())[0] == 200
    await polling.until(100_000 + 2 * size + 1)
    assert polling.got == list(range(100_000, 100_000 + 2 * size + 2))


async def test_post_in_many_small_pieces_and_chunks_is_taken_whole(polling: Polling) -> None:
    body = pings(*range(50)).encode()
    polling.writer.write(polling.head("POST", "Transfer-Encoding: chunked\r\n"))
    for at in range(0, len(body), 7):
        piece = body[at : at + 7]
        polling.writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        await asyncio.sleep(0)
    polling.writer.write(b"0\r\n\r\n")
    assert (await polling.answer())[0] == 200
    await polling.until(49)
    assert polling.got == list(range(50))


async def test_burst_of_two_hundred_packets_arrives_whole_and_in_order(polling: Polling) -> None:
    assert await polling.post(pings(*range(200))) == 200
    await polling.until(199)
    assert polling.got == list(range(200))


@pytest.mark.parametrize(
    "bad",
    [
        "",
        SEPARATOR,
        "x",
        "7",
        "42",
        '42["connect"]',
        "b",
        "b!!!!",
        "4" + "[" * 60_000,
        "4\udcff",
        '451-["ping",{"_placeholder":true,"num":0}]',
    ],
    ids=lambda bad: repr(bad[:10]),
)
async def test_post_that_is_not_taken_whole_is_never_answered_200(
    hub: "SocketHub", polling: Polling, bad: str, caplog: pytest.LogCaptureFixture
) -> None:
    raw = f"{pings(1)}{SEPARATOR}{bad}{SEPARATOR}{pings(2)}".encode(errors="surrogateescape")
    polling.writer.write(polling.head("POST", f"Content-Length: {len(raw)}\r\n") + raw)
    assert (await polling.answer())[0] == 400
    assert hub.service.connected_count() == 0
    counted = hub.service.gate.refused[Refusal.POST] + hub.service.gate.refused[Refusal.BINARY]
    assert counted + hub.service.sio.counters.malformed == 1
    assert "Traceback" not in caplog.text


async def test_more_packets_than_a_post_may_hold_are_refused_and_not_dropped(polling: Polling) -> None:
    assert await polling.post(SEPARATOR.join(["3"] * MAX_POST_PACKETS)) == 200
    assert await polling.post(SEPARATOR.join(["3"] * (MAX_POST_PACKETS + 1))) == 400


async def test_post_whose_body_ends_early_is_not_taken(polling: Polling) -> None:
    """Half a body may read like a whole one: `42["ping",12]` and half of what follows."""
    body = pings(1).encode()
    polling.writer.write(polling.head("POST", f"Content-Length: {len(body) + 5}\r\n") + body)
    await polling.writer.drain()
    polling.writer.close()
    polling.reader, polling.writer = await asyncio.open_connection(polling.host, polling.port)
    assert await polling.post(pings(2)) == 200
    await polling.until(2)
    assert polling.got == [2]


@given(st.lists(st.text(st.characters(exclude_characters=SEPARATOR, exclude_categories=["Cs"])), max_size=20))
def test_body_is_taken_only_when_each_part_of_it_is_a_packet(parts: list[str]) -> None:
    try:
        check_packets(SEPARATOR.join(parts).encode())
    except EngineIOError:
        return
    assert parts
    assert all(part and part[0] in "0123456b" for part in parts)
    # What was taken here, engineio takes too.
    assert len(Payload(encoded_payload=SEPARATOR.join(parts)).packets) == len(parts)


@pytest.mark.parametrize(
    ("compression", "size", "encoding"),
    [
        (Compression.AUTO, 4_000, "gzip"),
        (Compression.AUTO, 500, None),
        (Compression.ON, 500, "gzip"),
        (Compression.OFF, 4_000, None),
    ],
)
async def test_answers_are_compressed_as_messages_of_websockets_are(
    hub: "SocketHub", compression: Compression, size: int, encoding: str | None
) -> None:
    hub.settings = replace(hub.settings, compression=compression)
    async with aiohttp.ClientSession(headers={"Accept-Encoding": "gzip, br"}) as http, asyncio.timeout(DEADLINE_S):
        url = f"{hub.url}/socket.io/?EIO=4&transport=polling"
        async with http.get(url) as answer:
            url += f"&sid={json.loads((await answer.text())[1:])['sid']}"
        async with http.post(url, data="40") as answer:
            assert answer.status == 200
        body = ""
        while "replay:done" not in body:
            async with http.get(url) as answer:
                body = await answer.text()
        hub.service.fanout.deliver(hub.service.connections, encode("trial", {"fill": "x" * size}))
        async with http.get(url) as answer:
            body, told = await answer.text(), answer.headers.get("Content-Encoding")
    assert told == encoding
    assert "x" * size in body
