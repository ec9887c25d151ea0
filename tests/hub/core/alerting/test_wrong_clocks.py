"""Clocks that are wrong: an agent's that is ahead, and the hub's that is set back, hold no alert back for as long."""

from noctule_hub.core.inventory import observe_interface, observe_inventory
from noctule_hub.core.judgement import observe_axis
from noctule_shared.axes import Axis, IfStatus
from noctule_shared.observations import AxisChanged, InterfaceChanged, Inventory

from tests.hub.core.networks import UP, Network, port

AHEAD_MS = 540_000


def fallen(*, ahead_ms: int) -> Network:
    """Return a network of which a port, and a device that stands behind another, just fell, by their agent's clock."""
    net = Network({1: (), 2: (1,)})
    net.report((1, UP), (2, UP))
    draft = net.draft()
    observe_inventory(draft, 1, Inventory(1, 1, draft.now_ms + ahead_ms, None, [port(1, IfStatus.UP)]))
    net.tick(5_000)
    draft = net.draft()
    at_ms = draft.now_ms + ahead_ms
    observe_axis(draft, 1, AxisChanged(2, Axis.ICMP, "up", "down", "seen", at_ms))
    down = InterfaceChanged(1, 1, 1, IfStatus.UP, IfStatus.DOWN, IfStatus.UP, IfStatus.UP, at_ms, "seen")
    observe_interface(draft, 1, down)
    assert net.told(draft) == []
    return net


def test_an_agents_clock_that_is_ahead_delays_no_alert() -> None:
    net = fallen(ahead_ms=AHEAD_MS)
    net.tick(16_000)
    assert net.rang() == ["core1 ge-0/0/1 is down", "core2 is offline"]
    assert {alert.started_ms for _, alert in net.world.alerts.items()} == {net.draft().now_ms - 16_000}


def test_a_clock_of_the_hub_that_is_set_back_starts_what_is_pending_anew_at_most() -> None:
    net = fallen(ahead_ms=0)
    net.tick(3_000)
    net.after_ms -= 3_600_000
    net.tick(11_000)
    assert sorted(net.rang()) == ["core1 ge-0/0/1 is down", "core2 is offline"]
