"""Each frame takes effect exactly once, whatever is sent again, lost or reordered."""

from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.commit import AgentCursor
from noctule_hub.core.cursor import Arrival, Greeting, arrival, greet

EPOCH, OTHER = "00000000000000aa", "00000000000000bb"


def test_next_frame_is_expected_earlier_ones_are_duplicates_later_ones_ahead() -> None:
    cursor = AgentCursor(1, EPOCH, 5)
    assert [arrival(cursor, EPOCH, seq) for seq in (4, 5, 6)] == [
        Arrival.DUPLICATE,
        Arrival.EXPECTED,
        Arrival.AHEAD,
    ]


def test_frame_of_another_epoch_is_foreign() -> None:
    assert arrival(AgentCursor(1, EPOCH, 5), "00000000000000bb", 5) is Arrival.FOREIGN
    assert arrival(None, EPOCH, 1) is Arrival.FOREIGN


def test_hello_in_the_known_epoch_goes_on_where_the_hub_stands() -> None:
    cursor = AgentCursor(1, EPOCH, 5, 1_000)
    assert greet(cursor, cursor, 1, epoch=EPOCH, now_ms=9_000) == Greeting(cursor)


def test_first_hello_ever_loses_nothing() -> None:
    assert greet(None, None, 1, epoch=EPOCH, now_ms=9_000) == Greeting(AgentCursor(1, EPOCH, 1, 9_000))


def test_outbox_that_is_lost_before_its_first_frame_leaves_the_hole_of_the_one_before_it() -> None:
    first = greet(AgentCursor(1, EPOCH, 5, 2_000, told_ms=7), None, 1, epoch=OTHER, now_ms=9_000)
    second = greet(first.cursor, None, 1, epoch="00000000000000cc", now_ms=10_000)
    assert second.lost_from_ms == 7


def test_new_epoch_is_asked_for_from_its_first_frame_and_may_have_lost_what_came_after() -> None:
    greeting = greet(AgentCursor(1, EPOCH, 5, 2_000, 1_000), None, 1, epoch=OTHER, now_ms=9_000)
    assert greeting == Greeting(AgentCursor(1, OTHER, 1, 9_000, 1_000), lost_from_ms=1_000)


def test_agent_that_comes_back_to_a_former_epoch_goes_on_in_it_and_lost_nothing() -> None:
    former, present = AgentCursor(1, EPOCH, 5, 1_000, 900), AgentCursor(1, OTHER, 9, 20_000)
    # Also when the hub's clock was set back: the cursor that moved last is the present one.
    greeting = greet(present, former, 1, epoch=EPOCH, now_ms=9_000)
    assert greeting == Greeting(AgentCursor(1, EPOCH, 5, 20_001, 900))


@given(seqs=st.lists(st.integers(1, 12), max_size=80))
def test_any_order_of_deliveries_takes_each_frame_once_and_in_order(seqs: list[int]) -> None:
    cursor, taken = AgentCursor(1, EPOCH, 1), []
    for seq in seqs:
        if arrival(cursor, EPOCH, seq) is Arrival.EXPECTED:
            taken.append(seq)
            cursor = AgentCursor(1, EPOCH, seq + 1)
    assert taken == list(range(1, len(taken) + 1))
