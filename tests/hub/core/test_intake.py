"""A frame moves its cursor whatever is in it; what cannot be used is kept, counted and shown."""

from collections.abc import Callable

from noctule_hub.core.commit import AgentCursor
from noctule_hub.core.intake import MAX_AHEAD_MS, take_frame
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import Axis
from noctule_shared.frames import HOLE_DIGEST, BadFrame, EventsBody, frame_digest
from noctule_shared.observations import AxisChanged, Gap

NOW_MS = 1_795_000_000_000
EPOCH = "00000000000000aa"
Drafted = Callable[[int], Draft]
CURSOR = AgentCursor(1, EPOCH, 5)


def next_seq(world: World) -> int:
    cursor = world.cursors.get(1)
    assert cursor is not None
    return cursor.next_seq


def test_good_frame_is_journalled_and_moves_the_cursor_by_one(drafted: Drafted, world: World) -> None:
    draft = drafted(0)
    take_frame(draft, CURSOR, b"raw", EventsBody([AxisChanged(1, Axis.ICMP, "none", "up", "round", NOW_MS)]))
    assert [(frame.seq, frame.body) for frame in draft.frames] == [(5, b"raw")]
    assert next_seq(world) == 6


def test_unreadable_frame_is_kept_apart_and_shown_as_a_gap(drafted: Drafted, world: World) -> None:
    draft = drafted(0)
    take_frame(draft, CURSOR, b"raw", BadFrame("msgpack", "frame body: truncated"))
    assert [(row.seq, row.reason, row.body) for row in draft.rejected] == [(5, "msgpack", b"raw")]
    assert [(gap.samples, gap.reason) for gap in draft.gaps] == [(None, "frame rejected: frame body: truncated")]
    assert next_seq(world) == 6


def test_gap_moves_the_cursor_over_all_it_names(drafted: Drafted, world: World) -> None:
    draft = drafted(0)
    take_frame(draft, CURSOR, b"raw", EventsBody([Gap(5, 20, NOW_MS - 9_000, NOW_MS, 480, "outbox full")]))
    assert next_seq(world) == 21
    assert world.digest_before(1, EPOCH, 21) == HOLE_DIGEST
    assert [(gap.samples, gap.reason) for gap in draft.gaps] == [(480, "outbox full")]


def test_a_frame_that_tells_of_what_was_never_kept_is_a_frame_like_others(drafted: Drafted, world: World) -> None:
    draft = drafted(0)
    take_frame(draft, CURSOR, b"raw", EventsBody([Gap(0, 0, NOW_MS - 9_000, NOW_MS, 480, "disk full")]))
    assert (next_seq(world), world.digest_before(1, EPOCH, 6)) == (6, frame_digest(b"raw"))


def test_level_that_no_axis_knows_is_left_out_and_counted(drafted: Drafted, world: World) -> None:
    draft = drafted(0)
    rows = [AxisChanged(1, Axis.ICMP, "none", "sideways", "x", NOW_MS), AxisChanged(9, Axis.ICMP, "none", "up", "x", 0)]
    take_frame(draft, CURSOR, b"raw", EventsBody(list(rows)))
    assert [gap.samples for gap in draft.gaps] == [2]
    assert draft.events == []
    assert next_seq(world) == 6


def test_event_from_the_future_is_left_out_instead_of_outlasting_the_truth(drafted: Drafted, world: World) -> None:
    draft = drafted(0)
    event = AxisChanged(1, Axis.ICMP, "none", "up", "x", NOW_MS + MAX_AHEAD_MS + 1)
    take_frame(draft, CURSOR, b"raw", EventsBody([event]))
    assert (draft.events, [gap.samples for gap in draft.gaps], next_seq(world)) == ([], [1], 6)
