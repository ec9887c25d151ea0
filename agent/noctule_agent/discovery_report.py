"""What a subnet discovery is asked, and what it found. Pure; asking is left to `discovery`."""

from dataclasses import dataclass
from typing import Final

import msgspec
from noctule_shared.errors import invalid
from noctule_shared.link import SnmpCredentials, SnmpVersion

from noctule_agent.core.discovery import MAX_CREDENTIALS, Network
from noctule_agent.probes.snmp.port_probe import PortState
from noctule_agent.probes.snmp.session import Reason

DEFAULT_ADDRESSES_PER_S: Final = 100.0
MAX_ADDRESSES_PER_S: Final = 1000.0
DEFAULT_LIMIT_S: Final = 600.0
MAX_LIMIT_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class NamedCredentials:
    """Credentials with the name by which a finding says that they fit; the name holds no secret."""

    name: str
    version: SnmpVersion
    credentials: SnmpCredentials


@dataclass(frozen=True, slots=True)
class DiscoveryOrder:
    """What to sweep, how fast and for how long, and which credentials may be offered, in this order.

    Raises `Refused` (invalid, naming the field) for a value outside its limits.
    """

    network: Network
    credentials: tuple[NamedCredentials, ...] = ()
    port: int = 161
    addresses_per_s: float = DEFAULT_ADDRESSES_PER_S
    limit_s: float = DEFAULT_LIMIT_S

    def __post_init__(self) -> None:
        if len(self.credentials) > MAX_CREDENTIALS:
            raise invalid("credentials", f"{len(self.credentials)} credentials; at most {MAX_CREDENTIALS} are offered")
        if not 0 < self.addresses_per_s <= MAX_ADDRESSES_PER_S:
            raise invalid("addressesPerS", f"{self.addresses_per_s:g} is not between 0 and {MAX_ADDRESSES_PER_S:g}")
        if not 0 < self.limit_s <= MAX_LIMIT_S:
            raise invalid("limitS", f"{self.limit_s:g} is not between 0 and {MAX_LIMIT_S:g}")


class SnmpFinding(msgspec.Struct, frozen=True, rename="camel"):
    """What SNMP brought of one address.

    `reason`: why no credentials were taken, None when they were or none were named. `offered`: how many sets
    of credentials were sent there. `credential`, `version` and the system group (names of SNMPv2-MIB) are those
    of the credentials that fit, None where there are none or the device does not say.
    """

    ok: bool
    reason: Reason | None
    port: PortState
    offered: int
    credential: str | None = None
    version: SnmpVersion | None = None
    sys_name: str | None = None
    sys_descr: str | None = None
    sys_object_id: str | None = msgspec.field(default=None, name="sysObjectID")
    sys_up_time_ticks: int | None = None


class FoundAddress(msgspec.Struct, frozen=True, rename="camel"):
    """An address at which something answered.

    `icmp` None and `rtt_s` None: not measured. `rtt_s` in seconds. `snmp` None: the time was up before it was asked.
    """

    address: str
    icmp: bool | None
    rtt_s: float | None
    snmp: SnmpFinding | None


class Discovery(msgspec.Struct, frozen=True, rename="camel"):
    """What a sweep found, sorted by address; addresses where nothing answered are only counted.

    `swept` of `addresses` were asked to the end; `complete` False: the time was up before. `icmp` False: only
    SNMP was asked. `send_error`: why this machine could not send echoes, None when it always could.
    """

    network: str
    addresses: int
    swept: int
    complete: bool
    icmp: bool
    send_error: str | None
    duration_s: float
    found: list[FoundAddress]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sweep is: addresses asked to the end, of how many, and at how many of them something answered."""

    swept: int
    addresses: int
    found: int
