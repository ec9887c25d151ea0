"""A wrap of sysUpTime after 497 days and a reboot, told apart."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.uptime import UPTIME_MODULUS_TICKS, DeviceClocks, UptimeStep, proves_wrap, uptime_step

DAY_S = 86_400
WRAP_S = UPTIME_MODULUS_TICKS // 100


def clocks(started_s: float, now_s: float, *, host_started_s: float | None = None) -> DeviceClocks:
    """What a device shows at `now_s` that started at `started_s`, and its host earlier."""
    host_s = now_s - (started_s if host_started_s is None else host_started_s)
    return DeviceClocks(
        uptime_ticks=int((now_s - started_s) * 100) % UPTIME_MODULUS_TICKS,
        engine_s=int(now_s - started_s),
        host_ticks=int(host_s * 100) % UPTIME_MODULUS_TICKS,
    )


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 86_400 * 30))
def test_undisturbed_uptime_never_looks_like_a_reboot(ticks: int, seconds: float) -> None:
    after = (ticks + round(seconds * 100)) % UPTIME_MODULUS_TICKS
    assert uptime_step(ticks, after, seconds) in {UptimeStep.CONTINUOUS, UptimeStep.WRAPPED}


@given(
    before=st.integers(6_000, 4_000_000_000),
    away_s=st.floats(10, 86_400 * 365),
    up_ratio=st.floats(0, 0.9),
)
def test_reboot_is_always_seen_unless_the_clocks_cannot_tell(before: int, away_s: float, up_ratio: float) -> None:
    """Whatever sysUpTime was and is: a device that started within the interval is a reboot."""
    after = round(away_s * up_ratio * 100)
    told = abs((after - before) % UPTIME_MODULUS_TICKS / 100 - away_s) > max(1.0, 0.02 * away_s)
    step = uptime_step(before, after, away_s)
    if told and after != before and not 0 < before - after <= 100:
        assert step is UptimeStep.REBOOTED


@given(
    up_s=st.floats(0, WRAP_S - 1),
    later_s=st.floats(1, 30 * DAY_S),
)
def test_engine_time_proves_every_wrap_whatever_the_agents_own_clock_did(up_s: float, later_s: float) -> None:
    before, now = clocks(0, up_s), clocks(0, up_s + later_s)
    assert before.uptime_ticks is not None
    assert now.uptime_ticks is not None
    assert proves_wrap(before, now) == (now.uptime_ticks < before.uptime_ticks)


@given(
    up_s=st.floats(60, 30 * 365 * DAY_S),
    away_s=st.floats(1, 365 * DAY_S),
    up_ratio=st.floats(0, 0.9),
)
def test_no_clock_that_started_again_proves_a_wrap(up_s: float, away_s: float, up_ratio: float) -> None:
    """The device restarts within `away_s` and its clocks with it, however long it had been up."""
    now_s = up_s + away_s
    before, now = clocks(0, up_s), clocks(now_s - away_s * up_ratio, now_s)
    assert not proves_wrap(dataclasses.replace(before, host_ticks=None), dataclasses.replace(now, host_ticks=None))


def test_start_of_the_snmp_agent_alone_is_no_wrap() -> None:
    before = clocks(100 * DAY_S, 300 * DAY_S, host_started_s=0)
    now = clocks(300 * DAY_S + 5, 300 * DAY_S + 60, host_started_s=0)
    assert not proves_wrap(before, now)


def test_hrsystemuptime_proves_a_wrap_when_the_host_started_earlier() -> None:
    before = dataclasses.replace(clocks(0, WRAP_S - 10, host_started_s=-100 * DAY_S), engine_s=None)
    now = dataclasses.replace(clocks(0, WRAP_S + 590, host_started_s=-100 * DAY_S), engine_s=None)
    assert proves_wrap(before, now)


@pytest.mark.parametrize("lost", ["uptime_ticks", "engine_s"])
def test_clock_that_was_not_read_proves_nothing(lost: str) -> None:
    before = dataclasses.replace(clocks(0, WRAP_S - 10), host_ticks=None)
    now = dataclasses.replace(clocks(0, WRAP_S + 50), host_ticks=None)
    assert proves_wrap(before, now)
    assert not proves_wrap(dataclasses.replace(before, **{lost: None}), now)
    assert not proves_wrap(before, dataclasses.replace(now, **{lost: None}))


def test_engine_time_derived_from_sysuptime_goes_back_with_it_and_proves_nothing() -> None:
    assert not proves_wrap(DeviceClocks(UPTIME_MODULUS_TICKS - 500, WRAP_S - 5), DeviceClocks(500, 5))
    # The agent's own clock still tells the wrap.
    assert uptime_step(UPTIME_MODULUS_TICKS - 500, 500, 10.0) is UptimeStep.WRAPPED
