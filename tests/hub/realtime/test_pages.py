import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.log_classes import BOTH, LogClass
from noctule_hub.core.records import EventRow
from noctule_hub.core.replay import PAGE_ROWS
from noctule_hub.core.rooms import Sight
from noctule_hub.realtime import broadcaster, catchup
from noctule_hub.realtime.fanout import Message
from noctule_hub.realtime.pages import MAX_PAGES, MAX_RECENT_ROWS, Page, RecentRows, SharedPages
from noctule_shared.events import EventName

if TYPE_CHECKING:
    from tests.hub.realtime.conftest import SocketHub

EVENTS = frozenset({LogClass.EVENTS})


def row(seq: int, name: EventName = EventName.DEVICE_STATUS) -> EventRow:
    rooms = ("logs",) if name is EventName.NETWORK_LOG else ("devices",)
    return EventRow(seq, name, {}, rooms, 0, 0, None, None, late=False)


class Log:
    """A log of rows with these seqs, of which retention takes those up to `floor`."""

    def __init__(self, seqs: Sequence[int]) -> None:
        self.seqs = sorted(seqs)
        self.floor = 0
        self.reads = 0
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def read(self, after: int, _classes: frozenset[LogClass]) -> tuple[list[EventRow], int]:
        self.reads += 1
        found = [row(seq) for seq in self.seqs if seq > max(after, self.floor)][:PAGE_ROWS]
        await self.go_on.wait()
        return found, self.floor


async def walk(shared: SharedPages, since: int, position: int) -> list[int]:
    """Return the seqs that a client gets which was at `since`."""
    cursor, got = since, list[int]()
    while cursor < position:
        page = await shared.page(cursor, EVENTS, position=position)
        assert page is not None
        assert page.through > cursor
        got += [one.seq for one in page.rows]
        cursor = page.through
    return got


@given(st.sets(st.integers(1, 3_000)), st.lists(st.integers(0, 3_000), min_size=1, max_size=12))
def test_everybody_gets_each_row_once_in_order_whatever_is_shared(seqs: set[int], cursors: list[int]) -> None:
    async def all_walk() -> list[list[int]]:
        shared = SharedPages(Log(list(seqs)).read)
        return await asyncio.gather(*(walk(shared, cursor, 3_000) for cursor in cursors))

    for cursor, got in zip(cursors, asyncio.run(all_walk()), strict=True):
        assert got == [seq for seq in sorted(seqs) if seq > cursor]


async def test_a_herd_costs_the_reads_of_one() -> None:
    log = Log(range(1, 2_001))
    shared = SharedPages(log.read)
    herd = await asyncio.gather(*(walk(shared, 257 + number, 2_000) for number in range(200)))
    assert [len(got) for got in herd] == [2_000 - 257 - number for number in range(200)]
    assert log.reads <= 5


async def test_a_page_that_is_too_short_for_another_is_not_the_last() -> None:
    log = Log([1, 2, 3])
    log.go_on.clear()
    shared = SharedPages(log.read)
    first = asyncio.create_task(shared.page(0, EVENTS, position=3))
    await asyncio.sleep(0)
    second = asyncio.create_task(shared.page(3, EVENTS, position=5))
    await asyncio.sleep(0)
    log.seqs += [4, 5]
    log.go_on.set()
    assert await first == Page([row(1), row(2), row(3)], 0, 3)
    assert await second == Page([row(4), row(5)], 3, 5)


async def test_what_retention_took_is_never_claimed() -> None:
    log = Log(range(1, 1_001))
    shared = SharedPages(log.read)
    assert await walk(shared, 0, 1_000) == list(range(1, 1_001))
    log.floor = 700
    # Read before it was taken, and so whole.
    assert await walk(shared, 10, 1_000) == list(range(11, 1_001))
    shared.forget()
    assert await shared.page(10, EVENTS, position=1_000) is None
    assert await shared.page(699, EVENTS, position=1_000) is None
    assert await walk(shared, 700, 1_000) == list(range(701, 1_001))


async def test_one_that_leaves_takes_no_page_from_another() -> None:
    log = Log([1])
    log.go_on.clear()
    shared = SharedPages(log.read)
    leaving, staying = (asyncio.create_task(shared.page(0, EVENTS, position=1)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    log.go_on.set()
    assert await staying == Page([row(1)], 0, 1)


async def test_pages_are_kept_within_their_bound() -> None:
    log = Log(range(1, PAGE_ROWS * (MAX_PAGES + 3)))
    shared = SharedPages(log.read)
    await walk(shared, 0, log.seqs[-1])
    reads = log.reads
    await shared.page(0, EVENTS, position=log.seqs[-1])
    assert log.reads == reads + 1


def test_recent_rows_are_whole_or_not_claimed() -> None:
    recent = RecentRows()
    recent.begin(100)
    assert recent.page(100, BOTH) is None
    for seq in range(101, 101 + 5 * MAX_RECENT_ROWS):
        recent.add(row(seq, EventName.NETWORK_LOG if seq % 10 == 0 else EventName.DEVICE_STATUS))
    newest = 100 + 5 * MAX_RECENT_ROWS
    assert recent.page(newest, BOTH) is None
    assert recent.page(newest - 3 * MAX_RECENT_ROWS, BOTH) is None
    start = newest - MAX_RECENT_ROWS
    page = recent.page(start, BOTH)
    assert page is not None
    assert [one.seq for one in page.rows] == list(range(start + 1, start + 1 + PAGE_ROWS))
    events = recent.page(start, EVENTS)
    assert events is not None
    assert [one.seq for one in events.rows] == [one.seq for one in page.rows if one.seq % 10]
    assert events.through == page.through


async def test_a_herd_at_a_hub_reads_the_log_once_and_hears_everything(
    hub: "SocketHub", monkeypatch: pytest.MonkeyPatch
) -> None:
    await hub.log(*range(1, 1_301))
    await hub.settled()
    # As after a start: nothing was handed out by this hub.
    hub.service.broadcaster.recent.begin(hub.service.broadcaster.position)
    reads, read = [0], hub.store.events_after

    async def events_after(seq: int, *, limit: int, classes: frozenset[LogClass] = BOTH) -> list[EventRow]:
        reads[0] += classes != BOTH
        return await read(seq, limit=limit, classes=classes)

    monkeypatch.setattr(hub.store, "events_after", events_after)
    sinces = [1_024 + number for number in range(0, 60, 2)]
    herd = await asyncio.gather(
        *(
            hub.join({"token": "viewer", "subscribe": ["devices"], "since": {"epoch": hub.store.epoch, "seq": since}})
            for since in sinces
        )
    )
    assert [client.seqs() for client in herd] == [list(range(since + 1, 1_301)) for since in sinces]
    assert reads[0] == 1
    hub.service.catch_up.rest(asyncio.get_running_loop().time() + catchup.KEEP_PAGES_S + 1)
    await hub.join({"token": "viewer", "subscribe": ["devices"], "since": {"epoch": hub.store.epoch, "seq": 1_290}})
    assert reads[0] == 2


async def test_a_row_that_cannot_be_built_is_left_out_live_and_in_replays(
    hub: "SocketHub", monkeypatch: pytest.MonkeyPatch
) -> None:
    build = broadcaster.message_of

    def fails_for_2(one: EventRow, seen_as: Sight) -> Message | None:
        if one.seq == 2:
            raise ValueError("spoilt")
        return build(one, seen_as)

    monkeypatch.setattr(broadcaster, "message_of", fails_for_2)
    client = await hub.join({"token": "viewer"})
    await hub.log(1, 2, 3)
    await client.until(lambda c: 3 in c.seqs(), "the third event")
    assert client.seqs() == [1, 3]
    later = await hub.join({"token": "viewer", "since": {"epoch": hub.store.epoch, "seq": 0}})
    assert later.seqs() == [1, 3]
    assert later.of("replay:done")[0]["seq"] == 3
    assert hub.service.broadcaster.rows_failed == 1


async def test_a_read_whose_reader_is_gone_ends_when_all_stops() -> None:
    begun = asyncio.Event()

    async def read(_after: int, _classes: frozenset[LogClass]) -> tuple[list[EventRow], int]:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError("nothing ends it")

    shared = SharedPages(read)
    reader = asyncio.create_task(shared.page(0, EVENTS, position=9))
    await asyncio.wait_for(begun.wait(), 10)
    reader.cancel()
    await asyncio.wait([reader])
    await shared.stop()
    assert [task for task in asyncio.all_tasks() if task.get_name() == "page of the log"] == []


async def test_a_hub_that_stops_leaves_no_read_of_its_log_behind(hub: "SocketHub") -> None:
    await hub.log(*range(1, 30))
    client = hub.client()
    begun = asyncio.Event()
    read = hub.service.catch_up._log._log.head

    async def slow() -> int:
        begun.set()
        await asyncio.Event().wait()
        return await read()

    hub.service.catch_up._log._log.head = slow  # type: ignore[method-assign]  # a disk that hangs
    await client.begin({"token": "viewer", "since": {"epoch": hub.store.epoch, "seq": 2}})
    await asyncio.wait_for(begun.wait(), 10)
    await hub.service.stop()
    assert [task for task in asyncio.all_tasks() if task.get_name() == "bounds of the log"] == []
