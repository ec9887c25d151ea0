"""The rules of rates: what a delta is, and what is flagged instead of guessed."""

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.rates import (
    Counter,
    Rate,
    Reading,
    WidthWatch,
    missing,
    next_ts_ms,
    rate,
)
from noctule_agent.core.uptime import UPTIME_MODULUS_TICKS
from noctule_shared.axes import Quality

START_MS = 1_700_000_000_000
BASE = Reading(
    mono_s=1000.0,
    wall_ms=START_MS,
    uptime_ticks=500_000,
    discontinuity_ticks=0,
    speed_bps=1_000_000_000,
    bits=64,
    counts={Counter.IN_OCTETS: 1000, Counter.OUT_OCTETS: 2000},
)


def later(old: Reading, seconds: float, **changes: object) -> Reading:
    """The reading that an undisturbed device gives some seconds later, apart from `changes`."""
    undisturbed = {
        "mono_s": old.mono_s + seconds,
        "wall_ms": old.wall_ms + round(seconds * 1000),
        "uptime_ticks": None
        if old.uptime_ticks is None
        else (old.uptime_ticks + round(seconds * 100)) % UPTIME_MODULUS_TICKS,
    }
    return dataclasses.replace(old, **(undisturbed | changes))  # type: ignore[arg-type]  # names are checked at run time


def judge(old: Reading | None, new: Reading, *, last_ts_ms: int | None = None, expected_s: float = 60) -> Rate:
    return rate(old, new, last_ts_ms=last_ts_ms, expected_interval_s=expected_s)


def counts(in_octets: int, out_octets: int, **more: int) -> dict[Counter, int]:
    return {Counter.IN_OCTETS: in_octets, Counter.OUT_OCTETS: out_octets} | {
        Counter(name): value for name, value in more.items()
    }


def test_first_reading_has_no_rate() -> None:
    first = judge(None, BASE)
    assert first.quality is Quality.FIRST
    assert math.isnan(first.interval_s)
    assert math.isnan(first.in_octets)


def test_interval_is_the_devices_own_time() -> None:
    # 60.3 s pass here while 60.00 s pass there: within 2 %, so the counters' own clock counts.
    new = later(BASE, 60.3, uptime_ticks=BASE.uptime_ticks and BASE.uptime_ticks + 6000, counts=counts(7000, 14000))
    found = judge(BASE, new)
    assert found.interval_s == 60.0
    assert (found.in_octets, found.out_octets, found.quality) == (6000.0, 12000.0, Quality.OK)


def test_short_intervals_are_measured_by_the_monotonic_clock() -> None:
    found = judge(BASE, later(BASE, 1.234, uptime_ticks=500_120), expected_s=1)
    assert found.interval_s == pytest.approx(1.234)
    assert found.quality is Quality.OK


def test_uptime_that_wraps_after_497_days_is_no_reboot() -> None:
    old = dataclasses.replace(BASE, uptime_ticks=UPTIME_MODULUS_TICKS - 1000)
    found = judge(old, later(old, 60, counts=counts(7000, 2000)))
    assert (found.interval_s, found.in_octets, found.quality) == (60.0, 6000.0, Quality.OK)


def test_reboot_is_a_reset_and_not_a_spike() -> None:
    found = judge(BASE, later(BASE, 60, uptime_ticks=2000, counts=counts(50, 50)))
    assert found.quality is Quality.RESET
    assert math.isnan(found.in_octets)


def test_reboot_is_seen_even_when_counters_and_uptime_are_higher_than_before() -> None:
    old = dataclasses.replace(BASE, uptime_ticks=10_000)
    found = judge(old, later(old, 1000, uptime_ticks=30_000, counts=counts(10**9, 10**9)))
    assert found.quality is Quality.RESET


def test_clock_of_the_device_that_runs_wrong_is_replaced_and_flagged() -> None:
    found = judge(BASE, later(BASE, 60, uptime_ticks=500_000 + 9000, counts=counts(7000, 2000)))
    assert found.interval_s == pytest.approx(60)
    assert found.quality is Quality.CLOCK


def test_uptime_that_stands_still_is_a_clock_fault_and_not_a_reboot() -> None:
    found = judge(BASE, later(BASE, 60, uptime_ticks=BASE.uptime_ticks))
    assert found.quality is Quality.CLOCK
    assert found.interval_s == pytest.approx(60)


def test_wall_clock_step_keeps_the_interval_and_is_flagged() -> None:
    found = judge(BASE, later(BASE, 60, wall_ms=START_MS - 3_600_000), last_ts_ms=START_MS)
    assert found.interval_s == pytest.approx(60)
    assert found.quality is Quality.CLOCK
    assert found.ts_ms == START_MS + 1


@pytest.mark.parametrize(
    ("before", "after", "quality"),
    [
        (0, 0, Quality.OK),
        (0, 500_100, Quality.RESET),
        (499_000, 499_000, Quality.OK),
        (499_000, 503_000, Quality.RESET),
        (503_000, 503_000, Quality.RESET),
        (499_000, 400_000, Quality.RESET),
        # Set before sysUpTime wrapped 497 days later: larger than every sysUpTime since, and no news.
        (4_000_000_000, 4_000_000_000, Quality.OK),
        (None, None, Quality.OK),
        (None, 400_000, Quality.OK),
    ],
)
def test_discontinuity_time_decides_about_the_base(before: int | None, after: int | None, quality: Quality) -> None:
    old = dataclasses.replace(BASE, discontinuity_ticks=before)
    assert judge(old, later(old, 60, discontinuity_ticks=after)).quality is quality


def test_counter64_that_falls_is_a_reset() -> None:
    found = judge(BASE, later(BASE, 60, counts=counts(999, 3000)))
    assert found.quality is Quality.RESET
    assert math.isnan(found.out_octets)


def test_counter32_wrap_is_counted_when_only_one_wrap_explains_it() -> None:
    old = dataclasses.replace(BASE, bits=32, speed_bps=100_000_000, counts=counts(2**32 - 1000, 0))
    found = judge(old, later(old, 60, counts=counts(5000, 0)))
    assert (found.in_octets, found.quality) == (6000.0, Quality.WRAP)


@pytest.mark.parametrize(
    ("speed_bps", "seconds", "after"),
    [
        (None, 60, 5000),  # unknown speed
        (1_000_000_000, 60, 5000),  # 1 Gbit/s wraps in 34 s: twice is as likely as once
        (100_000_000, 60, 2**31),  # more than the link carries in 60 s
    ],
)
def test_counter32_that_falls_otherwise_is_ambiguous(speed_bps: int | None, seconds: float, after: int) -> None:
    old = dataclasses.replace(BASE, bits=32, speed_bps=speed_bps, counts=counts(2**32 - 1000, 0))
    found = judge(old, later(old, seconds, counts=counts(after, 10)))
    assert math.isnan(found.in_octets)
    assert found.out_octets == 10.0
    assert Quality.AMBIGUOUS in found.quality


def test_change_of_counter_width_starts_a_new_base() -> None:
    assert judge(BASE, later(BASE, 60, bits=32)).quality is Quality.FIRST


def test_more_than_the_link_carries_is_kept_and_flagged() -> None:
    found = judge(BASE, later(BASE, 60, counts=counts(1000 + 9 * 10**9, 2000)))
    assert (found.in_octets, found.quality) == (9e9, Quality.IMPLAUSIBLE)


def test_unknown_speed_is_never_implausible() -> None:
    old = dataclasses.replace(BASE, speed_bps=None)
    assert judge(old, later(old, 60, counts=counts(10**15, 2000))).quality is Quality.OK


def test_interval_over_a_missed_poll_is_flagged_gap_and_keeps_its_volume() -> None:
    found = judge(BASE, later(BASE, 120, counts=counts(13_000, 2000)))
    assert (found.in_octets, found.interval_s, found.quality) == (12_000.0, 120.0, Quality.GAP)


def test_time_in_which_the_counters_rested_is_no_gap_and_keeps_its_volume() -> None:
    new = later(BASE, 300, counts=counts(1600, 2000))
    found = rate(BASE, new, last_ts_ms=None, expected_interval_s=60, rested_s=240)
    assert (found.in_octets, found.interval_s, found.quality) == (600.0, 300.0, Quality.OK)


def test_silence_after_a_rest_is_a_gap() -> None:
    found = rate(BASE, later(BASE, 360), last_ts_ms=None, expected_interval_s=60, rested_s=240)
    assert found.quality is Quality.GAP


def test_proven_wrap_that_the_agents_clock_cannot_tell_is_no_reset() -> None:
    # The agent's machine was suspended: its clock says 60 s, the device ran on for an hour past the wrap.
    old = dataclasses.replace(BASE, uptime_ticks=UPTIME_MODULUS_TICKS - 1000)
    new = later(old, 60, uptime_ticks=359_000, counts=counts(7000, 2000))
    assert judge(old, new).quality is Quality.RESET
    found = rate(old, new, last_ts_ms=None, expected_interval_s=60, wrap_proven=True)
    assert (found.in_octets, found.quality) == (6000.0, Quality.CLOCK)


def test_missing_row_is_all_unknown() -> None:
    found = missing(START_MS, START_MS + 5)
    assert found.quality is Quality.GAP
    assert math.isnan(found.in_octets)
    assert found.ts_ms == START_MS + 6


def test_packets_are_the_sum_of_the_kinds_that_exist() -> None:
    old = dataclasses.replace(BASE, counts=counts(0, 0, in_ucast=10, in_multicast=5, in_broadcast=1))
    new = later(old, 60, counts=counts(0, 0, in_ucast=20, in_multicast=6, in_broadcast=3))
    found = judge(old, new)
    assert found.in_packets == 13.0
    assert math.isnan(found.out_packets)


def test_error_counter_that_was_cleared_is_unknown_and_says_nothing_of_the_octets() -> None:
    old = dataclasses.replace(BASE, counts=counts(0, 0, in_errors=5_000_000))
    found = judge(old, later(old, 60, counts=counts(600, 600, in_errors=3)))
    assert math.isnan(found.in_errors)
    assert (found.in_octets, found.quality) == (600.0, Quality.OK)


def test_readings_in_the_wrong_order_are_a_programming_error() -> None:
    with pytest.raises(ValueError, match="apart"):
        judge(later(BASE, 60), BASE)


def test_dead_64_bit_counters_are_left_after_two_polls() -> None:
    watch = WidthWatch().step((0, 0), (100, 50))
    assert not watch.use_32_bit
    assert watch.step((0, 0), (200, 50)).use_32_bit


def test_idle_interface_keeps_its_64_bit_counters() -> None:
    watch = WidthWatch()
    for _ in range(10):
        watch = watch.step((0, 0), (0, 0))
    assert not watch.use_32_bit


def test_64_bit_counter_that_counts_keeps_its_width() -> None:
    watch = WidthWatch().step((0, 0), (1, 1)).step((5, 7), (6, 8))
    assert not watch.step((9, 9), (10, 10)).use_32_bit


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1))
def test_time_stamps_strictly_increase_over_any_clock_steps(walls: list[int]) -> None:
    last: int | None = None
    for wall_ms in walls:
        ts_ms = next_ts_ms(last, wall_ms)
        assert last is None or ts_ms > last
        last = ts_ms


@given(
    bits=st.sampled_from([32, 64]),
    speed_bps=st.sampled_from([10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000]),
    begin=st.integers(0, 2**64 - 1),
    share=st.floats(0, 1),
    seconds=st.floats(0.5, 600),
)
def test_true_octets_are_found_or_the_rate_says_that_they_are_not_known(
    *, bits: int, speed_bps: int, begin: int, share: float, seconds: float
) -> None:
    """However a counter wraps: an unflagged delta, or one flagged wrap, is the truth."""
    modulus = 2**bits
    octets = int(speed_bps / 8 * seconds * share)
    old = dataclasses.replace(BASE, bits=bits, speed_bps=speed_bps, counts=counts(begin % modulus, 0))
    new = later(old, seconds, counts=counts((begin + octets) % modulus, 0))
    found = judge(old, new, expected_s=seconds)
    if found.quality in {Quality.OK, Quality.WRAP} and seconds < 0.98 * modulus * 8 / speed_bps:
        assert found.in_octets == octets
    elif not math.isnan(found.in_octets):
        # Longer than the wrap time the counter may have come round unseen; nothing can tell that.
        assert found.in_octets % modulus == octets % modulus
    else:
        assert found.quality & (Quality.AMBIGUOUS | Quality.RESET)


@given(
    ticks=st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
    discontinuities=st.tuples(
        st.one_of(st.none(), st.integers(0, 2**32 - 1)), st.one_of(st.none(), st.integers(0, 2**32 - 1))
    ),
    values=st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)),
    seconds=st.floats(0.01, 10**7),
    bits=st.sampled_from([32, 64]),
)
def test_no_reading_ever_yields_a_negative_or_infinite_value(
    *,
    ticks: tuple[int, int],
    discontinuities: tuple[int | None, int | None],
    values: tuple[int, int],
    seconds: float,
    bits: int,
) -> None:
    (old_ticks, new_ticks), (old_disc, new_disc), (before, after) = ticks, discontinuities, values
    modulus = 2**bits
    old = dataclasses.replace(
        BASE, uptime_ticks=old_ticks, discontinuity_ticks=old_disc, bits=bits, counts=counts(before % modulus, 0)
    )
    new = later(old, seconds, uptime_ticks=new_ticks, discontinuity_ticks=new_disc, counts=counts(after % modulus, 0))
    found = judge(old, new)
    for value in (found.interval_s, found.in_octets, found.out_octets):
        assert math.isnan(value) or (0 <= value < math.inf)
    assert math.isnan(found.interval_s) or found.interval_s > 0
    if math.isnan(found.interval_s):
        assert math.isnan(found.in_octets)
        assert found.quality & (Quality.RESET | Quality.FIRST)
