"""When maintenance windows run, over changes of the clocks too, and what they cover."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.maintenance import (
    DAY_MS,
    Covers,
    MaintenanceWindow,
    Once,
    Recurring,
    Weekday,
    coverage,
    covers,
    occurrences,
    running,
)
from noctule_hub.core.records import Device, IcmpSettings
from noctule_shared.axes import Reachability

ALL_DAYS = tuple(Weekday)
FIRST = Covers(device_ids=(1,))


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000


def window(schedule: Once | Recurring, *, window_id: int = 1, about: Covers = FIRST) -> MaintenanceWindow:
    return MaintenanceWindow(window_id, f"window {window_id}", "", about, schedule, created_ms=0)


def nightly(start_minute: int, *, timezone: str, duration_s: int = 3600, **changes: object) -> Recurring:
    values: dict[str, object] = {"weekdays": ALL_DAYS, "first_date": date(2026, 1, 1), "last_date": None}
    return Recurring(
        start_minute=start_minute,
        duration_s=duration_s,
        timezone=timezone,
        **(values | changes),  # type: ignore[arg-type]
    )


def device(device_id: int, *, site_id: int = 1, tags: tuple[str, ...] = ()) -> Device:
    return Device(
        device_id, f"r{device_id}", "192.0.2.1", site_id, 1, Reachability.ICMP, IcmpSettings(), None, tags, created_ms=0
    )


def told(schedule: Recurring, first: str, last: str) -> list[tuple[str, str]]:
    spans = occurrences(window(schedule), at(first), at(last), 100)
    return [
        tuple(datetime.fromtimestamp(edge / 1000, UTC).strftime("%m-%d %H:%M") for edge in (row.starts_ms, row.ends_ms))  # type: ignore[misc]
        for row in spans
    ]


@pytest.mark.parametrize(
    ("timezone", "start_minute", "first", "expected"),
    [
        # An ordinary night: 01:00 in winter is 00:00 UTC.
        ("Europe/Berlin", 60, "2026-02-10T12:00", [("02-11 00:00", "02-11 01:00")]),
        # 02:30 is left out on 29 March: an hour later by the wall, 03:30, which is 01:30 UTC.
        ("Europe/Berlin", 150, "2026-03-28T12:00", [("03-29 01:30", "03-29 02:30")]),
        # 02:30 comes twice on 25 October: the first, still summer, is 00:30 UTC, and it lasts an hour once.
        ("Europe/Berlin", 150, "2026-10-24T12:00", [("10-25 00:30", "10-25 01:30")]),
        # South of the equator the clocks go the other way.
        ("America/Santiago", 23 * 60 + 30, "2026-04-04T12:00", [("04-05 02:30", "04-05 03:30")]),
        # Lord Howe puts its clocks on by half an hour: 02:15 of 4 October is 02:45.
        ("Australia/Lord_Howe", 135, "2026-10-03T06:00", [("10-03 15:45", "10-03 16:45")]),
        # A day ahead of UTC, and behind it.
        ("Pacific/Kiritimati", 60, "2026-02-10T12:00", [("02-11 11:00", "02-11 12:00")]),
        ("Pacific/Pago_Pago", 60, "2026-02-10T13:00", [("02-11 12:00", "02-11 13:00")]),
        ("UTC", 0, "2026-02-10T12:00", [("02-11 00:00", "02-11 01:00")]),
    ],
)
def test_local_time_is_the_walls_and_a_change_of_the_clocks_is_met_as_documented(
    timezone: str, start_minute: int, first: str, expected: list[tuple[str, str]]
) -> None:
    day = datetime.fromisoformat(first) + timedelta(hours=23, minutes=59)
    assert told(nightly(start_minute, timezone=timezone), first, day.isoformat()) == expected


def test_duration_is_time_that_passes_whatever_the_clocks_do() -> None:
    # From 00:00 to what the wall calls 05:00: four hours have passed on the night that is an hour shorter.
    spans = told(nightly(0, timezone="Europe/Berlin", duration_s=4 * 3600), "2026-03-28T23:30", "2026-03-29T12:00")
    assert spans == [("03-28 23:00", "03-29 03:00")]


def test_only_its_weekdays_between_its_dates() -> None:
    schedule = nightly(
        60,
        timezone="UTC",
        weekdays=(Weekday.TUE, Weekday.SUN),
        first_date=date(2026, 11, 24),
        last_date=date(2026, 12, 1),
    )
    starts = [start for start, _ in told(schedule, "2026-01-01T00:00", "2027-01-01T00:00")]
    assert starts == ["11-24 01:00", "11-29 01:00", "12-01 01:00"]


def test_an_occurrence_that_began_before_the_range_is_in_it_and_one_that_ends_at_its_begin_is_not() -> None:
    schedule = nightly(22 * 60, timezone="UTC", duration_s=4 * 3600)
    assert told(schedule, "2026-11-26T01:00", "2026-11-26T02:00") == [("11-25 22:00", "11-26 02:00")]
    assert told(schedule, "2026-11-26T02:00", "2026-11-26T22:00") == []


def test_days_long_occurrences_that_overlap_hold_until_the_last_ends() -> None:
    schedule = nightly(0, timezone="UTC", duration_s=7 * 86_400, last_date=date(2026, 1, 3))
    span = running(window(schedule), at("2026-01-05T00:00"))
    assert span is not None
    assert span.ends_ms == at("2026-01-10T00:00")


def test_what_was_ended_early_is_over_and_comes_again_the_next_time() -> None:
    schedule = nightly(60, timezone="UTC")
    ended = replace(window(schedule), ended_ms=at("2026-11-26T01:20"))
    assert running(ended, at("2026-11-26T01:19")) is not None
    assert running(ended, at("2026-11-26T01:20")) is None
    assert running(ended, at("2026-11-27T01:30")) is not None
    once = replace(window(Once(0, 1_000)), ended_ms=0)
    assert occurrences(once, 0, 10_000, 10) == []


@pytest.mark.parametrize(
    ("about", "held"),
    [
        (Covers(device_ids=(2,)), {2}),
        (Covers(site_ids=(7,)), {3}),
        (Covers(tags=("core",)), {2, 3}),
        (Covers(device_ids=(1,), site_ids=(7,)), {1, 3}),
        (Covers(device_ids=(99,), tags=("Core",)), set()),
    ],
)
def test_a_window_covers_by_device_site_or_tag(about: Covers, held: set[int]) -> None:
    devices = [device(1), device(2, tags=("edge", "core")), device(3, site_id=7, tags=("core",))]
    one = window(Once(1_000, 2_000), about=about)
    assert {row.id for row in devices if covers(one, row, 1_000)} == held
    assert not any(covers(one, row, moment) for row in devices for moment in (999, 2_000))


def test_coverage_names_the_first_window_and_holds_until_the_next_boundary() -> None:
    devices = [device(1), device(2)]
    windows = [
        window(Once(3_000, 9_000), window_id=2, about=Covers(site_ids=(1,))),
        window(Once(1_000, 5_000), window_id=1),
    ]
    before = coverage(windows, devices, 0)
    assert (before.names, before.until_ms) == ({}, 1_000)
    first = coverage(windows, devices, 1_000)
    assert (first.names, first.until_ms) == ({1: "window 1"}, 3_000)
    both = coverage(windows, devices, 4_000)
    assert (both.names, both.until_ms) == ({1: "window 1", 2: "window 2"}, 5_000)
    last = coverage(windows, devices, 5_000)
    assert (last.names, last.until_ms) == ({1: "window 2", 2: "window 2"}, 9_000)
    over = coverage(windows, devices, 9_000)
    assert (over.names, over.until_ms) == ({}, 9_000 + DAY_MS)


ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca")
schedules = st.builds(
    Recurring,
    weekdays=st.sets(st.sampled_from(Weekday), min_size=1).map(lambda days: tuple(d for d in Weekday if d in days)),
    start_minute=st.integers(0, 1439),
    duration_s=st.integers(60, 7 * 86_400),
    timezone=st.sampled_from(ZONES),
    first_date=st.dates(date(2009, 1, 1), date(2030, 1, 1)),
    last_date=st.none() | st.dates(date(2030, 1, 1), date(2031, 1, 1)),
)
moments = st.integers(at("2009-01-01T00:00"), at("2030-01-01T00:00"))


@given(schedule=schedules, from_ms=moments, length_ms=st.integers(1, 20 * DAY_MS))
def test_occurrences_touch_the_range_in_order_and_begin_at_the_walls_time(
    schedule: Recurring, from_ms: int, length_ms: int
) -> None:
    spans = occurrences(window(schedule), from_ms, from_ms + length_ms, 100)
    assert [span.starts_ms for span in spans] == sorted({span.starts_ms for span in spans})
    zone = ZoneInfo(schedule.timezone)
    for span in spans:
        assert span.starts_ms < from_ms + length_ms
        assert span.ends_ms > from_ms
        assert span.ends_ms - span.starts_ms == schedule.duration_s * 1000
        wall = datetime.fromtimestamp(span.starts_ms / 1000, zone)
        minute = wall.hour * 60 + wall.minute
        # Later than asked for only where the clocks leave that time out, a whole day at Apia in 2011.
        off = (minute - schedule.start_minute) % 1440
        assert off == 0 or wall.utcoffset() != (wall - timedelta(days=2)).utcoffset()


@given(schedule=schedules, moment=moments)
def test_running_is_an_occurrence_of_that_moment_and_coverage_agrees_until_its_end(
    schedule: Recurring, moment: int
) -> None:
    one, known = window(schedule), [device(1)]
    span = running(one, moment)
    assert (span is not None) is bool(occurrences(one, moment, moment + 1, 1))
    present = coverage([one], known, moment)
    assert (1 in present.names) is (span is not None)
    assert present.holds_at(moment)
    for later in (moment, (moment + present.until_ms) // 2, present.until_ms - 1):
        assert covers(one, known[0], later) is (1 in present.names)
