"""What a hub may ask of an agent beside the device list: arguments and answers of each kind of command.

`link.Command` and `link.Result` carry them. Credentials travel sealed to the agent (`link.SEAL_INFO`) and never back.
"""

from enum import StrEnum
from typing import Annotated, Final

import msgspec

from noctule_shared.axes import IfStatus
from noctule_shared.link import SnmpVersion

# Commands that an agent works on at a time; focus is done at once and takes no place.
COMMANDS_AT_ONCE: Final = 4
# For how long a focus lasts unless it is renewed, and how often the device is then measured.
FOCUS_S: Final = 300.0
FOCUS_INTERVAL_S: Final = 1.0
FOCUSED_BY_USER: Final = 5
FOCUSED_ON_AGENT: Final = 20
# What a result may take on the wire, below the largest message that a hub accepts.
MAX_RESULT_BYTES: Final = 400 * 1024
MAX_INTERFACES: Final = 500
# Sealed for no registered device: ids of devices are positive.
UNREGISTERED: Final = 0

DeviceId = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
UdpPort = Annotated[int, msgspec.Meta(ge=1, le=65_535)]
Address = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
CredentialName = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
ShortText = Annotated[str, msgspec.Meta(max_length=4096)]


class CommandFailure(StrEnum):
    """Why a command was not carried out: `Result.reason`.

    `expired`: its deadline was over before it began; `timeout`: before it was done. `not-own`: the device is not in
    the agent's list. `not-allowed`: outside the `allowed_networks` of agent.toml. `no-permission`: the agent's
    machine does not let it.
    """

    BUSY = "busy"
    EXPIRED = "expired"
    TIMEOUT = "timeout"
    NOT_OWN = "not-own"
    NOT_ALLOWED = "not-allowed"
    INVALID = "invalid"
    UNSUPPORTED = "unsupported"
    NO_PERMISSION = "no-permission"
    NO_ANSWER = "no-answer"
    TOO_LARGE = "too-large"
    FAILED = "failed"


class SealedSnmp(msgspec.Struct, frozen=True, rename="camel"):
    """How to ask a device by SNMP; `sealed` as in `link.SnmpConfig`."""

    version: SnmpVersion
    port: UdpPort
    sealed: str


class ProbeArgs(msgspec.Struct, frozen=True, rename="camel"):
    """Say what of a device answers. `address` None: its own. `snmp` None: with what the agent has for it.

    An address that is not the device's own needs `snmp`: stored credentials are sent to no other address.
    """

    device_id: DeviceId
    address: Address | None = None
    snmp: SealedSnmp | None = None
    count: Annotated[int, msgspec.Meta(ge=1, le=20)] = 5


class RttBody(msgspec.Struct, frozen=True, rename="camel"):
    """Round-trip delays in seconds; all None when nothing came back."""

    min: float | None
    median: float | None
    mean: float | None
    max: float | None
    mdev: float | None


class IcmpBody(msgspec.Struct, frozen=True, rename="camel"):
    """What echoes brought. `reason` None when a reply came; `loss_ratio` None when none could be sent."""

    sent: int
    received: int
    loss_ratio: float | None
    rtt_s: RttBody
    reason: ShortText | None = None


class SnmpBody(msgspec.Struct, frozen=True, rename="camel"):
    """What SNMP brought, with the names of SNMPv2-MIB. None: the device did not say, or did not answer."""

    ok: bool
    reason: ShortText | None
    version: SnmpVersion
    sys_name: ShortText | None = None
    sys_descr: ShortText | None = None
    sys_object_id: ShortText | None = msgspec.field(default=None, name="sysObjectID")
    sys_up_time_ticks: int | None = None
    detail: ShortText | None = None


class ProbedInterface(msgspec.Struct, frozen=True, rename="camel"):
    """One row of a device's interfaces."""

    if_index: int
    name: ShortText
    if_alias: ShortText
    speed_bps: int | None
    if_admin_status: IfStatus
    if_oper_status: IfStatus
    counter_bits: int | None


class ProbeBody(msgspec.Struct, frozen=True, rename="camel"):
    """What was found out about a device. `snmp` None: it is not asked by SNMP. `advice`: sentences for people.

    `interfaces` holds the first 500 of `interface_count`.
    """

    address: Address
    icmp: IcmpBody
    snmp: SnmpBody | None
    interface_count: int
    interfaces: list[ProbedInterface]
    advice: list[ShortText]


class FocusArgs(msgspec.Struct, frozen=True, rename="camel"):
    """Measure a device each second for the next `FOCUS_S`, or as ever again."""

    device_id: DeviceId
    on: bool


class FocusBody(msgspec.Struct, frozen=True, rename="camel"):
    """For how much longer a device is measured each `interval_s`, both in seconds; 0: it is not in focus."""

    remaining_s: float
    interval_s: float


class OfferedCredentials(msgspec.Struct, frozen=True, rename="camel"):
    """Credentials to offer, those of a device of the agent or sealed for `UNREGISTERED`; findings name them `name`."""

    name: CredentialName
    device_id: DeviceId | None = None
    version: SnmpVersion | None = None
    sealed: str | None = None


class DiscoverArgs(msgspec.Struct, frozen=True, rename="camel"):
    """Sweep a network as `noctule-agent discover` does."""

    network: Address
    credentials: list[OfferedCredentials] = []
    port: UdpPort = 161
    addresses_per_s: float = 100.0
    limit_s: float = 60.0


class FoundSnmp(msgspec.Struct, frozen=True, rename="camel"):
    """What SNMP brought of one address: which of the offered credentials fit, or why none did."""

    ok: bool
    reason: ShortText | None
    port: ShortText
    offered: int
    credential: CredentialName | None = None
    version: SnmpVersion | None = None
    sys_name: ShortText | None = None
    sys_descr: ShortText | None = None
    sys_object_id: ShortText | None = msgspec.field(default=None, name="sysObjectID")


class FoundDevice(msgspec.Struct, frozen=True, rename="camel"):
    """An address at which something answered. None: not measured, or not asked in time."""

    address: Address
    icmp: bool | None
    rtt_s: float | None
    snmp: FoundSnmp | None


class DiscoverBody(msgspec.Struct, frozen=True, rename="camel"):
    """What a sweep found, by address. `complete` False: the time was up when `swept` of `addresses` were asked."""

    network: Address
    addresses: int
    swept: int
    complete: bool
    icmp: bool
    send_error: ShortText | None
    duration_s: float
    found: list[FoundDevice]


class PollRowArgs(msgspec.Struct, frozen=True, rename="camel"):
    """Read the statuses of one interface now; what changed comes as an event."""

    device_id: DeviceId
    if_index: Annotated[int, msgspec.Meta(ge=1, le=2**32 - 1)]


class PollRowBody(msgspec.Struct, frozen=True, rename="camel"):
    """The row was read."""

    if_index: int


class TracerouteArgs(msgspec.Struct, frozen=True, rename="camel"):
    """Find the way to a device."""

    device_id: DeviceId


class TracerouteHop(msgspec.Struct, frozen=True, rename="camel"):
    """A router that answered at `distance` (1 is the next one), with its round-trip delay in seconds."""

    distance: int
    address: Address
    rtt_s: float
    is_target: bool


class TracerouteBody(msgspec.Struct, frozen=True, rename="camel"):
    """The hops that answered, nearest first; `reached`: the last one is the device."""

    address: Address
    reached: bool
    hops: list[TracerouteHop]
