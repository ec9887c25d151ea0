import asyncio
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
import pytest
from noctule_hub.core.principal import ANONYMOUS, Principal, Role
from noctule_hub.core.records import EventRow
from noctule_hub.core.rooms import sight
from noctule_hub.realtime import broadcaster
from noctule_hub.realtime.broadcaster import RowMessages
from noctule_hub.realtime.fanout import EngineFanout, encode
from noctule_shared.events import EventName

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import Client, SocketHub

DEADLINE_S = 20


def has_logs(count: int, client: "Client") -> bool:
    return len(client.of("network:log")) == count


async def test_client_that_does_not_read_is_cut_and_the_others_are_not(hub: "SocketHub") -> None:
    """It answers nothing and reads nothing; what waits for it is bounded by the budget."""
    fanout = EngineFanout(hub.service.engine, hub.service.slow_readers, max_queued_bytes=1_000_000)
    reader = await hub.join({"token": "viewer", "subscribe": []})
    url = f"{hub.url}/socket.io/?EIO=4&transport=polling"
    async with aiohttp.ClientSession() as http:
        async with http.get(url) as opened:
            sid = (await opened.json(content_type=None, loads=lambda text: text)).split('"sid":"')[1].split('"')[0]
        async with http.post(f"{url}&sid={sid}", data='40{"token":"viewer","tab":"deaf"}') as posted:
            assert posted.status == 200
        message = encode("network:log", {"message": "x" * 50_000})
        deaf = next(connection for connection in hub.service.connections if connection.tab == "deaf")
        assert deaf.connected
        sent = 0
        while hub.service.slow_readers.cut == 0:
            fanout.deliver(hub.service.connections, message)
            sent += 1
            await reader.until(partial(has_logs, sent), "the message")
        assert sent == 1_000_000 // 50_000
    await asyncio.sleep(0)
    assert [info.tab for info in hub.service.clients()] == [None]
    assert not reader.ended.is_set()


async def test_messages_after_the_cut_are_not_kept_for_the_client(hub: "SocketHub") -> None:
    fanout = EngineFanout(hub.service.engine, hub.service.slow_readers, max_queued_bytes=10)
    client = await hub.join({"token": "viewer"}, transport="polling")
    (connection,) = hub.service.connections
    fanout.deliver([connection], encode("position", {"text": "longer than the budget"}))
    assert not connection.connected
    fanout.deliver([connection], encode("position", {"seq": 2}))
    assert fanout.sent == 1
    await asyncio.wait_for(client.ended.wait(), DEADLINE_S)


async def test_nan_reaches_clients_as_null(hub: "SocketHub") -> None:
    client = await hub.join({"token": "viewer"})
    hub.service.fanout.deliver(hub.service.connections, encode("trial", {"value": float("nan")}))
    await client.until(lambda c: c.of("trial") == [{"value": None}], "null")


def row(seq: int, size: int = 10) -> EventRow:
    data = {"timestamp": "2026-11-22T03:12:00.000Z", "deviceId": seq, "deviceName": "x" * size, "status": "offline"}
    return EventRow(seq, EventName.DEVICE_STATUS, data, ("devices",), 0, 0, seq, None, late=False)


def test_a_row_is_built_once_for_all_who_see_it_so_and_anew_for_others() -> None:
    messages = RowMessages()
    staff = sight(Principal("user:3", Role.VIEWER, "vera", user_id=3), ("devices",))
    public = sight(ANONYMOUS, ("public",))
    first = messages.of(row(1), staff)
    assert first is not None
    assert messages.of(row(1), staff) is first
    assert messages.of(row(1), staff).packet is first.packet  # type: ignore[union-attr]  # seen above
    assert messages.of(row(1), public) != first
    assert messages.of(row(2), staff) != first


def test_messages_are_kept_within_their_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcaster, "MAX_KEPT_MESSAGES", 3)
    messages = RowMessages()
    staff = sight(Principal("user:3", Role.VIEWER, "vera", user_id=3), ("devices",))
    oldest = messages.of(row(1), staff)
    for seq in range(2, 10):
        messages.of(row(seq), staff)
    assert messages.of(row(1), staff) is not oldest
    assert 0 < messages.kept_bytes < 3_000
    monkeypatch.setattr(broadcaster, "MAX_KEPT_BYTES", 40_000)
    for seq in range(10, 20):
        messages.of(row(seq, size=8_000), staff)
    assert 0 < messages.kept_bytes <= 40_000
