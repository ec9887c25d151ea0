"""Time zones are found by their names, and nothing else is read."""

from datetime import UTC, datetime, timedelta

import pytest
from noctule_hub.core.timezones import find_zone


@pytest.mark.parametrize(
    ("name", "hours"),
    [("UTC", 0), ("Asia/Tokyo", 9), ("Etc/GMT+5", -5), ("America/Argentina/Buenos_Aires", -3), ("GMT0", 0)],
)
def test_a_zone_is_found_by_its_name(name: str, hours: int) -> None:
    zone = find_zone(name)
    assert zone is not None
    assert datetime(2026, 1, 1, tzinfo=UTC).astimezone(zone).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "utc ",
        "Mars/Olympus",
        "Europe",
        "/etc/localtime",
        "../../etc/passwd",
        "Europe/../UTC",
        "UTC\n",
        "a" * 65,
        "\x00",
    ],
)
def test_what_is_no_name_of_a_zone_is_none(name: str) -> None:
    assert find_zone(name) is None
