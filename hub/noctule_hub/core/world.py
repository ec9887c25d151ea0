"""What the hub knows now, and the draft of what one group commit changes in it.

Decisions read and write the world's tables through overlays: reads see the draft, and only after the commit is
durable does the draft become the world. What is decided is left to `judgement`, `inventory` and `measurements`.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from noctule_shared.events import AgentLinkStatus, AlertState

from noctule_hub.core.commit import AgentCursor, Binding, Commit, EngineState, FrameRow, GapRow, RejectedFrame
from noctule_hub.core.records import Agent, Alert, Axes, Device, Interface, NewEvent, Site
from noctule_hub.core.series import MeasuredRows

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Overlay(Generic[K, V]):
    """A table with pending changes. None as a pending value removes the row."""

    def __init__(self, rows: Mapping[K, V]) -> None:
        self._rows = dict(rows)
        self._pending: dict[K, V | None] = {}

    def get(self, key: K) -> V | None:
        """Return the row as drafted, or None."""
        if key in self._pending:
            return self._pending[key]
        return self._rows.get(key)

    def settled(self, key: K) -> V | None:
        """Return the row as committed, or None: what readers outside the engine may see."""
        return self._rows.get(key)

    def settled_rows(self) -> Iterable[V]:
        """Return the committed rows."""
        return self._rows.values()

    def set(self, key: K, value: V | None) -> None:
        """Draft a row, or its removal with None."""
        self._pending[key] = value

    def items(self) -> Iterator[tuple[K, V]]:
        """Yield all rows as drafted; the table must not be changed meanwhile."""
        for key, row in self._rows.items():
            if key not in self._pending:
                yield key, row
        for key, drafted in self._pending.items():
            if drafted is not None:
                yield key, drafted

    def pending(self) -> dict[K, V]:
        """Return the drafted rows that are not removals."""
        return {key: row for key, row in self._pending.items() if row is not None}

    def settle(self) -> None:
        """Make the draft the table."""
        for key, row in self._pending.items():
            if row is None:
                self._rows.pop(key, None)
            else:
                self._rows[key] = row
        self._pending.clear()

    def drop(self) -> None:
        """Forget the draft."""
        self._pending.clear()


class _Drafted(Protocol):
    def settle(self) -> None: ...

    def drop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class AgentLink:
    """What the hub knows of an agent's link since its start. `backlog`: frames it had yet to deliver at its hello.

    The frames before `backlog_end` are those; what they tell of before `levels_ms`, the agent's time of its hello's
    levels, is history.
    """

    status: AgentLinkStatus
    since_ms: int
    connected: bool
    backlog: int | None = None
    backlog_end: int = 0
    levels_ms: int = 0


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
        self.sites: dict[int, Site] = {}
        self.agents: dict[int, Agent] = {}
        self.states = Overlay({row.device_id: row for row in state.states})
        self.interfaces = Overlay({row.id: row for row in state.interfaces})
        self.identities = Overlay({(row.device_id, row.identity): row.id for row in state.interfaces})
        self.ports: Overlay[int, Ports] = Overlay(_ports(state.interfaces))
        self.alerts = Overlay({alert.key: alert for alert in state.alerts if alert.state in _OPEN})
        self.cursors = Overlay({cursor.agent_id: cursor for cursor in state.cursors})
        # By agent, of the epochs before its present one, oldest first.
        self.former_cursors: Overlay[int, tuple[AgentCursor, ...]] = Overlay(state.former_cursors)
        self.canaries = Overlay(state.canaries)
        self.links: Overlay[int, AgentLink] = Overlay({})
        self.next_interface_id = state.next_interface_id
        self.next_alert_id = state.next_alert_id
        self.configure(state.devices, state.sites, state.agents)

    def configure(self, devices: Iterable[Device], sites: Iterable[Site], agents: Iterable[Agent]) -> None:
        """Take over the configuration as the store holds it now."""
        self.devices = {device.id: device for device in devices}
        self.sites = {site.id: site for site in sites}
        self.agents = {agent.id: agent for agent in agents}

    def device_of(self, agent_id: int, device_id: int) -> Device | None:
        """Return the device when it is assigned to the agent, else None."""
        device = self.devices.get(device_id)
        return device if device is not None and device.agent_id == agent_id else None

    def is_history(self, agent_id: int, at_ms: int) -> bool:
        """Return whether an agent's observation is older than the levels with which it said hello."""
        link = self.links.get(agent_id)
        return link is not None and at_ms < link.levels_ms

    def is_behind(self, agent_id: int | None) -> bool:
        """Return whether frames that an agent had at its hello are still to come: they may tell more of the past."""
        if agent_id is None:
            return False
        link, cursor = self.links.get(agent_id), self.cursors.get(agent_id)
        return link is not None and link.connected and cursor is not None and cursor.next_seq < link.backlog_end

    def axes(self, device_id: int) -> Axes:
        """Return the latest axes of a device, as drafted."""
        state = self.states.get(device_id)
        return Axes() if state is None else state.axes

    def settle(self) -> None:
        """Make the draft the present, after its commit is durable."""
        for table in self._overlays():
            table.settle()

    def drop(self) -> None:
        """Forget the draft, after its commit failed."""
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
            self.former_cursors,
            self.canaries,
            self.links,
        )


@dataclass(slots=True)
class Draft:
    """What one group commit is going to change, in the order of its making.

    `ended_alerts` are those that resolved or were forgotten; open ones are in the world's overlay.
    """

    world: World
    now_ms: int
    events: list[NewEvent] = field(default_factory=list)
    frames: list[FrameRow] = field(default_factory=list)
    rejected: list[RejectedFrame] = field(default_factory=list)
    gaps: list[GapRow] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    tables: list[MeasuredRows] = field(default_factory=list)
    seen_agents: dict[int, int] = field(default_factory=dict)
    ended_alerts: list[Alert] = field(default_factory=list)

    def commit(self) -> Commit:
        """Return everything drafted as one commit for the store."""
        world = self.world
        return Commit(
            now_ms=self.now_ms,
            frames=self.frames,
            rejected=self.rejected,
            cursors=list(world.cursors.pending().values()),
            former_cursors=world.former_cursors.pending(),
            gaps=self.gaps,
            events=self.events,
            states=list(world.states.pending().values()),
            interfaces=list(world.interfaces.pending().values()),
            bindings=self.bindings,
            tables=self.tables,
            alerts=[*self.ended_alerts, *world.alerts.pending().values()],
            canaries=world.canaries.pending(),
            seen_agents=self.seen_agents,
        )


# An alert in any other state is history and not in memory.
_OPEN = frozenset({AlertState.PENDING, AlertState.FIRING})


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
