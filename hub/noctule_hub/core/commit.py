"""What the engine reads at its start, and what one group commit changes. Times in epoch milliseconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TypeAlias

from noctule_shared.axes import Axis, CanaryLevel
from noctule_shared.frames import FrameClass

from noctule_hub.core.alerting.flapping import FlapKey, Flaps
from noctule_hub.core.alerting.incidents import Incident
from noctule_hub.core.alerting.rules import SEEDED, Rule
from noctule_hub.core.alerting.silences import Silence
from noctule_hub.core.alerting.steps import AlertStep
from noctule_hub.core.audit import AuditAction, Authorship
from noctule_hub.core.customers import Customer, Service
from noctule_hub.core.maintenance import MaintenanceWindow
from noctule_hub.core.records import (
    Agent,
    Alert,
    Device,
    DeviceState,
    Interface,
    Neighbour,
    NewEvent,
    Site,
    SystemGroup,
)
from noctule_hub.core.series import MeasuredRows
from noctule_hub.core.status_page import StatusPage

# Of a device's axis: the level that history told last, and when that was.
LateKey: TypeAlias = tuple[int, Axis]
LateLevel: TypeAlias = tuple[str, int]


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
    """Where the hub stands in an agent's frames: all below `next_seq` of `epoch` are committed, last at `moved_ms`.

    Each epoch has its own; the one that moved last is the present one. `told_ms` is when the newest row of the last
    frame was observed, 0 for none: what an outbox that is lost had not delivered is younger. `last_digest` is of the
    frame before `next_seq`, `HOLE_DIGEST` where that was a hole, "" where it is not known.
    """

    agent_id: int
    epoch: str
    next_seq: int
    moved_ms: int = 0
    told_ms: int = 0
    last_digest: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """Device `device_id` is polled by `agent_id` from `from_ms` until `to_ms`; None: it still is."""

    device_id: int
    agent_id: int
    from_ms: int
    to_ms: int | None


@dataclass(frozen=True, slots=True)
class Configuration:
    """What people have configured, as far as the engine works by it; read in one transaction.

    `assignees` are the users who may take care of alerts, by id with their names; None: not known.
    """

    devices: Sequence[Device] = ()
    sites: Sequence[Site] = ()
    agents: Sequence[Agent] = ()
    assignments: Sequence[Assignment] = ()
    windows: Sequence[MaintenanceWindow] = ()
    status_page: StatusPage = field(default_factory=StatusPage)
    customers: Sequence[Customer] = ()
    services: Sequence[Service] = ()
    rules: Sequence[Rule] = SEEDED
    silences: Sequence[Silence] = ()
    assignees: Mapping[int, str] | None = None


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
class EngineState:
    """Everything the engine needs after a start, read in one transaction."""

    configuration: Configuration
    interfaces: list[Interface]
    states: list[DeviceState]
    alerts: list[Alert]
    cursors: list[AgentCursor]
    canaries: dict[int, CanaryLevel]
    next_interface_id: int
    next_alert_id: int
    flaps: Sequence[Flaps] = ()
    incidents: Sequence[Incident] = ()
    next_incident_id: int = 1
    late_levels: Mapping[LateKey, LateLevel] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditedChange:
    """What somebody did to what the engine keeps, for the audit log; `before` and `after` are records."""

    by: Authorship
    action: AuditAction
    kind: str
    object_id: int
    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Commit:
    """What one group commit changes, computed before it: applied whole or not at all.

    `tables` are the rows of `frames` again, resolved to objects: they are not written here but join the
    in-memory tail after the commit; the journal holds them until they are projected. `systems` and
    `neighbours` go by the id of the device, all neighbours of one at once.
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
    systems: dict[int, SystemGroup] = field(default_factory=dict)
    neighbours: dict[int, list[Neighbour]] = field(default_factory=dict)
    tables: list[MeasuredRows] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    steps: list[AlertStep] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    canaries: dict[int, CanaryLevel] = field(default_factory=dict)
    seen_agents: dict[int, int] = field(default_factory=dict)
    forgotten_epochs: list[tuple[int, str]] = field(default_factory=list)
    audited: list[AuditedChange] = field(default_factory=list)
    flaps: list[Flaps] = field(default_factory=list)
    forgotten_flaps: list[FlapKey] = field(default_factory=list)
    late_levels: dict[LateKey, LateLevel] = field(default_factory=dict)
    forgotten_late_levels: list[LateKey] = field(default_factory=list)

    def is_empty(self) -> bool:
        """Return whether there is nothing to commit."""
        return not any(getattr(self, column.name) for column in fields(self) if column.name != "now_ms")
