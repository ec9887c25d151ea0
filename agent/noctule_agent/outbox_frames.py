"""Frames on their way into and out of the outbox, its limits and its counts. Storing them is `outbox_file.py`'s."""

from dataclasses import dataclass

from noctule_shared.frames import EventsBody, FrameClass, encode_frame
from noctule_shared.observations import Gap

from noctule_agent.core.outbox import Tombstone


@dataclass(frozen=True, slots=True)
class NewFrame:
    """A frame to be kept: its encoded body and the times (epoch milliseconds) of its oldest and newest row."""

    frame_class: FrameClass
    body: bytes
    rows: int
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class OutboundFrame:
    """A frame to be sent. `seq_to` is above `seq` only for a gap frame."""

    seq: int
    seq_to: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the outbox keeps: undelivered frames by bytes and age, delivered ones for a hub that went back."""

    max_bytes: int
    max_age_ms: int
    acked_max_bytes: int = 64 * 1024 * 1024
    acked_max_age_ms: int = 3_600_000


@dataclass(frozen=True, slots=True)
class EpochStart:
    """The epoch of a new outbox, 16 hex digits, and what became of the one before.

    `reason` None: there was none. `lost_from_ms` (epoch milliseconds): since when frames may be lost, None unknown.
    """

    epoch: str
    reason: str | None = None
    lost_from_ms: int | None = None


@dataclass(slots=True)
class Counts:
    """What the file holds. `evicted_*` count since the start; the rest is the present.

    `epoch_reason` and `lost_from_ms` as in `EpochStart`. `settled_seq` is the acknowledged seq that is on disk; a
    crash loses later acknowledgements, harmlessly.
    `oldest_ms` is the time (epoch milliseconds) of the oldest undelivered row, None for no backlog.
    """

    epoch: str
    settled_seq: int
    next_seq: int
    epoch_reason: str | None = None
    lost_from_ms: int | None = None
    first_seq: int = 1
    backlog_frames: int = 0
    backlog_bytes: int = 0
    acked_bytes: int = 0
    oldest_ms: int | None = None
    evicted_frames: int = 0
    evicted_rows: int = 0
    evicted_event_frames: int = 0


def gap_frame(stone: Tombstone) -> OutboundFrame:
    """Return the frame that tells the hub of a hole."""
    gap = Gap(stone.seq_from, stone.seq_to, stone.from_ms, stone.to_ms, stone.rows, stone.reason)
    return OutboundFrame(stone.seq_from, stone.seq_to, encode_frame(EventsBody([gap])))
