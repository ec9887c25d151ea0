"""Each work-around of `engine_contract`, against the library itself where it can be: an upgrade that moves it fails."""

import asyncio
import json
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import TYPE_CHECKING

import aiohttp
import aiohttp.web
import pytest
from aiohttp.abc import AbstractStreamWriter
from engineio.exceptions import EngineIOError  # type: ignore[import-untyped]
from engineio.payload import Payload  # type: ignore[import-untyped]
from noctule_hub.realtime import engine_contract
from noctule_hub.realtime.engine_contract import CappedPacket
from noctule_hub.realtime.gate import CONNECT_WITHIN_S, MAX_MESSAGE_BYTES, Refusal
from noctule_hub.realtime.link import CountingQueue
from noctule_hub.realtime.sessions import text_packet
from noctule_hub.realtime.transport_contract import MAX_POST_PACKETS, WholeBody
from socketio import packet  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import SocketHub

CONNECTED_S = 10


class Poller:
    """A long-polling session spoken by hand."""

    def __init__(self, hub: "SocketHub", http: aiohttp.ClientSession) -> None:
        self.hub = hub
        self.http = http
        self.sid = ""

    @property
    def path(self) -> str:
        sid = f"&sid={self.sid}" if self.sid else ""
        return f"{self.hub.url}/socket.io/?EIO=4&transport=polling{sid}"

    async def get(self) -> list[str]:
        async with asyncio.timeout(CONNECTED_S), self.http.get(self.path) as answer:
            text = await answer.text()
            return text.split("\x1e") if answer.status == 200 else [str(answer.status)]

    async def post(self, body: str) -> int:
        async with asyncio.timeout(CONNECTED_S), self.http.post(self.path, data=body) as answer:
            return answer.status

    async def open(self) -> None:
        (opened,) = await self.get()
        self.sid = json.loads(opened[1:])["sid"]

    async def connect(self) -> None:
        """Open, CONNECT, and read until the handshake is through."""
        await self.open()
        await self.post("40")
        await self.until("replay:done")

    async def until(self, text: str) -> str:
        """Read until a packet holds `text` and return that packet."""
        async with asyncio.timeout(CONNECTED_S):
            while True:
                for part in await self.get():
                    if text in part:
                        return part


@pytest.fixture
async def poller(hub: "SocketHub") -> Poller:
    http = aiohttp.ClientSession()
    hub.closing.push_async_callback(http.close)
    return Poller(hub, http)


def test_versions_are_those_the_work_arounds_were_written_for() -> None:
    assert version("python-socketio").startswith("5.18.")
    assert version("python-engineio").startswith("4.15.")


async def test_post_split_over_two_segments_is_read_whole(hub: "SocketHub", poller: Poller) -> None:
    await poller.connect()
    body = b'4211["ping","' + b"x" * 40 + b'"]'
    host, port = hub.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    target = poller.path.removeprefix(hub.url)
    head = f"POST {target} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body[:20])
    await writer.drain()
    # The hub has begun to read: it answers nothing until the rest is there.
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.2)
    writer.write(body[20:])
    assert b"200 OK" in await asyncio.wait_for(reader.readline(), CONNECTED_S)
    writer.close()
    assert json.loads((await poller.until("x" * 40)).removeprefix("4311")) == [{"ok": True, "n": "x" * 40}]


async def test_body_that_ends_early_is_refused_and_not_taken_for_whole() -> None:
    stream = aiohttp.StreamReader(_Protocol(), 2**16)  # type: ignore[arg-type]  # a reader alone
    stream.feed_data(b"half")
    stream.feed_eof()
    with pytest.raises(EngineIOError):
        await WholeBody(stream, 8).read(8)


class _Protocol:
    """As much of aiohttp's protocol as a stream asks for."""

    _reading_paused = False

    def pause_reading(self) -> None:
        self._reading_paused = True

    def resume_reading(self, *, resume_parser: bool = True) -> None:
        self._reading_paused = not resume_parser


async def test_body_of_undeclared_length_is_read_whole(poller: Poller) -> None:
    await poller.connect()

    async def chunks() -> AsyncIterator[bytes]:
        yield b'4212["pi'
        yield b'ng",1]'

    async with poller.http.post(poller.path, data=chunks()) as answer:
        assert answer.status == 200
    assert (await poller.until("4312")) == '4312[{"ok":true,"n":1}]'


async def test_hundred_packets_in_one_post_are_all_taken(poller: Poller) -> None:
    assert Payload.max_decode_packets == MAX_POST_PACKETS
    await poller.connect()
    assert await poller.post("\x1e".join(f'42{n}["ping",{n}]' for n in range(100, 200))) == 200
    assert (await poller.until('"n":199')).startswith("43199")


async def test_waiting_get_is_answered_when_the_client_leaves(poller: Poller) -> None:
    await poller.connect()
    waiting = asyncio.create_task(poller.get())
    await poller.post("41\x1e1")
    # Left to engineio it would hang for ping interval and timeout, 45 s.
    await asyncio.wait_for(waiting, CONNECTED_S)
    assert await poller.get() == ["400"]


@pytest.mark.parametrize(
    "sent", ['451-["ping",{"_placeholder":true,"num":0}]', '461-1[{"_placeholder":true,"num":0}]', "bAAAA"]
)
async def test_client_that_sends_attachments_is_cut_before_they_are_waited_for(
    hub: "SocketHub", poller: Poller, sent: str
) -> None:
    await poller.connect()
    assert await poller.post(sent) == 400
    assert hub.service.gate.refused[Refusal.BINARY] == 1
    assert await poller.get() in (["400"], [""])
    assert hub.service.connected_count() == 0


def test_library_alone_would_wait_for_any_number_of_attachments() -> None:
    assert packet.Packet(encoded_packet='51000000000-["x"]').attachment_count == 1_000_000_000
    with pytest.raises(ValueError, match="attachments"):
        CappedPacket(encoded_packet='51000000000-["x"]')
    assert CappedPacket(encoded_packet='51-["x",{"_placeholder":true,"num":0}]').attachment_count == 1


@pytest.mark.parametrize(
    "sent", ['42["connect",{}]', '42["disconnect","why"]', "42{}", "42[]", "42[[1]]", "42[7]", "4", "49"]
)
async def test_packet_that_is_none_of_a_clients_cuts_the_session(
    hub: "SocketHub", poller: Poller, sent: str, caplog: pytest.LogCaptureFixture
) -> None:
    await poller.connect()
    await poller.post(sent)
    assert hub.service.sio.counters.malformed == 1
    assert hub.service.connected_count() == 0
    assert "Traceback" not in caplog.text


async def test_address_is_the_connections_and_not_the_drivers_constant(hub: "SocketHub") -> None:
    connector = aiohttp.TCPConnector(local_addr=("127.0.0.77", 0))
    async with aiohttp.ClientSession(connector=connector) as http:
        await Poller(hub, http).connect()
        assert hub.service.clients()[0].address == "127.0.0.77"


async def test_session_that_never_connects_is_reaped(hub: "SocketHub", poller: Poller) -> None:
    await poller.open()
    now_s = asyncio.get_running_loop().time()
    assert hub.service.engine.reap(now_s + CONNECT_WITHIN_S - 1) == 0
    assert hub.service.engine.reap(now_s + CONNECT_WITHIN_S + 1) == 1
    assert await poller.get() in (["400"], [""])
    assert hub.service.gate.refused[Refusal.NEVER_CONNECTED] == 1


async def test_upgraded_client_is_cut_on_the_connection_it_uses_now(hub: "SocketHub") -> None:
    client = hub.client()
    await client.sio.connect(hub.url, auth={"token": "viewer"}, transports=["polling", "websocket"])
    await client.ready()
    assert hub.service.clients()[0].transport == "websocket"
    (connection,) = hub.service.connections
    hub.service.engine.cut(connection.eio_sid)
    await asyncio.wait_for(client.ended.wait(), CONNECTED_S)
    assert hub.service.connected_count() == 0


async def test_queue_counts_the_bytes_that_wait() -> None:
    queue = CountingQueue()
    queue.put_nowait(text_packet("position", b'{"seq":1}'))
    text = '2["position",{"seq":1}]'
    assert queue.size_bytes == len(text)
    assert (await queue.get()).encode() == f"4{text}"
    # Taken, but handed over only when the writer comes for more.
    assert queue.size_bytes == len(text)
    queue.put_nowait(None)
    assert await queue.get() is None
    assert queue.size_bytes == 0


async def test_sessions_use_the_counting_queue(hub: "SocketHub") -> None:
    await hub.join()
    (session,) = hub.service.sio.eio.sockets.values()
    assert isinstance(session.queue, CountingQueue)


async def test_large_message_is_refused_before_it_is_held(hub: "SocketHub", poller: Poller) -> None:
    await poller.connect()
    assert await poller.post("4" + "x" * MAX_MESSAGE_BYTES) == 400
    assert hub.service.connected_count() == 0


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://elsewhere.example", 400),
        ("null", 400),
        ("https://{host}.elsewhere.example", 400),
        ("https://portal.example", 200),
        ("HTTPS://Portal.Example", 200),
        ("http://{host}", 200),
        ("https://{host}", 200),
    ],
)
async def test_page_of_a_foreign_origin_is_refused(hub: "SocketHub", origin: str, status: int) -> None:
    own = origin.format(host=hub.url.removeprefix("http://"))
    async with (
        aiohttp.ClientSession(headers={"Origin": own}) as http,
        http.get(Poller(hub, http).path) as answer,
    ):
        assert answer.status == status
        assert answer.headers.get("Access-Control-Allow-Origin") == (own if status == 200 else None)


async def test_handler_that_fails_leaves_the_session_and_is_counted(hub: "SocketHub", poller: Poller) -> None:
    async def broken(_sid: str) -> None:
        raise ValueError("a fault of the hub's own")

    hub.service.sio.on("broken", broken, namespace="/")
    await poller.connect()
    await poller.post('421["broken"]')
    await poller.post('422["ping",5]')
    assert await poller.until("432") == '432[{"ok":true,"n":5}]'
    assert hub.service.sio.counters.handlers_failed == 1
    assert hub.service.sio.counters.malformed == 0


def test_engine_never_logs_what_clients_send() -> None:
    assert not engine_contract._engine_log.isEnabledFor(30)


async def test_client_that_is_gone_before_its_websocket_is_answered_leaves_nothing_behind(
    hub: "SocketHub", poller: Poller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    prepare = aiohttp.web.WebSocketResponse.prepare

    async def gone(response: aiohttp.web.WebSocketResponse, request: aiohttp.web.Request) -> AbstractStreamWriter:
        assert request.transport is not None
        request.transport.abort()
        await asyncio.sleep(0)
        return await prepare(response, request)

    await poller.connect()
    monkeypatch.setattr(aiohttp.web.WebSocketResponse, "prepare", gone)
    for path in (f"{hub.url}/socket.io/?EIO=4&transport=websocket", poller.path.replace("polling", "websocket")):
        with pytest.raises(aiohttp.ClientError):
            await poller.http.ws_connect(path)
    # The one that polls goes on.
    assert list(hub.service.sio.eio.sockets) == [poller.sid]
    assert len(hub.service.gate) == 1
    assert await poller.until("stats:update")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
