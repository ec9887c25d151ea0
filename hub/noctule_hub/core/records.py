"""The hub's records as the store keeps and returns them. Plain data: ids, names, times in epoch milliseconds."""

from dataclasses import dataclass
from typing import Any

from noctule_shared.alerts import Assignee, IncidentRef
from noctule_shared.axes import Duplex, IcmpLevel, IfStatus, Reachability, SnmpLevel
from noctule_shared.events import AlertState, DeviceStatus, EventName, Severity
from noctule_shared.interface_filter import DEFAULT_FILTER, InterfaceFilter
from noctule_shared.link import SnmpVersion
from noctule_shared.silences import SilenceRef
from noctule_shared.thresholds import FAILED_POLLS, ICMP_THRESHOLDS, IcmpThresholds

from noctule_hub.core.alerting.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Site:
    """A place with devices and usually one agent. Names are unique."""

    id: int
    name: str
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Agent:
    """An enrolled agent. Keys are raw public keys in hex; a revoked agent keeps its row and its history.

    `next_signing_key` None: it has announced no other.
    """

    id: int
    name: str
    site_id: int
    signing_key: str
    sealing_key: str
    version: str
    created_ms: int
    revoked_ms: int | None = None
    last_seen_ms: int | None = None
    config_revision: int = 1
    next_signing_key: str | None = None


@dataclass(frozen=True, slots=True)
class SnmpSettings:
    """How a device is polled by SNMP, without what opens it (that is sealed in the store).

    Down after `failed_polls` failed polls in a row. `max_requests_per_s` None: no limit of its own.
    """

    version: SnmpVersion
    port: int = 161
    interval_s: float = 30.0
    failed_polls: int = FAILED_POLLS
    max_requests_per_s: float | None = None
    interfaces: InterfaceFilter = DEFAULT_FILTER


@dataclass(frozen=True, slots=True)
class IcmpSettings:
    """How a device is pinged: `count` packets each `interval_s`, and what its rounds mean.

    `spacing_s` between packets and `timeout_s` of the last one are None where the device has none of its own; see
    `core.icmp_timing`.
    """

    interval_s: float = 10.0
    count: int = 5
    spacing_s: float | None = None
    timeout_s: float | None = None
    thresholds: IcmpThresholds = ICMP_THRESHOLDS


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device as it shall be. `agent_id` None: the agent of the site, chosen by the store (lowest id).

    `role` is what it does in the network in the NOC's own word (core, access, cpe), empty: not said. `parents` are
    the devices through which it is reached, by rising id; `note` is the NOC's own text.
    """

    name: str
    address: str
    site_id: int
    reachability: Reachability
    icmp: IcmpSettings | None
    snmp: SnmpSettings | None
    agent_id: int | None = None
    role: str = ""
    tags: tuple[str, ...] = ()
    parents: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """A registered device. `agent_id` None: nobody polls it yet. `revision` counts changes.

    `role` is what it does in the network in the NOC's own word, empty: not said. `parents` are the devices through
    which it is reached, by rising id; `note` is the NOC's own text.
    """

    id: int
    name: str
    address: str
    site_id: int
    agent_id: int | None
    reachability: Reachability
    icmp: IcmpSettings | None
    snmp: SnmpSettings | None
    tags: tuple[str, ...]
    created_ms: int
    revision: int = 1
    role: str = ""
    parents: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Axes:
    """The latest level of a device on each axis and when it was observed; 0: never."""

    icmp: IcmpLevel = IcmpLevel.NONE
    icmp_ms: int = 0
    snmp: SnmpLevel = SnmpLevel.NONE
    snmp_ms: int = 0


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What the hub holds of a device now: its axes and the status derived from them, since when and why."""

    device_id: int
    axes: Axes
    status: DeviceStatus
    reason: str
    since_ms: int
    underlying: DeviceStatus | None = None


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface with the identity that its history follows.

    `inventory_rev` is the inventory in which it was last present with `if_index`; `removed_ms` None: present.
    `speed_bps` and `duplex` None: unknown; of a port that is not up they are those of when it was.
    """

    id: int
    device_id: int
    identity: str
    if_index: int
    inventory_rev: int
    if_name: str
    if_descr: str
    if_alias: str
    if_type: int
    speed_bps: int | None
    if_admin_status: IfStatus
    if_oper_status: IfStatus
    polled: bool
    state_ms: int
    removed_ms: int | None = None
    duplex: Duplex | None = None

    @property
    def label(self) -> str:
        """How people are told of it: its identity, and its ifAlias where it has one."""
        return f"{self.identity} ({self.if_alias})" if self.if_alias else self.identity


@dataclass(frozen=True, slots=True)
class SystemGroup:
    """What a device says of itself (SNMPv2-MIB), as sent at `seen_ms`; None: it did not say."""

    sys_name: str | None
    sys_descr: str | None
    sys_object_id: str | None
    sys_location: str | None
    sys_contact: str | None
    seen_ms: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What a device hears by LLDP on one of its ports; `shared`'s `Neighbour` says what the texts are.

    `interface_id` None: the device does not say which interface. `seen_ms` is when the agent last sent it.
    """

    interface_id: int | None
    local_port: str
    chassis_id_subtype: int
    chassis_id: str
    port_id_subtype: int
    port_id: str
    port_descr: str
    sys_name: str
    seen_ms: int


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert and its condition. `key` says what it is about and is unique among those not resolved.

    Beside the condition stand who acknowledged it (`acknowledged_by`, until `acknowledged_until_ms`; None: for good)
    and why it alarms nobody (`inhibited_by`, `silenced_by`); None: nobody has, and it does. `trouble` is the rule's:
    what customers are told, None: they are not. `evidence` is what was judged when it changed last, by the rule as it
    was at `rule_revision`. `assignee` is who is to take care of it, `incident` what it is part of; None: nobody,
    nothing.
    """

    id: int
    key: str
    rule: str
    title: str
    severity: Severity
    state: AlertState
    reason: str
    started_ms: int
    fired_ms: int | None
    resolved_ms: int | None
    device_id: int | None
    interface_id: int | None
    agent_id: int | None
    site_id: int | None
    acknowledged_by: str | None = None
    acknowledged_ms: int | None = None
    note: str | None = None
    inhibited_by: str | None = None
    silenced_by: SilenceRef | None = None
    acknowledged_until_ms: int | None = None
    trouble: str | None = None
    rule_revision: int = 1
    evidence: Evidence | None = None
    assignee: Assignee | None = None
    incident: IncidentRef | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether it is kept from ringing."""
        return self.inhibited_by is not None or self.silenced_by is not None

    @property
    def is_open(self) -> bool:
        """Whether it is not over: an alert that is not open is history, and in the store alone."""
        return self.state in {AlertState.PENDING, AlertState.FIRING}


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be appended to the log. `data` is the payload for staff (camelCase, JSON types only).

    `rooms` are fixed here, at commit time, without audience; `late`: observed long before it was committed.
    """

    name: EventName
    data: dict[str, Any]
    rooms: tuple[str, ...]
    observed_ms: int
    device_id: int | None = None
    site_id: int | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class EventRow:
    """A committed event: `seq` grows by commit order within the log's epoch."""

    seq: int
    name: EventName
    data: dict[str, Any]
    rooms: tuple[str, ...]
    observed_ms: int
    committed_ms: int
    device_id: int | None
    site_id: int | None
    late: bool
