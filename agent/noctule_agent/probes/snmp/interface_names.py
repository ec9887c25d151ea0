"""The names that polls of one interface ask for, the same object for all interfaces that are alike.

Which of them a poll asks for is left to `polled_interface`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from noctule_agent.core.rates import Counter
from noctule_agent.probes.snmp.mib import COUNTERS_32, COUNTERS_64, IF_LAST_CHANGE, Column

# 17 names of one interface take 2 kB. Devices of a site number their interfaces alike for the most part; what is
# beyond this is not shared, and no more.
MAX_SHARED: Final = 20_000
MAX_SHARED_COLUMNS: Final = 1_000


@dataclass(frozen=True, slots=True)
class InterfaceNames:
    """The OIDs of one ifIndex; a name that does not exist on the device is None.

    `counters` holds where each counter comes from, `to_read` these and ifCounterDiscontinuityTime, `twins` the 32-bit
    octets beside 64-bit ones.
    """

    oper_status: str | None
    admin_status: str | None
    statuses: tuple[str, ...]
    last_change: str
    counters: Mapping[Counter, str]
    discontinuity: str | None
    to_read: tuple[str, ...]
    in_octets_32: str | None
    out_octets_32: str | None
    twins: tuple[str, ...]


@lru_cache(MAX_SHARED)
def interface_names(if_index: int, columns: frozenset[Column], *, wide: bool) -> InterfaceNames:
    """Return the names for an interface that has these columns; `wide`: its octets and packets are 64 bit."""

    def name(column: Column) -> str | None:
        return column.of(if_index) if column in columns else None

    def existing(*names: str | None) -> tuple[str, ...]:
        return tuple(one for one in names if one is not None)

    wanted = COUNTERS_64 if wide else COUNTERS_32
    counters = {counter: column.of(if_index) for counter, column in wanted.items() if column in columns}
    oper, admin = name(Column.ifOperStatus), name(Column.ifAdminStatus)
    discontinuity = name(Column.ifCounterDiscontinuityTime)
    in_octets_32, out_octets_32 = name(Column.ifInOctets), name(Column.ifOutOctets)
    return InterfaceNames(
        oper_status=oper,
        admin_status=admin,
        statuses=existing(oper, admin),
        last_change=f"{IF_LAST_CHANGE}.{if_index}",
        counters=counters,
        discontinuity=discontinuity,
        to_read=existing(*counters.values(), discontinuity),
        in_octets_32=in_octets_32,
        out_octets_32=out_octets_32,
        twins=existing(in_octets_32, out_octets_32),
    )


@lru_cache(MAX_SHARED_COLUMNS)
def shared_columns(columns: frozenset[Column]) -> frozenset[Column]:
    """Return the one object that stands for these columns: each would take 2 kB."""
    return columns
