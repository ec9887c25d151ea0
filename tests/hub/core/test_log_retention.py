import pytest
from noctule_hub.core.log_retention import MAX_STEP_ROWS, MIN_STEP_ROWS, STEP_GOAL_S, next_step


@pytest.mark.parametrize(
    ("rows", "took_s", "step"),
    [
        (1_000, STEP_GOAL_S, 1_000),
        (1_000, STEP_GOAL_S * 4, 250),
        (1_000, STEP_GOAL_S / 1.5, 1_500),
        (1_000, 0.0, 2_000),
        (1_000, 10.0, MIN_STEP_ROWS),
        (MAX_STEP_ROWS, 0.0, MAX_STEP_ROWS),
    ],
)
def test_step_follows_what_the_last_one_took(rows: int, took_s: float, step: int) -> None:
    assert next_step(rows, took_s) == step
