"""How devices are connected, from what they hear of each other by LLDP, and where they stand on the map.

Who is a neighbour is told by names and ids only, so every match here has its reason; what matches no device is shown
as being outside. Reading the store and the live rates is left to the API.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from noctule_hub.core.records import Device, Interface, Neighbour, SystemGroup

MAX_POSITIONS: Final = 10_000
MAX_COORDINATE: Final = 1_000_000.0
# LldpChassisIdSubtype and LldpPortIdSubtype, as far as a match goes by them.
_CHASSIS_ADDRESS: Final = 5
_PORT_ALIAS: Final = 1
_PORT_MAC: Final = 3
_PORT_LOCAL: Final = 7


@dataclass(frozen=True, slots=True)
class Position:
    """Where a device stands on the map; units and origin are the map's own."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Where devices stand, by device id; those without a position are placed by whoever draws."""

    revision: int = 1
    positions: Mapping[int, Position] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class End:
    """One end of a link: of a device, or `outside` (the key of something that is none).

    `interface_id` None: not known which; `port` is what LLDP calls it.
    """

    device_id: int | None
    outside: str | None
    interface_id: int | None
    port: str


@dataclass(frozen=True, slots=True)
class Link:
    """A cable, or what LLDP sees as one. `confirmed`: both ends tell of it."""

    a: End
    b: End
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Outside:
    """What a device hears of and is no device here, by what it says of itself."""

    key: str
    sys_name: str
    chassis_id: str


@dataclass(frozen=True, slots=True)
class Topology:
    """All links, and what stands at the ends that are no devices."""

    links: Sequence[Link]
    outside: Sequence[Outside]


def connect(
    devices: Iterable[Device],
    systems: Mapping[int, SystemGroup],
    interfaces_of: Callable[[int], Sequence[Interface]],
    neighbours: Mapping[int, Sequence[Neighbour]],
) -> Topology:
    """Return how devices are connected; the mappings go by device id, of devices that are gone too.

    `interfaces_of` is asked for those that are heard of. A neighbour is the device whose address is its chassis id,
    else the only one whose sysName (else name) it bears, else the one that another neighbour with the same chassis id
    was found to be.
    """
    known = {device.id: device for device in devices}
    heard = [(device_id, row) for device_id in sorted(known) for row in neighbours.get(device_id, ())]
    found = _Finder(known.values(), systems)
    found.learn(row for _, row in heard)
    outside: dict[str, Outside] = {}
    ports: dict[int, _Ports] = {}
    links = _Links()
    for device_id, row in heard:
        peer_id = found.device(row)
        if peer_id == device_id:
            # A loop on itself connects nothing.
            continue
        here = End(device_id, None, row.interface_id, row.local_port)
        if peer_id is None:
            stranger = _stranger(row)
            outside.setdefault(stranger.key, stranger)
            there = End(None, stranger.key, None, _port_text(row))
        else:
            if peer_id not in ports:
                ports[peer_id] = _Ports(interfaces_of(peer_id))
            there = End(peer_id, None, ports[peer_id].find(row), _port_text(row))
        links.take(here, there)
    return Topology(links.links, list(outside.values()))


def peers(
    device_id: int,
    devices: Iterable[Device],
    systems: Mapping[int, SystemGroup],
    neighbours: Mapping[int, Sequence[Neighbour]],
) -> list[tuple[Neighbour, int | None]]:
    """Return what a device hears, in order, each with the device that it is, as in `connect`; None: none of ours."""
    known = {device.id: device for device in devices}
    found = _Finder(known.values(), systems)
    found.learn(row for heard_by in sorted(known) for row in neighbours.get(heard_by, ()))
    return [(row, found.device(row)) for row in neighbours.get(device_id, ())]


class _Finder:
    """Which device a neighbour is."""

    def __init__(self, devices: Iterable[Device], systems: Mapping[int, SystemGroup]) -> None:
        by_name: dict[str, set[int]] = {}
        self._by_address: dict[str, int] = {}
        for device in devices:
            system = systems.get(device.id)
            self._by_address[device.address] = device.id
            for name in _names((system.sys_name if system else None) or device.name):
                by_name.setdefault(name, set()).add(device.id)
        # A name that two bear tells nothing.
        self._by_name = {name: min(ids) for name, ids in by_name.items() if len(ids) == 1}
        self._by_chassis: dict[tuple[int, str], int | None] = {}

    def learn(self, rows: Iterable[Neighbour]) -> None:
        """Note the chassis ids of neighbours that are known otherwise; one that two devices bear tells nothing."""
        for row in rows:
            device_id = self._otherwise(row)
            if device_id is not None:
                key = (row.chassis_id_subtype, row.chassis_id.casefold())
                self._by_chassis[key] = device_id if self._by_chassis.get(key, device_id) == device_id else None

    def device(self, row: Neighbour) -> int | None:
        """Return the device that a neighbour is, None: none of ours, or it cannot be told."""
        device_id = self._otherwise(row)
        if device_id is not None or not row.chassis_id:
            return device_id
        return self._by_chassis.get((row.chassis_id_subtype, row.chassis_id.casefold()))

    def _otherwise(self, row: Neighbour) -> int | None:
        if row.chassis_id_subtype == _CHASSIS_ADDRESS and row.chassis_id in self._by_address:
            return self._by_address[row.chassis_id]
        return next((self._by_name[name] for name in _names(row.sys_name) if name in self._by_name), None)


def _names(name: str) -> tuple[str, ...]:
    """Return how a system may be called: in full, then without its domain; none for none."""
    full = name.strip().casefold()
    host = full.partition(".")[0]
    if not full or host == full or host.isdigit():
        # An address is no name with a domain.
        return (full,) if full else ()
    return full, host


class _Ports:
    """A device's interfaces by what they are called; a name that two bear tells nothing."""

    def __init__(self, interfaces: Sequence[Interface]) -> None:
        self._interfaces = interfaces
        # By what they are called; filled when first asked for, because most are found by their names.
        self._known: dict[str, dict[str, int | None]] = {}

    def find(self, row: Neighbour) -> int | None:
        """Return the interface that a neighbour's port is, by its id, else by its description; None when in doubt."""
        wanted, found = row.port_id.strip().casefold(), None
        if row.port_id_subtype == _PORT_ALIAS:
            found = self._by("if_alias", wanted)
        elif row.port_id_subtype == _PORT_LOCAL and wanted.isascii() and wanted.isdigit():
            found = self._by("if_index", wanted)
        elif row.port_id_subtype != _PORT_MAC:
            found = self._named(wanted)
        return found if found is not None else self._named(row.port_descr.strip().casefold())

    def _named(self, wanted: str) -> int | None:
        names = ("if_name", "if_descr", "if_alias") if wanted else ()
        return next((found for name in names if (found := self._by(name, wanted)) is not None), None)

    def _by(self, name: str, wanted: str) -> int | None:
        if name not in self._known:
            known = self._known[name] = {}
            for port in self._interfaces:
                key = str(getattr(port, name)).casefold()
                known[key] = None if key in known else port.id
        return self._known[name].get(wanted)


def _port_text(row: Neighbour) -> str:
    """Return a neighbour's port for people: a MAC address says less than its description."""
    described = row.port_id_subtype in {_PORT_MAC, _PORT_LOCAL} and row.port_descr
    return row.port_descr if described else row.port_id or row.port_descr


def _stranger(row: Neighbour) -> Outside:
    key = f"{row.chassis_id_subtype}:{row.chassis_id}" if row.chassis_id else f"name:{row.sys_name}"
    return Outside(key, row.sys_name, row.chassis_id)


class _Links:
    """Links as they are told, each once however many ends tell of it."""

    def __init__(self) -> None:
        self.links: list[Link] = []
        # Links of which one end has told, by who told of whom.
        self._told: dict[tuple[int | None, int | None], list[int]] = {}

    def take(self, here: End, there: End) -> None:
        """Take that `here` hears `there`: a link of its own, or the other end's word of one that is known."""
        if any(self.links[number].a == here for number in self._told.get((here.device_id, there.device_id), ())):
            return
        waiting = self._told.get((there.device_id, here.device_id), [])
        agreeing = [number for number in waiting if self._agreement(number, here, there) is not None]
        if agreeing:
            # Of several cables between two devices the one that both name alike.
            number = max(agreeing, key=lambda number: self._agreement(number, here, there) or 0)
            waiting.remove(number)
            link = self.links[number]
            self.links[number] = Link(_joined(link.a, there), _joined(here, link.b), confirmed=True)
            return
        self._told.setdefault((here.device_id, there.device_id), []).append(len(self.links))
        self.links.append(Link(here, there))

    def _agreement(self, number: int, here: End, there: End) -> int | None:
        """Return how many ends of a link are surely these, None: it is another one."""
        link, sure = self.links[number], 0
        for told, heard in ((link.a, there), (link.b, here)):
            if told.interface_id is None or heard.interface_id is None:
                continue
            if told.interface_id != heard.interface_id:
                return None
            sure += 1
        return sure


def _joined(own: End, heard: End) -> End:
    """Return an end by its own word, and by the other's where it says nothing."""
    interface_id = heard.interface_id if own.interface_id is None else own.interface_id
    return replace(own, interface_id=interface_id, port=own.port or heard.port)
