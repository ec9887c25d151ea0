"""Finds out what a device is and which interfaces it has, now and again, and numbers what it found.

What is read is left to `inventory`, what it means to `core.interfaces`; following each interface to `poller`.
"""

import time
from typing import Final

import msgspec
from noctule_shared.interface_filter import InterfaceFilter
from noctule_shared.observations import Inventory, SystemGroup

from noctule_agent.core.interface_choice import InterfaceChoice
from noctule_agent.core.interfaces import inventory, keep_absent, same_inventory, with_duplex
from noctule_agent.core.schedule import phase_s
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.client import Answer, SnmpClient
from noctule_agent.probes.snmp.duplex import DuplexWatch
from noctule_agent.probes.snmp.inventory import Tables, interface_rows, read_tables
from noctule_agent.probes.snmp.lldp import NeighbourWatch

REDISCOVER_AFTER_S: Final = 600.0
# After a walk that a hint led to in vain, the next hint waits so long, doubled with each in a row: there are devices
# whose ifTableLastChange moves with their clock, and rows that a walk shows and a GET does not.
VAIN_WALK_PAUSE_S: Final = 15.0
# Beyond so many the pause is the longest there is.
_MAX_VAIN_WALKS: Final = 8


class Discovery:
    """One device's inventory. Revisions count up from `first_revision`, one for each that says something new."""

    def __init__(self, device_id: int, *, first_revision: int, chosen: InterfaceFilter) -> None:
        self.inventory: Inventory | None = None
        self._device_id = device_id
        self._next_revision = first_revision
        self._choice = InterfaceChoice(chosen)
        self._neighbours = NeighbourWatch(device_id)
        self._duplex = DuplexWatch(device_id)
        self._absent_walks: dict[str, int] = {}
        self._discovered_s: float | None = None
        self._demanded = False
        self._hinted = False
        self._vain_walks = 0
        self._table_change: int | None = None

    @property
    def revision(self) -> int:
        """Return the revision of the last inventory, 0 for none."""
        return 0 if self.inventory is None else self.inventory.revision

    def count_revisions_from(self, revision: int) -> None:
        """Give the next inventory at least this revision."""
        self._next_revision = max(self._next_revision, revision)

    def demand(self) -> None:
        """Walk the tables at the next poll, whatever their age."""
        self._demanded = True

    def hint(self) -> None:
        """Walk the tables soon: at the next poll, or later when such hints led to nothing before."""
        self._hinted = True

    def note_reboot(self) -> None:
        """Walk again at the next poll, and ask for duplex and neighbours too."""
        self.demand()
        self._duplex.expire()
        self._neighbours.expire()

    def note_table_change(self, answer: Answer) -> None:
        """Take ifTableLastChange; another value than before says that rows came or went."""
        change = answer.values.get(mib.IF_TABLE_LAST_CHANGE)
        if isinstance(change, int):
            if self._table_change is not None and change != self._table_change:
                self.hint()
            self._table_change = change

    def due(self) -> bool:
        """Return whether the tables are walked in this poll: the first time, on demand, on a hint, and every 10 min.

        The second time comes sooner, for each device at a moment of its own.
        """
        if self._demanded or self._discovered_s is None:
            return True
        pause_s = REDISCOVER_AFTER_S
        if self._hinted:
            pause_s = min(pause_s, VAIN_WALK_PAUSE_S * 2**self._vain_walks) if self._vain_walks else 0.0
        return time.monotonic() - self._discovered_s >= pause_s

    async def walk(self, client: SnmpClient, system: SystemGroup, ts_ms: int) -> tuple[Tables, bool]:
        """Walk the tables; returns them, and whether `inventory` says something new. Raises `SnmpFailure`."""
        tables = await read_tables(client)
        rows = interface_rows(tables)
        fresh = with_duplex(inventory(rows, self._choice), await self._duplex.read(client, expected=len(rows)))
        old = self.inventory
        interfaces, self._absent_walks = keep_absent([] if old is None else old.interfaces, self._absent_walks, fresh)
        neighbours = await self._neighbours.read(client, interfaces)
        new = Inventory(self._device_id, self._next_revision, ts_ms, system, interfaces, neighbours)
        changed = old is None or not same_inventory(old, new)
        if changed:
            self._next_revision += 1
        elif old is not None:
            new = msgspec.structs.replace(new, revision=old.revision)
        self.inventory = new
        # A row that is being missed is followed up until it is back or removed.
        vain = self._hinted and not changed and not self._absent_walks
        self._vain_walks = min(self._vain_walks + 1, _MAX_VAIN_WALKS) if vain else 0
        # Devices that were walked together when the agent started are not walked together again.
        early_s = phase_s(self._device_id, REDISCOVER_AFTER_S) if self._discovered_s is None else 0.0
        self._discovered_s = time.monotonic() - early_s
        self._demanded = self._hinted = False
        return tables, changed
