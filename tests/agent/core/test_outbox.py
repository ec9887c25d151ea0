import itertools

from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.outbox import (
    StoredFrame,
    Tombstone,
    bury,
    choose_for_age,
    choose_for_space,
    cover,
    cut,
    merge,
)


def frame(seq: int, size_bytes: int = 100, made_ms: int = 0, *, is_event: bool = False) -> StoredFrame:
    return StoredFrame(seq, made_ms, seq * 10, seq * 10 + 5, 2, size_bytes, is_event)


def stone(seq_from: int, seq_to: int, rows: int | None = 1) -> Tombstone:
    return Tombstone(seq_from, seq_to, seq_from * 10, seq_to * 10, rows, "outbox-full")


def test_oldest_measurements_go_before_any_event() -> None:
    measurements = [frame(2), frame(4), frame(5)]
    events = [frame(1, is_event=True), frame(3, is_event=True)]
    eviction = choose_for_space(measurements, events, excess_bytes=150)
    assert [chosen.seq for chosen in eviction.frames] == [2, 4]
    assert eviction.freed_bytes == 200


def test_events_go_when_no_measurement_is_left() -> None:
    eviction = choose_for_space([frame(2)], [frame(1, is_event=True), frame(3, is_event=True)], excess_bytes=150)
    assert [chosen.seq for chosen in eviction.frames] == [1, 2]


def test_nothing_goes_without_need() -> None:
    assert choose_for_space([frame(1)], [], excess_bytes=0).frames == ()


def test_candidates_are_read_only_as_far_as_needed() -> None:
    candidates = iter([frame(1), frame(2), frame(3), frame(4)])
    choose_for_space(candidates, [], excess_bytes=150)
    assert [left.seq for left in candidates] == [4]


def test_age_takes_both_classes_alike() -> None:
    frames = [frame(1, made_ms=5), frame(2, made_ms=10), frame(3, made_ms=5, is_event=True)]
    assert [chosen.seq for chosen in choose_for_age(frames, cutoff_ms=10).frames] == [1, 3]


def test_touching_tombstones_become_one() -> None:
    assert merge([stone(5, 6), stone(1, 2), stone(3, 4)]) == [Tombstone(1, 6, 10, 60, 3, "outbox-full")]


def test_tombstones_with_a_frame_between_stay_apart() -> None:
    assert merge([stone(1, 2), stone(4, 4)]) == [stone(1, 2), stone(4, 4)]


def test_unknown_rows_make_the_sum_unknown() -> None:
    assert merge([stone(1, 1, None), stone(2, 2)])[0].rows is None


def test_a_cut_tombstone_no_longer_knows_its_rows() -> None:
    assert cut(stone(1, 5, 9), 3) == Tombstone(3, 5, 10, 50, None, "outbox-full")
    assert cut(stone(1, 5, 9), 1) == stone(1, 5, 9)


@given(st.sets(st.integers(min_value=1, max_value=60)))
def test_merged_tombstones_cover_exactly_the_evicted_seqs(seqs: set[int]) -> None:
    stones = merge(bury(choose_for_space([frame(seq) for seq in sorted(seqs)], [], excess_bytes=1 << 40)))
    covered = [seq for one in stones for seq in range(one.seq_from, one.seq_to + 1)]
    assert covered == sorted(seqs)
    assert sum(one.rows or 0 for one in stones) == 2 * len(seqs)
    assert all(left.seq_to + 1 < right.seq_from for left, right in itertools.pairwise(stones))


@given(
    bounds=st.lists(st.integers(1, 60), max_size=12, unique=True), seq_from=st.integers(1, 40), span=st.integers(0, 30)
)
def test_what_covers_a_range_is_contiguous_and_counts_nothing_that_is_not_known(
    bounds: list[int], seq_from: int, span: int
) -> None:
    edges, seq_to = sorted(bounds), seq_from + span
    ranges = [(low, high) for low, high in itertools.pairwise(edges)][::2]
    known = [Tombstone(low, high, low, high, 10 * (high - low + 1), "known") for low, high in ranges]
    touching = [stone for stone in known if stone.seq_from <= seq_to and stone.seq_to >= seq_from]
    covered = cover(touching, seq_from, seq_to, before_ms=99)
    assert [seq for stone in covered for seq in range(stone.seq_from, stone.seq_to + 1)] == [
        *range(seq_from, seq_to + 1)
    ]
    for stone in covered:
        if stone.rows is not None:
            assert stone.rows == 10 * (stone.seq_to - stone.seq_from + 1)
    whole = sum(stone.rows or 0 for stone in known if seq_from <= stone.seq_from and stone.seq_to <= seq_to)
    assert sum(stone.rows or 0 for stone in covered) == whole
