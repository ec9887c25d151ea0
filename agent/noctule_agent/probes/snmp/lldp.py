"""Reads a device's LLDP neighbours now and then; what the rows mean is decided by `core.neighbours`."""

import logging
import time
from collections.abc import Iterable
from typing import Final

from noctule_shared.observations import MAX_NEIGHBOURS, InventoryInterface, Neighbour

from noctule_agent.core.neighbours import LldpTables, LocalPort, RemoteRow, neighbours
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.mib import LldpColumn
from noctule_agent.probes.snmp.session import Reason, SnmpFailure, Value

# A device that walks its tables at every poll is not asked for its neighbours as often.
READ_AFTER_S: Final = 300.0
# One that refuses, or is long silent before it says nothing, should not lose its polls to it.
RETRY_AFTER_S: Final = 3600.0
SLOW_S: Final = 5.0
_SILENT: Final = frozenset({Reason.TIMEOUT, Reason.PORT_CLOSED})
# lldpRemTable is indexed by time mark, local port and a number; a row read twice has two time marks.
_INDEX_PARTS: Final = 3

_log = logging.getLogger(__name__)

Rows = dict[str, Value]


class NeighbourWatch:
    """One device's neighbours. What was read last is kept while the tables cannot be read."""

    def __init__(self, device_id: int) -> None:
        self.failures = 0
        self._device_id = device_id
        self._tables: LldpTables | None = None
        self._due_s = 0.0

    def expire(self) -> None:
        """Read again at the next call: the device started again."""
        self._due_s = 0.0

    async def read(self, client: SnmpClient, interfaces: Iterable[InventoryInterface]) -> list[Neighbour] | None:
        """Return the neighbours, by what is known of the interfaces now; None: never read.

        Raises `SnmpFailure` when the device does not answer at all.
        """
        now_s = time.monotonic()
        if now_s >= self._due_s:
            try:
                self._tables = await read_lldp(client)
            except SnmpFailure as failure:
                if failure.reason in _SILENT:
                    raise
                self.failures += 1
                self._due_s = now_s + RETRY_AFTER_S
                _log.warning(
                    "device %d: its LLDP neighbours cannot be read (%s); asked again in an hour",
                    self._device_id,
                    failure,
                )
            else:
                in_vain = not self._tables.remotes and time.monotonic() - now_s > SLOW_S
                self._due_s = now_s + (RETRY_AFTER_S if in_vain else READ_AFTER_S)
        return None if self._tables is None else neighbours(self._tables, interfaces)


async def read_lldp(client: SnmpClient) -> LldpTables:
    """Return LLDP-MIB's tables, empty after one walk when the device has no neighbours. Raises `SnmpFailure`."""
    chassis = await _walk(client, LldpColumn.lldpRemChassisId)
    if not chassis:
        return LldpTables()
    rows = {
        column: await _walk(client, column, expected=len(chassis))
        for column in (
            LldpColumn.lldpRemChassisIdSubtype,
            LldpColumn.lldpRemPortIdSubtype,
            LldpColumn.lldpRemPortId,
            LldpColumn.lldpRemPortDesc,
            LldpColumn.lldpRemSysName,
        )
    }
    # By port and number: the later time mark is the newer word.
    newest = {tuple(index.split(".")[-2:]): index for index in chassis}
    remotes = [
        RemoteRow(
            local_port=_local_port(index),
            chassis_id_subtype=_number(rows[LldpColumn.lldpRemChassisIdSubtype].get(index)),
            chassis_id=_octets(chassis[index]),
            port_id_subtype=_number(rows[LldpColumn.lldpRemPortIdSubtype].get(index)),
            port_id=_octets(rows[LldpColumn.lldpRemPortId].get(index)),
            port_descr=_octets(rows[LldpColumn.lldpRemPortDesc].get(index)),
            sys_name=_octets(rows[LldpColumn.lldpRemSysName].get(index)),
        )
        for index in list(newest.values())[:MAX_NEIGHBOURS]
    ]
    ids = await _walk(client, LldpColumn.lldpLocPortId)
    descrs = await _walk(client, LldpColumn.lldpLocPortDesc, expected=len(ids))
    bridge = await _walk(client, LldpColumn.dot1dBasePortIfIndex)
    return LldpTables(
        remotes=remotes,
        local_ports={
            int(index): LocalPort(_octets(ids.get(index)), _octets(descrs.get(index)))
            for index in ids.keys() | descrs.keys()
            if index.isdecimal()
        },
        bridge_ports={
            int(index): number
            for index, value in bridge.items()
            if index.isdecimal() and (number := _number(value)) is not None
        },
    )


async def _walk(client: SnmpClient, column: LldpColumn, *, expected: int | None = None) -> Rows:
    """Return a column's values by the index behind its name."""
    prefix = f"{column.value}."
    found = await client.walk(column.value, expected=expected)
    return {name.removeprefix(prefix): value for name, value in found}


def _local_port(index: str) -> int | None:
    parts = index.split(".")
    return int(parts[1]) if len(parts) == _INDEX_PARTS and all(map(str.isdecimal, parts)) else None


def _number(value: Value | None) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


def _octets(value: Value | None) -> bytes | None:
    return value if isinstance(value, bytes) else None
