"""What is remembered of one interface between polls, and what one poll's answers make of it.

When to ask is left to `core.rest` and `poller`, the arithmetic to `core.rates`.
"""

import time
from collections.abc import Mapping
from typing import Final, cast

import msgspec
from noctule_shared.observations import InventoryInterface

from noctule_agent.core.interfaces import admin_status, change_ms, oper_status
from noctule_agent.core.rates import Counter, Rate, Reading, WidthWatch, missing, rate
from noctule_agent.core.rest import counters_due
from noctule_agent.probes.snmp.client import Answer
from noctule_agent.probes.snmp.interface_names import InterfaceNames, interface_names
from noctule_agent.probes.snmp.mib import Column
from noctule_agent.probes.snmp.session import Value

# The answers of one poll by the name that each brought.
Answers = Mapping[str, Answer]
_NUMBER: Final = frozenset({int})


class PolledInterface:
    """One interface over time; found by its identity, not by its ifIndex.

    `columns` are those that exist; `seen_ms` is when its statuses were last seen, by the wall clock.
    """

    def __init__(self, interface: InventoryInterface, columns: frozenset[Column], seen_ms: int) -> None:
        self.interface = interface
        self._columns = columns
        self._seen_ms = seen_ms
        self._watch = WidthWatch()
        self._last: Reading | None = None
        self._last_ts_ms: int | None = None
        self._idle = False
        self._rested_until_s = 0.0
        self._names = self._named()

    @property
    def exists(self) -> bool:
        """Whether the last walk found the row; one that is only kept is not asked for."""
        return bool(self._columns)

    def follow(self, interface: InventoryInterface, columns: frozenset[Column], seen_ms: int) -> None:
        """Take over what a walk found, with a new base where ifIndex or counters are others; no columns: it is gone."""
        old = self.interface
        if columns:
            self._columns = columns
            self._seen_ms = seen_ms
        if (old.if_index, old.counter_bits) != (interface.if_index, interface.counter_bits):
            self._last = None
            self._watch = WidthWatch()
        self.interface = interface
        self._names = self._named()

    def wake(self) -> None:
        """Read the counters at the next poll, whatever they did before."""
        self._idle = False

    def due(self, now_s: float, interval_s: float) -> bool:
        """Return whether the counters are read in the poll at `now_s` of the monotonic clock."""
        interface = self.interface
        return interface.polled and (
            self._last is None
            or counters_due(
                interface.if_admin_status,
                interface.if_oper_status,
                idle=self._idle,
                since_s=now_s - self._last.mono_s,
                interval_s=interval_s,
            )
        )

    @property
    def status_names(self) -> tuple[str, ...]:
        """The names of ifOperStatus and ifAdminStatus, as far as they exist."""
        return self._names.statuses

    @property
    def row_names(self) -> tuple[str, ...]:
        """The names to ask for when only the statuses matter, and since when."""
        return (*self._names.statuses, self._names.last_change)

    @property
    def counter_names(self) -> tuple[str, ...]:
        """The names of the counters, with their 32-bit twins while the 64-bit ones may be dead."""
        return self._names.to_read + self._names.twins if self._watched else self._names.to_read

    def take_statuses(self, answers: Answers) -> tuple[InventoryInterface, int | None]:
        """Take the statuses that were answered; returns the interface as it was, and when they became so (ms).

        That is the answer's time, or an earlier one by ifLastChange where it was asked for, never before the statuses
        were last seen. No time: the device did not give ifOperStatus.
        """
        old, oper_name = self.interface, self._names.oper_status
        admin, oper = _number(answers, self._names.admin_status), _number(answers, oper_name)
        new_admin = old.if_admin_status if admin is None else admin_status(admin)
        new_oper = old.if_oper_status if oper is None else oper_status(oper)
        if (new_admin, new_oper) != (old.if_admin_status, old.if_oper_status):
            self.interface = msgspec.structs.replace(old, if_admin_status=new_admin, if_oper_status=new_oper)
        if oper is None or oper_name is None:
            return old, None
        answer = answers[oper_name]
        last_change = _number(answers, self._names.last_change)
        ts_ms = change_ms(answer.wall_ms, answer.uptime_ticks, last_change, not_before_ms=self._seen_ms + 1)
        self._seen_ms = answer.wall_ms
        return old, ts_ms

    def rest(self, now_s: float) -> None:
        """Note that the counters were left alone on purpose in the poll at `now_s`."""
        self._rested_until_s = now_s

    def take_counters(self, answers: Answers, *, interval_s: float, wrapped_s: float | None) -> Rate | None:
        """Return the rate since the last reading; None when the answers hold no octets of it.

        `wrapped_s` is when a wrap of sysUpTime was last proven, on the monotonic clock.
        """
        names = self._names.counters
        octets = names.get(Counter.IN_OCTETS) or names.get(Counter.OUT_OCTETS)
        answer = None if octets is None else answers.get(octets)
        if answer is None:
            return None
        counts = _counts(names, answer.values, answers)
        if not (Counter.IN_OCTETS in counts or Counter.OUT_OCTETS in counts):
            return None
        reading = Reading(
            mono_s=answer.mono_s,
            wall_ms=answer.wall_ms,
            uptime_ticks=answer.uptime_ticks,
            discontinuity_ticks=_number(answers, self._names.discontinuity),
            speed_bps=self.interface.speed_bps,
            bits=64 if self._wide else 32,
            counts=counts,
        )
        last = self._last
        found = rate(
            last,
            reading,
            last_ts_ms=self._last_ts_ms,
            expected_interval_s=interval_s,
            rested_s=0.0 if last is None else max(0.0, self._rested_until_s - last.mono_s),
            wrap_proven=last is not None and wrapped_s is not None and last.mono_s < wrapped_s <= reading.mono_s,
        )
        if self._watched:
            self._step_watch(counts, answers)
        self._last, self._last_ts_ms = reading, found.ts_ms
        self._idle = found.in_octets == 0 and found.out_octets == 0
        return found

    def missing(self) -> Rate:
        """Return the row of a poll that did not find it although the device answered."""
        found = missing(wall_ms(), self._last_ts_ms)
        self._last_ts_ms = found.ts_ms
        return found

    @property
    def _wide(self) -> bool:
        return self.interface.counter_bits == 64 and not self._watch.use_32_bit  # noqa: PLR2004  Counter64

    @property
    def _watched(self) -> bool:
        """Whether the 32-bit twins are read too, because the 64-bit counters may be dead."""
        if not self._wide:
            return False
        if self._last is None:
            return True
        counts = self._last.counts
        return not (counts.get(Counter.IN_OCTETS) and counts.get(Counter.OUT_OCTETS))

    def _step_watch(self, counts: Mapping[Counter, int], answers: Answers) -> None:
        self._watch = self._watch.step(
            (counts.get(Counter.IN_OCTETS), counts.get(Counter.OUT_OCTETS)),
            (_number(answers, self._names.in_octets_32), _number(answers, self._names.out_octets_32)),
        )
        if self._watch.use_32_bit:
            self._names = self._named()

    def _named(self) -> InterfaceNames:
        return interface_names(self.interface.if_index, self._columns, wide=self._wide)


def wall_ms() -> int:
    """Return the wall clock in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def _counts(names: Mapping[Counter, str], values: Mapping[str, Value | None], answers: Answers) -> dict[Counter, int]:
    """Return the counters that were answered; `values` are those of the PDU that is likely to hold them all."""
    found = [values.get(name) for name in names.values()]
    if _NUMBER.issuperset(map(type, found)):
        numbers = cast("list[int]", found)
        if min(numbers) >= 0:
            # Nearly always, and without a step of Python for each counter.
            return dict(zip(names, numbers, strict=True))
    return {counter: value for counter, name in names.items() if (value := _number(answers, name)) is not None}


def _number(answers: Answers, name: str | None) -> int | None:
    answer = None if name is None else answers.get(name)
    value = None if answer is None or name is None else answer.values.get(name)
    return value if isinstance(value, int) and value >= 0 else None
