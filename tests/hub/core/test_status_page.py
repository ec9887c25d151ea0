"""What a component of the status page is, since when, and what the public hears of it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from noctule_hub.core.judgement import observe_axis
from noctule_hub.core.maintenance import Covers
from noctule_hub.core.records import Axes, DeviceState
from noctule_hub.core.status_page import Component, StatusPage, board, component_state, overall
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import Axis
from noctule_shared.events import ComponentState, DeviceStatus
from noctule_shared.observations import AxisChanged

NOW_MS = 1_795_000_000_000
PAGE = StatusPage(
    published=True, components=(Component(7, "Fibre", Covers((1, 3))), Component(9, "All", Covers((), (1,))))
)
Drafted = Callable[[int], Draft]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ("", "unknown"),
        ("unknown unknown", "unknown"),
        ("online online", "operational"),
        ("online unknown", "unknown"),
        ("offline unknown", "outage"),
        ("offline unreachable", "outage"),
        ("offline online", "degraded"),
        ("unreachable online unknown", "degraded"),
        ("degraded online", "degraded"),
        ("degraded degraded", "degraded"),
        ("maintenance online", "maintenance"),
        ("maintenance maintenance", "maintenance"),
        ("maintenance offline", "degraded"),
        ("maintenance unknown", "unknown"),
    ],
)
def test_a_component_is_what_its_devices_make_it(statuses: str, expected: str) -> None:
    assert component_state(Counter(map(DeviceStatus, statuses.split()))) == expected


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ("", "unknown"),
        ("operational operational", "operational"),
        ("operational maintenance", "maintenance"),
        ("maintenance unknown", "unknown"),
        ("degraded unknown", "degraded"),
        ("outage degraded operational", "outage"),
    ],
)
def test_the_page_is_what_its_worst_component_is(states: str, expected: str) -> None:
    assert overall(map(ComponentState, states.split())) == expected


@pytest.mark.parametrize(
    ("first", "second", "since_ms"),
    [
        (("online", 100), ("online", 200), 200),
        (("offline", 100), ("offline", 200), 200),
        (("offline", 100), ("online", 200), 100),
        (("degraded", 300), ("offline", 200), 200),
        (("maintenance", 300), ("online", 100), 300),
        (("unknown", 300), ("online", 100), 300),
    ],
)
def test_a_component_is_so_since_its_devices_made_it_so(
    world: World, first: tuple[str, int], second: tuple[str, int], since_ms: int
) -> None:
    states = {
        device_id: DeviceState(device_id, Axes(), DeviceStatus(status), "", at_ms)
        for device_id, (status, at_ms) in ((1, first), (3, second))
    }
    fibre, _ = board(PAGE, world.devices.values()).now(states.get)
    assert (fibre.id, fibre.label, fibre.since_ms) == (7, "Fibre", since_ms)


def test_devices_that_are_gone_and_sites_that_grew_are_counted_as_they_are_now(world: World) -> None:
    present = board(PAGE, [row for row in world.devices.values() if row.id != 3])
    assert present.members == {7: (1,), 9: (1, 2, 4)}


def test_nothing_is_shown_of_a_page_that_is_not_published(world: World) -> None:
    hidden = board(replace(PAGE, published=False), world.devices.values())
    assert hidden.now(world.states.get) == []
    assert not hidden.of_device


def icmp(old: str, new: str, *, device_id: int, after_ms: int) -> AxisChanged:
    return AxisChanged(device_id, Axis.ICMP, old, new, "test", NOW_MS + after_ms)


def public(draft: Draft) -> list[list[tuple[int, str]]]:
    """What the public room hears of a draft: components by event."""
    return [
        [(row["id"], row["state"]) for row in event.data["components"]]
        for event in draft.events
        if "public" in event.rooms
    ]


def test_the_public_hears_when_a_component_changes_and_of_nothing_else(
    drafted: Drafted, configure: Callable[..., None]
) -> None:
    configure(status_page=PAGE)
    observe_axis(up := drafted(0), 1, icmp("none", "up", device_id=1, after_ms=0))
    # The other devices are not known yet.
    assert public(up) == []
    draft = drafted(1_000)
    observe_axis(draft, 1, icmp("none", "up", device_id=3, after_ms=1_000))
    assert public(draft) == [[(7, "operational")]]
    observe_axis(draft, 1, icmp("up", "down", device_id=1, after_ms=1_500))
    assert public(draft)[1:] == [[(7, "degraded"), (9, "degraded")]]
    both = drafted(2_000)
    observe_axis(both, 1, icmp("down", "up", device_id=1, after_ms=2_000))
    observe_axis(both, 1, icmp("up", "down", device_id=1, after_ms=2_001))
    assert public(both) == [[(7, "operational"), (9, "unknown")], [(7, "degraded"), (9, "degraded")]]


def test_history_is_not_told_to_the_public(drafted: Drafted, configure: Callable[..., None]) -> None:
    configure(status_page=PAGE)
    draft = drafted(0)
    observe_axis(draft, 1, icmp("up", "down", device_id=1, after_ms=-5_000), history=True)
    assert len(draft.events) == 1
    assert public(draft) == []
