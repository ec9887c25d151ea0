"""What the hub knows now, and the draft of what one group commit changes in it.

Decisions read and write the world's tables through overlays: reads see the draft, and only after the commit is
durable does the draft become the world. What is decided is left to `judgement`, `inventory` and `measurements`.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from noctule_shared.events import AgentLinkStatus, DeviceStatus

from noctule_hub.core.alerting.backlogs import Backlog, Outage
from noctule_hub.core.alerting.gauges import Gauges
from noctule_hub.core.alerting.incidents import Incident
from noctule_hub.core.alerting.open_alerts import OpenAlerts
from noctule_hub.core.alerting.rules import index_rules
from noctule_hub.core.alerting.silences import Quiet, quiet_at
from noctule_hub.core.alerting.steps import AlertStep
from noctule_hub.core.assignments import Assignments
from noctule_hub.core.commit import (
    AgentCursor,
    AuditedChange,
    Binding,
    Commit,
    Configuration,
    EngineState,
    FrameRow,
    GapRow,
    RejectedFrame,
)
from noctule_hub.core.maintenance import Coverage, coverage
from noctule_hub.core.overlay import Overlay
from noctule_hub.core.parents import index_dependencies
from noctule_hub.core.ports import Ports, ports_by_device
from noctule_hub.core.reach import causes, cut_off, fallen_parents
from noctule_hub.core.records import Agent, Alert, Axes, Device, Interface, Neighbour, NewEvent, Site, SystemGroup
from noctule_hub.core.series import MeasuredRows
from noctule_hub.core.status_page import board
from noctule_hub.core.tenancy import Tenancy

# So many outboxes of one agent are told apart: it gets another only when one broke.
MAX_EPOCHS: Final = 64


@dataclass(frozen=True, slots=True)
class AgentLink:
    """What the hub knows of an agent's link since its start.

    `backlog`: frames it had yet to deliver at its hello; `skew_ms`: its clock minus the hub's, None unknown, by the
    latest readings `skews`, of when and how much.
    `beats`: it sends heartbeats; `quiet`: it is silent although its connection stands.
    """

    status: AgentLinkStatus
    since_ms: int
    connected: bool
    backlog: int | None = None
    skew_ms: int | None = None
    skews: tuple[tuple[int, int], ...] = ()
    beats: bool = False
    quiet: bool = False


class World:
    """The hub's present, kept by the engine alone and rebuilt from the store at a start.

    `started_ms`: when this hub started. `position`: the log's seq up to which the present tells everything.
    """

    def __init__(self, state: EngineState, *, started_ms: int, position: int = 0) -> None:
        self.started_ms = started_ms
        self.position = position
        self.devices: dict[int, Device] = {}
        # The coverage by which devices were judged, None: to be judged anew.
        self.judged_coverage: Coverage | None = None
        # Likewise of alerts and the silences that hold, and those to whom they are assigned.
        self.judged_quiet: Quiet | None = None
        self.judged_assignees = False
        self.sites: dict[int, Site] = {}
        self.agents: dict[int, Agent] = {}
        self.states = Overlay({row.device_id: row for row in state.states})
        self.interfaces = Overlay({row.id: row for row in state.interfaces})
        self.identities = Overlay({(row.device_id, row.identity): row.id for row in state.interfaces})
        self.ports: Overlay[int, Ports] = Overlay(ports_by_device(state.interfaces))
        self.alerts = OpenAlerts(state.alerts)
        # Incidents that are not over, by id.
        self.incidents = Overlay({incident.id: incident for incident in state.incidents})
        cursors = sorted(state.cursors, key=lambda cursor: cursor.moved_ms)
        self.cursors = Overlay({cursor.agent_id: cursor for cursor in cursors})
        # All epochs of all agents, as far as they are not the present one's: an agent may come back to one.
        self.epochs = Overlay({(cursor.agent_id, cursor.epoch): cursor for cursor in cursors})
        self.canaries = Overlay(state.canaries)
        self.links: Overlay[int, AgentLink] = Overlay({})
        # By agent: its frames below this seq are older than the levels it told, so they are history.
        self.horizons: Overlay[int, int] = Overlay({})
        # Interfaces that such history changed, or that changed under maintenance, as they were before it: judged when
        # the last of it is taken, or the maintenance over.
        self.past_interfaces: Overlay[int, Interface] = Overlay({})
        # While it drains: backlogs by agent, what fell in them by what it is, and devices' axes as told.
        self.backlogs: Overlay[int, Backlog] = Overlay({})
        self.past_outages: Overlay[str, Outage] = Overlay({})
        self.past_axes: Overlay[int, Axes] = Overlay({})
        # By device and axis: the level that history told last and when that was, until the present is heard again.
        self.late_levels = Overlay(state.late_levels)
        # By agent: when it was last heard; and when time last passed, and passed on after a stall of this hub.
        self.heard: Overlay[int, int] = Overlay({})
        self.ticked_ms = 0
        self.resumed_ms = 0
        # By agent: when its links last took each other's place too often.
        self.contested: Overlay[int, int] = Overlay({})
        # What measurements are judged by.
        self.gauges = Gauges()
        # What changed so often of late that its score is above rest.
        self.flaps = Overlay({row.key: row for row in state.flaps})
        self.next_interface_id = state.next_interface_id
        self.next_alert_id = state.next_alert_id
        self.next_incident_id = state.next_incident_id
        self.configure(state.configuration)

    def configure(self, configuration: Configuration) -> None:
        """Take over the configuration as the store holds it now."""
        self.assignments = Assignments(configuration.assignments)
        self.devices = {device.id: device for device in configuration.devices}
        self.dependencies = index_dependencies(configuration.devices)
        self.sites = {site.id: site for site in configuration.sites}
        self.agents = {agent.id: agent for agent in configuration.agents}
        self.windows = tuple(configuration.windows)
        self.tenancy = Tenancy(configuration.customers, configuration.services)
        self.board = board(configuration.status_page, configuration.devices)
        self.rules = index_rules(configuration.rules)
        self._silences = tuple(configuration.silences)
        self.assignees = configuration.assignees
        self._coverage = Coverage()
        self._quiet = Quiet()
        self.judged_coverage = None
        self.judged_quiet = None
        self.judged_assignees = False

    def coverage(self, at_ms: int) -> Coverage:
        """Return which devices are under maintenance at that moment; found anew only when a boundary was passed."""
        if not self._coverage.holds_at(at_ms):
            self._coverage = coverage(self.windows, self.devices.values(), at_ms)
        return self._coverage

    def quiet(self, at_ms: int) -> Quiet:
        """Return which silences hold at that moment; found anew only when a boundary was passed."""
        if not self._quiet.holds_at(at_ms):
            self._quiet = quiet_at(self._silences, at_ms)
        return self._quiet

    def device_of(self, agent_id: int, device_id: int) -> Device | None:
        """Return the device when it is assigned to the agent, else None."""
        device = self.devices.get(device_id)
        return device if device is not None and device.agent_id == agent_id else None

    def digest_before(self, agent_id: int, epoch: str, seq: int) -> str:
        """Return the digest of the frame before `seq`; "" when that is not the one that was taken last."""
        cursor = self.cursor_of(agent_id, epoch)
        return "" if cursor is None or cursor.next_seq != seq else cursor.last_digest

    def cursor_of(self, agent_id: int, epoch: str) -> AgentCursor | None:
        """Return where the hub stands in an epoch of an agent, the present one or one of before."""
        present = self.cursors.get(agent_id)
        if present is not None and present.epoch == epoch:
            return present
        return self.epochs.get((agent_id, epoch))

    def begin_epoch(self, cursor: AgentCursor) -> None:
        """Make this the agent's present cursor and remember the one before; the oldest of too many is forgotten."""
        former = self.cursors.get(cursor.agent_id)
        self.cursors.set(cursor.agent_id, cursor)
        if former is None or former.epoch == cursor.epoch:
            return
        self.epochs.set((former.agent_id, former.epoch), former)
        known = [row for (agent_id, _), row in self.epochs.items() if agent_id == cursor.agent_id]
        if len(known) > MAX_EPOCHS:
            oldest = min(known, key=lambda row: row.moved_ms)
            self.epochs.set((oldest.agent_id, oldest.epoch), None)

    def is_history(self, agent_id: int, seq: int) -> bool:
        """Return whether the agent's frame `seq` is older than the levels that it told."""
        return seq < (self.horizons.get(agent_id) or 0)

    def is_behind(self, agent_id: int | None) -> bool:
        """Return whether history of an agent is still to come."""
        cursor = None if agent_id is None else self.cursors.get(agent_id)
        return cursor is not None and self.is_history(cursor.agent_id, cursor.next_seq)

    def parents_first(self) -> list[Device]:
        """Return all devices in an order in which none comes before what it stands behind."""
        return [self.devices[device_id] for device_id in self.dependencies.order]

    def fallen_parents(self, device_id: int) -> tuple[int, ...]:
        """Return the parents of a device when all have fallen, as drafted, else none; see `reach`."""
        return fallen_parents(self.dependencies.parents.get(device_id, ()), self.states.get)

    def causes(self, device_id: int) -> tuple[int, ...]:
        """Return the offline devices that make a device unreachable, as drafted; none when it is not."""
        return causes(device_id, self.dependencies.parents, self.states.get)

    def cut_off(self, device_id: int) -> set[int]:
        """Return the devices that an offline device makes unreachable, as drafted."""
        return cut_off(device_id, self.dependencies.children, self.states.get)

    def axes(self, device_id: int) -> Axes:
        """Return the latest axes of a device, as drafted."""
        state = self.states.get(device_id)
        return Axes() if state is None else state.axes

    def status(self, device_id: int) -> DeviceStatus:
        """Return the status of a device, as drafted."""
        state = self.states.get(device_id)
        return DeviceStatus.UNKNOWN if state is None else state.status

    def settle(self) -> None:
        """Make the draft the present, after its commit is durable."""
        for table in self._drafted():
            table.settle()

    def drop(self) -> None:
        """Forget the draft, after its commit failed."""
        self.judged_coverage = None
        self.judged_quiet = None
        self.judged_assignees = False
        for table in self._drafted():
            table.drop()

    def _drafted(self) -> list[Overlay[Any, Any] | OpenAlerts | Gauges]:
        """Return everything of the world that a draft may change."""
        return [part for part in vars(self).values() if isinstance(part, Overlay | OpenAlerts | Gauges)]


@dataclass(slots=True)
class Draft:
    """What one group commit is going to change, in the order of its making.

    `behind_ms`: by how much the hub's clock was set back since its start; agents' went on. `live_tables` are those
    of `tables` that tell the present. `ended_alerts` are those that resolved or were forgotten; open ones are in the
    world's overlay, as are incidents.
    """

    world: World
    now_ms: int
    events: list[NewEvent] = field(default_factory=list)
    frames: list[FrameRow] = field(default_factory=list)
    rejected: list[RejectedFrame] = field(default_factory=list)
    gaps: list[GapRow] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    systems: dict[int, SystemGroup] = field(default_factory=dict)
    neighbours: dict[int, list[Neighbour]] = field(default_factory=dict)
    tables: list[MeasuredRows] = field(default_factory=list)
    live_tables: list[MeasuredRows] = field(default_factory=list)
    seen_agents: dict[int, int] = field(default_factory=dict)
    ended_alerts: list[Alert] = field(default_factory=list)
    steps: list[AlertStep] = field(default_factory=list)
    ended_incidents: list[Incident] = field(default_factory=list)
    audited: list[AuditedChange] = field(default_factory=list)
    # Of status page components that were touched: how many of their devices have each status, as drafted.
    component_counts: dict[int, Counter[DeviceStatus]] = field(default_factory=dict)
    behind_ms: int = 0

    @property
    def steady_ms(self) -> int:
        """What the hub's clock would say had it not been set back."""
        return self.now_ms + self.behind_ms

    def commit(self) -> Commit:
        """Return everything drafted as one commit for the store."""
        world = self.world
        return Commit(
            now_ms=self.now_ms,
            frames=self.frames,
            rejected=self.rejected,
            cursors=[*world.epochs.pending().values(), *world.cursors.pending().values()],
            forgotten_epochs=world.epochs.removed(),
            gaps=self.gaps,
            events=self.events,
            states=list(world.states.pending().values()),
            interfaces=list(world.interfaces.pending().values()),
            bindings=self.bindings,
            systems=self.systems,
            neighbours=self.neighbours,
            tables=self.tables,
            alerts=[*self.ended_alerts, *world.alerts.pending().values()],
            steps=self.steps,
            incidents=[*self.ended_incidents, *world.incidents.pending().values()],
            canaries=world.canaries.pending(),
            seen_agents=self.seen_agents,
            audited=self.audited,
            flaps=list(world.flaps.pending().values()),
            forgotten_flaps=world.flaps.removed(),
            late_levels=world.late_levels.pending(),
            forgotten_late_levels=world.late_levels.removed(),
        )
