"""The hub's present as readers see it: committed states, latest measurements, links and totals. Changes nothing."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from noctule_shared.events import AgentLinkStatus, AlertState, DeviceStatus
from noctule_shared.times import iso_from_ms
from noctule_shared.updates import BandwidthItem, LatencyItem, StatsUpdate

from noctule_hub.core.live import LiveMeasurements
from noctule_hub.core.payments import DayCounts
from noctule_hub.core.records import Device, DeviceState, Interface
from noctule_hub.core.status_page import ComponentNow, StatusPage
from noctule_hub.core.tenancy import Tenancy
from noctule_hub.core.world import World

LINK_WORDS: Final = ("connected", "silent", "never", "revoked")


class Present:
    """Reads the engine's world and live measurements; `clients` counts connections in the default namespace."""

    def __init__(self, world: World, live: LiveMeasurements, clock_ms: Callable[[], int]) -> None:
        self._world = world
        self._live = live
        self._clock_ms = clock_ms
        self.clients: Callable[[], int] = lambda: 0
        self.payments = DayCounts()

    def position(self) -> int:
        """Return the log's seq up to which these states tell everything."""
        return self._world.position

    def devices(self) -> Sequence[Device]:
        """Return the registered devices by id."""
        return list(self._world.devices.values())

    def device(self, device_id: int) -> Device | None:
        """Return a registered device."""
        return self._world.devices.get(device_id)

    def site_of(self, device_id: int) -> int | None:
        """Return the site of a registered device."""
        device = self._world.devices.get(device_id)
        return None if device is None else device.site_id

    @property
    def tenancy(self) -> Tenancy:
        """Whose devices and interfaces are."""
        return self._world.tenancy

    @property
    def assignees(self) -> Mapping[int, str]:
        """The users who may take care of alerts, by id with their names."""
        return self._world.assignees or {}

    def device_state(self, device_id: int) -> DeviceState | None:
        """Return a device's status and axes."""
        return self._world.states.settled(device_id)

    def status_page(self) -> tuple[StatusPage, Sequence[ComponentNow]]:
        """Return the status page and what its components are; none while it is not published."""
        board = self._world.board
        return board.page, board.now(self._world.states.settled)

    def latency(self, device_id: int) -> LatencyItem | None:
        """Return a device's latest round."""
        return self._live.latencies.get(device_id)

    def bandwidth(self, device_id: int, interface_id: int | None) -> BandwidthItem | None:
        """Return an interface's latest rates, or with None the device's total."""
        if interface_id is None:
            return self._live.device_item(device_id)
        interface = self._world.interfaces.settled(interface_id)
        return None if interface is None else self._live.interface_item(interface)

    def interfaces(self, device_id: int) -> Sequence[Interface]:
        """Return a device's present interfaces by ifIndex."""
        ports = self._world.ports.settled(device_id)
        if ports is None:
            return []
        found = (self._world.interfaces.settled(ports.interface_ids[index]) for index in sorted(ports.interface_ids))
        return [interface for interface in found if interface is not None]

    def interface(self, interface_id: int) -> Interface | None:
        """Return an interface that is present on its device, which is registered."""
        interface = self._world.interfaces.settled(interface_id)
        if interface is None or interface.removed_ms is not None or interface.device_id not in self._world.devices:
            return None
        return interface

    def busiest(self, limit: int) -> Sequence[Interface]:
        """Return the interfaces that carry most now, most first."""
        found = (self.interface(interface_id) for interface_id in self._live.busiest(limit, self._clock_ms()))
        return [interface for interface in found if interface is not None]

    def agent_link(self, agent_id: int) -> tuple[str, int | None]:
        """Return how an agent's link is now, one of `LINK_WORDS`, and its backlog in frames (None unknown)."""
        agent, link = self._world.agents.get(agent_id), self._world.links.settled(agent_id)
        if agent is not None and agent.revoked_ms is not None:
            return "revoked", None
        if link is not None and link.connected:
            return "connected", link.backlog
        if agent is None or (agent.last_seen_ms is None and link is None):
            return "never", None
        return "silent", None

    def agent_skew_ms(self, agent_id: int) -> int | None:
        """Return an agent's clock minus the hub's as last read, None unknown."""
        link = self._world.links.settled(agent_id)
        return None if link is None else link.skew_ms

    def agent_links(self) -> Counter[str]:
        """Return how many agents' links are as each of `LINK_WORDS` says; revoked ones are left out."""
        return Counter(
            self.agent_link(agent.id)[0] for agent in self._world.agents.values() if agent.revoked_ms is None
        )

    def stats(self) -> StatsUpdate:
        """Return the totals of `stats:update`."""
        now_ms = self._clock_ms()
        statuses = Counter(
            DeviceStatus.UNKNOWN if (state := self._world.states.settled(device_id)) is None else state.status
            for device_id in self._world.devices
        )
        alerts = Counter(
            alert.severity
            for alert in self._world.alerts.settled_rows()
            if alert.state is AlertState.FIRING and not alert.is_quiet
        )
        links = self.agent_links()
        in_bps, out_bps = self._live.network_total(now_ms)
        return StatsUpdate(
            timestamp=iso_from_ms(now_ms),
            devices={"total": len(self._world.devices), **{status.value: statuses[status] for status in DeviceStatus}},
            alerts={"total": alerts.total(), **{severity.value: number for severity, number in alerts.items()}},
            agents={"total": links.total(), "connected": links[AgentLinkStatus.CONNECTED.value]},
            clients=self.clients(),
            in_bps=in_bps,
            out_bps=out_bps,
            payments=self.payments.today(now_ms),
        )
