"""Clients that mean harm, one kind at a time: each is refused or cut and counted, and a client beside it is served."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import pytest
import socketio.exceptions  # type: ignore[import-untyped]
from aiohttp import ClientWebSocketResponse, WSMsgType
from noctule_hub.config import Compression, SocketSettings
from noctule_hub.realtime import fanout
from noctule_hub.realtime.fanout import encode
from noctule_hub.realtime.gate import (
    CONNECT_WITHIN_S,
    MAX_ANONYMOUS_MESSAGE_BYTES,
    MAX_CLIENT_MESSAGE_BYTES,
    MAX_MESSAGE_BYTES,
    Refusal,
)
from noctule_hub.realtime.websocket_contract import MAX_PIECES

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import Client, SocketHub

DEADLINE_S = 20
PATH = "/socket.io/?EIO=4&transport="


@pytest.fixture
async def watcher(hub: "SocketHub") -> "Client":
    """A client that wants to be served meanwhile."""
    return await hub.join({"token": "viewer", "tab": "watcher"})


async def served(hub: "SocketHub", watcher: "Client", device_id: int) -> None:
    """Have an event told, and see that the watcher gets it."""
    await hub.log(device_id)
    await watcher.until(lambda c: c.of("device:status")[-1:] != [] and c.seqs()[-1] == device_id, "the event")


@asynccontextmanager
async def connected(
    hub: "SocketHub", hello: str | None = "40", *, compress: int = 0
) -> AsyncIterator[ClientWebSocketResponse]:
    """A WebSocket client spoken by hand; `hello` None: it says nothing. `compress`: the bits of its window, 0: none."""
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{hub.url}{PATH}websocket", autoping=False, max_msg_size=0, compress=compress) as raw,
    ):
        await raw.receive_str()
        if hello is not None:
            await raw.send_str(hello)
            async with asyncio.timeout(DEADLINE_S):
                while "replay:done" not in await raw.receive_str():
                    pass
        yield raw


async def ended(raw: ClientWebSocketResponse) -> None:
    """Read until the hub has ended the connection."""
    async with asyncio.timeout(DEADLINE_S):
        while (await raw.receive()).type in {WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PONG}:
            pass


async def count(hub: "SocketHub", clients: int) -> None:
    """Wait until so many clients are left."""
    async with asyncio.timeout(DEADLINE_S):
        while hub.service.connected_count() != clients:  # noqa: ASYNC110  nothing tells when a client has gone
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_flood_of_handshakes_is_answered_before_any_upgrade(
    hub: "SocketHub", watcher: "Client", transport: str
) -> None:
    hub.settings = replace(hub.settings, handshake_burst=10, handshakes_per_minute=10)
    statuses: list[int] = []
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    headers = upgrade | {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="} if transport == "websocket" else {}
    async with aiohttp.ClientSession() as http:
        for _ in range(30):
            async with asyncio.timeout(DEADLINE_S), http.get(f"{hub.url}{PATH}{transport}", headers=headers) as answer:
                statuses.append(answer.status)
                if answer.status == 429:
                    assert 1 <= int(answer.headers["Retry-After"]) <= 60
                    body = json.loads(await answer.read())
                    assert (body["code"], body["retryAfterS"] > 0) == ("too-many", True)
    taken = {"polling": 200, "websocket": 101}[transport]
    assert statuses == [taken] * 10 + [429] * 20
    assert hub.service.gate.refused[Refusal.HANDSHAKES_OF_ADDRESS] == 20
    await served(hub, watcher, 1)


async def test_address_with_too_many_sessions_is_refused_until_one_ends(hub: "SocketHub") -> None:
    hub.settings = replace(hub.settings, sessions_per_address=2)
    async with connected(hub), aiohttp.ClientSession() as http:
        async with connected(hub), http.get(f"{hub.url}{PATH}polling") as answer:
            assert answer.status == 429
        await count(hub, 1)
        async with http.get(f"{hub.url}{PATH}polling") as answer:
            assert answer.status == 200
    assert hub.service.gate.refused[Refusal.SESSIONS_OF_ADDRESS] == 1


@pytest.mark.parametrize(
    ("auth", "settings", "reason"),
    [
        (None, SocketSettings(anonymous_per_address=1), Refusal.ANONYMOUS_OF_ADDRESS),
        ({"token": "viewer"}, SocketSettings(sessions_per_user=1), Refusal.SESSIONS_OF_USER),
    ],
)
async def test_too_many_clients_of_one_are_told_by_connect_error(
    hub: "SocketHub", auth: object, settings: SocketSettings, reason: Refusal
) -> None:
    hub.settings = settings
    await hub.join(auth)
    await hub.join({"token": "admin"})
    client = hub.client()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(auth)
    assert client.refusal["data"]["code"] == "too-many"
    assert client.refusal["data"]["retryAfterS"] > 0
    assert hub.service.gate.refused[reason] == 1


async def test_no_anonymous_client_gets_past_a_users_limit_by_reauth(hub: "SocketHub") -> None:
    hub.settings = SocketSettings(sessions_per_user=1)
    await hub.join({"token": "viewer"})
    client = await hub.join(None)
    answer = await client.call("reauth", {"token": "viewer"})
    assert (answer["ok"], answer["error"]["code"]) == (False, "too-many")
    assert hub.service.gate.refused[Refusal.SESSIONS_OF_USER] == 1


async def test_half_open_sessions_are_reaped_and_give_their_places_back(hub: "SocketHub", watcher: "Client") -> None:
    async with aiohttp.ClientSession() as http:
        for _ in range(20):
            async with http.get(f"{hub.url}{PATH}polling") as answer:
                assert answer.status == 200
        async with connected(hub, None) as silent, connected(hub) as left:
            await left.send_str("41")
            await count(hub, 1)
            assert len(hub.service.gate) == 23
            now_s = asyncio.get_running_loop().time()
            assert hub.service.engine.reap(now_s + CONNECT_WITHIN_S + 1) == 22
            await ended(silent)
            await ended(left)
    assert hub.service.gate.refused[Refusal.NEVER_CONNECTED] == 22
    assert len(hub.service.gate) == 1
    await served(hub, watcher, 1)
    assert len(hub.service.sio.eio.sockets) == 1


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("4" + "x" * MAX_ANONYMOUS_MESSAGE_BYTES, Refusal.MESSAGE_SIZE),
        ("42" + "[" * 30_000, None),
        ("4" + "x" * MAX_MESSAGE_BYTES, Refusal.MESSAGE_SIZE),
        (b"\0" * 100, Refusal.BINARY),
        ('452-["ping",{"_placeholder":true,"num":0}]', Refusal.BINARY),
        ('451000000000-["ping",{"_placeholder":true,"num":0}]', Refusal.BINARY),
        ("", Refusal.FRAME),
        ("\ua712", Refusal.FRAME),
        ("b!", Refusal.BINARY),
        ("4" + "[" * 30_000, Refusal.FRAME),
        ("42/nowhere,", None),
        ('42["connect",{}]', None),
        ("49999", None),
    ],
)
async def test_giant_and_malformed_messages_cut_their_sender_alone(
    hub: "SocketHub", watcher: "Client", sent: str | bytes, reason: Refusal | None, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(hub) as raw:
        await (raw.send_str(sent) if isinstance(sent, str) else raw.send_bytes(sent))
        await ended(raw)
    await count(hub, 1)
    assert len(hub.service.gate) == len(hub.service.sio.eio.sockets) == 1
    if reason is None:
        assert hub.service.sio.counters.malformed + hub.service.sio.counters.reserved_events >= 1
    else:
        assert hub.service.gate.refused[reason] == 1
    assert "Traceback" not in caplog.text
    await served(hub, watcher, 1)


TOKEN = '40{"token":"viewer"}'
# Who says hello, how long its message may be, and what it is made of: whole, in pieces, or never to its end.
UNFINISHED = [
    (None, MAX_ANONYMOUS_MESSAGE_BYTES),
    ("40", MAX_ANONYMOUS_MESSAGE_BYTES),
    (TOKEN, MAX_CLIENT_MESSAGE_BYTES),
]


@pytest.mark.parametrize(("hello", "limit_bytes"), UNFINISHED)
@pytest.mark.parametrize("piece_bytes", [1_000, 30_000])
async def test_message_in_pieces_is_held_as_far_as_its_sender_may_send(
    hub: "SocketHub", watcher: "Client", hello: str | None, limit_bytes: int, piece_bytes: int
) -> None:
    async with connected(hub, hello) as raw:
        sent = 0
        # As much as is allowed is waited for, and answered when it is whole: a client may send it so.
        while sent + piece_bytes < limit_bytes:
            await piece(raw, b"4" if sent == 0 else b"x", piece_bytes, first=sent == 0)
            sent += piece_bytes
        await raw.ping(b"still here")
        async with asyncio.timeout(DEADLINE_S):
            while (await raw.receive()).type is not WSMsgType.PONG:
                pass
        await piece(raw, b"x", piece_bytes, first=False)
        await ended(raw)
    assert hub.service.gate.refused[Refusal.MESSAGE_SIZE] == 1
    await count(hub, 1)
    await served(hub, watcher, 1)


async def test_message_in_countless_empty_pieces_cuts_its_sender(hub: "SocketHub", watcher: "Client") -> None:
    async with connected(hub) as raw:
        await piece(raw, b"4", 1, first=True)
        for _ in range(MAX_PIECES):
            await piece(raw, b"", 0, first=False)
        await ended(raw)
    assert hub.service.gate.refused[Refusal.MESSAGE_SIZE] == 1
    await served(hub, watcher, 1)


@pytest.mark.parametrize("hello", ["40", TOKEN])
async def test_message_that_inflates_beyond_its_bound_cuts_its_sender(
    hub: "SocketHub", watcher: "Client", hello: str
) -> None:
    """Of a bomb no more is inflated than the message may be long."""
    limit_bytes = dict(UNFINISHED)[hello]
    async with connected(hub, hello, compress=15) as raw:
        assert raw.compress
        await raw.send_str(f'421["ping","{"x" * (limit_bytes - 100)}"]')
        async with asyncio.timeout(DEADLINE_S):
            while not (await raw.receive_str()).startswith("431"):
                pass
        await raw.send_str("4" + "x" * (100 * limit_bytes))
        await ended(raw)
    assert hub.service.gate.refused[Refusal.MESSAGE_SIZE] == 1
    await count(hub, 1)
    await served(hub, watcher, 1)


async def test_message_that_does_not_inflate_cuts_its_sender(
    hub: "SocketHub", watcher: "Client", caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(hub, compress=15) as raw:
        await raw_frame(raw, 0xC1, b"no deflate at all")
        await ended(raw)
    assert hub.service.gate.refused[Refusal.FRAME] == 1
    assert "Traceback" not in caplog.text
    await served(hub, watcher, 1)


async def test_compressed_message_of_a_client_that_agreed_to_none_cuts_it(hub: "SocketHub", watcher: "Client") -> None:
    hub.settings = replace(hub.settings, compression=Compression.OFF)
    async with connected(hub, compress=15) as raw:
        assert not raw.compress
        await raw_frame(raw, 0xC1, b"\x02\x00")
        await ended(raw)
    assert hub.service.gate.refused[Refusal.FRAME] == 1
    await served(hub, watcher, 1)


async def piece(raw: ClientWebSocketResponse, byte: bytes, size: int, *, first: bool) -> None:
    """Send one piece of a message that does not end with it."""
    await raw_frame(raw, 0x01 if first else 0x00, byte * size)


async def raw_frame(raw: ClientWebSocketResponse, head: int, payload: bytes) -> None:
    """Send a frame by hand; `head` is its first byte."""
    size = bytes((0x80 | len(payload),)) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    assert raw._writer.transport is not None
    raw._writer.transport.write(bytes((head,)) + size + b"\0\0\0\0" + payload)
    # The hub runs in this loop too.
    await asyncio.sleep(0)


async def test_post_of_somebody_who_is_not_signed_in_may_be_less_long(hub: "SocketHub") -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{hub.url}{PATH}polling") as answer:
            sid = json.loads((await answer.text())[1:])["sid"]
        url = f"{hub.url}{PATH}polling&sid={sid}"
        async with http.post(url, data=TOKEN) as answer:
            assert answer.status == 200
        async with http.post(url, data=f'421["ping","{"x" * MAX_ANONYMOUS_MESSAGE_BYTES}"]') as answer:
            assert answer.status == 200
        async with http.get(f"{hub.url}{PATH}polling") as answer:
            sid = json.loads((await answer.text())[1:])["sid"]
        async with http.post(f"{hub.url}{PATH}polling&sid={sid}", data=b"4" * MAX_CLIENT_MESSAGE_BYTES) as answer:
            assert answer.status == 400
    assert hub.service.gate.refused[Refusal.POST] == 1


async def test_body_of_a_giant_post_is_not_even_read(hub: "SocketHub", watcher: "Client") -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{hub.url}{PATH}polling") as answer:
            sid = json.loads((await answer.text())[1:])["sid"]
        async with http.post(f"{hub.url}{PATH}polling&sid={sid}", data=b"4" * (MAX_MESSAGE_BYTES + 1)) as answer:
            assert answer.status == 400
    assert hub.service.gate.refused[Refusal.POST] == 1
    await served(hub, watcher, 1)


@pytest.mark.parametrize("kind", ["messages", "pings", "pongs", "unknown"])
async def test_flood_of_messages_cuts_the_one_that_sends_it(hub: "SocketHub", watcher: "Client", kind: str) -> None:
    hub.settings = replace(hub.settings, messages_per_second=40, message_burst=400)
    async with connected(hub) as raw:
        with pytest.raises(ConnectionError):  # noqa: PT012  which of the many fails is the hub's turn
            for number in range(200_000):
                if number % 100 == 0:
                    # The hub runs in this loop too.
                    await asyncio.sleep(0)
                match kind:
                    case "messages":
                        await raw.send_str(f'42{number}["ping",1]')
                    case "pings":
                        await raw.ping()
                    case "pongs":
                        await raw.pong()
                    case _:
                        await raw.send_str("6")
        await ended(raw)
    assert hub.service.gate.refused[Refusal.MESSAGES] == 1
    await count(hub, 1)
    await served(hub, watcher, 1)


async def test_flood_over_long_polling_ends_its_session(hub: "SocketHub", watcher: "Client") -> None:
    hub.settings = replace(hub.settings, message_burst=400)
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{hub.url}{PATH}polling") as answer:
            sid = json.loads((await answer.text())[1:])["sid"]
        url = f"{hub.url}{PATH}polling&sid={sid}"
        async with http.post(url, data="40") as answer:
            assert answer.status == 200
        async with http.post(url, data="\x1e".join(['42["ping",1]'] * 500)) as answer:
            # Not all of it was taken.
            assert answer.status == 400
    assert hub.service.gate.refused[Refusal.MESSAGES] == 1
    await served(hub, watcher, 1)


class Deaf:
    """A client that reads nothing from when it is in; `pongs`: it goes on answering as if it were alive."""

    def __init__(self, hub: "SocketHub", *, pongs: bool) -> None:
        host, port = hub.url.removeprefix("http://").split(":")
        self.pongs = pongs
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        self.socket.settimeout(0)
        self.address = (host, int(port))

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self.socket, self.address)
        key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
        head = f"GET {PATH}websocket HTTP/1.1\r\nHost: {self.address[0]}:{self.address[1]}\r\nUpgrade: websocket\r\n"
        await self.send(f"{head}Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n{key}\r\n\r\n".encode())
        await self.frame('40{"token":"viewer","tab":"deaf"}')
        seen = b""
        async with asyncio.timeout(DEADLINE_S):
            while b"replay:done" not in seen:
                seen += await loop.sock_recv(self.socket, 4_096)

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.socket, data)

    async def frame(self, text: str) -> None:
        await self.send(bytes((0x81, 0x80 | len(text))) + b"\0\0\0\0" + text.encode())


@pytest.mark.parametrize("kind", ["silent", "ponging"])
async def test_slow_reader_is_cut_at_its_budget_and_told_when_it_is_back(
    hub: "SocketHub", watcher: "Client", kind: str
) -> None:
    hub.service.fanout._max_queued_bytes = 1_000_000
    deaf = Deaf(hub, pongs=kind == "ponging")
    await deaf.connect()
    most = 0
    sent = 0
    while hub.service.slow_readers.cut == 0:
        hub.service.fanout.deliver(hub.service.connections, encode("trial", {"n": sent, "fill": "x" * 30_000}))
        sent += 1
        await watcher.until(lambda c: len(c.of("trial")) == sent, "the message")  # noqa: B023  awaited at once
        most = max([most, *(info.queued_bytes for info in hub.service.clients())])
        if deaf.pongs and hub.service.slow_readers.cut == 0:
            await deaf.frame("3")
        assert sent < 1_000
    # The kernel's buffers are not ours; what is in our memory is the budget and one message.
    assert most < 1_000_000 + 300_000
    await count(hub, 1)
    assert not watcher.ended.is_set()
    await served(hub, watcher, 1)
    back = await hub.join({"token": "viewer", "tab": "deaf"})
    told = back.of("replay:done")[0]["cut"]
    assert (told["reason"], told["waitingBytes"] > 1_000_000) == ("slow-reader", True)
    again = await hub.join({"token": "viewer", "tab": "deaf"})
    other = await hub.join({"token": "operator", "tab": "deaf"})
    assert "cut" not in again.of("replay:done")[0]
    assert "cut" not in other.of("replay:done")[0]
    deaf.socket.close()


def test_budget_of_a_slow_reader_is_above_what_a_replay_leaves_waiting() -> None:
    assert fanout.MAX_QUEUED_BYTES >= 4 * 1024 * 1024


async def test_guessed_rooms_are_refused_and_heard_of_by_nobody(hub: "SocketHub") -> None:
    rooms = ("devices", "device:1", "site:4", "customer:1", "customer:10", "user:1", "payments", "logs", "agents")
    customer = await hub.join({"token": "customer", "subscribe": list(rooms)})
    assert customer.of("replay:done")[0]["rooms"] == []
    for room in (*rooms, "customer:9 ", "Customer:1", "customer:09", "device:1\n", "/agent", "*", "#"):
        answer = await customer.call("subscribe", {"room": room, "since": {"epoch": "0" * 16, "seq": 0}})
        assert answer["ok"] is False, room
    await hub.log(1, rooms=rooms)
    await hub.log(2, rooms=("customer:9",))
    await hub.settled()
    assert (await customer.call("subscribe", "customer:9"))["ok"] is True
    await hub.log(3, rooms=("customer:9",))
    await customer.until(lambda c: 3 in c.seqs(), "its own event")
    assert customer.seqs() == [3]


async def test_token_of_somebody_else_is_not_taken_by_a_connection(hub: "SocketHub") -> None:
    client = await hub.join({"token": "customer"})
    answer = await client.call("reauth", {"token": "admin"})
    assert (answer["ok"], answer["error"]["code"]) == (False, "forbidden")
    assert (await client.call("subscribe", "devices"))["ok"] is False
    assert [info.user for info in hub.service.clients()] == ["carl"]
    assert hub.service.calls.counters.refused == 2


async def test_events_that_a_browser_makes_up_reach_nobody(hub: "SocketHub", watcher: "Client") -> None:
    forged = {"deviceId": 1, "status": "offline", "seq": 99, "committedAt": "2026-11-22T03:12:00.000Z"}
    client = await hub.join({"token": "admin"})
    for name in ("device:status", "alert:new", "payment:update", "position", "replay:done"):
        await client.sio.emit(name, forged)
    assert (await client.call("ping", 1))["ok"] is True
    assert hub.service.calls.counters.ignored == 5
    await served(hub, watcher, 1)
    assert watcher.seqs() == [1]
    assert await hub.store.head() == 1
