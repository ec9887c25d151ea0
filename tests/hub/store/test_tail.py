"""The tail: a bounded memory of what is not projected yet."""

from noctule_hub.store.sqlite.tail import Tail
from noctule_shared.frames import TableName

from tests.hub.store.samples import NOW_MS, latency_rows


def times(tail: Tail, device_id: int) -> list[int]:
    parts = tail.read(TableName.LATENCY, device_id, from_ms=0, to_ms=NOW_MS * 2)
    return [ts_ms for part in parts for ts_ms in part["ts_ms"].tolist()]


def filled(*ticks: int, max_rows: int = 100) -> Tail:
    tail = Tail(max_rows)
    for tick in ticks:
        tail.append([latency_rows([(1, NOW_MS + tick, 0.5), (2, NOW_MS + tick, 0.5)])], NOW_MS + tick)
    return tail


def test_rows_of_one_object_come_in_the_order_of_their_commits() -> None:
    assert times(filled(3, 1, 2), 2) == [NOW_MS + 3, NOW_MS + 1, NOW_MS + 2]


def test_another_object_or_table_has_none() -> None:
    tail = filled(1)
    assert times(tail, 3) == []
    assert tail.read(TableName.INTERFACE, 1, from_ms=0, to_ms=NOW_MS * 2) == []


def test_only_what_was_received_before_the_limit_is_dropped() -> None:
    tail = filled(1, 2, 3)
    tail.drop(tail.mark(), NOW_MS + 2)
    assert times(tail, 1) == [NOW_MS + 2, NOW_MS + 3]
    assert tail.rows == 4


def test_what_is_added_after_the_mark_is_not_dropped() -> None:
    tail = filled(1)
    mark = tail.mark()
    tail.append([latency_rows([(1, NOW_MS, 0.5)])], NOW_MS)
    tail.drop(mark, NOW_MS + 10)
    assert times(tail, 1) == [NOW_MS]


def test_past_its_cap_the_oldest_rows_leave_and_are_counted() -> None:
    tail = filled(1, 2, 3, max_rows=5)
    assert times(tail, 1) == [NOW_MS + 2, NOW_MS + 3]
    assert (tail.rows, tail.dropped_rows) == (4, 2)


def test_a_commit_without_rows_takes_no_place() -> None:
    tail = Tail()
    tail.append([], NOW_MS)
    assert (tail.rows, tail.mark()) == (0, 0)


def test_a_minute_that_is_over_becomes_one_chunk_and_reads_the_same() -> None:
    tail = filled(*range(0, 3 * 60_000, 10_000))
    alone = [NOW_MS + tick for tick in range(0, 3 * 60_000, 10_000)]
    assert times(tail, 1) == alone
    assert len({ts_ms // 60_000 for ts_ms in alone[:-1]}) - 1 <= len(tail._chunks) < len(alone)
    mark = tail.mark()
    tail.drop(mark, NOW_MS + 3 * 60_000)
    assert (times(tail, 1), tail.rows) == ([], 0)
