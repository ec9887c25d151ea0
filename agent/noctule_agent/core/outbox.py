"""What leaves a full outbox first, and how the holes are remembered. Deleting and storing is `outbox.py`'s.

Measurements go first, oldest first; events only when no measurement is left. Every evicted frame becomes a
tombstone; tombstones that touch merge into one, so that a long outage costs few rows and one gap frame.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

DEFAULT_MAX_BYTES: Final = 512 * 1024 * 1024
DEFAULT_MAX_AGE_H: Final = 7 * 24.0
# Evicting somewhat more than needed makes it rare; 5 % of the default is half an hour of a large site.
EVICTION_SLACK_RATIO: Final = 0.05
REASON_FULL: Final = "outbox-full"
REASON_AGE: Final = "outbox-age"
REASON_PRUNED: Final = "already-deleted"


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """A frame in the outbox without its body. Times are epoch milliseconds of its oldest and newest row."""

    seq: int
    made_ms: int
    from_ms: int
    to_ms: int
    rows: int
    size_bytes: int
    is_event: bool


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Frames `seq_from`..`seq_to` are gone. `rows` None: nobody can know how many samples they held."""

    seq_from: int
    seq_to: int
    from_ms: int
    to_ms: int
    rows: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Eviction:
    """What to delete, by seq in order, and why; `freed_bytes` is what that gives back."""

    frames: tuple[StoredFrame, ...]
    reason: str
    freed_bytes: int


def choose_for_space(
    measurements: Iterable[StoredFrame], events: Iterable[StoredFrame], *, excess_bytes: int
) -> Eviction:
    """Return what to evict to free at least `excess_bytes`: oldest measurements first, then oldest events.

    Both are in the order of seq and are read only as far as needed. Frees less when there is no more.
    """
    chosen: list[StoredFrame] = []
    freed_bytes = 0
    for frames in (measurements, events):
        for frame in frames:
            if freed_bytes >= excess_bytes:
                break
            chosen.append(frame)
            freed_bytes += frame.size_bytes
    chosen.sort(key=lambda frame: frame.seq)
    return Eviction(tuple(chosen), REASON_FULL, freed_bytes)


def choose_for_age(frames: Iterable[StoredFrame], *, cutoff_ms: int) -> Eviction:
    """Return all frames made before `cutoff_ms` (epoch), of either class."""
    chosen = tuple(sorted((frame for frame in frames if frame.made_ms < cutoff_ms), key=lambda frame: frame.seq))
    return Eviction(chosen, REASON_AGE, sum(frame.size_bytes for frame in chosen))


def bury(eviction: Eviction) -> list[Tombstone]:
    """Return one tombstone per evicted frame, to be merged."""
    return [
        Tombstone(frame.seq, frame.seq, frame.from_ms, frame.to_ms, frame.rows, eviction.reason)
        for frame in eviction.frames
    ]


def merge(tombstones: Iterable[Tombstone]) -> list[Tombstone]:
    """Return tombstones in order of seq with those that touch or overlap made one.

    Rows add up, None if any is unknown; the reason is the first one's.
    """
    merged: list[Tombstone] = []
    for stone in sorted(tombstones, key=lambda stone: stone.seq_from):
        last = merged[-1] if merged else None
        if last is None or stone.seq_from > last.seq_to + 1:
            merged.append(stone)
            continue
        merged[-1] = Tombstone(
            last.seq_from,
            max(last.seq_to, stone.seq_to),
            min(last.from_ms, stone.from_ms),
            max(last.to_ms, stone.to_ms),
            None if last.rows is None or stone.rows is None else last.rows + stone.rows,
            last.reason,
        )
    return merged


def cut(stone: Tombstone, seq_from: int) -> Tombstone:
    """Return the part of a tombstone from `seq_from` on, for a hub that already has the frames before.

    How many samples lie in that part is unknown unless it is the whole.
    """
    if seq_from <= stone.seq_from:
        return stone
    return Tombstone(seq_from, stone.seq_to, stone.from_ms, stone.to_ms, None, stone.reason)


def cover(known: Sequence[Tombstone], seq_from: int, seq_to: int, *, before_ms: int) -> list[Tombstone]:
    """Return contiguous tombstones for exactly `seq_from`..`seq_to` from what is known, in order and without overlap.

    What is known whole keeps its count, neighbours made one; of a part and of a hole in what is known nobody can say
    how many samples they held. `before_ms`: when what follows begins, for a range of which nothing is known.
    """
    covered: list[Tombstone] = []
    seq, at_ms = seq_from, before_ms
    for stone in known:
        if stone.seq_from > seq:
            covered.append(Tombstone(seq, stone.seq_from - 1, stone.from_ms, stone.from_ms, None, REASON_PRUNED))
            seq = stone.seq_from
        whole = seq == stone.seq_from and stone.seq_to <= seq_to
        last = covered[-1] if covered else None
        if whole and stone.rows is not None and last is not None and last.rows is not None:
            covered[-1:] = merge([last, stone])
        else:
            rows = stone.rows if whole else None
            end = min(stone.seq_to, seq_to)
            covered.append(Tombstone(seq, end, stone.from_ms, stone.to_ms, rows, stone.reason))
        seq, at_ms = stone.seq_to + 1, stone.to_ms
    if seq <= seq_to:
        covered.append(Tombstone(seq, seq_to, at_ms, max(at_ms, before_ms), None, REASON_PRUNED))
    return covered
