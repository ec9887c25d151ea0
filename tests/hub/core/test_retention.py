"""Retention: which files have outlived their time, and which go for the disk's sake."""

import pytest
from noctule_hub.core.retention import log_entry, outlived, over_budget, told_dropped

DAYS = {"20261101": 10, "20261102": 10, "20261103": 10, "20261104": 10}


@pytest.mark.parametrize(
    ("names", "first_day", "gone"),
    [
        (["20261101", "20261102"], "20261102", ["20261101"]),
        (["202610", "202611"], "20261102", ["202610"]),
        (["2025", "2026"], "20261102", ["2025"]),
        ([], "20261102", []),
    ],
)
def test_file_goes_when_its_last_day_is_no_longer_kept(names: list[str], first_day: str, gone: list[str]) -> None:
    assert outlived(names, first_day) == gone


@pytest.mark.parametrize(
    ("rollups", "limit", "gone"),
    [
        (0, 0, []),
        (0, 40, []),
        (0, 39, ["20261101"]),
        (5, 30, ["20261101", "20261102"]),
        (100, 1, ["20261101", "20261102", "20261103"]),
    ],
)
def test_oldest_days_go_until_the_rest_fits_and_todays_never(rollups: int, limit: int, gone: list[str]) -> None:
    assert over_budget(DAYS, rollups, limit, "20261104") == gone


def test_what_was_dropped_is_told_to_whoever_reads_the_network_log() -> None:
    event = log_entry(told_dropped("20261101", 2 * 1024**3), 1_795_000_000_000)
    assert event.rooms == ("logs",)
    assert event.data["source"] == "hub"
    assert event.data["message"] == (
        "measurements took more than retention.max_bytes (2.0 GiB): the rows of 2026-11-01 were dropped, "
        "their 5-minute rollups stay"
    )
