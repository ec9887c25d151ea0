"""Each work-around of `websocket_contract`, against aiohttp itself where it can be: an upgrade that moves it fails."""

import asyncio
import inspect
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

import pytest
from aiohttp import WebSocketError, web
from aiohttp._websocket import reader_py
from aiohttp._websocket.reader_py import WebSocketDataQueue
from noctule_hub.realtime.deflate import Deflater
from noctule_hub.realtime.websocket_contract import MAX_PIECES, BoundedReader, HubWebSocket

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import SocketHub


class Protocol:
    """As much of aiohttp's protocol as a queue asks for."""

    _reading_paused = False

    def pause_reading(self) -> None:
        self._reading_paused = True

    def resume_reading(self) -> None:
        self._reading_paused = False


class Bound:
    """A bound that changes."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __call__(self) -> int:
        return self.size


def frame(head: int, payload: bytes) -> bytes:
    size = bytes((0x80 | len(payload),)) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    return bytes((head,)) + size + b"\0\0\0\0" + payload


@pytest.fixture
async def bound() -> Bound:
    return Bound(1_000)


@pytest.fixture
async def reader(bound: Bound) -> BoundedReader:
    queue = WebSocketDataQueue(cast("Any", Protocol()), 2**16, loop=asyncio.get_running_loop())
    return BoundedReader(queue, bound, inflates=True)


def failure(reader: BoundedReader) -> BaseException | None:
    return reader.queue.exception()


def test_version_is_the_one_that_the_work_arounds_were_written_for() -> None:
    assert version("aiohttp").startswith("3.14.")


def test_methods_that_are_replaced_are_aiohttps_own() -> None:
    """Were they renamed, ours would never be called."""
    for ours, theirs in ((HubWebSocket, web.WebSocketResponse), (BoundedReader, reader_py.WebSocketReader)):
        for name in {"_handshake", "_post_start", "feed_data", "_handle_frame"} & vars(ours).keys():
            parameters = [list(inspect.signature(getattr(one, name)).parameters) for one in (ours, theirs)]
            assert parameters[0] == parameters[1], name


async def test_bound_is_the_one_of_the_moment(reader: BoundedReader, bound: Bound) -> None:
    reader.feed_data(frame(0x81, b"x" * 900))
    bound.size = 3_000
    reader.feed_data(frame(0x81, b"x" * 2_900))
    assert failure(reader) is None
    bound.size = 1_000
    reader.feed_data(frame(0x81, b"x" * 1_000))
    assert isinstance(failure(reader), WebSocketError)


@pytest.mark.parametrize("size", [100, 1_000_000])
async def test_what_an_unfinished_message_holds_is_bounded(reader: BoundedReader, size: int) -> None:
    """Also when its length is only announced."""
    reader.feed_data(frame(0x01, b"x" * 900))
    reader.feed_data(b"\x80\xff" + size.to_bytes(8, "big") + b"\0\0\0\0")
    error = failure(reader)
    assert isinstance(error, WebSocketError)
    # Nothing of it stays until the circle of exception, frame and reader is found.
    assert (error.__traceback__, len(reader._partial), reader._payload_fragments) == (None, 0, [])


async def test_pings_between_pieces_do_not_begin_the_count_anew(reader: BoundedReader) -> None:
    reader.feed_data(frame(0x01, b""))
    for _ in range(MAX_PIECES):
        assert failure(reader) is None
        reader.feed_data(frame(0x89, b"") + frame(0x00, b""))
        # As the hub does, which answers each.
        reader.queue._buffer.clear()
        reader.queue._size = 0
    assert isinstance(failure(reader), WebSocketError)


async def test_inflated_message_is_bounded_and_leaves_nothing_behind(reader: BoundedReader) -> None:
    deflater = Deflater()
    for _ in range(3):
        reader.feed_data(frame(0xC1, deflater.deflate(b"x" * 900)))
        assert reader._decompressobj is None
    assert [(await reader.queue.read()).data for _ in range(3)] == ["x" * 900] * 3
    reader.feed_data(frame(0xC1, deflater.deflate(b"x" * 100_000)))
    assert isinstance(failure(reader), WebSocketError)


async def test_a_hubs_websocket_is_ours(hub: "SocketHub") -> None:
    await hub.join({"token": "viewer"})
    (session,) = hub.service.sio.eio.sockets.values()
    response = session.queue.link.response
    assert isinstance(response, HubWebSocket)
    assert isinstance(response._parser, BoundedReader)
    # aiohttp's writer would compress for each client by itself.
    assert response._writer is not None
    assert not response._writer.compress
