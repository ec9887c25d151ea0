import pytest
from demo.simulator.script import LOOP_S, STORY, Kind, Pulse, begin, silent
from hypothesis import given
from hypothesis import strategies as st

PULSE = Pulse(first_s=10, lasts_s=4, every_s=100)


@pytest.mark.parametrize(
    ("time_s", "active", "total_s", "last_end_s", "last_change_s"),
    [
        (0, False, 0, None, None),
        (9.9, False, 0, None, None),
        (10, True, 0, None, 10),
        (12, True, 2, None, 10),
        (14, False, 4, 14, 14),
        (109, False, 4, 14, 14),
        (111, True, 5, 14, 110),
        (120, False, 8, 114, 114),
        (1015, False, 44, 1014, 1014),
    ],
)
def test_pulse_tells_what_was_and_is_the_case(
    time_s: float, *, active: bool, total_s: float, last_end_s: float | None, last_change_s: float | None
) -> None:
    assert PULSE.active(time_s) is active
    assert PULSE.total_s(time_s) == total_s
    assert PULSE.last_end_s(time_s) == last_end_s
    assert PULSE.last_change_s(time_s) == last_change_s


@given(time_s=st.floats(0, 5000), step_s=st.floats(0, 50))
def test_total_time_grows_no_faster_than_time(time_s: float, step_s: float) -> None:
    grown_s = PULSE.total_s(time_s + step_s) - PULSE.total_s(time_s)
    assert -1e-6 <= grown_s <= step_s + 1e-6


def test_everything_begins_within_twenty_seconds_of_a_short_run() -> None:
    script = begin(100, run_s=30)
    assert {happening.kind for happening, _ in script.pulses} == set(Kind)
    assert all(100 <= pulse.first_s <= 120 for _, pulse in script.pulses)


def test_a_long_run_repeats_every_few_minutes() -> None:
    script = begin(0, run_s=None)
    for happening, pulse in script.pulses:
        assert pulse.first_s == happening.offset_s
        assert pulse.active(pulse.first_s + 3 * LOOP_S + 1)


def test_everything_is_over_before_it_begins_again() -> None:
    assert all(happening.offset_s + happening.lasts_s < LOOP_S for happening in STORY)


@pytest.mark.parametrize("run_s", [10, 30, None])
def test_two_outages_of_one_port_do_not_overlap(run_s: float | None) -> None:
    flaps = begin(0, run_s).of(Kind.FLAP, "acc1.north", 3)
    assert len(flaps) == 2
    assert flaps[0].first_s + flaps[0].lasts_s < flaps[1].first_s


def test_who_is_silenced_answers_nothing_until_another_order() -> None:
    script = silent(100, ["core1.north"])
    (pulse,) = script.of(Kind.SILENCE, "core1.north")
    assert [pulse.active(time_s) for time_s in (99, 100, 1e9)] == [False, True, True]
    assert script.of(Kind.SILENCE, "agg1.north") == ()
