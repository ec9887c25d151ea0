"""Rates: two readings of one interface become deltas over an interval, with what is known about them.

Pure arithmetic; polling and the choice of columns are left to `probes.snmp`, what a rate means to the hub.
The rules are those of the project's facts: nothing is guessed, and what was not measured is NaN.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec
from noctule_shared.axes import Quality

from noctule_agent.core.uptime import TICKS_PER_S, UPTIME_MODULUS_TICKS, UptimeStep, clocks_agree, uptime_step

# Below this the 10 ms steps of sysUpTime weigh more than the agent's own scheduling.
SHORT_INTERVAL_S: Final = 5.0
# A link carries at most its speed; the tenth is for clock error and for devices that count the framing.
PLAUSIBLE_SPEED_RATIO: Final = 1.1
# Octets of the smallest Ethernet frame on the wire: bounds how many packets a link can carry.
MIN_PACKET_BITS: Final = 64 * 8
# An interval longer than this many polls spans one that brought nothing.
GAP_POLLS: Final = 1.5
ZERO_POLLS_BEFORE_32_BIT: Final = 2


class Counter(StrEnum):
    """The counters of one interface, whatever column they came from."""

    IN_OCTETS = "in_octets"
    OUT_OCTETS = "out_octets"
    IN_UCAST = "in_ucast"
    OUT_UCAST = "out_ucast"
    IN_MULTICAST = "in_multicast"
    OUT_MULTICAST = "out_multicast"
    IN_BROADCAST = "in_broadcast"
    OUT_BROADCAST = "out_broadcast"
    IN_ERRORS = "in_errors"
    OUT_ERRORS = "out_errors"
    IN_DISCARDS = "in_discards"
    OUT_DISCARDS = "out_discards"

    # An enum's own is written in Python, and every poll looks up hundreds of these.
    __hash__ = str.__hash__


_HIGH_CAPACITY: Final = frozenset(tuple(Counter)[:8])
_OCTETS: Final = frozenset({Counter.IN_OCTETS, Counter.OUT_OCTETS})
_UNKNOWN: Final = dict.fromkeys(Counter, math.nan)
_IN_PACKETS: Final = (Counter.IN_UCAST, Counter.IN_MULTICAST, Counter.IN_BROADCAST)
_OUT_PACKETS: Final = (Counter.OUT_UCAST, Counter.OUT_MULTICAST, Counter.OUT_BROADCAST)


@dataclass(frozen=True, slots=True)
class Reading:
    """One interface as one PDU showed it.

    `mono_s` is the agent's monotonic clock at the middle between request and answer, `wall_ms` epoch
    milliseconds. `uptime_ticks` is that PDU's own sysUpTime.0; `discontinuity_ticks` is
    ifCounterDiscontinuityTime, 0 for none. None: the device did not say. `bits` is 64 when octets and
    packets come from ifXTable's high-capacity columns, else 32; errors and discards are always 32 bit.
    A counter that is not in `counts` is unknown.
    """

    mono_s: float
    wall_ms: int
    uptime_ticks: int | None
    discontinuity_ticks: int | None
    speed_bps: int | None
    bits: int
    counts: Mapping[Counter, int]


class Rate(msgspec.Struct, frozen=True, gc=False):
    """Deltas of one interface over the `interval_s` that ends at `ts_ms` (epoch milliseconds).

    NaN: unknown. Without a rate (first, reset, a missing row) `interval_s` and all deltas are NaN.
    """

    ts_ms: int
    interval_s: float
    in_octets: float
    out_octets: float
    in_packets: float
    out_packets: float
    in_errors: float
    out_errors: float
    in_discards: float
    out_discards: float
    quality: Quality


def next_ts_ms(last_ts_ms: int | None, wall_ms: int) -> int:
    """Return the time stamp of a series' next row: strictly after the last, also when the clock stepped back."""
    return wall_ms if last_ts_ms is None else max(wall_ms, last_ts_ms + 1)


def missing(wall_ms: int, last_ts_ms: int | None) -> Rate:
    """Return the row of an interface that a poll did not find although the device answered: all unknown."""
    return _without_rate(next_ts_ms(last_ts_ms, wall_ms), Quality.GAP)


def rate(
    old: Reading | None,
    new: Reading,
    *,
    last_ts_ms: int | None,
    expected_interval_s: float,
    rested_s: float = 0.0,
    wrap_proven: bool = False,
) -> Rate:
    """Return the deltas between two readings of the same interface, flagged with what is known about them.

    `old` None: the first reading. `last_ts_ms` is the last time stamp given out for this interface.
    `expected_interval_s` is the polling interval, by which gaps are told; the first `rested_s` of the time between
    the readings were left out on purpose and are no gap. `wrap_proven`: another clock of the device proved that
    sysUpTime wrapped in between. The flags speak of the octets and of the time; a packet, error or discard counter
    that fell without a provable wrap is NaN and no more.

    Raises ValueError when `new` is not later than `old` on the monotonic clock: a programming error.
    """
    ts_ms = next_ts_ms(last_ts_ms, new.wall_ms)
    if old is None or old.bits != new.bits:
        return _without_rate(ts_ms, Quality.FIRST)
    mono_delta_s = new.mono_s - old.mono_s
    if mono_delta_s <= 0:
        raise ValueError(f"readings are {mono_delta_s} s apart; the newer one comes second")
    step = uptime_step(old.uptime_ticks, new.uptime_ticks, mono_delta_s)
    if step is UptimeStep.REBOOTED and wrap_proven:
        step = UptimeStep.DISAGREES
    if step is UptimeStep.REBOOTED or _discontinuous(old, new):
        return _without_rate(ts_ms, Quality.RESET)
    interval_s, quality = _interval(old, new, mono_delta_s, step)
    if interval_s - rested_s > GAP_POLLS * expected_interval_s:
        quality |= Quality.GAP
    deltas = _deltas(old, new, interval_s)
    if deltas is None:
        return _without_rate(ts_ms, Quality.RESET | (quality & Quality.CLOCK))
    values, octet_flags = deltas
    plausibility = _plausibility(values, interval_s, new.speed_bps)
    if octet_flags or plausibility:
        # Rare, and enum's own operators are slow.
        quality |= octet_flags | plausibility
    return Rate(
        ts_ms=ts_ms,
        interval_s=interval_s,
        in_octets=values[Counter.IN_OCTETS],
        out_octets=values[Counter.OUT_OCTETS],
        in_packets=_total(values, _IN_PACKETS, new),
        out_packets=_total(values, _OUT_PACKETS, new),
        in_errors=values[Counter.IN_ERRORS],
        out_errors=values[Counter.OUT_ERRORS],
        in_discards=values[Counter.IN_DISCARDS],
        out_discards=values[Counter.OUT_DISCARDS],
        quality=quality,
    )


@dataclass(frozen=True, slots=True)
class WidthWatch:
    """Watches one interface whose 64-bit octet counters exist but may be dead.

    `use_32_bit` turns True for good when a 64-bit counter stayed 0 in two successive polls while its 32-bit
    twin moved (seen on D-Link DES-3028 and Brocade FC). `low` holds the twins' values at the last poll.
    """

    use_32_bit: bool = False
    zero_polls: tuple[int, int] = (0, 0)
    low: tuple[int | None, int | None] = (None, None)

    def step(self, high: tuple[int | None, int | None], low: tuple[int | None, int | None]) -> "WidthWatch":
        """Return the watch after a poll that read the 64-bit values `high` and the 32-bit values `low`.

        Both are (in, out); None: not read. A 64-bit counter that ever counted clears its direction.
        """
        if self.use_32_bit:
            return self
        zero_polls = [0, 0]
        dead = False
        for way in (0, 1):
            if high[way] != 0:
                continue
            before, now = self.low[way], low[way]
            zero_polls[way] = self.zero_polls[way] + 1
            moved = before is not None and now is not None and now != before
            dead = dead or (moved and zero_polls[way] >= ZERO_POLLS_BEFORE_32_BIT)
        return WidthWatch(dead, (zero_polls[0], zero_polls[1]), low)


def _without_rate(ts_ms: int, quality: Quality) -> Rate:
    nan = math.nan
    return Rate(ts_ms, nan, nan, nan, nan, nan, nan, nan, nan, nan, quality)


def _discontinuous(old: Reading, new: Reading) -> bool:
    """Return whether ifCounterDiscontinuityTime says that the counters were set between the readings.

    It is a value of sysUpTime. One that did not change counts only when it lies between the two readings: a
    value from before a 497-day wrap is larger than every sysUpTime for months and means nothing.
    """
    before, now = old.discontinuity_ticks, new.discontinuity_ticks
    if before is not None and now is not None and before != now:
        return True
    if not now or old.uptime_ticks is None or new.uptime_ticks is None:
        return False
    since_ticks = (now - old.uptime_ticks) % UPTIME_MODULUS_TICKS
    return 0 < since_ticks <= (new.uptime_ticks - old.uptime_ticks) % UPTIME_MODULUS_TICKS


def _interval(old: Reading, new: Reading, mono_delta_s: float, step: UptimeStep) -> tuple[float, Quality]:
    quality = Quality.OK
    if not clocks_agree((new.wall_ms - old.wall_ms) / 1000, mono_delta_s):
        quality |= Quality.CLOCK
    if step is UptimeStep.DISAGREES:
        return mono_delta_s, quality | Quality.CLOCK
    if step is UptimeStep.UNKNOWN or mono_delta_s < SHORT_INTERVAL_S:
        return mono_delta_s, quality
    assert old.uptime_ticks is not None  # noqa: S101  narrowed by `step`
    assert new.uptime_ticks is not None  # noqa: S101  narrowed by `step`
    return ((new.uptime_ticks - old.uptime_ticks) % UPTIME_MODULUS_TICKS) / TICKS_PER_S, quality


def _deltas(old: Reading, new: Reading, interval_s: float) -> tuple[dict[Counter, float], Quality] | None:
    """Return every counter's delta and the octets' flags; None when the octets prove a reset."""
    values = _UNKNOWN.copy()
    flags = Quality.OK
    for counter, now in new.counts.items():
        before = old.counts.get(counter)
        if before is None:
            continue
        if now >= before:
            values[counter] = float(now - before)
            continue
        if new.bits == 64 and counter in _HIGH_CAPACITY:  # noqa: PLR2004  Counter64
            if counter in _OCTETS:
                return None
            continue
        wrapped = _wrapped(now - before + 2**32, counter, interval_s, new.speed_bps)
        values[counter] = math.nan if wrapped is None else wrapped
        if counter in _OCTETS:
            flags |= Quality.AMBIGUOUS if wrapped is None else Quality.WRAP
    return values, flags


def _wrapped(delta: int, counter: Counter, interval_s: float, speed_bps: int | None) -> float | None:
    """Return the delta of a Counter32 that fell, None unless one wrap and only one explains it.

    The wrap time is that of the link's full speed: over a longer interval it may have wrapped twice.
    """
    if not speed_bps:
        return None
    per_s = speed_bps / (8 if counter in _OCTETS else MIN_PACKET_BITS)
    if interval_s >= 2**32 / per_s:
        return None
    return float(delta) if delta <= PLAUSIBLE_SPEED_RATIO * per_s * interval_s else None


def _total(values: Mapping[Counter, float], parts: tuple[Counter, ...], new: Reading) -> float:
    """Return the packets of all kinds that the device counts; NaN when it counts none or one is unknown."""
    known = [values[part] for part in parts if part in new.counts]
    return math.fsum(known) if known else math.nan


def _plausibility(values: Mapping[Counter, float], interval_s: float, speed_bps: int | None) -> Quality:
    if not speed_bps:
        return Quality.OK
    limit = PLAUSIBLE_SPEED_RATIO * speed_bps * interval_s / 8
    # NaN compares false: what is unknown is not implausible.
    over = values[Counter.IN_OCTETS] > limit or values[Counter.OUT_OCTETS] > limit
    return Quality.IMPLAUSIBLE if over else Quality.OK
