"""The history call over real sockets: bytes arrive as they are, however the client is connected."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from noctule_hub.core.principal import Principal
from noctule_hub.realtime.calls import MAX_READS

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import SocketHub

# More than goes past a session's queue at once, and every value a byte can have.
COLUMNS = {"tsMs": bytes(range(256)) * 160, "rttS": b"\xff\x00" * 10_000, "none": b""}


class History:
    """Answers once it may."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, object]] = []
        self.may = asyncio.Event()

    async def call(self, principal: Principal, asked: object) -> dict[str, Any]:
        self.asked.append((principal.name, asked))
        await self.may.wait()
        return {"ok": True, "stepS": None, "columns": COLUMNS}


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_columns_arrive_byte_by_byte_and_events_go_on_meanwhile(hub: "SocketHub", transport: str) -> None:
    history = hub.service.calls.history = History()
    client = await hub.join({"token": "viewer"}, transport=transport)
    asked = asyncio.create_task(client.call("history", {"series": "latency:7"}))
    await hub.log(1)
    await client.until(lambda c: c.seqs() == [1], "an event before the answer")
    history.may.set()
    answer = await asked
    assert answer == {"ok": True, "stepS": None, "columns": COLUMNS}
    assert history.asked == [("vera", {"series": "latency:7"})]
    await hub.log(2)
    await client.until(lambda c: c.seqs() == [1, 2], "an event after it")


async def test_a_client_has_so_many_reads_at_once_and_the_next_when_they_are_done(hub: "SocketHub") -> None:
    history = hub.service.calls.history = History()
    client = await hub.join({"token": "viewer", "subscribe": []})
    waiting = [asyncio.create_task(client.call("history", {"series": "latency:7"})) for _ in range(MAX_READS)]
    # They are sent first, and a client's calls are taken in their order.
    await asyncio.sleep(0)
    refused = await client.call("history", {"series": "latency:7"})
    assert (refused["ok"], refused["error"]["code"]) == (False, "too-many")
    history.may.set()
    assert all(answer["ok"] for answer in await asyncio.gather(*waiting))
    assert (await client.call("history", {"series": "latency:7"}))["ok"]


async def test_a_hub_without_history_says_so(hub: "SocketHub") -> None:
    client = await hub.join({"token": "viewer", "subscribe": []})
    answer = await client.call("history", {"series": "latency:7"})
    assert (answer["ok"], answer["error"]["code"]) == (False, "not-found")
