"""The hub's records as the store keeps and returns them. Plain data: ids, names, times in epoch milliseconds."""

from dataclasses import dataclass, field, fields
from typing import Any

from noctule_shared.axes import CanaryLevel, IcmpLevel, IfStatus, Reachability, SnmpLevel
from noctule_shared.events import AlertState, DeviceStatus, EventName, Severity
from noctule_shared.frames import FrameClass
from noctule_shared.link import SnmpVersion

from noctule_hub.core.principal import Role
from noctule_hub.core.series import MeasuredRows


@dataclass(frozen=True, slots=True)
class Site:
    """A place with devices and usually one agent. Names are unique."""

    id: int
    name: str
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Agent:
    """An enrolled agent. Keys are raw public keys in hex; a revoked agent keeps its row and its history."""

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


@dataclass(frozen=True, slots=True)
class SnmpSettings:
    """How a device is polled by SNMP, without what opens it (that is sealed in the store)."""

    version: SnmpVersion
    port: int = 161
    interval_s: float = 30.0


@dataclass(frozen=True, slots=True)
class IcmpSettings:
    """How a device is pinged: `count` packets each `interval_s`."""

    interval_s: float = 10.0
    count: int = 5


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device to be registered. `agent_id` None: the agent of the site, chosen by the store (lowest id)."""

    name: str
    address: str
    site_id: int
    reachability: Reachability
    icmp: IcmpSettings | None
    snmp: SnmpSettings | None
    agent_id: int | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """A registered device. `agent_id` None: nobody polls it yet. `revision` counts changes."""

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


@dataclass(frozen=True, slots=True)
class Binding:
    """From inventory `from_rev` on, `if_index` of a device means `interface_id`, until a newer binding of it.

    Kept so that frames in the journal are read after a restart as they were when they were received.
    """

    device_id: int
    if_index: int
    from_rev: int
    interface_id: int


@dataclass(frozen=True, slots=True)
class AgentCursor:
    """Where the hub stands in an agent's frames: all below `next_seq` of `epoch` are committed."""

    agent_id: int
    epoch: str
    next_seq: int


@dataclass(frozen=True, slots=True)
class FrameRow:
    """One frame as received; the journal from which measurements are projected."""

    agent_id: int
    epoch: str
    seq: int
    received_ms: int
    frame_class: FrameClass
    body: bytes


@dataclass(frozen=True, slots=True)
class RejectedFrame:
    """A frame that was acknowledged but can never be used; kept 7 days and shown as a gap."""

    agent_id: int
    epoch: str
    seq: int
    received_ms: int
    reason: str
    message: str
    body: bytes


@dataclass(frozen=True, slots=True)
class GapRow:
    """A hole in an agent's data; `samples` None: nobody can know how many."""

    agent_id: int
    from_ms: int
    to_ms: int
    samples: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert and its condition. `key` says what it is about and is unique among those not resolved.

    Acknowledgement is beside the condition: `acknowledged_by` None: nobody has.
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


@dataclass(frozen=True, slots=True)
class User:
    """A person who signs in. `password_hash` is an argon2id string; never leaves the hub."""

    id: int
    username: str
    password_hash: str = field(repr=False)
    role: Role
    customer_id: int | None
    disabled: bool
    min_issued_ms: int
    created_ms: int
    revision: int = 1


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A long-lived token for a program, known by its id; the token itself is not stored."""

    id: int
    name: str
    role: Role
    created_ms: int
    expires_ms: int
    revoked_ms: int | None


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One rotation of a browser session. `secret_hash` is SHA-256 hex; `used_ms` None: still the newest."""

    id: int
    family: str
    user_id: int
    secret_hash: str = field(repr=False)
    issued_ms: int
    expires_ms: int
    used_ms: int | None
    revoked_ms: int | None


@dataclass(frozen=True, slots=True)
class JoinTokenRow:
    """A join token as stored; `secret_hash` is SHA-256 hex."""

    id: int
    site_id: int
    secret_hash: str = field(repr=False)
    uses_left: int
    expires_ms: int


@dataclass(frozen=True, slots=True)
class EngineState:
    """Everything the engine needs after a start, read in one transaction."""

    devices: list[Device]
    sites: list[Site]
    agents: list[Agent]
    interfaces: list[Interface]
    states: list[DeviceState]
    alerts: list[Alert]
    cursors: list[AgentCursor]
    canaries: dict[int, CanaryLevel]
    next_interface_id: int
    next_alert_id: int


@dataclass(frozen=True, slots=True)
class Commit:
    """What one group commit changes, computed before it: applied whole or not at all.

    `tables` are the rows of `frames` again, resolved to objects: they are not written here but join the
    in-memory tail after the commit; the journal holds them until they are projected.
    """

    now_ms: int
    frames: list[FrameRow] = field(default_factory=list)
    rejected: list[RejectedFrame] = field(default_factory=list)
    cursors: list[AgentCursor] = field(default_factory=list)
    gaps: list[GapRow] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    states: list[DeviceState] = field(default_factory=list)
    interfaces: list[Interface] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    tables: list[MeasuredRows] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    canaries: dict[int, CanaryLevel] = field(default_factory=dict)
    seen_agents: dict[int, int] = field(default_factory=dict)

    def is_empty(self) -> bool:
        """Return whether there is nothing to commit."""
        return not any(getattr(self, column.name) for column in fields(self) if column.name != "now_ms")
