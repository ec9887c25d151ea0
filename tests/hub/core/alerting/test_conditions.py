"""Conditions: their names as JSON, and thresholds that do not contradict each other."""

import pytest
from noctule_hub.core.alerting.conditions import Condition, HighLatency, HighLoss, StorageLow, check_condition
from noctule_shared.errors import Refused


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        (HighLoss(loss_ratio=0.1, clear_ratio=0.2), "condition.clearRatio"),
        (HighLatency(clear_limit_s=None), "condition.clearLimitS"),
        (HighLatency(limit_s=None), "condition.clearLimitS"),
        (HighLatency(times_usual=1.5), "condition.clearTimesUsual"),
        (StorageLow(free_ratio=0.3), "condition.freeRatio"),
    ],
)
def test_a_threshold_that_would_be_over_while_it_is_met_is_refused_by_name(condition: Condition, field: str) -> None:
    with pytest.raises(Refused) as refused:
        check_condition(condition)
    assert refused.value.field == field


def test_without_a_limit_the_usual_alone_counts() -> None:
    unlimited = HighLatency(limit_s=None, clear_limit_s=None)
    assert check_condition(unlimited) == unlimited
