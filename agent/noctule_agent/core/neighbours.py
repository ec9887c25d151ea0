"""LLDP neighbours: rows of LLDP-MIB become neighbours with an interface of our own, in words that are safe to show.

Pure; walking is left to `probes.snmp.lldp`. Which interface a row is about is decided here, from what real devices were
seen to answer.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from noctule_shared.observations import MAX_NEIGHBOURS, InventoryInterface, Neighbour

from noctule_agent.core.interfaces import clean_text

CHASSIS_MAC_ADDRESS: Final = 4  # LldpChassisIdSubtype
CHASSIS_NETWORK_ADDRESS: Final = 5
PORT_MAC_ADDRESS: Final = 3  # LldpPortIdSubtype
PORT_NETWORK_ADDRESS: Final = 4
_MAC_OCTETS: Final = 6
_ADDRESS_LENGTHS: Final = {1: 4, 2: 16}  # octets by IANA address family number
# Seen: the address as text instead of its octets (Dell S4048, Ubiquiti US-8).
_MAC_TEXT: Final = re.compile(r"[0-9a-f]{2}(?:[ :-][0-9a-f]{2}){5}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RemoteRow:
    """One row of lldpRemTable as read; None: the instance is missing or of another type.

    `local_port` is lldpRemLocalPortNum, None where the index does not hold it (seen: MikroTik).
    """

    local_port: int | None
    chassis_id_subtype: int | None
    chassis_id: bytes | None
    port_id_subtype: int | None
    port_id: bytes | None
    port_descr: bytes | None
    sys_name: bytes | None


@dataclass(frozen=True, slots=True)
class LocalPort:
    """One row of lldpLocPortTable as read; None: the instance is missing or of another type."""

    port_id: bytes | None
    port_descr: bytes | None


@dataclass(frozen=True, slots=True)
class LldpTables:
    """What a device says of its neighbours.

    `local_ports` by lldpLocPortNum; `bridge_ports` is dot1dBasePortIfIndex, ifIndex by bridge port.
    """

    remotes: Sequence[RemoteRow] = ()
    local_ports: Mapping[int, LocalPort] = field(default_factory=dict)
    bridge_ports: Mapping[int, int] = field(default_factory=dict)


def neighbours(tables: LldpTables, interfaces: Iterable[InventoryInterface]) -> list[Neighbour]:
    """Return the neighbours of a device, each once, in an order that survives their being learnt again.

    At most 512. Rows without a chassis id are nobody.
    """
    indexes = _Indexes(tables, interfaces)
    # Seen: one row of nothing but zeros where no neighbour is (Cambium PMP 450m).
    rows = [row for row in tables.remotes if row.chassis_id is not None and row.chassis_id.strip(b"\0")]
    found = {_neighbour(row, tables, indexes) for row in rows}
    ordered = sorted(
        found,
        key=lambda row: (
            row.local_if_index is None,
            row.local_if_index or 0,
            row.local_port,
            row.chassis_id,
            row.port_id,
        ),
    )
    return ordered[:MAX_NEIGHBOURS]


def shown_id(octets: bytes | None, *, is_mac: bool, is_address: bool) -> str:
    """Return an id as people write it: an address in its usual form, text as it is, other octets as hex."""
    if not octets:
        return ""
    text = clean_text(octets)
    if is_mac:
        if len(octets) == _MAC_OCTETS:
            return octets.hex(":")
        if _MAC_TEXT.fullmatch(text):
            return text.lower().replace(" ", ":").replace("-", ":")
    if is_address and len(octets) - 1 == _ADDRESS_LENGTHS.get(octets[0]):
        return str(ipaddress.ip_address(octets[1:]))
    plain = text.isprintable() and "\N{REPLACEMENT CHARACTER}" not in text
    return text if text and plain and not _hides(octets) else octets[:85].hex(":")


def _hides(octets: bytes) -> bool:
    """Return whether octets before the padding are control characters, which text would show as blanks."""
    return any(octet < ord(" ") for octet in octets.rstrip(b"\0"))


def _neighbour(row: RemoteRow, tables: LldpTables, indexes: "_Indexes") -> Neighbour:
    number = row.local_port
    port = None if number is None else tables.local_ports.get(number)
    name = "" if port is None else clean_text(port.port_id)
    if not name and number is not None:
        name = str(number)
    return Neighbour(
        local_if_index=None if number is None else indexes.of(number),
        local_port=name,
        chassis_id_subtype=row.chassis_id_subtype or 0,
        chassis_id=shown_id(
            row.chassis_id,
            is_mac=row.chassis_id_subtype == CHASSIS_MAC_ADDRESS,
            is_address=row.chassis_id_subtype == CHASSIS_NETWORK_ADDRESS,
        ),
        port_id_subtype=row.port_id_subtype or 0,
        port_id=shown_id(
            row.port_id,
            is_mac=row.port_id_subtype == PORT_MAC_ADDRESS,
            is_address=row.port_id_subtype == PORT_NETWORK_ADDRESS,
        ),
        port_descr=clean_text(row.port_descr),
        sys_name=clean_text(row.sys_name),
    )


class _Indexes:
    """Finds the ifIndex of a local port.

    lldpLocPortNum is a number of its own by the standard. A name that only one interface bears comes first; then the
    bridge's own table, by which 802.1AB numbers ports; then the number itself, which many devices take from ifIndex.
    """

    def __init__(self, tables: LldpTables, interfaces: Iterable[InventoryInterface]) -> None:
        rows = list(interfaces)
        self._tables = tables
        self._known = {row.if_index for row in rows}
        self._by_name = _unique((row.if_name, row.if_index) for row in rows)
        self._by_descr = _unique((row.if_descr, row.if_index) for row in rows)

    def of(self, number: int) -> int | None:
        """Return the ifIndex, None when the device does not say."""
        port = self._tables.local_ports.get(number)
        texts = [] if port is None else [clean_text(port.port_id), clean_text(port.port_descr)]
        for names in (self._by_name, self._by_descr):
            for text in texts:
                found = names.get(text)
                if found is not None:
                    return found
        if str(number) in texts and number in self._known:
            return number
        bridged = self._tables.bridge_ports.get(number)
        if bridged in self._known:
            return bridged
        return number if number in self._known else None


def _unique(names: Iterable[tuple[str, int]]) -> dict[str, int | None]:
    """Return ifIndex by name; a name that several bear leads nowhere."""
    found: dict[str, int | None] = {}
    for name, if_index in names:
        if name:
            found[name] = None if name in found else if_index
    return found
