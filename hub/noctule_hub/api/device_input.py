"""What a client may say about a device, checked: pure, names the field in every refusal. The store is `devices`'."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType
from noctule_shared.axes import Reachability
from noctule_shared.errors import invalid
from noctule_shared.link import SnmpCredentials

from noctule_hub.api.bodies import Id, check_name
from noctule_hub.api.icmp_input import IcmpInput, check_icmp
from noctule_hub.api.snmp_input import SnmpInput, check_credentials, check_snmp, keeps_credentials
from noctule_hub.core.records import Device, NewDevice

MAX_HOSTNAME_CHARS: Final = 253
MAX_TAGS: Final = 32
MAX_TAG_CHARS: Final = 64
MAX_PARENTS: Final = 16
MAX_NOTE_CHARS: Final = 4_000
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
# What turns or hides text on a screen; a note may have several lines.
_LINE_ENDS: Final = "\n\t"

Text = Annotated[str, msgspec.Meta(max_length=1000)]
Note = Annotated[str, msgspec.Meta(max_length=MAX_NOTE_CHARS)]
Parents = Annotated[list[Id], msgspec.Meta(max_length=MAX_PARENTS)]


class NewDeviceInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `POST /api/v1/devices`. The site by name or id; the agent likewise, or the site's own.

    `role` is what it does in the network in a word of your own, such as core or access; empty: not said. `parents`
    are the devices through which this one is reached, several where the way is redundant.
    """

    name: Text
    address: Text
    site: Text | None = None
    site_id: Id | None = None
    agent: Text | None = None
    agent_id: Id | None = None
    reachability: Reachability = Reachability.ICMP
    icmp: IcmpInput | UnsetType | None = UNSET
    snmp: SnmpInput | None = None
    role: Text = ""
    tags: list[Text] = []
    parents: Parents = []
    note: Note = ""


class DeviceChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `PATCH /api/v1/devices/{id}`: what is absent stays. `revision` is the one that was read.

    Another site brings its own agent unless one is named.
    """

    revision: int
    name: Text | UnsetType = UNSET
    address: Text | UnsetType = UNSET
    site: Text | None = None
    site_id: Id | None = None
    agent: Text | None = None
    agent_id: Id | None = None
    reachability: Reachability | UnsetType = UNSET
    icmp: IcmpInput | UnsetType | None = UNSET
    snmp: SnmpInput | UnsetType | None = UNSET
    role: Text | UnsetType = UNSET
    tags: list[Text] | UnsetType = UNSET
    parents: Parents | UnsetType = UNSET
    note: Note | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Checked:
    """A device as it shall be, consistent. `credentials` None: no SNMP, or those that the store has stay."""

    device: NewDevice
    credentials: SnmpCredentials | None


def check_new(body: NewDeviceInput, *, site_id: int, agent_id: int | None) -> Checked:
    """Return a new device of that site and agent (None: the site's own). Raises `Refused` (invalid), the field."""
    # A device watched by SNMP alone is not pinged unless asked for; every other one is.
    wanted = body.icmp
    if wanted is UNSET:
        wanted = None if body.reachability is Reachability.SNMP else IcmpInput()
    new = NewDevice(
        name=check_name("name", body.name),
        address=check_address(body.address),
        site_id=site_id,
        agent_id=agent_id,
        reachability=body.reachability,
        icmp=check_icmp(wanted) if wanted else None,
        snmp=check_snmp(body.snmp, None),
        role=check_role(body.role),
        tags=check_tags(body.tags),
        parents=_parents(body.parents),
        note=check_note(body.note),
    )
    return Checked(_consistent(new), check_credentials(body.snmp) if body.snmp else None)


def check_change(device: Device, body: DeviceChange, *, site_id: int, agent_id: int | None) -> Checked:
    """Return a device after a change, at that site and agent. Raises `Refused` (invalid), naming the field."""
    credentials = None
    snmp = device.snmp
    if body.snmp is not UNSET:
        snmp = check_snmp(body.snmp, device.snmp)
        if body.snmp is not None and not keeps_credentials(device, body.snmp):
            credentials = check_credentials(body.snmp)
    icmp = device.icmp
    if body.icmp is not UNSET:
        icmp = check_icmp(body.icmp) if body.icmp else None
    new = NewDevice(
        name=device.name if body.name is UNSET else check_name("name", body.name),
        address=device.address if body.address is UNSET else check_address(body.address),
        site_id=site_id,
        agent_id=agent_id,
        reachability=device.reachability if body.reachability is UNSET else body.reachability,
        icmp=icmp,
        snmp=snmp,
        role=device.role if body.role is UNSET else check_role(body.role),
        tags=device.tags if body.tags is UNSET else check_tags(body.tags),
        parents=device.parents if body.parents is UNSET else _parents(body.parents),
        note=device.note if body.note is UNSET else check_note(body.note),
    )
    return Checked(_consistent(new), credentials)


def check_address(text: str) -> str:
    """Return an IP address in its shortest form, or a host name in lower case. Raises `Refused` (invalid)."""
    address = text.strip()
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return _host_name(address)
    if parsed.is_unspecified or parsed.is_multicast or parsed == ipaddress.IPv4Address("255.255.255.255"):
        raise invalid("address", f"{parsed} is no single device's address")
    return str(parsed)


def check_role(text: str, *, field: str = "role") -> str:
    """Return what a device does in the network, empty: not said. Raises `Refused` (invalid)."""
    return check_name(field, text, max_chars=MAX_TAG_CHARS) if text.strip() else ""


def check_roles(roles: list[str], *, field: str = "roles") -> tuple[str, ...]:
    """Return roles to select by in their order, each once. Raises `Refused` (invalid)."""
    return _labels(roles, field)


def check_tags(tags: list[str], *, field: str = "tags") -> tuple[str, ...]:
    """Return tags in their order, each once. Raises `Refused` (invalid)."""
    return _labels(tags, field)


def _labels(labels: Sequence[str], field: str) -> tuple[str, ...]:
    if len(labels) > MAX_TAGS:
        raise invalid(field, f"at most {MAX_TAGS} of them")
    checked = [check_name(f"{field}[{index}]", label, max_chars=MAX_TAG_CHARS) for index, label in enumerate(labels)]
    return tuple(dict.fromkeys(checked))


def check_note(text: str, *, field: str = "note") -> str:
    """Return a note of several lines. Raises `Refused` (invalid) for what is not printable."""
    note = text.strip().replace("\r\n", "\n")
    if not all(character.isprintable() or character in _LINE_ENDS for character in note):
        raise invalid(field, "must hold no control characters or marks that turn the writing direction")
    return note


def _parents(ids: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted(set(ids)))


def _host_name(text: str) -> str:
    name = text.lower().removesuffix(".")
    labels = name.split(".")
    if not name or len(name) > MAX_HOSTNAME_CHARS or not all(_LABEL.fullmatch(label) for label in labels):
        raise invalid("address", "must be an IP address or a host name, without port, scheme or blanks")
    if labels[-1].isdecimal():
        raise invalid("address", "looks like an IPv4 address but is not one; it needs four numbers from 0 to 255")
    return name


def _consistent(new: NewDevice) -> NewDevice:
    if new.reachability in {Reachability.ICMP, Reachability.BOTH} and new.icmp is None:
        raise invalid("icmp", f"reachability {new.reachability} needs ICMP; give icmp or set reachability snmp")
    if new.reachability in {Reachability.SNMP, Reachability.BOTH} and new.snmp is None:
        raise invalid("snmp", f"reachability {new.reachability} needs SNMP; give snmp or set reachability icmp")
    return new
