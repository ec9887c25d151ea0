from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.log_budget import LogBudget, Skipped


def test_room_hears_a_burst_and_then_its_rate() -> None:
    budget = LogBudget(per_s=2.0, burst=3)
    assert [budget.admits("logs", seq, 0.0) for seq in range(1, 6)] == [True, True, True, False, False]
    assert [budget.admits("logs", seq, 1.0) for seq in range(6, 9)] == [True, True, False]
    assert budget.take_skipped({"logs"}) == {"logs": Skipped(3, 4, 8)}
    assert budget.take_skipped({"logs"}) == {}
    assert budget.skipped_total == 3


def test_storm_of_one_room_takes_nothing_from_another() -> None:
    budget = LogBudget(per_s=1.0, burst=1)
    assert [budget.admits("device:7", seq, 0.0) for seq in range(3)] == [True, False, False]
    assert budget.admits("device:8", 3, 0.0)


def test_room_that_nobody_is_in_is_forgotten() -> None:
    budget = LogBudget(per_s=1.0, burst=1)
    assert [budget.admits("device:7", seq, 0.0) for seq in (1, 2)] == [True, False]
    assert budget.take_skipped(set()) == {}
    assert budget.admits("device:7", 3, 0.0)


@given(st.lists(st.floats(0.0, 0.5), max_size=200))
def test_no_window_hears_more_than_burst_and_rate_and_nothing_is_uncounted(gaps_s: list[float]) -> None:
    budget, now_s, heard = LogBudget(per_s=5.0, burst=4), 0.0, list[float]()
    for seq, gap_s in enumerate(gaps_s):
        now_s += gap_s
        if budget.admits("logs", seq, now_s):
            heard.append(now_s)
    for at, start_s in enumerate(heard):
        for count, end_s in enumerate(heard[at:], start=1):
            assert count <= 4 + 5.0 * (end_s - start_s) + 1e-6
    assert len(heard) + budget.skipped_total == len(gaps_s)
