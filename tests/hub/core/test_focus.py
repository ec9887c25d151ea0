"""Who may have how many devices in focus, and until when."""

import pytest
from noctule_hub.core.focus import FOCUS_MS, FocusLedger
from noctule_shared.commands import FOCUSED_BY_USER, FOCUSED_ON_AGENT
from noctule_shared.errors import ErrorCode, Refused

NOW_MS = 1_795_000_000_000


def test_focus_lasts_five_minutes_and_is_renewed_by_use() -> None:
    ledger = FocusLedger()
    assert FOCUS_MS == 300_000
    assert ledger.take("user:1", 7, 1, NOW_MS) == NOW_MS + FOCUS_MS
    assert ledger.take("user:1", 7, 1, NOW_MS + 200_000) == NOW_MS + 200_000 + FOCUS_MS
    assert ledger.holds("user:1", 7, NOW_MS + 200_000 + FOCUS_MS - 1)
    assert not ledger.holds("user:1", 7, NOW_MS + 200_000 + FOCUS_MS)


def test_user_looks_at_five_devices_at_most_until_one_is_let_go_or_runs_out() -> None:
    ledger = FocusLedger()
    for device_id in range(1, FOCUSED_BY_USER + 1):
        ledger.take("user:1", device_id, device_id, NOW_MS + device_id)
    with pytest.raises(Refused) as caught:
        ledger.take("user:1", 99, 99, NOW_MS + 10)
    assert caught.value.code is ErrorCode.TOO_MANY
    ledger.take("user:1", 3, 3, NOW_MS + 10)
    ledger.take("user:2", 99, 99, NOW_MS + 10)
    ledger.release("user:1", 3, NOW_MS + 10)
    ledger.take("user:1", 99, 99, NOW_MS + 10)
    ledger.take("user:1", 98, 98, NOW_MS + 1 + FOCUS_MS)


def test_agent_has_twenty_devices_in_focus_at_most_however_many_look() -> None:
    ledger = FocusLedger()
    for device_id in range(1, FOCUSED_ON_AGENT + 1):
        ledger.take(f"user:{device_id}", device_id, 1, NOW_MS)
    with pytest.raises(Refused) as caught:
        ledger.take("user:50", 99, 1, NOW_MS)
    assert caught.value.code is ErrorCode.TOO_MANY
    ledger.take("user:50", 1, 1, NOW_MS)
    ledger.take("user:50", 99, 2, NOW_MS)


def test_device_is_let_go_when_the_last_who_looks_leaves() -> None:
    ledger = FocusLedger()
    ledger.take("user:1", 7, 1, NOW_MS)
    ledger.take("user:2", 7, 1, NOW_MS)
    assert not ledger.release("user:1", 7, NOW_MS)
    assert not ledger.release("user:1", 7, NOW_MS)
    assert ledger.release("user:2", 7, NOW_MS)


def test_a_clock_that_is_set_back_keeps_nothing_in_focus_for_longer() -> None:
    ledger = FocusLedger()
    for device_id in range(1, FOCUSED_BY_USER + 1):
        ledger.take("user:1", device_id, 1, NOW_MS)
    an_hour_ago_ms = NOW_MS - 3_600_000
    assert ledger.devices(an_hour_ago_ms) == set()
    assert ledger.take("user:1", 99, 1, an_hour_ago_ms) == an_hour_ago_ms + FOCUS_MS
