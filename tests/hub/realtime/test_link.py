"""Frames written past a session's queue: what they are, when that happens, and that the order is kept."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

import aiohttp
import msgspec
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from aiohttp.http import WebSocketWriter
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.config import Compression
from noctule_hub.realtime.connections import Connection
from noctule_hub.realtime.fanout import encode
from noctule_hub.realtime.link import (
    BINARY_OPCODE,
    DIRECT_AHEAD_BYTES,
    TEXT_OPCODE,
    CountingQueue,
    Link,
    deflated_frame_of,
    frame_of,
)
from noctule_hub.realtime.sessions import Outgoing, text_packet

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import SocketHub

DEADLINE_S = 20
SIZES = (0, 1, 125, 126, 127, 65_535, 65_536, 200_000)


class Wire:
    """As much of a transport as aiohttp's writer asks for."""

    _paused = False

    def __init__(self) -> None:
        self.written = b""

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes) -> None:
        self.written += data


async def aiohttp_frame(payload: bytes, opcode: int) -> bytes:
    wire = Wire()
    writer = WebSocketWriter(cast("Any", wire), cast("Any", wire))
    await writer.send_frame(payload, WSMsgType(opcode))
    return wire.written


@pytest.mark.parametrize("size", SIZES)
async def test_frame_is_byte_for_byte_what_aiohttp_writes(size: int) -> None:
    assert frame_of("4" + "x" * size) == await aiohttp_frame(b"4" + b"x" * size, TEXT_OPCODE)
    assert frame_of(b"\0" * size) == await aiohttp_frame(b"\0" * size, BINARY_OPCODE)


async def test_text_beyond_ascii_is_counted_in_bytes() -> None:
    assert frame_of("4ü€") == await aiohttp_frame("4ü€".encode(), TEXT_OPCODE)


class Raw:
    """A client spoken by hand; `numbers` are those of the trial messages that it has read."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.numbers: list[int] = []

    async def until(self, number: int) -> None:
        """Read until that trial message has come."""
        async with asyncio.timeout(DEADLINE_S):
            while number not in self.numbers[-1:]:
                text = await self.socket.receive_str()
                if text.startswith('42["trial"'):
                    self.numbers.append(msgspec.json.decode(text[2:])[1]["n"])


async def raw(hub: "SocketHub", *, compress: int = 0) -> Raw:
    """Connect a client over a WebSocket and read to the end of its handshake."""
    http = aiohttp.ClientSession()
    hub.closing.push_async_callback(http.close)
    url = f"{hub.url}/socket.io/?EIO=4&transport=websocket"
    client = Raw(await http.ws_connect(url, compress=compress, max_msg_size=0))
    await client.socket.send_str('40{"token":"viewer","subscribe":[]}')
    async with asyncio.timeout(DEADLINE_S):
        while "replay:done" not in await client.socket.receive_str():
            pass
    return client


def send(hub: "SocketHub", number: int, size: int = 10) -> None:
    hub.service.fanout.deliver(hub.service.connections, encode("trial", {"n": number, "fill": "x" * size}))


def session_of(hub: "SocketHub") -> Any:
    (session,) = hub.service.sio.eio.sockets.values()
    return session


@contextmanager
def counted(queue: CountingQueue) -> Iterator[list[object]]:
    """Give the packets that are queued meanwhile."""
    queued: list[object] = []
    put = queue._put

    def remember(item: object) -> None:
        queued.append(item)
        put(item)

    queue._put = remember  # type: ignore[method-assign]
    yield queued


async def test_client_that_reads_is_written_to_past_the_queue(hub: "SocketHub") -> None:
    client = await raw(hub)
    await asyncio.wait_for(session_of(hub).queue.idle.wait(), DEADLINE_S)
    with counted(session_of(hub).queue) as queued:
        for number in range(3):
            send(hub, number)
        await client.until(2)
    assert client.numbers == [0, 1, 2]
    assert queued == []


class Seen:
    """What a client's socket gets, before anything is made of it."""

    def __init__(self, client: Raw) -> None:
        self.octets = bytearray()
        connection = client.socket._response.connection
        assert connection is not None
        protocol = connection.protocol
        assert protocol is not None
        feed = protocol.data_received

        def remember(data: bytes) -> None:
            self.octets += data
            feed(data)

        protocol.data_received = remember  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("window_bits", "compression", "size", "head"),
    [
        (0, Compression.AUTO, 3_000, 0x81),
        (15, Compression.OFF, 3_000, 0x81),
        (15, Compression.AUTO, 3_000, 0xC1),
        (15, Compression.AUTO, 60_000, 0xC1),
        (15, Compression.AUTO, 500, 0x81),
        (15, Compression.ON, 500, 0xC1),
        (15, Compression.ON, 10, 0x81),
        (12, Compression.AUTO, 3_000, 0xC1),
        (12, Compression.AUTO, 5_000, 0x81),
    ],
)
async def test_message_is_compressed_where_that_is_worth_it_and_agreed(
    hub: "SocketHub", window_bits: int, compression: Compression, size: int, head: int
) -> None:
    hub.settings = replace(hub.settings, compression=compression)
    client = await raw(hub, compress=window_bits)
    await asyncio.wait_for(session_of(hub).queue.idle.wait(), DEADLINE_S)
    seen = Seen(client)
    with counted(session_of(hub).queue) as queued:
        send(hub, 1, size)
        await client.until(1)
    assert (seen.octets[0], queued) == (head, [])
    assert len(seen.octets) < size / 5 if head == 0xC1 else len(seen.octets) > size


async def test_one_message_to_plain_and_compressing_clients_is_built_once_for_each_kind(hub: "SocketHub") -> None:
    clients = [await raw(hub, compress=bits) for bits in (0, 0, 15, 15, 15)]
    message = encode("trial", {"n": 1, "fill": "x" * 3_000})
    with patch("noctule_hub.realtime.sessions.deflated_frame_of", wraps=deflated_frame_of) as deflated:
        hub.service.fanout.deliver(hub.service.connections, message)
        for client in clients:
            await client.until(1)
    assert deflated.call_count == 1


async def test_what_goes_through_the_queue_is_the_frame_that_is_built_already(hub: "SocketHub") -> None:
    """A client that is behind costs no compression of its own."""
    client = await raw(hub, compress=15)
    session = session_of(hub)
    await asyncio.wait_for(session.queue.idle.wait(), DEADLINE_S)
    seen = Seen(client)
    count = 20
    with patch("noctule_hub.realtime.sessions.deflated_frame_of", wraps=deflated_frame_of) as deflated:
        for number in range(count):
            session.queue.put_nowait(text_packet("trial", msgspec.json.encode({"n": number, "fill": "x" * 20_000})))
        send(hub, count, 20_000)
        await client.until(count)
    assert client.numbers == list(range(count + 1))
    assert deflated.call_count == count + 1
    assert len(seen.octets) < count * 2_000


async def test_client_that_compresses_gets_its_replay_and_calls_right(hub: "SocketHub") -> None:
    await hub.log(*range(1, 90))
    http = aiohttp.ClientSession()
    hub.closing.push_async_callback(http.close)
    url = f"{hub.url}/socket.io/?EIO=4&transport=websocket"
    client = await http.ws_connect(url, compress=15, max_msg_size=0)
    since = {"epoch": hub.service.broadcaster.epoch, "seq": 0}
    hello = msgspec.json.encode({"token": "viewer", "subscribe": ["devices"], "since": since}).decode()
    await client.send_str(f"40{hello}")
    seqs: list[int] = []
    async with asyncio.timeout(DEADLINE_S):
        while "replay:done" not in (text := await client.receive_str()):
            if text.startswith('42["device:status"'):
                seqs.append(msgspec.json.decode(text[2:])[1]["seq"])
        # Long enough that the client compresses it.
        await client.send_str(f'427["ping","{"x" * 2_000}"]')
        assert (await client.receive_str()).startswith("437")
    assert seqs == list(range(1, 90))


async def test_messages_of_one_turn_leave_in_one_write(hub: "SocketHub") -> None:
    client = await raw(hub)
    await asyncio.wait_for(session_of(hub).queue.idle.wait(), DEADLINE_S)
    link: Link = session_of(hub).queue.link
    writes: list[bytes] = []
    transport = link.transport

    class Spy:
        def write(self, data: bytes) -> None:
            writes.append(data)
            transport.write(data)

        def __getattr__(self, name: str) -> object:
            return getattr(transport, name)

    link.transport = Spy()
    for number in range(5):
        send(hub, number)
    assert link.buffered_bytes > 0
    await client.until(4)
    assert len(writes) == 1
    assert hub.service.engine.queued_bytes(session_of(hub).sid) == 0


async def test_what_the_library_still_has_in_hand_leaves_first(hub: "SocketHub") -> None:
    """Taken from the queue and not written yet is neither queued nor sent; the queue alone would look empty."""
    client = await raw(hub)
    session = session_of(hub)
    turns = 12
    for turn in range(turns):
        await asyncio.wait_for(session.queue.idle.wait(), DEADLINE_S)
        session.queue.put_nowait(text_packet("trial", msgspec.json.encode({"n": 2 * turn})))
        # At each of the turns of the loop in which the writer wakes, takes the packet and writes it.
        for _ in range(turn):
            await asyncio.sleep(0)
        send(hub, 2 * turn + 1)
    await client.until(2 * turns - 1)
    assert client.numbers == list(range(2 * turns))


async def test_websocket_that_is_only_tried_gets_nothing(hub: "SocketHub") -> None:
    """Until the client has moved there, what waits at the queue is its long-polling GET."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(DEADLINE_S):
        url = f"{hub.url}/socket.io/?EIO=4&transport="
        async with http.get(f"{url}polling") as opened:
            sid = msgspec.json.decode((await opened.text())[1:])["sid"]
        polling = f"{url}polling&sid={sid}"
        async with http.post(polling, data='40{"token":"viewer","subscribe":[]}') as posted:
            assert posted.status == 200
        text = ""
        while "replay:done" not in text:
            async with http.get(polling) as answer:
                text = await answer.text()
        waiting = asyncio.ensure_future(http.get(polling))
        await session_of(hub).queue.idle.wait()
        async with http.ws_connect(f"{url}websocket&sid={sid}") as tried:
            send(hub, 1)
            async with await waiting as answer:
                assert "trial" in await answer.text()
            await tried.send_str("2probe")
            assert await tried.receive_str() == "3probe"


async def test_slow_reader_gets_everything_in_order_once_it_reads(hub: "SocketHub") -> None:
    """Past the connection's buffer messages are queued, where a client's own copy of them takes no memory."""
    client = await raw(hub)
    session = session_of(hub)
    count = 120
    with counted(session.queue) as queued:
        for number in range(count):
            send(hub, number, size=60_000)
            await asyncio.sleep(0)
        assert queued
        assert session.queue.link.buffered_bytes < 10 * DIRECT_AHEAD_BYTES
        assert hub.service.engine.queued_bytes(session.sid) > 1_000_000
        await client.until(count - 1)
    assert client.numbers == list(range(count))
    await asyncio.wait_for(hub.service.engine.drained(session.sid), DEADLINE_S)
    assert hub.service.engine.queued_bytes(session.sid) == 0


async def test_order_is_kept_while_a_client_moves_to_a_websocket(hub: "SocketHub") -> None:
    client = hub.client()
    number, done = 0, asyncio.Event()

    async def keep_sending() -> None:
        nonlocal number
        while not done.is_set():
            send(hub, number)
            number += bool(hub.service.connected_count())
            await asyncio.sleep(0.001)

    sending = asyncio.create_task(keep_sending())
    await client.sio.connect(hub.url, auth={"token": "viewer"}, transports=["polling", "websocket"])
    await client.ready()
    await client.until(lambda c: len(c.of("trial")) > 100, "a hundred messages")
    done.set()
    await sending
    await client.until(lambda c: c.of("trial")[-1]["n"] == number - 1, "the last message")
    numbers = [message["n"] for message in client.of("trial")]
    assert hub.service.clients()[0].transport == "websocket"
    assert numbers == list(range(numbers[0], number))


async def test_nothing_is_written_after_a_closing_frame(hub: "SocketHub") -> None:
    await raw(hub)
    session = session_of(hub)
    await asyncio.wait_for(session.queue.idle.wait(), DEADLINE_S)
    await session.queue.link.response.close(drain=False)
    assert not session.queue.link.write(frame_of("4"))


async def test_lost_connection_takes_no_frame(hub: "SocketHub") -> None:
    await raw(hub)
    session = session_of(hub)
    await asyncio.wait_for(session.queue.idle.wait(), DEADLINE_S)
    session.queue.link.abort()
    assert not session.queue.link.write(frame_of("4"))


def test_frame_of_a_packet_is_built_once() -> None:
    packet = text_packet("position", b'{"seq":1}')
    assert packet.frame is packet.frame
    assert packet.frame == frame_of(packet.encode())
    assert isinstance(packet, Outgoing)


@given(st.lists(st.sampled_from(["put", "take"]), max_size=40))
def test_a_queue_counts_what_was_not_handed_over(steps: list[str]) -> None:
    """The reader has at most what it took since it last waited; asking for more hands that over."""

    async def walk() -> None:
        queue, waiting, taken = CountingQueue(), 0, 0
        size = len(text_packet("t", b"0").data)
        for step in steps:
            if step == "put":
                queue.put_nowait(text_packet("t", b"0"))
                waiting += 1
            elif waiting:
                await queue.get()
                waiting, taken = waiting - 1, 1
            assert queue.size_bytes == (waiting + taken) * size
            assert not queue.idle.is_set()

    asyncio.run(walk())


async def test_connection_is_counted_once_for_each_logged_message_it_was_sent(hub: "SocketHub") -> None:
    await raw(hub)
    connection: Connection = next(iter(hub.service.connections))
    hub.service.fanout.deliver([connection], encode("trial", {"n": 1}, logged=True))
    hub.service.fanout.deliver([connection], encode("trial", {"n": 2}))
    assert connection.delivered == 1
