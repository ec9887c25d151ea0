"""A walk takes what is right of an answer, and never goes round in circles."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.walking import Verdict, Walk, oid_key


@pytest.mark.parametrize(
    ("names", "verdict", "kept"),
    [
        (["1.2.3.1", "1.2.3.2"], Verdict.MORE, 2),
        (["1.2.3.1", "1.2.4.1"], Verdict.COMPLETE, 1),
        # 1.2.30 begins like 1.2.3 as text only.
        (["1.2.30"], Verdict.COMPLETE, 0),
        ([], Verdict.COMPLETE, 0),
        (["1.2.3.9", "1.2.3.10"], Verdict.MORE, 2),
        (["1.2.3.2", "1.2.3.1"], Verdict.BROKEN, 1),
        (["1.2.3.2", "1.2.3.2"], Verdict.BROKEN, 1),
        # Before the table: an agent that jumps back has not finished it.
        (["1.2.3.2", "1.2.2.1"], Verdict.BROKEN, 1),
        (["1.2.3"], Verdict.BROKEN, 0),
    ],
)
def test_answers_are_taken_up_to_the_first_wrong_name(names: list[str], verdict: Verdict, kept: int) -> None:
    walk: Walk[int] = Walk("1.2.3")
    assert walk.take([(name, 1) for name in names]) is verdict
    assert [name for name, _ in walk.rows] == names[:kept]
    assert walk.at == (names[kept - 1] if kept else "1.2.3")


def test_value_of_no_use_is_passed_over() -> None:
    walk: Walk[int] = Walk("1.2.3")
    assert walk.take([("1.2.3.1", None)]) is Verdict.MORE
    assert (walk.rows, walk.at) == ([], "1.2.3.1")


def test_walk_without_end_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noctule_agent.core.walking.MAX_WALK_ROWS", 5)
    walk: Walk[int] = Walk("1.2.3")
    assert walk.take([(f"1.2.3.{number}", 1) for number in range(1, 9)]) is Verdict.TOO_LONG


@given(st.lists(st.lists(st.tuples(st.lists(st.integers(0, 3), min_size=1, max_size=3), st.booleans())), max_size=20))
def test_names_kept_always_increase_whatever_a_device_answers(answers: list[list[tuple[list[int], bool]]]) -> None:
    walk: Walk[int] = Walk("1.2")
    for answer in answers:
        walk.take([(".".join(map(str, [1, 2, *parts])), 1 if known else None) for parts, known in answer])
    keys = [oid_key(name) for name, _ in walk.rows]
    assert all(before < after for before, after in pairwise(keys))


def test_walk_of_unknown_length_runs_on_by_no_more_than_it_found() -> None:
    walk: Walk[int] = Walk("1.2.3")
    asked = []
    for first in (1, 2, 4, 8):
        asked.append(walk.ask_for(50))
        walk.take([(f"1.2.3.{row}", 1) for row in range(first, 2 * first)])
    assert asked == [1, 2, 4, 8]
    assert walk.ask_for(12) == 12


def test_walk_of_known_length_asks_for_one_name_beyond_it() -> None:
    walk: Walk[int] = Walk("1.2.3")
    assert Walk[int]("1.2.3").ask_for(50, expected=4) == 5
    assert walk.ask_for(50, expected=30) == 10
    walk.take([(f"1.2.3.{row}", 1) for row in range(1, 11)])
    assert walk.ask_for(50, expected=30) == 21


@given(length=st.integers(0, 255), index=st.integers(1, 2**31 - 1))
def test_answer_with_texts_like_those_seen_fits_one_datagram(length: int, index: int) -> None:
    walk: Walk[bytes] = Walk("1.3.6.1.2.1.31.1.1.1.18")
    walk.take([(f"1.3.6.1.2.1.31.1.1.1.18.{index}", b"x" * length)])
    asked = walk.ask_for(50, expected=1000)
    # The name's octets: 1.3 is one, each number below 128 one, an ifIndex up to five.
    assert asked * (2 + 2 + 10 + 5 + 3 + length) <= 1_472
    assert asked >= 5
