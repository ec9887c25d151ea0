"""What any store must do with the event log and those who follow it."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from noctule_hub.core.commit import Commit
from noctule_hub.core.log_classes import LogClass
from noctule_hub.store.protocol import Store

from tests.hub.store.following import Reopen, take
from tests.hub.store.samples import (
    NOW_MS,
    event,
)


class LogContract:
    async def test_events_get_rising_seqs_and_come_back_whole(self, store: Store, reopen: Reopen) -> None:
        assert (await store.head(), await store.floor(LogClass.EVENTS)) == (0, 0)
        assert await store.append([event(1), event(2)], now_ms=NOW_MS) == [1, 2]
        assert await store.append([event(3, device_id=None)], now_ms=NOW_MS + 1) == [3]
        assert await store.append([], now_ms=NOW_MS) == []
        epoch = store.epoch
        again = await reopen()
        assert (again.epoch, await again.head(), await again.floor(LogClass.EVENTS)) == (epoch, 3, 0)
        assert len(epoch) == 16
        rows = await again.events_after(0, limit=10)
        given = [event(1), event(2), event(3, device_id=None)]
        assert [row.seq for row in rows] == [1, 2, 3]
        assert [row.committed_ms for row in rows] == [NOW_MS, NOW_MS, NOW_MS + 1]
        for name in ("name", "data", "rooms", "observed_ms", "device_id", "site_id", "late"):
            assert [getattr(row, name) for row in rows] == [getattr(row, name) for row in given], name

    async def test_events_after_pages_in_order(self, store: Store) -> None:
        await store.append([event(number) for number in range(5)], now_ms=NOW_MS)
        assert [row.seq for row in await store.events_after(1, limit=2)] == [2, 3]
        assert await store.events_after(5, limit=2) == []

    async def test_the_log_tail_gives_old_and_new_events_once_and_in_order(self, store: Store) -> None:
        await store.append([event(number) for number in range(1200)], now_ms=NOW_MS)
        tail = store.follow(100)
        assert isinstance(tail, AsyncGenerator)
        assert [row.seq for row in await take(tail, 1100)] == list(range(101, 1201))
        await tail.aclose()

    async def test_a_new_log_epoch_stays_and_keeps_the_rows(self, store: Store, reopen: Reopen) -> None:
        await store.append([event(1)], now_ms=NOW_MS)
        before = store.epoch
        await store.begin_log_epoch()
        begun = store.epoch
        assert begun != before
        store = await reopen()
        assert (store.epoch, await store.head()) == (begun, 1)

    async def test_the_log_tail_wakes_for_a_commit(self, store: Store) -> None:
        tail = store.follow(0)
        assert isinstance(tail, AsyncGenerator)
        reading = asyncio.create_task(take(tail, 4))
        await store.append([event(1)], now_ms=NOW_MS)
        await store.commit(Commit(now_ms=NOW_MS, events=[event(2), event(3)]))
        await store.append([event(4)], now_ms=NOW_MS)
        assert [row.seq for row in await reading] == [1, 2, 3, 4]
        await tail.aclose()

    async def test_a_cancelled_follower_ends(self, store: Store) -> None:
        tail = store.follow(0)
        assert isinstance(tail, AsyncGenerator)
        reading = asyncio.create_task(take(tail, 1))
        await store.head()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    async def test_concurrent_appends_have_no_holes_and_followers_miss_none(self, store: Store) -> None:
        tail = store.follow(0)
        assert isinstance(tail, AsyncGenerator)
        reading = asyncio.create_task(take(tail, 60))
        seqs = await asyncio.gather(*(store.append([event(n), event(n)], now_ms=NOW_MS) for n in range(30)))
        assert sorted(seq for pair in seqs for seq in pair) == list(range(1, 61))
        assert all(second == first + 1 for first, second in seqs)
        assert [row.seq for row in await reading] == list(range(1, 61))
        await tail.aclose()
