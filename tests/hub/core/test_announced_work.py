"""Maintenance as the public is told of it: when and of which components, never by a window's name."""

from noctule_hub.core.announced_work import MAX_ANNOUNCED, Announced, announced
from noctule_hub.core.maintenance import DAY_MS, Covers, MaintenanceWindow, Once, Span
from noctule_hub.core.world import World

NOW_MS = 1_795_000_000_000
MEMBERS = {7: (1, 3), 9: (2,)}


def window(number: int, begins_ms: int, lasts_ms: int, *device_ids: int) -> MaintenanceWindow:
    schedule = Once(NOW_MS + begins_ms, NOW_MS + begins_ms + lasts_ms)
    return MaintenanceWindow(number, "secret", "", Covers(device_ids), schedule, created_ms=0)


def told(world: World, *windows: MaintenanceWindow) -> list[Announced]:
    return announced(windows, MEMBERS, world.devices, NOW_MS)


def test_what_runs_and_what_comes_is_told_in_order_and_what_is_over_or_far_is_not(world: World) -> None:
    found = told(
        world,
        window(1, DAY_MS, 100, 2),
        window(2, -50, 100, 3),
        window(3, -200, 100, 1),
        window(4, 15 * DAY_MS, 100, 1),
    )
    assert found == [
        Announced(Span(NOW_MS - 50, NOW_MS + 50), (7,)),
        Announced(Span(NOW_MS + DAY_MS, NOW_MS + DAY_MS + 100), (9,)),
    ]


def test_windows_at_one_time_are_one_and_those_of_no_component_none(world: World) -> None:
    assert told(world, window(1, 10, 100, 1), window(2, 10, 100, 2), window(3, 20, 100, 4)) == [
        Announced(Span(NOW_MS + 10, NOW_MS + 110), (7, 9))
    ]


def test_a_crowd_of_windows_is_cut_to_the_soonest(world: World) -> None:
    found = told(world, *(window(number, number, 1_000, 1) for number in range(40)))
    assert [one.span.starts_ms for one in found] == [NOW_MS + number for number in range(MAX_ANNOUNCED)]
