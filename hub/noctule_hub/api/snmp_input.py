"""What a client may say about polling a device by SNMP, checked; secrets are never repeated in a refusal."""

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType
from noctule_shared.errors import invalid
from noctule_shared.interface_filter import DEFAULT_FILTER, DEFAULT_SKIP_TYPES, InterfaceFilter
from noctule_shared.link import AuthProtocol, PrivProtocol, RequestsPerS, SnmpCredentials, SnmpVersion
from noctule_shared.thresholds import FAILED_POLLS, FailedPolls

from noctule_hub.api.icmp_input import IntervalS
from noctule_hub.core.records import Device, SnmpSettings

# USM refuses shorter pass phrases (RFC 3414, section 11.2).
MIN_USM_SECRET_CHARS: Final = 8

Port = Annotated[int, msgspec.Meta(ge=1, le=65_535)]
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


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


def keeps_credentials(device: Device, snmp: SnmpInput) -> bool:
    """Return whether a change of a device's SNMP leaves its stored credentials as they are."""
    if device.snmp is None or snmp.community is not None or snmp.v3 is not None:
        return False
    return (device.snmp.version is SnmpVersion.V3) == (snmp.version is SnmpVersion.V3)


def check_snmp(body: SnmpInput | None, before: SnmpSettings | None) -> SnmpSettings | None:
    """Return how to poll; `before` keeps its filter when none is given. Raises `Refused` (invalid)."""
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
