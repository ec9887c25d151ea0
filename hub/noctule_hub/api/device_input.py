"""What a client may say about a device, checked: pure, names the field in every refusal. The store is `devices`'."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType
from noctule_shared.axes import Reachability
from noctule_shared.errors import invalid
from noctule_shared.interface_filter import DEFAULT_FILTER, DEFAULT_SKIP_TYPES, InterfaceFilter
from noctule_shared.link import AuthProtocol, PrivProtocol, RequestsPerS, SnmpCredentials, SnmpVersion
from noctule_shared.thresholds import FAILED_POLLS, FailedPolls

from noctule_hub.api.bodies import Id, check_name
from noctule_hub.api.icmp_input import IcmpInput, IntervalS, check_icmp
from noctule_hub.core.records import Device, IcmpSettings, SnmpSettings

MAX_HOSTNAME_CHARS: Final = 253
MAX_TAGS: Final = 32
MAX_TAG_CHARS: Final = 64
# USM refuses shorter pass phrases (RFC 3414, section 11.2).
MIN_USM_SECRET_CHARS: Final = 8
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)

Port = Annotated[int, msgspec.Meta(ge=1, le=65_535)]
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Text = Annotated[str, msgspec.Meta(max_length=1000)]


class V3Input(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A user of SNMPv3's user-based security model."""

    user: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    auth_protocol: AuthProtocol | None = None
    auth_secret: Secret | None = None
    priv_protocol: PrivProtocol | None = None
    priv_secret: Secret | None = None
    context: Annotated[str, msgspec.Meta(max_length=255)] = ""

    def __repr__(self) -> str:
        return "V3Input(***)"


class FilterInput(InterfaceFilter, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Which interfaces are polled; lists that are absent are the default ones."""


class SnmpInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """How to poll by SNMP, and what opens the device. Down after `failed_polls` failed polls in a row.

    `max_requests_per_s` None: as many as the agent sends to any device.
    """

    version: SnmpVersion = SnmpVersion.V2C
    port: Port = 161
    interval_s: IntervalS = 30.0
    failed_polls: FailedPolls = FAILED_POLLS
    max_requests_per_s: RequestsPerS | None = None
    community: Secret | None = None
    v3: V3Input | None = None
    interfaces: FilterInput | UnsetType = UNSET

    def __repr__(self) -> str:
        return "SnmpInput(***)"


class NewDeviceInput(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `POST /api/v1/devices`. The site by name or id; the agent likewise, or the site's own."""

    name: Text
    address: Text
    site: Text | None = None
    site_id: Id | None = None
    agent: Text | None = None
    agent_id: Id | None = None
    reachability: Reachability = Reachability.ICMP
    icmp: IcmpInput | UnsetType | None = UNSET
    snmp: SnmpInput | None = None
    tags: list[Text] = []


class DeviceChange(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Body of `PATCH /api/v1/devices/{id}`: what is absent stays. `revision` is the one that was read."""

    revision: int
    name: Text | UnsetType = UNSET
    address: Text | UnsetType = UNSET
    reachability: Reachability | UnsetType = UNSET
    icmp: IcmpInput | UnsetType | None = UNSET
    snmp: SnmpInput | UnsetType | None = UNSET
    tags: list[Text] | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Checked:
    """A device's settings, consistent. `credentials` None: no SNMP, or those that the store has stay."""

    name: str
    address: str
    reachability: Reachability
    icmp: IcmpSettings | None
    snmp: SnmpSettings | None
    credentials: SnmpCredentials | None
    tags: tuple[str, ...]


def check_new(body: NewDeviceInput) -> Checked:
    """Return a new device's settings. Raises `Refused` (invalid), naming the field."""
    # A device watched by SNMP alone is not pinged unless asked for; every other one is.
    wanted = body.icmp
    if wanted is UNSET:
        wanted = None if body.reachability is Reachability.SNMP else IcmpInput()
    return _consistent(
        Checked(
            name=check_name("name", body.name),
            address=check_address(body.address),
            reachability=body.reachability,
            icmp=check_icmp(wanted) if wanted else None,
            snmp=_snmp(body.snmp, None),
            credentials=check_credentials(body.snmp) if body.snmp else None,
            tags=check_tags(body.tags),
        )
    )


def check_change(device: Device, body: DeviceChange) -> Checked:
    """Return a device's settings after a change. Raises `Refused` (invalid), naming the field."""
    credentials = None
    snmp = device.snmp
    if body.snmp is not UNSET:
        snmp = _snmp(body.snmp, device.snmp)
        if body.snmp is not None and not _keeps_credentials(device, body.snmp):
            credentials = check_credentials(body.snmp)
    icmp = device.icmp
    if body.icmp is not UNSET:
        icmp = check_icmp(body.icmp) if body.icmp else None
    return _consistent(
        Checked(
            name=device.name if body.name is UNSET else check_name("name", body.name),
            address=device.address if body.address is UNSET else check_address(body.address),
            reachability=device.reachability if body.reachability is UNSET else body.reachability,
            icmp=icmp,
            snmp=snmp,
            credentials=credentials,
            tags=device.tags if body.tags is UNSET else check_tags(body.tags),
        )
    )


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


def check_tags(tags: list[str]) -> tuple[str, ...]:
    """Return tags in their order, each once. Raises `Refused` (invalid)."""
    if len(tags) > MAX_TAGS:
        raise invalid("tags", f"at most {MAX_TAGS} tags")
    checked = [check_name(f"tags[{index}]", tag, max_chars=MAX_TAG_CHARS) for index, tag in enumerate(tags)]
    return tuple(dict.fromkeys(checked))


def check_credentials(snmp: SnmpInput) -> SnmpCredentials:
    """Return what opens a device, as its SNMP version needs it. Raises `Refused` that never repeats a secret."""
    if snmp.version is not SnmpVersion.V3:
        if snmp.v3 is not None:
            raise invalid("snmp.v3", f"belongs to version 3, not {snmp.version}; give a community or set version 3")
        if snmp.community is None:
            raise invalid("snmp.community", f"version {snmp.version} needs a community")
        return SnmpCredentials(community=snmp.community)
    if snmp.community is not None:
        raise invalid("snmp.community", "version 3 has no community; give v3 with a user instead")
    v3 = snmp.v3
    if v3 is None:
        raise invalid("snmp.v3", "version 3 needs a user")
    _check_pair("auth", v3.auth_protocol, v3.auth_secret)
    _check_pair("priv", v3.priv_protocol, v3.priv_secret)
    if v3.priv_protocol is not None and v3.auth_protocol is None:
        raise invalid("snmp.v3.authProtocol", "privacy needs authentication too (RFC 3414)")
    return SnmpCredentials(
        user=v3.user,
        auth_protocol=v3.auth_protocol,
        auth_secret=v3.auth_secret,
        priv_protocol=v3.priv_protocol,
        priv_secret=v3.priv_secret,
        context=v3.context,
    )


def _check_pair(which: str, protocol: AuthProtocol | PrivProtocol | None, secret: str | None) -> None:
    if protocol is not None and secret is None:
        raise invalid(f"snmp.v3.{which}Secret", f"{which}Protocol needs its secret")
    if secret is not None and protocol is None:
        raise invalid(f"snmp.v3.{which}Protocol", f"{which}Secret needs its protocol")
    if secret is not None and len(secret) < MIN_USM_SECRET_CHARS:
        raise invalid(f"snmp.v3.{which}Secret", f"must have at least {MIN_USM_SECRET_CHARS} characters (RFC 3414)")


def _keeps_credentials(device: Device, snmp: SnmpInput) -> bool:
    if device.snmp is None or snmp.community is not None or snmp.v3 is not None:
        return False
    return (device.snmp.version is SnmpVersion.V3) == (snmp.version is SnmpVersion.V3)


def _snmp(body: SnmpInput | None, before: SnmpSettings | None) -> SnmpSettings | None:
    if body is None:
        return None
    kept = before.interfaces if before is not None else DEFAULT_FILTER
    return SnmpSettings(
        version=body.version,
        port=body.port,
        interval_s=body.interval_s,
        failed_polls=body.failed_polls,
        max_requests_per_s=body.max_requests_per_s,
        interfaces=kept if body.interfaces is UNSET else _filter(body.interfaces),
    )


def _filter(chosen: InterfaceFilter) -> InterfaceFilter:
    """Return a filter without blanks around its patterns and with each entry once. Raises `Refused` (invalid)."""
    for field, patterns in (("skipNames", chosen.skip_names), ("onlyNames", chosen.only_names)):
        for index, pattern in enumerate(patterns):
            if not pattern.strip() or not pattern.isprintable():
                raise invalid(
                    f"snmp.interfaces.{field}[{index}]", "must be a printable glob such as eth* or Gi1/0/[1-4]"
                )
    skip_types = tuple(dict.fromkeys(chosen.skip_types))
    found = InterfaceFilter(
        # The object itself: what is as of any device is not kept, so that it follows when a default changes.
        skip_types=DEFAULT_SKIP_TYPES if skip_types == DEFAULT_SKIP_TYPES else skip_types,
        skip_names=tuple(dict.fromkeys(map(str.strip, chosen.skip_names))),
        only_names=tuple(dict.fromkeys(map(str.strip, chosen.only_names))),
    )
    return DEFAULT_FILTER if found == DEFAULT_FILTER else found


def _host_name(text: str) -> str:
    name = text.lower().removesuffix(".")
    labels = name.split(".")
    if not name or len(name) > MAX_HOSTNAME_CHARS or not all(_LABEL.fullmatch(label) for label in labels):
        raise invalid("address", "must be an IP address or a host name, without port, scheme or blanks")
    if labels[-1].isdecimal():
        raise invalid("address", "looks like an IPv4 address but is not one; it needs four numbers from 0 to 255")
    return name


def _consistent(checked: Checked) -> Checked:
    if checked.reachability in {Reachability.ICMP, Reachability.BOTH} and checked.icmp is None:
        raise invalid("icmp", f"reachability {checked.reachability} needs ICMP; give icmp or set reachability snmp")
    if checked.reachability in {Reachability.SNMP, Reachability.BOTH} and checked.snmp is None:
        raise invalid("snmp", f"reachability {checked.reachability} needs SNMP; give snmp or set reachability icmp")
    return checked
