"""Each frame takes effect exactly once, whatever is sent again, lost or reordered."""

from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.commit import AgentCursor
from noctule_hub.core.cursor import MAX_FORMER_EPOCHS, Arrival, arrival, greet

EPOCH = "00000000000000aa"
OTHER = "00000000000000bb"


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
    greeting = greet(AgentCursor(1, EPOCH, 5), (), 1, epoch=EPOCH)
    assert (greeting.cursor.next_seq, greeting.former, greeting.replaced) == (5, (), None)


def test_new_epoch_starts_at_frame_1_and_the_outbox_before_it_is_called_replaced() -> None:
    cursor = AgentCursor(1, EPOCH, 5)
    greeting = greet(cursor, (), 1, epoch=OTHER)
    assert (greeting.cursor, greeting.former, greeting.replaced) == (AgentCursor(1, OTHER, 1), (cursor,), cursor)


def test_first_outbox_of_an_agent_replaces_none() -> None:
    assert greet(None, (), 1, epoch=EPOCH).replaced is None


def test_epoch_that_comes_back_goes_on_where_it_stood() -> None:
    one, other = AgentCursor(1, EPOCH, 5), AgentCursor(1, OTHER, 3)
    greeting = greet(other, (one,), 1, epoch=EPOCH)
    assert (greeting.cursor, greeting.former, greeting.replaced) == (one, (other,), None)


def test_only_so_many_former_epochs_are_remembered() -> None:
    former = tuple(AgentCursor(1, f"{number:016x}", 2) for number in range(MAX_FORMER_EPOCHS))
    greeting = greet(AgentCursor(1, EPOCH, 5), former, 1, epoch=OTHER)
    assert greeting.former == (*former[1:], AgentCursor(1, EPOCH, 5))


@given(seqs=st.lists(st.integers(1, 12), max_size=80))
def test_any_order_of_deliveries_takes_each_frame_once_and_in_order(seqs: list[int]) -> None:
    cursor, taken = AgentCursor(1, EPOCH, 1), []
    for seq in seqs:
        if arrival(cursor, EPOCH, seq) is Arrival.EXPECTED:
            taken.append(seq)
            cursor = AgentCursor(1, EPOCH, seq + 1)
    assert taken == list(range(1, len(taken) + 1))
