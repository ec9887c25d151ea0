"""Devices behind each other in a world of two sites and two agents: what follows when some of them fall."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from noctule_hub.core.commit import Assignment, Configuration, EngineState
from noctule_hub.core.inventory import observe_interface, observe_inventory
from noctule_hub.core.judgement import observe_axis
from noctule_hub.core.presence import observe_link, observe_time
from noctule_hub.core.records import Agent, NewEvent, Site
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import Axis, IfStatus
from noctule_shared.events import AlertState, DeviceStatus, EventName
from noctule_shared.observations import AxisChanged, InterfaceChanged, Inventory, InventoryInterface

from tests.hub.core.conftest import NOW_MS, device

Parents = dict[int, tuple[int, ...]]
UP, DOWN = "up", "down"


class Network:
    """A world of devices behind each other, polled by agent 1 but for `second`, which agent 2 polls.

    `sites` are the sites of devices that are not at site 1.
    """

    def __init__(
        self, parents: Parents, *, second: Sequence[int] = (), sites: Mapping[int, int] | None = None, **changes: Any
    ) -> None:
        self.parents = parents
        self.second = second
        self.sites = sites or {}
        self.after_ms = 0
        state = EngineState(self.configuration(**changes), [], [], [], [], {}, 1, 1)
        self.world = World(state, started_ms=NOW_MS)
        draft = self.draft()
        for agent_id in (1, 2):
            observe_link(draft, agent_id, connected=True, reason="test")
        self.events: list[NewEvent] = []

    def configuration(self, **changes: Any) -> Configuration:
        devices = [
            replace(
                device(number, agent_id=2 if number in self.second else 1),
                parents=parents,
                site_id=self.sites.get(number, 1),
            )
            for number, parents in self.parents.items()
        ]
        plain = Configuration(
            devices=devices,
            sites=[Site(1, "north"), Site(2, "south")],
            agents=[Agent(number, f"pop{number}", 1, "00", "00", "0.1.0", 0) for number in (1, 2)],
            assignments=[Assignment(row.id, row.agent_id, 0, None) for row in devices if row.agent_id is not None],
        )
        return replace(plain, **changes)

    def draft(self) -> Draft:
        self.world.settle()
        return Draft(self.world, NOW_MS + self.after_ms)

    def told(self, draft: Draft) -> list[tuple[str, str]]:
        self.events += draft.events
        alerts = {EventName.ALERT_NEW, EventName.ALERT_UPDATE}
        return [(event.name.value, event.data["title"]) for event in draft.events if event.name in alerts]

    def report(self, *changes: tuple[int, str]) -> list[tuple[str, str]]:
        """Take what devices are now, in one turn; returns what is told of alerts."""
        draft = self.draft()
        self.take(draft, *changes)
        return self.told(draft)

    def take(self, draft: Draft, *changes: tuple[int, str]) -> None:
        """Take into a draft what devices are now."""
        for device_id, new in changes:
            agent_id = 2 if device_id in self.second else 1
            event = AxisChanged(device_id, Axis.ICMP, "none", new, "seen", draft.now_ms)
            assert observe_axis(draft, agent_id, event)

    def restart(self) -> None:
        """Let the hub start again with what is durable."""
        self.world.settle()
        state = EngineState(
            configuration=self.configuration(),
            interfaces=[row for _, row in self.world.interfaces.items()],
            states=[row for _, row in self.world.states.items()],
            alerts=[row for _, row in self.world.alerts.items()],
            cursors=[],
            canaries={},
            next_interface_id=self.world.next_interface_id,
            next_alert_id=self.world.next_alert_id,
            incidents=[replace(row, counted_ms=None) for _, row in self.world.incidents.items()],
            next_incident_id=self.world.next_incident_id,
        )
        self.world = World(state, started_ms=NOW_MS + self.after_ms)

    def silence(self, agent_id: int) -> None:
        """Lose an agent's link and let it be called silent."""
        observe_link(self.draft(), agent_id, connected=False, reason="lost")
        self.tick(31_000)

    def tick(self, by_ms: int = 0) -> list[tuple[str, str]]:
        """Let time pass second by second; returns what is told of alerts."""
        told = []
        for _ in range(0, by_ms, 1_000):
            self.after_ms += 1_000
            draft = self.draft()
            for agent_id in (1, 2):
                self.world.heard.set(agent_id, draft.now_ms)
            observe_time(draft)
            told += self.told(draft)
        return told

    def rang(self) -> list[str]:
        """Return the titles of all that rang."""
        return [event.data["title"] for event in self.events if event.name is EventName.ALERT_NEW]

    def status(self, device_id: int) -> DeviceStatus:
        return self.world.status(device_id)

    def reason(self, device_id: int) -> str:
        state = self.world.states.get(device_id)
        assert state is not None
        return state.reason

    def alert(self, device_id: int) -> tuple[AlertState, str | None]:
        alert = self.world.alerts.get(f"device-offline:device:{device_id}")
        assert alert is not None
        return alert.state, alert.inhibited_by


def port(index: int, status: IfStatus) -> InventoryInterface:
    return InventoryInterface(
        if_index=index,
        identity=f"ge-0/0/{index}",
        if_name=f"ge-0/0/{index}",
        if_descr="",
        if_alias="",
        if_type=6,
        speed_bps=None,
        if_admin_status=IfStatus.UP,
        if_oper_status=status,
        counter_bits=64,
        polled=True,
    )


def with_port(device_id: int, parents: Parents) -> Network:
    """Return a network in which a port of a device fell and rang."""
    net = Network(parents)
    net.report(*((number, UP) for number in parents))
    port_falls(net, device_id)
    net.tick(11_000)
    assert net.rang() == [f"core{device_id} ge-0/0/1 is down"]
    return net


def port_falls(net: Network, device_id: int) -> None:
    """Take that the one port of a device falls."""
    draft = net.draft()
    observe_inventory(draft, 1, Inventory(device_id, 1, draft.now_ms, None, [port(1, IfStatus.UP)]))
    net.tick(1_000)
    draft = net.draft()
    down = InterfaceChanged(device_id, 1, 1, IfStatus.UP, IfStatus.DOWN, IfStatus.UP, IfStatus.UP, draft.now_ms, "seen")
    observe_interface(draft, 1, down)
