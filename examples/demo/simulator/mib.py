"""The objects a device shows, in the order of their OIDs: the system group, ifTable, ifXTable, and LLDP's neighbours.

Values are pysnmp's types, made when they are asked for. Requests and answers are left to `agent`.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from pysnmp.proto.rfc1902 import (  # type: ignore[import-untyped]
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    ObjectIdentifier,
    OctetString,
    TimeTicks,
)

from demo.simulator.network import PACKET_OCTETS, PortReading, View
from demo.simulator.topology import ETHERNET, MBPS, Device, Heard, Port

Oid = tuple[int, ...]
# pysnmp is not typed; a value is one of its ASN.1 objects.
Value = Any
TICKS_PER_S: Final = 100
UP, DOWN = 1, 2
MTU: Final = 1500
SYSTEM: Final[Oid] = (1, 3, 6, 1, 2, 1, 1)
INTERFACES: Final[Oid] = (1, 3, 6, 1, 2, 1, 2)
IF_ENTRY: Final[Oid] = (*INTERFACES, 2, 1)
IF_MIB: Final[Oid] = (1, 3, 6, 1, 2, 1, 31)
IF_X_ENTRY: Final[Oid] = (*IF_MIB, 1, 1, 1)
LLDP_LOC_PORT_ENTRY: Final[Oid] = (1, 0, 8802, 1, 1, 2, 1, 3, 7, 1)
LLDP_REM_ENTRY: Final[Oid] = (1, 0, 8802, 1, 1, 2, 1, 4, 1, 1)
LLDP_INTERFACE_NAME: Final = 5  # LldpPortIdSubtype
LLDP_CHASSIS_LOCAL: Final = 7  # LldpChassisIdSubtype


def _ticks(seconds: float) -> Value:
    """Return TimeTicks, which start from 0 again after 497.1 days."""
    return TimeTicks(int(seconds * TICKS_PER_S) % 2**32)


def _counter32(count: int) -> Value:
    return Counter32(count % 2**32)


def _speed(reading: PortReading) -> Value:
    """Return ifSpeed, which stays at its greatest value where ifHighSpeed must be read instead."""
    return Gauge32(min(reading.port.speed_mbps * MBPS, 2**32 - 1))


def _phys_address(reading: PortReading) -> Value:
    """Return a locally administered address for what has one."""
    octets = f"\x02\x00\x5e\x00\x00{chr(reading.port.index)}" if reading.port.if_type == ETHERNET else ""
    return OctetString(octets.encode("latin-1"))


# Names as in the MIBs, SNMPv2-MIB (RFC 3418) and IF-MIB (RFC 2863).
SCALARS: Final[Mapping[Oid, Callable[[View], Value]]] = {
    (*SYSTEM, 1, 0): lambda view: OctetString(view.device.model.descr),  # sysDescr
    (*SYSTEM, 2, 0): lambda view: ObjectIdentifier(view.device.model.object_id),  # sysObjectID
    (*SYSTEM, 3, 0): lambda view: _ticks(view.uptime_s),  # sysUpTime
    (*SYSTEM, 4, 0): lambda _view: OctetString("noc@example.net"),  # sysContact
    (*SYSTEM, 5, 0): lambda view: OctetString(view.device.name),  # sysName
    (*SYSTEM, 6, 0): lambda view: OctetString(f"{view.device.site.capitalize()} exchange"),  # sysLocation
    (*SYSTEM, 7, 0): lambda _view: Integer32(6),  # sysServices: layers 2 and 3
    (*INTERFACES, 1, 0): lambda view: Integer32(len(view.device.ports)),  # ifNumber
    (*IF_MIB, 1, 5, 0): lambda _view: TimeTicks(0),  # ifTableLastChange: no port came or went since the start
}
COLUMNS: Final[Mapping[Oid, Callable[[PortReading], Value]]] = {
    (*IF_ENTRY, 1): lambda row: Integer32(row.port.index),  # ifIndex
    (*IF_ENTRY, 2): lambda row: OctetString(row.port.name),  # ifDescr
    (*IF_ENTRY, 3): lambda row: Integer32(row.port.if_type),  # ifType
    (*IF_ENTRY, 4): lambda _row: Integer32(MTU),  # ifMtu
    (*IF_ENTRY, 5): _speed,  # ifSpeed
    (*IF_ENTRY, 6): _phys_address,  # ifPhysAddress
    (*IF_ENTRY, 7): lambda row: Integer32(UP if row.port.admin_up else DOWN),  # ifAdminStatus
    (*IF_ENTRY, 8): lambda row: Integer32(UP if row.oper_up else DOWN),  # ifOperStatus
    (*IF_ENTRY, 9): lambda row: _ticks(row.last_change_s),  # ifLastChange
    (*IF_ENTRY, 10): lambda row: _counter32(row.in_octets),  # ifInOctets
    (*IF_ENTRY, 11): lambda row: _counter32(row.in_octets // PACKET_OCTETS),  # ifInUcastPkts
    (*IF_ENTRY, 13): lambda _row: Counter32(0),  # ifInDiscards
    (*IF_ENTRY, 14): lambda row: _counter32(row.in_errors),  # ifInErrors
    (*IF_ENTRY, 16): lambda row: _counter32(row.out_octets),  # ifOutOctets
    (*IF_ENTRY, 17): lambda row: _counter32(row.out_octets // PACKET_OCTETS),  # ifOutUcastPkts
    (*IF_ENTRY, 19): lambda row: _counter32(row.out_discards),  # ifOutDiscards
    (*IF_ENTRY, 20): lambda _row: Counter32(0),  # ifOutErrors
    (*IF_X_ENTRY, 1): lambda row: OctetString(row.port.name),  # ifName
    (*IF_X_ENTRY, 6): lambda row: Counter64(row.in_octets),  # ifHCInOctets
    (*IF_X_ENTRY, 7): lambda row: Counter64(row.in_octets // PACKET_OCTETS),  # ifHCInUcastPkts
    (*IF_X_ENTRY, 10): lambda row: Counter64(row.out_octets),  # ifHCOutOctets
    (*IF_X_ENTRY, 11): lambda row: Counter64(row.out_octets // PACKET_OCTETS),  # ifHCOutUcastPkts
    (*IF_X_ENTRY, 15): lambda row: Gauge32(row.port.speed_mbps),  # ifHighSpeed
    (*IF_X_ENTRY, 18): lambda row: OctetString(row.port.alias),  # ifAlias
    (*IF_X_ENTRY, 19): lambda _row: TimeTicks(0),  # ifCounterDiscontinuityTime: none since the start
}

# Of LLDP-MIB, the ports by their own names and who is heard on them. Here a port's number is its ifIndex.
LLDP_LOCAL: Final[Mapping[Oid, Callable[[Port], Value]]] = {
    (*LLDP_LOC_PORT_ENTRY, 2): lambda _port: Integer32(LLDP_INTERFACE_NAME),  # lldpLocPortIdSubtype
    (*LLDP_LOC_PORT_ENTRY, 3): lambda port: OctetString(port.name),  # lldpLocPortId
    (*LLDP_LOC_PORT_ENTRY, 4): lambda port: OctetString(port.alias),  # lldpLocPortDesc
}
LLDP_REMOTE: Final[Mapping[Oid, Callable[[Heard], Value]]] = {
    (*LLDP_REM_ENTRY, 4): lambda _heard: Integer32(LLDP_CHASSIS_LOCAL),  # lldpRemChassisIdSubtype
    (*LLDP_REM_ENTRY, 5): lambda heard: OctetString(heard.device),  # lldpRemChassisId
    (*LLDP_REM_ENTRY, 6): lambda _heard: Integer32(LLDP_INTERFACE_NAME),  # lldpRemPortIdSubtype
    (*LLDP_REM_ENTRY, 7): lambda heard: OctetString(heard.port),  # lldpRemPortId
    (*LLDP_REM_ENTRY, 8): lambda _heard: OctetString(""),  # lldpRemPortDesc
    (*LLDP_REM_ENTRY, 9): lambda heard: OctetString(heard.device),  # lldpRemSysName
}


class Mib:
    """The objects of one device. Which there are never changes; what they are worth depends on the view."""

    def __init__(self, device: Device) -> None:
        self._objects: dict[Oid, Callable[[View], Value]] = dict(SCALARS)
        for port in device.ports:
            for column, of_reading in COLUMNS.items():
                self._objects[*column, port.index] = partial(_of_row, of_reading, port.index)
            for column, of_port in LLDP_LOCAL.items():
                self._objects[*column, port.index] = partial(_always, of_port(port))
            if port.heard is not None:
                for column, of_heard in LLDP_REMOTE.items():
                    # lldpRemTimeMark, lldpRemLocalPortNum, lldpRemIndex
                    self._objects[*column, 0, port.index, 1] = partial(_always, of_heard(port.heard))
        self._oids = sorted(self._objects)

    def value(self, view: View, oid: Oid) -> Value | None:
        """Return an object's value, or None when the device has no such object."""
        value_in = self._objects.get(oid)
        return None if value_in is None else value_in(view)

    def after(self, oid: Oid) -> Oid | None:
        """Return the first OID behind one, whether that exists or not; None at the end."""
        place = bisect_right(self._oids, oid)
        return self._oids[place] if place < len(self._oids) else None


def _of_row(of_reading: Callable[[PortReading], Value], index: int, view: View) -> Value:
    return of_reading(view.reading(index))


def _always(value: Value, _view: View) -> Value:
    return value
