"""A port that comes to run otherwise alerts until it runs as before, or for a while."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from noctule_hub.core.alerting.rules import SEEDED
from noctule_hub.core.inventory import observe_inventory
from noctule_hub.core.maintenance import Covers, MaintenanceWindow, Once
from noctule_hub.core.presence import observe_link, observe_time
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import Duplex, IfStatus
from noctule_shared.events import EventName
from noctule_shared.observations import Inventory, InventoryInterface

NOW_MS = 1_795_000_000_000
HOLD_MS = 3_600_000
MBIT = 1_000_000
UP, DOWN = IfStatus.UP, IfStatus.DOWN
FULL, HALF = Duplex.FULL, Duplex.HALF
Drafted = Callable[[int], Draft]
Configure = Callable[..., None]


@pytest.fixture(autouse=True)
def _enabled(configure: Configure, drafted: Drafted) -> None:
    observe_link(drafted(0), 1, connected=True, reason="agent")
    configure(rules=[replace(row, enabled=True) for row in SEEDED])


def port(mbit: int | None = 1_000, duplex: Duplex | None = FULL, status: IfStatus = UP) -> InventoryInterface:
    speed_bps = None if mbit is None else mbit * MBIT
    row = InventoryInterface(1, "ge-0/0/1", "ge-0/0/1", "", "uplink", 6, speed_bps, UP, status, 64, polled=True)
    return msgspec.structs.replace(row, duplex=duplex)


class Ports:
    """Takes one inventory after the other, a minute apart, and says what each told of alerts."""

    def __init__(self, drafted: Drafted) -> None:
        self._drafted = drafted
        self.minutes = 0

    def take(self, *rows: InventoryInterface, history: bool = False, late_ms: int = 0) -> list[tuple[str, str]]:
        self.minutes += 1
        draft = self._drafted(self.minutes * 60_000)
        inventory = Inventory(1, self.minutes, draft.now_ms - late_ms, None, list(rows))
        observe_inventory(draft, 1, inventory, history=history)
        return told(draft)


@pytest.fixture
def ports(drafted: Drafted) -> Ports:
    return Ports(drafted)


def told(draft: Draft) -> list[tuple[str, str]]:
    names = {EventName.ALERT_NEW, EventName.ALERT_UPDATE}
    return [
        (row.data["state"], row.data["reason"])
        for row in draft.events
        if row.name in names and row.data["rule"] == "link-changed"
    ]


def logged(draft: Draft) -> list[str]:
    return [row.data["message"] for row in draft.events if row.name is EventName.NETWORK_LOG]


def test_a_slower_port_alerts_with_how_it_ran_and_runs(ports: Ports, world: World) -> None:
    ports.take(port())
    words = "changed from 1 Gbit/s, full duplex to 100 Mbit/s, half duplex"
    assert ports.take(port(100, HALF)) == [("firing", words)]
    alert = world.alerts.get("link-changed:interface:1")
    assert alert is not None
    assert alert.title == f"core1 ge-0/0/1 (uplink) {words}"
    assert alert.evidence is not None
    assert (alert.evidence.usual, alert.evidence.before) == (1_000 * MBIT, "full")
    assert ports.take(port()) == [("resolved", "it runs as before: 1 Gbit/s, full duplex")]


def test_duplex_alone_counts_and_is_logged(ports: Ports, drafted: Drafted) -> None:
    ports.take(port())
    draft = drafted(100_000)
    observe_inventory(draft, 1, Inventory(1, 9, draft.now_ms, None, [port(1_000, HALF)]))
    assert logged(draft) == ["interface ge-0/0/1 runs at half duplex, before full"]
    assert [state for state, _ in told(draft)] == ["firing"]


@pytest.mark.parametrize(
    "row", [port(), port(None), port(1_000, None), port(None, None), port(10, HALF, DOWN), port(2_500, FULL, DOWN)]
)
def test_what_is_unknown_or_down_is_no_change(ports: Ports, row: InventoryInterface) -> None:
    ports.take(port())
    assert ports.take(row) == []


def test_a_port_that_was_down_in_between_is_compared_with_when_it_was_up(ports: Ports, world: World) -> None:
    ports.take(port())
    ports.take(port(10, HALF, DOWN))
    held = world.interfaces.get(1)
    assert held is not None
    assert (held.speed_bps, held.duplex) == (1_000 * MBIT, FULL)
    assert ports.take(port()) == []
    ports.take(port(None, None, DOWN))
    assert [state for state, _ in ports.take(port(100))] == ["firing"]


def test_a_port_that_never_was_up_has_no_before(ports: Ports, world: World) -> None:
    ports.take(port(10, HALF, DOWN))
    held = world.interfaces.get(1)
    assert held is not None
    assert held.speed_bps == 10 * MBIT


def test_it_is_over_after_its_hold(ports: Ports, drafted: Drafted) -> None:
    ports.take(port())
    ports.take(port(100))
    last_ms = ports.minutes * 60_000
    observe_time(draft := drafted(last_ms + HOLD_MS - 1))
    assert told(draft) == []
    observe_time(draft := drafted(last_ms + HOLD_MS))
    assert told(draft) == [("resolved", "changed from 1 Gbit/s, full duplex to 100 Mbit/s, full duplex; 1 h ago")]


def test_a_second_change_is_told_from_the_first_state_and_held_anew(ports: Ports, drafted: Drafted) -> None:
    ports.take(port())
    ports.take(port(100))
    words = "changed from 1 Gbit/s, full duplex to 10 Mbit/s, full duplex"
    assert ports.take(port(10)) == [("firing", words)]
    observe_time(draft := drafted((ports.minutes - 1) * 60_000 + HOLD_MS))
    assert told(draft) == []


@pytest.mark.parametrize(("history", "late_ms"), [(True, 0), (False, 60_001)])
def test_what_comes_late_alarms_nobody_but_ends_an_alert(ports: Ports, *, history: bool, late_ms: int) -> None:
    ports.take(port())
    assert ports.take(port(100), history=history, late_ms=late_ms) == []
    assert [state for state, _ in ports.take(port())] == ["firing"]
    assert [state for state, _ in ports.take(port(100), history=history, late_ms=late_ms)] == ["resolved"]


def test_under_maintenance_nobody_is_alarmed(ports: Ports, configure: Configure) -> None:
    once = Once(NOW_MS, NOW_MS + HOLD_MS)
    window = MaintenanceWindow(1, "new card", "", Covers(device_ids=(1,)), once, created_ms=0)
    configure(rules=[replace(row, enabled=True) for row in SEEDED], windows=[window])
    ports.take(port())
    assert ports.take(port(100)) == []


def test_an_interface_that_is_gone_has_no_link(ports: Ports) -> None:
    ports.take(port())
    ports.take(port(100))
    assert ports.take() == [("resolved", "the interface is gone")]
