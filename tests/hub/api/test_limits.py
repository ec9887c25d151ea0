"""Nobody asks more than their share, and costly reads take turns: refused with a time to come back, never dropped."""

import asyncio
import contextlib

import pytest
from noctule_hub.api.limits import MAX_WAITING_READS, RequestLimit, Turns
from noctule_hub.config import HubSettings, LimitSettings
from noctule_hub.core.principal import ANONYMOUS, Principal, Role
from noctule_shared.errors import ErrorCode, Refused

from tests.hub.api.harness import NOW_MS, Hub

FEW = LimitSettings(requests_per_minute=60, request_burst=3)
ANNA = Principal("user:1", Role.VIEWER, "anna")
BERT = Principal("user:2", Role.VIEWER, "bert")


def admitted(limit: RequestLimit, principal: Principal, address: str, now_ms: int = NOW_MS) -> int:
    """Return how many requests in a row are answered, of ten."""
    answered = 0
    with contextlib.suppress(Refused):
        while answered < 10:
            limit.admit(principal, address, FEW, now_ms)
            answered += 1
    return answered


def test_each_principal_has_its_own_burst_wherever_it_asks_from() -> None:
    limit = RequestLimit()
    assert admitted(limit, ANNA, "192.0.2.1") == 3
    assert admitted(limit, ANNA, "192.0.2.2") == 0
    assert admitted(limit, BERT, "192.0.2.1") == 3


def test_the_anonymous_share_what_their_address_may_ask() -> None:
    limit = RequestLimit()
    assert admitted(limit, ANONYMOUS, "192.0.2.1") == 3
    assert admitted(limit, ANONYMOUS, "192.0.2.1") == 0
    assert admitted(limit, ANONYMOUS, "2001:db8::1") == 3
    assert admitted(limit, ANONYMOUS, "2001:db8::2") == 0


def test_what_was_asked_comes_back_with_time() -> None:
    limit = RequestLimit()
    assert admitted(limit, ANNA, "") == 3
    assert admitted(limit, ANNA, "", NOW_MS + 2_000) == 2
    assert limit.refused == 2


def test_changed_limits_count_from_the_next_request_on() -> None:
    limit = RequestLimit()
    assert admitted(limit, ANNA, "") == 3
    limit.admit(ANNA, "", LimitSettings(requests_per_minute=0), NOW_MS)
    assert admitted(limit, ANNA, "") == 3


async def test_a_refused_request_says_when_to_come_back(hub: Hub) -> None:
    hub.context.config.settings = HubSettings(limits=FEW)
    statuses = [(await hub.get("/api/v1/me", role=Role.VIEWER)).status for _ in range(3)]
    answer = await hub.get("/api/v1/me", role=Role.VIEWER)
    assert statuses == [200] * 3
    assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (429, "too-many", "1")
    assert answer.json["retryAfterS"] == 1
    assert (await hub.get("/api/v1/me", role=Role.ADMIN)).status == 200
    hub.now_ms += 1_000
    assert (await hub.get("/api/v1/me", role=Role.VIEWER)).status == 200


async def test_wrong_tokens_count_against_their_address(hub: Hub) -> None:
    hub.context.config.settings = HubSettings(limits=FEW)
    wrong = {"Authorization": "Bearer x.y.z"}
    statuses = [(await hub.ask("GET", "/api/v1/me", role=Role.ANONYMOUS, headers=wrong)).status for _ in range(4)]
    assert statuses == [401, 401, 401, 429]


async def test_health_and_pages_are_answered_past_the_limit(hub: Hub) -> None:
    hub.context.config.settings = HubSettings(limits=FEW)
    for path in ("/health", "/"):
        assert [(await hub.get(path, role=Role.ANONYMOUS)).status for _ in range(5)] == [200] * 5


class Readers:
    """Reads that last until they are told to end."""

    def __init__(self, turns: Turns, *, at_once: int = 2) -> None:
        self.turns = turns
        self.at_once = at_once
        self.begun = 0
        self.end = asyncio.Event()

    async def read(self) -> None:
        async with self.turns.turn(at_once=self.at_once):
            self.begun += 1
            await self.end.wait()


async def yielded() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_reads_beyond_the_limit_wait_for_their_turn_in_order() -> None:
    readers = Readers(Turns())
    tasks = [asyncio.create_task(readers.read()) for _ in range(5)]
    await yielded()
    assert (readers.begun, readers.turns.running, readers.turns.waiting) == (2, 2, 3)
    readers.end.set()
    await asyncio.gather(*tasks)
    assert (readers.begun, readers.turns.running, readers.turns.waiting) == (5, 0, 0)


async def test_a_read_that_waited_too_long_is_told_to_come_back() -> None:
    readers = Readers(Turns(wait_s=0.01), at_once=1)
    first = asyncio.create_task(readers.read())
    await yielded()
    with pytest.raises(Refused) as caught:
        await readers.read()
    assert (caught.value.code, caught.value.retry_after_s) == (ErrorCode.BUSY, 2.0)
    readers.end.set()
    await first
    assert (readers.turns.running, readers.turns.waiting, readers.turns.refused) == (0, 0, 1)


async def test_no_more_reads_wait_than_a_bounded_number() -> None:
    readers = Readers(Turns(), at_once=1)
    tasks = [asyncio.create_task(readers.read()) for _ in range(MAX_WAITING_READS + 1)]
    await yielded()
    with pytest.raises(Refused):
        await readers.read()
    readers.end.set()
    await asyncio.gather(*tasks)


async def test_a_client_that_goes_while_it_waits_leaves_no_place_taken() -> None:
    readers = Readers(Turns(), at_once=1)
    first, second = asyncio.create_task(readers.read()), asyncio.create_task(readers.read())
    await yielded()
    second.cancel()
    await asyncio.wait([second])
    readers.end.set()
    await first
    third = asyncio.create_task(readers.read())
    await third
    assert (readers.begun, readers.turns.running, readers.turns.waiting) == (2, 0, 0)


async def test_a_place_left_to_a_read_that_is_cancelled_in_the_same_moment_goes_to_the_next() -> None:
    readers = Readers(Turns(), at_once=1)
    tasks = [asyncio.create_task(readers.read()) for _ in range(3)]
    await yielded()
    tasks[0].cancel()
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.wait(tasks[:2])
    await yielded()
    assert readers.turns.running == 1
    readers.end.set()
    await tasks[2]
    assert (readers.begun, readers.turns.running) == (2, 0)


async def test_a_costly_read_of_the_api_is_refused_as_busy_when_all_turns_are_taken(hub: Hub) -> None:
    turns = hub.context.costly_reads
    turns._wait_s = 0.01
    hub.context.config.settings = HubSettings(limits=LimitSettings(costly_reads=1))
    async with turns.turn(at_once=1):
        answer = await hub.get("/api/v1/devices/1/latency")
        assert (await hub.get("/api/v1/devices")).status == 200
    assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (503, "busy", "2")
    assert (await hub.get("/api/v1/devices/1/latency")).status == 404
