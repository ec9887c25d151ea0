import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.window import SendWindow
from noctule_agent.errors import LinkLost


def window_with(sent: int, credit: int = 10) -> SendWindow:
    window = SendWindow(expected_seq=1, credit_frames=credit)
    for seq in range(1, sent + 1):
        window.sent(seq, seq)
    return window


def test_a_cumulative_ack_frees_all_frames_up_to_it() -> None:
    window = window_with(5)
    assert window.on_ack(3) == 3
    assert (window.in_flight, window.room) == (2, 8)


def test_an_old_ack_is_nothing_new() -> None:
    window = window_with(5)
    window.on_ack(3)
    assert window.on_ack(2) is None


def test_an_ack_of_a_frame_never_sent_breaks_the_link() -> None:
    with pytest.raises(LinkLost, match="acknowledged frame 6"):
        window_with(5).on_ack(6)


def test_an_ack_inside_a_gap_means_the_whole_gap() -> None:
    window = SendWindow(expected_seq=1, credit_frames=5)
    window.sent(1, 40)
    assert window.next_seq == 41
    assert window.on_ack(1) == 40


def test_a_nack_rewinds_to_what_the_hub_expects() -> None:
    window = window_with(5)
    assert window.on_nack(3)
    assert (window.next_seq, window.in_flight, window.generation) == (3, 2, 1)


def test_frames_behind_a_lost_one_are_refused_without_rewinding_again() -> None:
    window = window_with(5)
    # Frame 2 was lost; 3, 4 and 5 are each refused with the same word.
    assert [window.on_nack(2) for _ in range(3)] == [True, False, False]
    window.sent(2, 2)
    assert window.on_nack(2), "the frame was sent again and lost again"


def test_a_stale_nack_after_resending_does_not_rewind() -> None:
    window = window_with(4)
    assert window.on_nack(2)
    window.sent(2, 2)
    assert not window.on_nack(2)


def test_a_hub_that_goes_back_behind_its_own_ack_breaks_the_link() -> None:
    window = window_with(5)
    window.on_ack(4)
    with pytest.raises(LinkLost, match="expects frame 3"):
        window.on_nack(3)


def test_credit_below_what_is_on_the_way_leaves_no_room() -> None:
    window = window_with(5)
    window.on_credit(2)
    assert window.room == 0
    window.on_ack(4)
    assert window.room == 1


def test_a_frame_out_of_turn_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="1 was next"):
        SendWindow(expected_seq=1, credit_frames=1).sent(2, 2)


@given(st.integers(min_value=0, max_value=2**32), st.integers(min_value=1, max_value=8))
def test_every_frame_is_accepted_once_and_in_order_over_a_lossy_hub(seed: int, credit: int) -> None:
    rng = random.Random(seed)  # noqa: S311  a reproducible test
    window, expected, accepted = SendWindow(expected_seq=1, credit_frames=credit), 1, []
    total = 30
    while window.acked_seq < total:
        arriving = []
        while window.room and window.next_seq <= total:
            arriving.append(window.next_seq)
            window.sent(window.next_seq, window.next_seq)
        answers = []
        for seq in arriving:
            if rng.random() < 0.2:
                continue
            if seq > expected:
                answers.append(("nack", expected))
            else:
                if seq == expected:
                    accepted.append(seq)
                    expected += 1
                answers.append(("ack", expected - 1))
        for kind, seq in answers:
            if kind == "ack":
                window.on_ack(seq)
            else:
                window.on_nack(seq)
        if not answers or (window.in_flight and window.next_seq > total):
            # Nothing more will be said: the link is given up and the next welcome names the cursor.
            window = SendWindow(expected_seq=expected, credit_frames=credit)
    assert accepted == list(range(1, total + 1))
