"""Events as Socket.IO clients receive them, by name, with their payloads; measurements are in `updates`.

Payload keys are camelCase and times ISO 8601 UTC. Which room carries what, and which fields an audience
sees, is the hub's (`noctule_hub.core.rooms`, `.projection`).
"""

from enum import StrEnum
from typing import Final

import msgspec

from noctule_shared.alerts import Assignee, IncidentRef
from noctule_shared.axes import IfStatus
from noctule_shared.customers import ServiceRef, SuspensionReason
from noctule_shared.silences import SilenceRef


class EventName(StrEnum):
    """Names of everything that a hub emits in the default namespace."""

    DEVICE_STATUS = "device:status"
    INTERFACE_STATUS = "interface:status"
    ALERT_NEW = "alert:new"
    ALERT_UPDATE = "alert:update"
    NETWORK_LOG = "network:log"
    PAYMENT_UPDATE = "payment:update"
    CUSTOMER_UPDATE = "customer:update"
    AGENT_STATUS = "agent:status"
    LATENCY_UPDATE = "latency:update"
    BANDWIDTH_UPDATE = "bandwidth:update"
    STATS_UPDATE = "stats:update"
    POSITION = "position"
    REPLAY_DONE = "replay:done"
    LOGS_SKIPPED = "logs:skipped"


class EventClass(StrEnum):
    """`event`: logged, ordered, never lost. `measurement`: the latest wins. `control`: the connection's own."""

    EVENT = "event"
    MEASUREMENT = "measurement"
    CONTROL = "control"


EVENT_CLASSES: dict[EventName, EventClass] = {
    name: EventClass.MEASUREMENT
    if name in {EventName.LATENCY_UPDATE, EventName.BANDWIDTH_UPDATE, EventName.STATS_UPDATE}
    else EventClass.CONTROL
    if name in {EventName.POSITION, EventName.REPLAY_DONE, EventName.LOGS_SKIPPED}
    else EventClass.EVENT
    for name in EventName
}


class DeviceStatus(StrEnum):
    """A device's status, derived by the hub alone; `glossary.md` defines each."""

    ONLINE = "online"
    DEGRADED = "degraded"
    OFFLINE = "offline"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"


class ComponentState(StrEnum):
    """What a component of the public status page is; `docs/status-page.md` says what makes it so."""

    OPERATIONAL = "operational"
    DEGRADED = "degraded"
    OUTAGE = "outage"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"


class AlertState(StrEnum):
    """An alert's condition. Acknowledged, silenced and inhibited are a second axis."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How much an alert matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class LogPosition(msgspec.Struct, frozen=True):
    """A place in the hub's event log: everything up to and including `seq` of `epoch` (16 hex digits)."""

    epoch: str
    seq: int


class _Payload(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What every event carries: when it was observed, and for tests whether it is one."""

    timestamp: str
    test: bool = False


class ComponentRef(msgspec.Struct, frozen=True, rename="camel"):
    """A component of the public status page, and what it has become."""

    id: int
    label: str
    state: ComponentState


class DeviceStatusEvent(_Payload, frozen=True, kw_only=True):
    """`device:status`. `underlying` is the true status while under maintenance; `detail` is text for people.

    `previous` as `status`: it is so as long as before, for another `reason` or with another `underlying`.

    `components` are those of the status page that have changed with it: of the whole event all that the public sees.
    """

    device_id: int
    device_name: str
    site_id: int
    status: DeviceStatus
    previous: DeviceStatus
    reason: str
    underlying: DeviceStatus | None = None
    detail: str | None = None
    components: list[ComponentRef] | None = None
    services: list[ServiceRef] | None = None


class InterfaceStatusEvent(_Payload, frozen=True, kw_only=True):
    """`interface:status`."""

    device_id: int
    device_name: str
    interface_id: int
    interface_name: str
    if_admin_status: IfStatus
    if_oper_status: IfStatus
    previous: IfStatus
    previous_admin_status: IfStatus
    reason: str
    services: list[ServiceRef] | None = None


class AlertEvent(_Payload, frozen=True, kw_only=True):
    """`alert:new` and `alert:update`; what is inhibited or silenced comes as an update alone, with what it is.

    Acknowledged since `acknowledged_at` until `acknowledged_until`, None: for good. `trouble` is what a customer is
    told of its service (`is down`), None: customers are not told.
    """

    id: int
    rule: str
    title: str
    severity: Severity
    state: AlertState
    device_id: int | None
    device_name: str | None
    interface_id: int | None = None
    site_id: int | None = None
    agent_id: int | None = None
    started_at: str
    resolved_at: str | None = None
    acknowledged_by: str | None = None
    acknowledged_at: str | None = None
    acknowledged_until: str | None = None
    note: str | None = None
    reason: str
    inhibited_by: str | None = None
    silenced_by: SilenceRef | None = None
    assignee: Assignee | None = None
    incident: IncidentRef | None = None
    trouble: str | None = None
    services: list[ServiceRef] | None = None


# RFC 5424 table 2, by number.
SEVERITY_NAMES: Final = ("emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug")


class NetworkLogEvent(_Payload, frozen=True, kw_only=True):
    """`network:log`: one trap or syslog message, or (`source` inventory) one change of a device or its interfaces.

    `severity` is the RFC 5424 number, 0 emergency to 7 debug, `severity_name` its word. From agents `source` is
    `syslog` or `trap`, `facility` the label of RFC 5427 (None for a trap) and `address` the sender's; `device_id`
    None: the address is no device's. `change` says what became of the interface: one of interface-appeared,
    -removed, -renamed, -speed, -duplex, -alias, -renumbered; or, without an `interface_id`, `several` of them or
    `rebooted`.
    """

    device_id: int | None = None
    device_name: str | None = None
    interface_id: int | None = None
    address: str | None = None
    severity: int
    severity_name: str | None = None
    facility: str | None = None
    source: str
    message: str
    change: str | None = None


class PaymentUpdateEvent(_Payload, frozen=True, kw_only=True):
    """`payment:update`. `amount` is a decimal number as text, never a float."""

    payment_id: str
    customer_id: int
    status: str
    amount: str | None = None
    currency: str | None = None


class CustomerUpdateEvent(_Payload, frozen=True, kw_only=True):
    """`customer:update`.

    `change` is one of added, changed, suspended, resumed, closed, removed, service-added, service-changed and
    service-removed; the last three name the `service_id`.
    """

    customer_id: int
    state: str
    change: str
    suspension_reason: SuspensionReason | None = None
    service_id: int | None = None


class AgentLinkStatus(StrEnum):
    """What `agent:status` says of an agent."""

    CONNECTED = "connected"
    SILENT = "silent"
    REVOKED = "revoked"
    FENCED = "fenced"


class AgentStatusEvent(_Payload, frozen=True, kw_only=True):
    """`agent:status`. `backlog` is the number of frames that the agent has not yet delivered, None unknown."""

    agent_id: int
    agent_name: str
    status: AgentLinkStatus
    backlog: int | None = None
    reason: str
