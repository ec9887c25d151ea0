"""Whatever befalls a device and its poller, one poll after the other: a rate is the truth or says that it is not."""

import math
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.rates import Counter, Rate, Reading, missing, rate
from noctule_agent.core.uptime import UPTIME_MODULUS_TICKS
from noctule_shared.axes import Quality

INTERVAL_S = 60.0
SPEED_BPS = 100_000_000
START_MS = 1_700_000_000_000
NO_RATE = Quality.FIRST | Quality.RESET


@dataclass(frozen=True)
class Poll:
    """The next poll comes `seconds` after what was before; the link was used to `share` of its speed."""

    seconds: float
    share: float


@dataclass(frozen=True)
class MissedPoll(Poll):
    """The device did not answer."""


@dataclass(frozen=True)
class MissingRow(Poll):
    """The device answered without this interface."""


@dataclass(frozen=True)
class Reboot(Poll):
    """The device starts again; its next answer comes when it has been up for `seconds`."""


@dataclass(frozen=True)
class Discontinuity(Poll):
    """The counters are set anew `seconds` before the poll, and ifCounterDiscontinuityTime says so."""


@dataclass(frozen=True)
class WallStep(Poll):
    """The agent's wall clock is set by `step_s`."""

    step_s: float = 0.0


SECONDS = st.floats(10, 100)
SHARE = st.floats(0, 1)
STEPS = st.lists(
    st.one_of(
        *(st.builds(kind, SECONDS, SHARE) for kind in (Poll, Poll, MissedPoll, MissingRow, Reboot, Discontinuity)),
        st.builds(WallStep, SECONDS, SHARE, st.floats(-86_400, 86_400)),
    ),
    min_size=1,
    max_size=30,
)


@dataclass
class Scene:
    """A device with one interface, the clocks of both sides, and what the poller keeps."""

    bits: int
    uptime_ticks: int
    octets: int
    mono_s: float = 1000.0
    wall_s: float = START_MS / 1000
    discontinuity_ticks: int = 0
    last: Reading | None = None
    last_ts_ms: int | None = None
    carried: int = 0
    same_counting: bool = True
    stepped_s: float = 0.0
    given_ts_ms: list[int] = field(default_factory=list)

    def advance(self, step: Poll) -> None:
        octets = int(SPEED_BPS / 8 * step.seconds * step.share)
        self.mono_s += step.seconds
        self.wall_s += step.seconds
        self.uptime_ticks = (self.uptime_ticks + round(step.seconds * 100)) % UPTIME_MODULUS_TICKS
        self.octets = (self.octets + octets) % 2**self.bits
        self.carried += octets

    def befall(self, step: Poll) -> None:
        """Let happen what the step says, before its time passes."""
        match step:
            case Reboot():
                self.uptime_ticks, self.octets, self.discontinuity_ticks = 0, 0, 0
                self.same_counting = False
            case Discontinuity():
                self.octets = 2**31
                self.discontinuity_ticks = max(1, self.uptime_ticks)
                self.same_counting = False
            case WallStep():
                self.wall_s += step.step_s
                self.stepped_s += step.step_s
            case _:
                pass

    def poll(self) -> tuple[Reading | None, Rate]:
        """Return the reading before, and what became of it and the one that is taken now."""
        new = Reading(
            mono_s=self.mono_s,
            wall_ms=round(self.wall_s * 1000),
            uptime_ticks=self.uptime_ticks,
            discontinuity_ticks=self.discontinuity_ticks,
            speed_bps=SPEED_BPS,
            bits=self.bits,
            counts={Counter.IN_OCTETS: self.octets, Counter.OUT_OCTETS: 0},
        )
        before, self.last = self.last, new
        found = rate(before, new, last_ts_ms=self.last_ts_ms, expected_interval_s=INTERVAL_S)
        self.keep(found)
        return before, found

    def keep(self, found: Rate) -> None:
        self.last_ts_ms = found.ts_ms
        self.given_ts_ms.append(found.ts_ms)

    def reboot_can_be_told(self, before: Reading) -> bool:
        """A device that ran too short to be told from one that runs on, by its clock within 2 %, cannot."""
        assert before.uptime_ticks is not None
        gone_s = self.mono_s - before.mono_s
        advance_s = (self.uptime_ticks - before.uptime_ticks) % UPTIME_MODULUS_TICKS / 100
        return abs(advance_s - gone_s) > max(1.0, 0.02 * gone_s) and abs(self.uptime_ticks - before.uptime_ticks) > 100


@given(
    steps=STEPS,
    bits=st.sampled_from([32, 64]),
    # Many runs begin shortly before sysUpTime wraps.
    uptime_ticks=st.one_of(
        st.integers(60_000, UPTIME_MODULUS_TICKS - 1),
        st.integers(UPTIME_MODULUS_TICKS - 60_000, UPTIME_MODULUS_TICKS - 1),
    ),
    octets=st.integers(0, 2**32 - 1),
)
def test_every_rate_is_the_truth_or_says_that_it_is_not_known(
    steps: list[Poll], bits: int, uptime_ticks: int, octets: int
) -> None:
    scene = Scene(bits, uptime_ticks, octets)
    assert scene.poll()[1].quality is Quality.FIRST
    for step in steps:
        scene.befall(step)
        scene.advance(step)
        if isinstance(step, MissedPoll):
            continue
        if isinstance(step, MissingRow):
            found = missing(round(scene.wall_s * 1000), scene.last_ts_ms)
            scene.keep(found)
            assert (found.quality, math.isnan(found.in_octets)) == (Quality.GAP, True)
            continue
        before, found = scene.poll()
        assert before is not None
        if scene.same_counting:
            check_truth(scene, before, found)
        elif scene.discontinuity_ticks or scene.reboot_can_be_told(before):
            assert found.quality & NO_RATE == Quality.RESET
            assert math.isnan(found.in_octets)
            assert math.isnan(found.interval_s)
        else:
            return
        scene.carried, scene.same_counting, scene.stepped_s = 0, True, 0.0
    assert all(later > earlier for earlier, later in zip(scene.given_ts_ms, scene.given_ts_ms[1:], strict=False))


def check_truth(scene: Scene, before: Reading, found: Rate) -> None:
    """The counters ran on: the delta is what was carried, over the time that passed, and its flags are earned."""
    gone_s = scene.mono_s - before.mono_s
    wrap_s = 2**scene.bits / (SPEED_BPS / 8)
    assert not found.quality & NO_RATE
    assert abs(found.interval_s - gone_s) <= max(1.0, 0.02 * gone_s)
    assert (Quality.GAP in found.quality) == (found.interval_s > 1.5 * INTERVAL_S)
    if abs(abs(scene.stepped_s) - max(1.0, 0.02 * gone_s)) > 0.1:
        assert (Quality.CLOCK in found.quality) == (abs(scene.stepped_s) > max(1.0, 0.02 * gone_s))
    if gone_s < 0.98 * wrap_s:
        assert found.in_octets == scene.carried
        assert not found.quality & (Quality.AMBIGUOUS | Quality.IMPLAUSIBLE)
        assert (Quality.WRAP in found.quality) == (scene.octets < before.counts[Counter.IN_OCTETS])
    elif math.isnan(found.in_octets):
        assert Quality.AMBIGUOUS in found.quality
    else:
        # It may have come round unseen, which nothing can tell.
        assert found.in_octets % 2**32 == scene.carried % 2**32


@given(
    before=st.integers(1, 2**32 - 1),
    seconds=st.floats(5, 3600),
    when=st.floats(0.05, 0.95),
    octets=st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)),
)
def test_discontinuity_between_two_readings_is_a_reset_whatever_the_counters_say(
    before: int, seconds: float, when: float, octets: tuple[int, int]
) -> None:
    ticks = round(seconds * 100)
    at = (before + max(1, round(ticks * when))) % UPTIME_MODULUS_TICKS
    old = reading(1000.0, before, None, octets[0])
    new = reading(1000.0 + seconds, (before + ticks) % UPTIME_MODULUS_TICKS, at or 1, octets[1])
    found = rate(old, new, last_ts_ms=None, expected_interval_s=seconds)
    assert found.quality & NO_RATE == Quality.RESET
    assert math.isnan(found.in_octets)


@given(
    uptime_ticks=st.integers(0, 2**32 - 1),
    age_ticks=st.integers(0, 2**31),
    seconds=st.floats(5, 3600),
    octets=st.integers(0, 10**6),
)
def test_discontinuity_of_long_ago_is_no_news(uptime_ticks: int, age_ticks: int, seconds: float, octets: int) -> None:
    """Also one from before sysUpTime wrapped, which is larger than every sysUpTime since."""
    at = (uptime_ticks - age_ticks) % UPTIME_MODULUS_TICKS
    old = reading(1000.0, uptime_ticks, at, 10**9)
    new = reading(1000.0 + seconds, (uptime_ticks + round(seconds * 100)) % UPTIME_MODULUS_TICKS, at, 10**9 + octets)
    found = rate(old, new, last_ts_ms=None, expected_interval_s=seconds)
    assert (found.in_octets, found.quality) == (float(octets), Quality.OK)


def reading(mono_s: float, uptime_ticks: int, discontinuity_ticks: int | None, octets: int) -> Reading:
    return Reading(
        mono_s=mono_s,
        wall_ms=START_MS + round(mono_s * 1000),
        uptime_ticks=uptime_ticks,
        discontinuity_ticks=discontinuity_ticks,
        speed_bps=None,
        bits=64,
        counts={Counter.IN_OCTETS: octets, Counter.OUT_OCTETS: octets},
    )
