"""Reads a device's system group and its interface tables; what they mean is decided by `core.interfaces`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from noctule_shared.link import SnmpVersion
from noctule_shared.observations import SystemGroup

from noctule_agent.core.interfaces import InterfaceRow, clean_text
from noctule_agent.probes.snmp import mib
from noctule_agent.probes.snmp.client import Answer, SnmpClient
from noctule_agent.probes.snmp.completeness import fill, rows_are_missing
from noctule_agent.probes.snmp.interface_names import shared_columns
from noctule_agent.probes.snmp.mib import COUNTER64, Column
from noctule_agent.probes.snmp.session import Value

# InterfaceIndex is 1..2^31-1, but 0 was seen (bintec) and the wire has room for 32 bits.
MAX_IF_INDEX: Final = 2**32 - 1
_SYSTEM: Final = (mib.SYS_NAME, mib.SYS_DESCR, mib.SYS_OBJECT_ID, mib.SYS_LOCATION, mib.SYS_CONTACT)


@dataclass(frozen=True, slots=True)
class Tables:
    """ifTable and ifXTable as read: the values of each column by ifIndex. A missing instance is absent."""

    columns: Mapping[Column, Mapping[int, Value]]

    def number(self, column: Column, if_index: int) -> int | None:
        """Return an integer value, None when it is missing or of another type."""
        value = self.columns[column].get(if_index)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def octets(self, column: Column, if_index: int) -> bytes | None:
        """Return an octet string, None when it is missing or of another type."""
        value = self.columns[column].get(if_index)
        return value if isinstance(value, bytes) else None

    def columns_of(self, if_index: int) -> frozenset[Column]:
        """Return the columns that hold a value of that interface; none: the walk did not find it."""
        return shared_columns(frozenset(column for column, values in self.columns.items() if if_index in values))

    def if_indexes(self) -> list[int]:
        """Return every ifIndex that any column holds: the union of both tables' rows, sorted."""
        return sorted({if_index for values in self.columns.values() for if_index in values})


async def read_system(client: SnmpClient) -> tuple[SystemGroup, Answer]:
    """Return the system group and the answer that it came in. Raises `SnmpFailure`."""
    answers = await client.get([_SYSTEM])
    values = {oid: value for answer in answers for oid, value in answer.values.items()}
    uptimes = [answer.uptime_ticks for answer in answers if answer.uptime_ticks is not None]
    object_id = values[mib.SYS_OBJECT_ID]
    system = SystemGroup(
        sys_name=_text(values[mib.SYS_NAME]),
        sys_descr=_text(values[mib.SYS_DESCR]),
        sys_object_id=object_id if isinstance(object_id, str) else None,
        sys_location=_text(values[mib.SYS_LOCATION]),
        sys_contact=_text(values[mib.SYS_CONTACT]),
        sys_up_time_ticks=uptimes[0] if uptimes else None,
    )
    return system, answers[0]


async def read_tables(client: SnmpClient, columns: Sequence[Column] = tuple(Column)) -> Tables:
    """Return the columns of ifTable and ifXTable, one walk each. Raises `SnmpFailure`.

    Walked again in smaller steps while rows are found missing; what even single steps do not bring is asked for
    by name. SNMPv1 has no Counter64, so those columns are not asked for there.
    """
    v1 = client.version is SnmpVersion.V1
    wanted = [column for column in columns if not (v1 and column in COUNTER64)]
    while True:
        found: dict[Column, dict[int, Value]] = {}
        for column in wanted:
            expected = max(map(len, found.values()), default=0) or None
            found[column] = _by_index(column, await client.walk(column.value, expected=expected))
        if v1 or not await rows_are_missing(client, found):
            break
        if client.size.repetitions == 0:
            await fill(client, found)
            break
        client.note_missing_rows()
    return Tables({column: found.get(column, {}) for column in columns})


def interface_rows(tables: Tables) -> list[InterfaceRow]:
    """Return one row per ifIndex of either table, sorted."""
    return [
        InterfaceRow(
            if_index=index,
            if_name=tables.octets(Column.ifName, index),
            if_descr=tables.octets(Column.ifDescr, index),
            if_alias=tables.octets(Column.ifAlias, index),
            if_type=tables.number(Column.ifType, index),
            if_speed=tables.number(Column.ifSpeed, index),
            if_high_speed=tables.number(Column.ifHighSpeed, index),
            if_admin_status=tables.number(Column.ifAdminStatus, index),
            if_oper_status=tables.number(Column.ifOperStatus, index),
            high_octets=tables.number(Column.ifHCInOctets, index) is not None,
            low_octets=tables.number(Column.ifInOctets, index) is not None,
        )
        for index in tables.if_indexes()
    ]


def _by_index(column: Column, rows: Iterable[tuple[str, Value]]) -> dict[int, Value]:
    prefix = column.value + "."
    found: dict[int, Value] = {}
    for oid, value in rows:
        suffix = oid.removeprefix(prefix)
        if suffix.isdecimal() and int(suffix) <= MAX_IF_INDEX:
            found[int(suffix)] = value
    return found


def _text(value: Value | None) -> str | None:
    return clean_text(value) if isinstance(value, bytes) else None
