"""Polls the interfaces of one device: discovery by walks, then GETs of known instances.

Turns answers into rows and events; schedules and levels are left to `monitor`, the arithmetic to `core.rates`.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
from noctule_shared.observations import AgentEvent, InterfaceChanged, Inventory, InventoryInterface, Rebooted

from noctule_agent.core.interfaces import admin_status, inventory, keep_absent, oper_status, same_inventory
from noctule_agent.core.rates import Counter, Rate, Reading, UptimeStep, WidthWatch, missing, rate, uptime_step
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.client import Answer, SnmpClient
from noctule_agent.probes.snmp.inventory import Tables, interface_rows, read_system, read_tables
from noctule_agent.probes.snmp.mib import COUNTERS_32, COUNTERS_64, Column
from noctule_agent.probes.snmp.session import Value
from noctule_agent.sink import InterfaceRows

REDISCOVER_AFTER_S: Final = 600.0


@dataclass(slots=True)
class _Polled:
    """What is remembered of one interface between polls; found by its identity, not by its ifIndex."""

    interface: InventoryInterface
    columns: frozenset[Column]
    watch: WidthWatch = field(default_factory=WidthWatch)
    last: Reading | None = None
    last_ts_ms: int | None = None

    @property
    def counters(self) -> dict[Counter, Column]:
        """Return the columns to read for each counter, by what exists."""
        wide = self.interface.counter_bits == 64 and not self.watch.use_32_bit  # noqa: PLR2004  Counter64
        wanted = COUNTERS_64 if wide else COUNTERS_32
        return {counter: column for counter, column in wanted.items() if column in self.columns}

    @property
    def watched(self) -> bool:
        """Return whether the 32-bit twins are read too, because the 64-bit counters may be dead."""
        if self.interface.counter_bits != 64 or self.watch.use_32_bit:  # noqa: PLR2004  Counter64
            return False
        if self.last is None:
            return True
        return not all(self.last.counts.get(way) for way in (Counter.IN_OCTETS, Counter.OUT_OCTETS))

    def oids(self) -> list[str]:
        """Return the names to ask for in one poll."""
        index = self.interface.if_index
        wanted: list[Column] = [
            column for column in (Column.ifOperStatus, Column.ifAdminStatus) if column in self.columns
        ]
        if self.interface.polled:
            wanted += self.counters.values()
            if Column.ifCounterDiscontinuityTime in self.columns:
                wanted.append(Column.ifCounterDiscontinuityTime)
            if self.watched:
                wanted += [twin for twin in (Column.ifInOctets, Column.ifOutOctets) if twin in self.columns]
        return [column.of(index) for column in wanted]


class InterfacePoller:
    """The interfaces of one device. `on_event` takes what changed, in order; `poll` returns the rows.

    Inventory revisions count up from `first_revision`, which the caller takes from the wall clock so that no
    revision of an earlier run is used again.
    """

    def __init__(
        self,
        device_id: int,
        *,
        interval_s: float,
        first_revision: int,
        on_event: Callable[[AgentEvent], None],
    ) -> None:
        self._device_id = device_id
        self._interval_s = interval_s
        self._next_revision = first_revision
        self._on_event = on_event
        self._polled: dict[str, _Polled] = {}
        self._absent_walks: dict[str, int] = {}
        self._discovered_s: float | None = None
        self._wanted = True
        self._uptime: tuple[int, float] | None = None
        self._table_change: int | None = None
        self.inventory: Inventory | None = None

    @property
    def revision(self) -> int:
        """Return the revision of the inventory last sent, 0 for none."""
        return 0 if self.inventory is None else self.inventory.revision

    def count_revisions_from(self, revision: int) -> None:
        """Give the next inventory at least this revision."""
        self._next_revision = max(self._next_revision, revision)

    def rediscover(self) -> None:
        """Walk the tables again at the next poll."""
        self._wanted = True

    def resend(self) -> None:
        """Send the inventory again, unchanged, after the hub lost it."""
        if self.inventory is not None:
            self._on_event(self.inventory)

    async def poll(self, client: SnmpClient) -> InterfaceRows | None:
        """Return one row per polled interface; None when the device has none.

        Walks first when the device is new, rebooted, changed its tables, lost a row, or every 10 min.
        Raises `SnmpFailure` when the device does not answer.
        """
        head = (await client.get([[mib.IF_TABLE_LAST_CHANGE]]))[0]
        self._note_uptime(head)
        change = head.values.get(mib.IF_TABLE_LAST_CHANGE)
        if isinstance(change, int):
            self._wanted = self._wanted or (self._table_change is not None and change != self._table_change)
            self._table_change = change
        age_s = None if self._discovered_s is None else time.monotonic() - self._discovered_s
        if self._wanted or age_s is None or age_s >= REDISCOVER_AFTER_S:
            await self._discover(client)
        entries = [entry for entry in self._polled.values() if entry.columns]
        groups = [entry.oids() for entry in entries]
        answers = await client.get(groups)
        where: dict[str, Answer] = {oid: answer for answer in answers for oid in answer.values}
        rates: list[tuple[int, Rate]] = []
        for entry, oids in zip(entries, groups, strict=True):
            self._note_statuses(entry, where)
            if entry.interface.polled:
                rates.append((entry.interface.if_index, self._rate(entry, oids, where)))
        return _rows(self._device_id, self.revision, rates)

    def _note_uptime(self, answer: Answer) -> None:
        ticks = answer.uptime_ticks
        if ticks is None:
            return
        if self._uptime is not None:
            before_ticks, before_s = self._uptime
            if uptime_step(before_ticks, ticks, answer.mono_s - before_s) is UptimeStep.REBOOTED:
                self._on_event(Rebooted(self._device_id, answer.wall_ms, ticks))
                self._wanted = True
        self._uptime = (ticks, answer.mono_s)

    async def _discover(self, client: SnmpClient) -> None:
        system, answer = await read_system(client)
        self._note_uptime(answer)
        tables = await read_tables(client)
        fresh = inventory(interface_rows(tables))
        known = [] if self.inventory is None else self.inventory.interfaces
        interfaces, self._absent_walks = keep_absent(known, self._absent_walks, fresh)
        new = Inventory(self._device_id, self._next_revision, answer.wall_ms, system, interfaces)
        changed = self.inventory is None or not same_inventory(self.inventory, new)
        if not changed and self.inventory is not None:
            new = msgspec.structs.replace(new, revision=self.inventory.revision)
        self.inventory = new
        if changed:
            self._next_revision += 1
            self._on_event(new)
        self._follow(new, tables)
        self._discovered_s = time.monotonic()
        self._wanted = False

    def _follow(self, new: Inventory, tables: Tables) -> None:
        """Carry what is remembered of each identity over to the new inventory."""
        polled: dict[str, _Polled] = {}
        for interface in new.interfaces:
            index = interface.if_index
            columns = frozenset(column for column, values in tables.columns.items() if index in values)
            before = self._polled.get(interface.identity)
            if before is None:
                polled[interface.identity] = _Polled(interface, columns)
                continue
            if columns:
                self._note_change(before.interface, interface, new.ts_ms, new.revision, "found by discovery")
                before.columns = columns
            moved = before.interface.if_index != index or before.interface.counter_bits != interface.counter_bits
            if moved:
                before.last = None
                before.watch = WidthWatch()
            before.interface = interface
            polled[interface.identity] = before
        self._polled = polled

    def _note_statuses(self, entry: _Polled, where: dict[str, Answer]) -> None:
        index = entry.interface.if_index
        admin = _number(where, Column.ifAdminStatus.of(index))
        oper = _number(where, Column.ifOperStatus.of(index))
        old = entry.interface
        new = msgspec.structs.replace(
            old,
            if_admin_status=old.if_admin_status if admin is None else admin_status(admin),
            if_oper_status=old.if_oper_status if oper is None else oper_status(oper),
        )
        answer = where.get(Column.ifOperStatus.of(index))
        self._note_change(old, new, answer.wall_ms if answer else _wall_ms(), self.revision, "polled")
        entry.interface = new

    def _note_change(
        self, old: InventoryInterface, new: InventoryInterface, ts_ms: int, revision: int, reason: str
    ) -> None:
        if (old.if_admin_status, old.if_oper_status) == (new.if_admin_status, new.if_oper_status):
            return
        self._on_event(
            InterfaceChanged(
                device_id=self._device_id,
                if_index=new.if_index,
                inventory_rev=revision,
                if_admin_status=new.if_admin_status,
                if_oper_status=new.if_oper_status,
                previous_admin_status=old.if_admin_status,
                previous_oper_status=old.if_oper_status,
                ts_ms=ts_ms,
                reason=reason,
            )
        )

    def _rate(self, entry: _Polled, oids: Sequence[str], where: dict[str, Answer]) -> Rate:
        index = entry.interface.if_index
        counters = entry.counters
        counts = {
            counter: value
            for counter, column in counters.items()
            if (value := _number(where, column.of(index))) is not None
        }
        octets = counters.get(Counter.IN_OCTETS) or counters.get(Counter.OUT_OCTETS)
        answer = where.get(octets.of(index)) if octets is not None else None
        if answer is None or not counts.keys() & {Counter.IN_OCTETS, Counter.OUT_OCTETS}:
            # It was there when the tables were walked: look again at the next poll.
            self._wanted = self._wanted or bool(oids)
            found = missing(_wall_ms(), entry.last_ts_ms)
            entry.last_ts_ms = found.ts_ms
            return found
        wide = entry.interface.counter_bits == 64 and not entry.watch.use_32_bit  # noqa: PLR2004  Counter64
        reading = Reading(
            mono_s=answer.mono_s,
            wall_ms=answer.wall_ms,
            uptime_ticks=answer.uptime_ticks,
            discontinuity_ticks=_number(where, Column.ifCounterDiscontinuityTime.of(index)),
            speed_bps=entry.interface.speed_bps,
            bits=64 if wide else 32,
            counts=counts,
        )
        found = rate(entry.last, reading, last_ts_ms=entry.last_ts_ms, expected_interval_s=self._interval_s)
        if wide:
            entry.watch = entry.watch.step(
                (counts.get(Counter.IN_OCTETS), counts.get(Counter.OUT_OCTETS)),
                (_number(where, Column.ifInOctets.of(index)), _number(where, Column.ifOutOctets.of(index))),
            )
        entry.last, entry.last_ts_ms = reading, found.ts_ms
        return found


def _number(where: dict[str, Answer], oid: str) -> int | None:
    answer = where.get(oid)
    value: Value | None = None if answer is None else answer.values.get(oid)
    return value if isinstance(value, int) and value >= 0 else None


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


def _rows(device_id: int, revision: int, rates: Sequence[tuple[int, Rate]]) -> InterfaceRows | None:
    if not rates:
        return None
    rates = sorted(rates, key=lambda pair: pair[0])
    found = [pair[1] for pair in rates]
    return InterfaceRows(
        device_id=device_id,
        inventory_rev=revision,
        if_index=[pair[0] for pair in rates],
        ts_ms=[one.ts_ms for one in found],
        interval_s=[one.interval_s for one in found],
        in_octets=[one.in_octets for one in found],
        out_octets=[one.out_octets for one in found],
        in_packets=[one.in_packets for one in found],
        out_packets=[one.out_packets for one in found],
        in_errors=[one.in_errors for one in found],
        out_errors=[one.out_errors for one in found],
        in_discards=[one.in_discards for one in found],
        out_discards=[one.out_discards for one in found],
        quality=[int(one.quality) for one in found],
    )
