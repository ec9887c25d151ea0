"""Each frame takes effect exactly once, whatever is sent again, lost or reordered."""

from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.commit import AgentCursor
from noctule_hub.core.cursor import Arrival, arrival, greet

EPOCH = "00000000000000aa"


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
    assert greet(AgentCursor(1, EPOCH, 5), 1, epoch=EPOCH, first_seq=2).cursor.next_seq == 5


def test_frames_that_nobody_has_any_more_are_named() -> None:
    greeting = greet(AgentCursor(1, EPOCH, 5), 1, epoch=EPOCH, first_seq=9)
    assert (greeting.cursor.next_seq, greeting.lost_from, greeting.lost_to) == (9, 5, 8)


def test_new_epoch_starts_at_the_oldest_frame_there_is() -> None:
    greeting = greet(AgentCursor(1, EPOCH, 5), 1, epoch="00000000000000bb", first_seq=1)
    assert (greeting.cursor.next_seq, greeting.lost_to) == (1, 0)


@given(seqs=st.lists(st.integers(1, 12), max_size=80))
def test_any_order_of_deliveries_takes_each_frame_once_and_in_order(seqs: list[int]) -> None:
    cursor, taken = AgentCursor(1, EPOCH, 1), []
    for seq in seqs:
        if arrival(cursor, EPOCH, seq) is Arrival.EXPECTED:
            taken.append(seq)
            cursor = AgentCursor(1, EPOCH, seq + 1)
    assert taken == list(range(1, len(taken) + 1))
