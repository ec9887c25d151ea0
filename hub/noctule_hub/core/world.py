"""What the hub knows now, and the draft of what one group commit changes in it.

Decisions read and write the world's tables through overlays: reads see the draft, and only after the commit is
durable does the draft become the world. What is decided is left to `judgement`, `inventory` and `measurements`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from noctule_shared.events import AgentLinkStatus, DeviceStatus

from noctule_hub.core.alert_rules import index_rules
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
from noctule_hub.core.records import Agent, Alert, Axes, Device, Interface, Neighbour, NewEvent, Site, SystemGroup
from noctule_hub.core.series import MeasuredRows
from noctule_hub.core.silences import Quiet, quiet_at
from noctule_hub.core.status_page import board
from noctule_hub.core.tenancy import Tenancy

# So many outboxes of one agent are told apart: it gets another only when one broke.
MAX_EPOCHS: Final = 64


class _Drafted(Protocol):
    def settle(self) -> None: ...

    def drop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class AgentLink:
    """What the hub knows of an agent's link since its start.

    `backlog`: frames it had yet to deliver at its hello; `skew_ms`: its clock minus the hub's then, None unknown.
    `beats`: it sends heartbeats; `quiet`: it is silent although its connection stands.
    """

    status: AgentLinkStatus
    since_ms: int
    connected: bool
    backlog: int | None = None
    skew_ms: int | None = None
    beats: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Ports:
    """A device's interface ids by ifIndex, valid for inventory `revision`.

    `before` is the mapping of the revision before: rows that were measured by it may still be on their way.
    """

    revision: int
    interface_ids: Mapping[int, int]
    before: "Ports | None" = None

    def of_revision(self, revision: int) -> Mapping[int, int] | None:
        """Return the mapping of that revision, or None when it is not known (any more)."""
        if revision == self.revision:
            return self.interface_ids
        if self.before is not None and revision == self.before.revision:
            return self.before.interface_ids
        return None


class World:
    """The hub's present, kept by the engine alone and rebuilt from the store at a start.

    `started_ms` is when this hub started: nobody is called silent in the first minute. `position` is the log's seq
    up to which the present tells everything.
    """

    def __init__(self, state: EngineState, *, started_ms: int, position: int = 0) -> None:
        self.started_ms = started_ms
        self.position = position
        self.devices: dict[int, Device] = {}
        # The coverage by which devices were judged, None: to be judged anew.
        self.judged_coverage: Coverage | None = None
        # Likewise of alerts and the silences that hold.
        self.judged_quiet: Quiet | None = None
        self.sites: dict[int, Site] = {}
        self.agents: dict[int, Agent] = {}
        self.states = Overlay({row.device_id: row for row in state.states})
        self.interfaces = Overlay({row.id: row for row in state.interfaces})
        self.identities = Overlay({(row.device_id, row.identity): row.id for row in state.interfaces})
        self.ports: Overlay[int, Ports] = Overlay(_ports(state.interfaces))
        self.alerts = Overlay({alert.key: alert for alert in state.alerts if alert.is_open})
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
        # By agent: when it was last heard; and when time last passed, and passed on after a stall of this hub.
        self.heard: Overlay[int, int] = Overlay({})
        self.ticked_ms = 0
        self.resumed_ms = 0
        # By agent: when its links last took each other's place too often.
        self.contested: Overlay[int, int] = Overlay({})
        self.next_interface_id = state.next_interface_id
        self.next_alert_id = state.next_alert_id
        self.configure(state.configuration)

    def configure(self, configuration: Configuration) -> None:
        """Take over the configuration as the store holds it now."""
        self.assignments = Assignments(configuration.assignments)
        self.devices = {device.id: device for device in configuration.devices}
        self.sites = {site.id: site for site in configuration.sites}
        self.agents = {agent.id: agent for agent in configuration.agents}
        self.windows = tuple(configuration.windows)
        self.tenancy = Tenancy(configuration.customers, configuration.services)
        self.board = board(configuration.status_page, configuration.devices)
        self.rules = index_rules(configuration.rules)
        self._silences = tuple(configuration.silences)
        self._coverage = Coverage()
        self._quiet = Quiet()
        self.judged_coverage = None
        self.judged_quiet = None

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
        for table in self._overlays():
            table.settle()

    def drop(self) -> None:
        """Forget the draft, after its commit failed."""
        self.judged_coverage = None
        self.judged_quiet = None
        for table in self._overlays():
            table.drop()

    def _overlays(self) -> tuple["_Drafted", ...]:
        return (
            self.states,
            self.interfaces,
            self.identities,
            self.ports,
            self.alerts,
            self.cursors,
            self.epochs,
            self.canaries,
            self.links,
            self.horizons,
            self.past_interfaces,
            self.contested,
            self.heard,
        )


@dataclass(slots=True)
class Draft:
    """What one group commit is going to change, in the order of its making.

    `live_tables` are those of `tables` that tell the present. `ended_alerts` are those that resolved or were
    forgotten; open ones are in the world's overlay.
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
    audited: list[AuditedChange] = field(default_factory=list)
    # Of status page components that were touched: how many of their devices have each status, as drafted.
    component_counts: dict[int, Counter[DeviceStatus]] = field(default_factory=dict)

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
            canaries=world.canaries.pending(),
            seen_agents=self.seen_agents,
            audited=self.audited,
        )


def _ports(interfaces: list[Interface]) -> dict[int, Ports]:
    by_device: dict[int, list[Interface]] = {}
    for interface in interfaces:
        if interface.removed_ms is None:
            by_device.setdefault(interface.device_id, []).append(interface)
    return {
        device_id: Ports(
            revision=max(row.inventory_rev for row in rows),
            interface_ids={row.if_index: row.id for row in rows},
        )
        for device_id, rows in by_device.items()
    }
