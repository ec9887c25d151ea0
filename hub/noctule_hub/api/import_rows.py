"""The rows of an import, what becomes of each, and the devices that they may mean."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType
from noctule_shared.axes import Reachability
from noctule_shared.errors import Refused
from noctule_shared.link import SnmpVersion

from noctule_hub.answers.imports import RowOutcome
from noctule_hub.api.device_input import MAX_PARENTS, Checked, Note, Text
from noctule_hub.api.icmp_input import IntervalS
from noctule_hub.api.snmp_input import Port, Secret, V3Input
from noctule_hub.core.records import Device

MAX_ROWS: Final = 1_000

ParentNames = Annotated[list[Text], msgspec.Meta(max_length=MAX_PARENTS)]


class ImportSnmp(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """How to poll by SNMP, and what opens the device; see `SnmpInput`."""

    version: SnmpVersion | UnsetType = UNSET
    port: Port | UnsetType = UNSET
    interval_s: IntervalS | UnsetType = UNSET
    community: Secret | None = None
    v3: V3Input | None = None

    def __repr__(self) -> str:
        return "ImportSnmp(***)"


class ImportRow(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """One device of an import: site, agent and parents by name, parents also of the same import.

    What is absent, also of `snmp`, is as of any device, and stays when the device is there already.
    """

    name: Text
    address: Text
    site: Text
    agent: Text | None = None
    reachability: Reachability | UnsetType = UNSET
    icmp_interval_s: IntervalS | UnsetType = UNSET
    snmp: ImportSnmp | None = None
    role: Text | UnsetType = UNSET
    tags: list[Text] | UnsetType = UNSET
    parents: ParentNames | UnsetType = UNSET
    note: Note | UnsetType = UNSET


@dataclass(slots=True)
class Step:
    """What one row comes to. `checked` None: nothing is to be written. `behind` are positions of other rows.

    `refusals` are all that is wrong with it, none where it is not refused.
    """

    outcome: RowOutcome
    device: Device | None = None
    checked: Checked | None = None
    refusals: tuple[Refused, ...] = ()
    message: str | None = None
    behind: tuple[int, ...] = ()


@dataclass(slots=True)
class DeviceIndex:
    """Devices by site and name, by site and address, and by name alone."""

    by_name: dict[tuple[int, str], Device] = field(default_factory=dict)
    by_address: dict[tuple[int, str], list[Device]] = field(default_factory=dict)
    everywhere: dict[str, list[Device]] = field(default_factory=dict)


def index_of(devices: Sequence[Device]) -> DeviceIndex:
    """Return the hub's devices by what a row may know of them."""
    index = DeviceIndex()
    for device in devices:
        name = device.name.casefold()
        index.by_name[device.site_id, name] = device
        index.by_address.setdefault((device.site_id, device.address), []).append(device)
        index.everywhere.setdefault(name, []).append(device)
    return index


def refused(*refusals: Refused, device: Device | None = None) -> Step:
    """Return what becomes of a row that is refused."""
    return Step(RowOutcome.REFUSED, device=device, refusals=refusals)
