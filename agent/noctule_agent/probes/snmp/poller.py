"""Polls the interfaces of one device: discovery by walks, then GETs of known instances.

Turns answers into rows and events; schedules and levels are left to `monitor`, the arithmetic to `core.rates`, what
is remembered of each interface to `polled_interface`.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable

from noctule_shared.interface_filter import DEFAULT_FILTER, InterfaceFilter
from noctule_shared.observations import AgentEvent, InterfaceChanged, Inventory, InventoryInterface, Rebooted

from noctule_agent.core.rates import Rate
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.client import Answer, SnmpClient
from noctule_agent.probes.snmp.discovery import Discovery
from noctule_agent.probes.snmp.inventory import Tables, read_system
from noctule_agent.probes.snmp.polled_interface import PolledInterface, wall_ms
from noctule_agent.probes.snmp.rate_rows import rate_rows
from noctule_agent.probes.snmp.uptime_watch import UptimeWatch
from noctule_agent.sink import InterfaceRows


class InterfacePoller:
    """The interfaces of one device. `on_event` takes what changed, in order; `poll` returns the rows.

    Inventory revisions count up from `first_revision`, which the caller takes from the wall clock so that no
    revision of an earlier run is used again. `chosen` says whose counters are polled. `walks` is shared by the devices
    that may not all walk their tables at once.
    """

    def __init__(
        self,
        device_id: int,
        *,
        interval_s: float,
        first_revision: int,
        on_event: Callable[[AgentEvent], None],
        walks: asyncio.Semaphore,
        chosen: InterfaceFilter = DEFAULT_FILTER,
    ) -> None:
        self._device_id = device_id
        self._interval_s = interval_s
        self._on_event = on_event
        self._walks = walks
        self._polled: dict[str, PolledInterface] = {}
        self._uptime = UptimeWatch()
        self._discovery = Discovery(device_id, first_revision=first_revision, chosen=chosen)

    @property
    def revision(self) -> int:
        """Return the revision of the inventory last sent, 0 for none."""
        return self._discovery.revision

    def inherit(self, before: "InterfacePoller") -> None:
        """Go on where another poller of the same device stopped: rates without a break, stamps and revisions above its.

        The tables are walked again all the same.
        """
        self._polled = before._polled  # noqa: SLF001  the same class
        self._uptime = before._uptime  # noqa: SLF001  the same class
        self._discovery.count_revisions_from(before.revision + 1)

    def rediscover(self) -> None:
        """Walk the tables again at the next poll."""
        self._discovery.demand()

    def resend(self) -> None:
        """Send the inventory again, unchanged, after the hub lost it."""
        if self._discovery.inventory is not None:
            self._on_event(self._discovery.inventory)

    async def poll(self, client: SnmpClient) -> InterfaceRows | None:
        """Return one row per interface whose counters were due; None when there is none.

        Walks first when the device is new, rebooted, changed its tables, lost a row, or every 10 min. Statuses are
        asked for at every poll, counters of ports that are down and idle rarely, but at once when one comes up.
        Raises `SnmpFailure` when the device does not answer.
        """
        head = (await client.get([[mib.IF_TABLE_LAST_CHANGE]]))[0]
        await self._note_uptime(client, head)
        self._discovery.note_table_change(head)
        if self._discovery.due():
            async with self._walks:
                await self._discover(client)
        now_s = time.monotonic()
        entries = [entry for entry in self._polled.values() if entry.exists]
        due = [entry.due(now_s, self._interval_s) for entry in entries]
        answers = _by_name(
            await client.get(
                [
                    entry.status_names + entry.counter_names if is_due else entry.status_names
                    for entry, is_due in zip(entries, due, strict=True)
                ]
            )
        )
        read: list[PolledInterface] = []
        woken: list[PolledInterface] = []
        for entry, is_due in zip(entries, due, strict=True):
            old, ts_ms = entry.take_statuses(answers)
            if entry.interface is not old:
                self._note_change(old, entry.interface, ts_ms or wall_ms(), self.revision, "polled")
            if is_due:
                read.append(entry)
            elif entry.interface.polled:
                if entry.due(now_s, self._interval_s):
                    woken.append(entry)
                else:
                    entry.rest(now_s)
                    if ts_ms is None and entry.status_names:
                        self._discovery.hint()
        if woken:
            # The base from which the traffic of a port that just came up is counted.
            answers |= _by_name(await client.get([entry.counter_names for entry in woken]))
            read += woken
        rates = [(entry.interface.if_index, self._rate(entry, answers)) for entry in read]
        return rate_rows(self._device_id, self.revision, rates)

    async def poll_rows(self, client: SnmpClient, if_indexes: Collection[int], reason: str) -> None:
        """Read the statuses of single rows; for a row that is not known the tables are walked at the next poll.

        Raises `SnmpFailure` when the device does not answer.
        """
        entries = [entry for entry in self._polled.values() if entry.exists and entry.interface.if_index in if_indexes]
        if len(entries) < len(if_indexes):
            self._discovery.hint()
        answers = _by_name(await client.get([entry.row_names for entry in entries]))
        for entry in entries:
            old, ts_ms = entry.take_statuses(answers)
            if entry.interface is not old:
                self._note_change(old, entry.interface, ts_ms or wall_ms(), self.revision, reason)

    async def _note_uptime(self, client: SnmpClient, answer: Answer) -> None:
        if await self._uptime.started_again(client, answer):
            self._on_event(Rebooted(self._device_id, answer.wall_ms, answer.uptime_ticks or 0))
            self._discovery.note_reboot()
            for entry in self._polled.values():
                entry.wake()

    async def _discover(self, client: SnmpClient) -> None:
        system, answer = await read_system(client)
        await self._note_uptime(client, answer)
        await self._uptime.read(client)
        tables, changed = await self._discovery.walk(client, system, answer.wall_ms)
        new = self._discovery.inventory
        if new is None:
            raise AssertionError("a walk that returns has an inventory")
        if changed:
            self._on_event(new)
        self._follow(new, tables)

    def _follow(self, new: Inventory, tables: Tables) -> None:
        """Carry what is remembered of each identity over to the new inventory."""
        polled: dict[str, PolledInterface] = {}
        for interface in new.interfaces:
            columns = tables.columns_of(interface.if_index)
            entry = self._polled.get(interface.identity)
            if entry is None:
                entry = PolledInterface(interface, columns, new.ts_ms)
            else:
                if columns:
                    self._note_change(entry.interface, interface, new.ts_ms, new.revision, "found by discovery")
                entry.follow(interface, columns, new.ts_ms)
            polled[interface.identity] = entry
        self._polled = polled

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

    def _rate(self, entry: PolledInterface, answers: dict[str, Answer]) -> Rate:
        found = entry.take_counters(answers, interval_s=self._interval_s, wrapped_s=self._uptime.wrapped_s)
        if found is None:
            # It was there when the tables were walked: look again at the next poll.
            self._discovery.hint()
            return entry.missing()
        return found


def _by_name(answers: Iterable[Answer]) -> dict[str, Answer]:
    return {name: answer for answer in answers for name in answer.values}
