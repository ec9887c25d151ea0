"""The objects that are read, of SNMPv2-MIB, IF-MIB, EtherLike-MIB, LLDP-MIB and those with clocks, by their names."""

# ruff: noqa: N815  columns keep the standard's own spelling, as data

from enum import StrEnum
from typing import Final

from noctule_agent.core.rates import Counter

SYS_DESCR: Final = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID: Final = "1.3.6.1.2.1.1.2.0"
SYS_UP_TIME: Final = "1.3.6.1.2.1.1.3.0"
SYS_CONTACT: Final = "1.3.6.1.2.1.1.4.0"
SYS_NAME: Final = "1.3.6.1.2.1.1.5.0"
SYS_LOCATION: Final = "1.3.6.1.2.1.1.6.0"
IF_NUMBER: Final = "1.3.6.1.2.1.2.1.0"
IF_TABLE_LAST_CHANGE: Final = "1.3.6.1.2.1.31.1.5.0"
HR_SYSTEM_UPTIME: Final = "1.3.6.1.2.1.25.1.1.0"
SNMP_ENGINE_TIME: Final = "1.3.6.1.6.3.10.2.1.3.0"
_IF_ENTRY: Final = "1.3.6.1.2.1.2.2.1"
# A TimeTicks value of sysUpTime; read with single rows only, so it is no column of the walks.
IF_LAST_CHANGE: Final = f"{_IF_ENTRY}.9"
# Of EtherLike-MIB, by ifIndex.
DOT3_STATS_DUPLEX_STATUS: Final = "1.3.6.1.2.1.10.7.2.1.19"
_IF_X_ENTRY: Final = "1.3.6.1.2.1.31.1.1.1"
_LLDP_LOC_PORT_ENTRY: Final = "1.0.8802.1.1.2.1.3.7.1"
_LLDP_REM_ENTRY: Final = "1.0.8802.1.1.2.1.4.1.1"


class Column(StrEnum):
    """Columns of ifTable and ifXTable; the value is the column's OID."""

    ifIndex = f"{_IF_ENTRY}.1"
    ifDescr = f"{_IF_ENTRY}.2"
    ifType = f"{_IF_ENTRY}.3"
    ifSpeed = f"{_IF_ENTRY}.5"
    ifAdminStatus = f"{_IF_ENTRY}.7"
    ifOperStatus = f"{_IF_ENTRY}.8"
    ifInOctets = f"{_IF_ENTRY}.10"
    ifInUcastPkts = f"{_IF_ENTRY}.11"
    ifInNUcastPkts = f"{_IF_ENTRY}.12"
    ifInDiscards = f"{_IF_ENTRY}.13"
    ifInErrors = f"{_IF_ENTRY}.14"
    ifOutOctets = f"{_IF_ENTRY}.16"
    ifOutUcastPkts = f"{_IF_ENTRY}.17"
    ifOutNUcastPkts = f"{_IF_ENTRY}.18"
    ifOutDiscards = f"{_IF_ENTRY}.19"
    ifOutErrors = f"{_IF_ENTRY}.20"
    ifName = f"{_IF_X_ENTRY}.1"
    ifHCInOctets = f"{_IF_X_ENTRY}.6"
    ifHCInUcastPkts = f"{_IF_X_ENTRY}.7"
    ifHCInMulticastPkts = f"{_IF_X_ENTRY}.8"
    ifHCInBroadcastPkts = f"{_IF_X_ENTRY}.9"
    ifHCOutOctets = f"{_IF_X_ENTRY}.10"
    ifHCOutUcastPkts = f"{_IF_X_ENTRY}.11"
    ifHCOutMulticastPkts = f"{_IF_X_ENTRY}.12"
    ifHCOutBroadcastPkts = f"{_IF_X_ENTRY}.13"
    ifHighSpeed = f"{_IF_X_ENTRY}.15"
    ifAlias = f"{_IF_X_ENTRY}.18"
    ifCounterDiscontinuityTime = f"{_IF_X_ENTRY}.19"

    def of(self, if_index: int) -> str:
        """Return the OID of this column's instance for one interface."""
        return f"{self.value}.{if_index}"


class LldpColumn(StrEnum):
    """Columns of LLDP-MIB, and of BRIDGE-MIB for its port numbers; the value is the column's OID."""

    lldpLocPortId = f"{_LLDP_LOC_PORT_ENTRY}.3"
    lldpLocPortDesc = f"{_LLDP_LOC_PORT_ENTRY}.4"
    lldpRemChassisIdSubtype = f"{_LLDP_REM_ENTRY}.4"
    lldpRemChassisId = f"{_LLDP_REM_ENTRY}.5"
    lldpRemPortIdSubtype = f"{_LLDP_REM_ENTRY}.6"
    lldpRemPortId = f"{_LLDP_REM_ENTRY}.7"
    lldpRemPortDesc = f"{_LLDP_REM_ENTRY}.8"
    lldpRemSysName = f"{_LLDP_REM_ENTRY}.9"
    dot1dBasePortIfIndex = "1.3.6.1.2.1.17.1.4.1.2"


COUNTER64: Final = frozenset(column for column in Column if column.name.startswith("ifHC"))
# Where each counter comes from. With 32 bit, ifInNUcastPkts holds multicast and broadcast together.
COUNTERS_64: Final[dict[Counter, Column]] = {
    Counter.IN_OCTETS: Column.ifHCInOctets,
    Counter.OUT_OCTETS: Column.ifHCOutOctets,
    Counter.IN_UCAST: Column.ifHCInUcastPkts,
    Counter.OUT_UCAST: Column.ifHCOutUcastPkts,
    Counter.IN_MULTICAST: Column.ifHCInMulticastPkts,
    Counter.OUT_MULTICAST: Column.ifHCOutMulticastPkts,
    Counter.IN_BROADCAST: Column.ifHCInBroadcastPkts,
    Counter.OUT_BROADCAST: Column.ifHCOutBroadcastPkts,
    Counter.IN_ERRORS: Column.ifInErrors,
    Counter.OUT_ERRORS: Column.ifOutErrors,
    Counter.IN_DISCARDS: Column.ifInDiscards,
    Counter.OUT_DISCARDS: Column.ifOutDiscards,
}
COUNTERS_32: Final[dict[Counter, Column]] = {
    Counter.IN_OCTETS: Column.ifInOctets,
    Counter.OUT_OCTETS: Column.ifOutOctets,
    Counter.IN_UCAST: Column.ifInUcastPkts,
    Counter.OUT_UCAST: Column.ifOutUcastPkts,
    Counter.IN_MULTICAST: Column.ifInNUcastPkts,
    Counter.OUT_MULTICAST: Column.ifOutNUcastPkts,
    Counter.IN_ERRORS: Column.ifInErrors,
    Counter.OUT_ERRORS: Column.ifOutErrors,
    Counter.IN_DISCARDS: Column.ifInDiscards,
    Counter.OUT_DISCARDS: Column.ifOutDiscards,
}
