"""Token buckets over a made-up clock."""

from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core import admission
from noctule_agent.core.admission import Admission, Allowance, Verdict

WIDE = Allowance(per_s=1e6, burst=1e6)


def test_burst_is_taken_then_so_many_a_second() -> None:
    bucket = Admission(Allowance(per_s=2, burst=3), WIDE)
    assert [bucket.ask("a", 0.0) for _ in range(4)] == [Verdict.TAKEN] * 3 + [Verdict.SENDER_LIMIT]
    assert [bucket.ask("a", 1.0) for _ in range(3)] == [Verdict.TAKEN] * 2 + [Verdict.SENDER_LIMIT]


def test_one_sender_does_not_use_up_anothers_share() -> None:
    bucket = Admission(Allowance(per_s=1, burst=1), WIDE)
    assert [bucket.ask(sender, 0.0) for sender in "aab"] == [Verdict.TAKEN, Verdict.SENDER_LIMIT, Verdict.TAKEN]


def test_all_together_are_limited_and_a_refusal_uses_nothing_up() -> None:
    bucket = Admission(Allowance(per_s=0.001, burst=1), Allowance(per_s=1, burst=2))
    assert [bucket.ask(sender, 0.0) for sender in "abc"] == [Verdict.TAKEN, Verdict.TAKEN, Verdict.TOTAL_LIMIT]
    assert bucket.ask("c", 1.0) is Verdict.TAKEN


def test_clock_that_goes_back_fills_nothing() -> None:
    bucket = Admission(Allowance(per_s=1, burst=1), WIDE)
    assert [bucket.ask("a", at_s) for at_s in (100.0, 0.0, 100.5)] == [
        Verdict.TAKEN,
        Verdict.SENDER_LIMIT,
        Verdict.SENDER_LIMIT,
    ]


def test_table_of_senders_is_bounded() -> None:
    bucket = Admission(Allowance(per_s=1, burst=1), WIDE)
    for number in range(admission.MAX_SENDERS + 100):
        bucket.ask(number, 0.0)
    assert len(bucket._senders) == admission.MAX_SENDERS


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 2)), max_size=300))
def test_never_more_is_taken_than_burst_and_time_allow(asked: list[tuple[int, float]]) -> None:
    sender, total = Allowance(per_s=3, burst=5), Allowance(per_s=6, burst=8)
    bucket = Admission(sender, total)
    now_s = 0.0
    taken = dict.fromkeys(range(4), 0)
    for who, after_s in asked:
        now_s += after_s
        taken[who] += bucket.ask(who, now_s) is Verdict.TAKEN
        assert taken[who] <= sender.burst + sender.per_s * now_s + 1e-6
        assert sum(taken.values()) <= total.burst + total.per_s * now_s + 1e-6
