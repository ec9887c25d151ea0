import asyncio
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
from noctule_hub.realtime.fanout import EngineFanout, encode

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import Client, SocketHub

DEADLINE_S = 20


def has_logs(count: int, client: "Client") -> bool:
    return len(client.of("network:log")) == count


async def test_client_that_does_not_read_is_cut_and_the_others_are_not(hub: "SocketHub") -> None:
    """It answers nothing and reads nothing; what waits for it is bounded by the budget."""
    fanout = EngineFanout(hub.service.engine, max_queued_bytes=1_000_000)
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
        while fanout.slow_cut == 0:
            fanout.deliver(hub.service.connections, message)
            sent += 1
            await reader.until(partial(has_logs, sent), "the message")
        assert sent == 1_000_000 // 50_000
    await asyncio.sleep(0)
    assert [info.tab for info in hub.service.clients()] == [None]
    assert not reader.ended.is_set()


async def test_messages_after_the_cut_are_not_kept_for_the_client(hub: "SocketHub") -> None:
    fanout = EngineFanout(hub.service.engine, max_queued_bytes=10)
    client = await hub.join({"token": "viewer"})
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
