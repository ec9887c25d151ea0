"""Backlogs share what they may have on the way; who only sends the present is not held up by them."""

import pytest
from noctule_hub.core.credit import BACKLOG_FRAMES, LIVE_FRAMES, grant


def test_agent_without_a_backlog_has_its_full_credit_however_many_drain_one() -> None:
    assert grant(drains=False, draining=300, paused=False) == LIVE_FRAMES


@pytest.mark.parametrize(("draining", "frames"), [(1, LIVE_FRAMES), (8, BACKLOG_FRAMES // 8), (64, 1), (300, 1)])
def test_backlogs_share_their_credit_and_none_is_left_without(draining: int, frames: int) -> None:
    assert grant(drains=True, draining=draining, paused=False) == frames


def test_full_queue_pauses_all() -> None:
    assert grant(drains=False, draining=0, paused=True) == grant(drains=True, draining=1, paused=True) == 0
