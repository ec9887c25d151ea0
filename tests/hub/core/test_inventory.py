"""Interfaces keep their id by identity, over renumbering, removal and return."""

from collections.abc import Callable

import msgspec
from noctule_hub.core.alerting.past import begin_backlog
from noctule_hub.core.inventory import judge_past, observe_interface, observe_inventory
from noctule_hub.core.presence import observe_link, observe_time
from noctule_hub.core.projection import project
from noctule_hub.core.rooms import Audience
from noctule_hub.core.world import Draft, World
from noctule_shared.axes import IfStatus
from noctule_shared.events import EventName
from noctule_shared.observations import InterfaceChanged, Inventory, InventoryInterface, Neighbour, SystemGroup

NOW_MS = 1_795_000_000_000
Drafted = Callable[[int], Draft]
UP, DOWN = IfStatus.UP, IfStatus.DOWN


def port(if_index: int, name: str, oper: IfStatus = UP, admin: IfStatus = UP) -> InventoryInterface:
    return InventoryInterface(
        if_index=if_index,
        identity=name,
        if_name=name,
        if_descr=name,
        if_alias="to core2",
        if_type=6,
        speed_bps=1_000_000_000,
        if_admin_status=admin,
        if_oper_status=oper,
        counter_bits=64,
        polled=True,
    )


def inventory(revision: int, *ports: InventoryInterface, after_ms: int = 0, device_id: int = 1) -> Inventory:
    return Inventory(device_id, revision, NOW_MS + after_ms, None, list(ports))


def change(revision: int, oper: IfStatus, *, after_ms: int, if_index: int = 1) -> InterfaceChanged:
    return InterfaceChanged(
        1, if_index, revision, UP, oper, UP, UP if oper is DOWN else DOWN, NOW_MS + after_ms, "poll"
    )


def ids(world: World) -> dict[str, int]:
    return {row.identity: row.id for row in world.interfaces.settled_rows() if row.removed_ms is None}


def test_new_interfaces_get_ids_and_bindings_and_no_events(drafted: Drafted, world: World) -> None:
    draft = drafted(0)
    assert observe_inventory(draft, 1, inventory(7, port(1, "ge-0/0/1"), port(2, "ge-0/0/2")))
    assert [(row.if_index, row.from_rev, row.interface_id) for row in draft.bindings] == [(1, 7, 1), (2, 7, 2)]
    assert draft.events == []
    world.settle()
    assert ids(world) == {"ge-0/0/1": 1, "ge-0/0/2": 2}


def test_renumbered_interface_keeps_its_id_and_is_bound_anew(drafted: Drafted, world: World) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1"), port(2, "ge-0/0/2")))
    draft = drafted(1_000)
    observe_inventory(draft, 1, inventory(8, port(2, "ge-0/0/1"), port(1, "ge-0/0/2")))
    assert {(row.if_index, row.interface_id) for row in draft.bindings} == {(2, 1), (1, 2)}
    world.settle()
    assert ids(world) == {"ge-0/0/1": 1, "ge-0/0/2": 2}


def test_unchanged_mapping_makes_no_new_binding(drafted: Drafted) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1")))
    observe_inventory(draft := drafted(1_000), 1, inventory(8, port(1, "ge-0/0/1")))
    assert draft.bindings == []


def test_interface_that_returns_goes_on_with_its_history(drafted: Drafted, world: World) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1"), port(2, "ge-0/0/2")))
    observe_inventory(drafted(1_000), 1, inventory(8, port(1, "ge-0/0/1")))
    world.settle()
    assert ids(world) == {"ge-0/0/1": 1}
    observe_inventory(drafted(2_000), 1, inventory(9, port(1, "ge-0/0/1"), port(5, "ge-0/0/2")))
    world.settle()
    assert ids(world) == {"ge-0/0/1": 1, "ge-0/0/2": 2}


def test_of_two_rows_with_one_identity_the_first_counts(drafted: Drafted, world: World) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1"), port(2, "ge-0/0/1")))
    world.settle()
    ports = world.ports.settled(1)
    assert ports is not None
    assert dict(ports.interface_ids) == {1: 1}


def test_fallen_port_is_told_at_once_and_alerts_after_ten_seconds(drafted: Drafted) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1")))
    draft = drafted(1_000)
    assert observe_interface(draft, 1, change(7, DOWN, after_ms=900))
    event = draft.events[0]
    assert (event.data["ifOperStatus"], event.data["previous"], event.rooms) == ("down", "up", ("device:1", "site:1"))
    assert [alert.state for alert in draft.commit().alerts] == ["pending"]


def test_port_that_comes_back_within_ten_seconds_alarms_nobody(drafted: Drafted) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1")))
    observe_interface(drafted(1_000), 1, change(7, DOWN, after_ms=900))
    draft = drafted(5_000)
    observe_interface(draft, 1, change(7, UP, after_ms=4_900))
    assert [alert.state for alert in draft.commit().alerts] == ["inactive"]
    assert [event.name.value for event in draft.events] == ["interface:status"]


def test_fallen_port_is_not_alerted_while_its_agent_is_away(drafted: Drafted) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1")))
    observe_interface(drafted(1_000), 1, change(7, DOWN, after_ms=900))
    observe_time(draft := drafted(20_000))
    assert draft.events == []
    draft = drafted(21_000)
    observe_link(draft, 1, connected=True, reason="agent", backlog=0)
    observe_time(draft)
    assert [event.name for event in draft.events] == ["agent:status", "alert:new"]


def test_port_that_was_never_up_does_not_alert(drafted: Drafted) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1", IfStatus.NOT_PRESENT)))
    draft = drafted(1_000)
    observe_interface(draft, 1, change(7, DOWN, after_ms=900))
    assert draft.commit().alerts == []


def test_status_that_differs_in_the_inventory_is_told_as_reconciled(drafted: Drafted) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1")))
    observe_inventory(draft := drafted(9_000), 1, inventory(8, port(1, "ge-0/0/1", DOWN), after_ms=9_000))
    assert [event.data["reason"] for event in draft.events] == ["reconciled"]


def logged(draft: Draft) -> list[tuple[str, int | None]]:
    return [
        (row.data["change"], row.data.get("interfaceId")) for row in draft.events if row.name is EventName.NETWORK_LOG
    ]


def test_first_inventory_is_no_news_and_one_sent_again_says_nothing_new(drafted: Drafted) -> None:
    first = inventory(7, port(1, "ge-0/0/1"), port(2, "ge-0/0/2"))
    for after_ms in (0, 1_000):
        observe_inventory(draft := drafted(after_ms), 1, first)
        assert draft.events == []


def test_changes_of_an_inventory_are_logged_for_staff(drafted: Drafted) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1"), port(2, "ge-0/0/2"), port(3, "xe-0/0/0")))
    later = inventory(8, port(2, "ge-0/0/1"), port(9, "ge-0/0/3"), port(3, "xe-0/0/1"), after_ms=900)
    observe_inventory(draft := drafted(1_000), 1, later)
    assert logged(draft) == [
        ("interface-removed", 2),
        ("interface-appeared", 4),
        ("interface-renamed", 5),
        ("interface-renumbered", 1),
    ]
    event = draft.events[0]
    assert event.rooms == ("logs", "device:1")
    assert (event.data["source"], event.data["severity"]) == ("inventory", 4)
    assert event.data["message"] == "interface ge-0/0/2 (to core2) is gone"
    assert project(event.name, event.data, Audience.STAFF) == event.data
    assert project(event.name, event.data, Audience.CUSTOMER) is None
    assert project(event.name, event.data, Audience.PUBLIC) is None


def test_interface_that_returns_is_logged_as_one_that_appeared(drafted: Drafted) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1"), port(2, "ge-0/0/2")))
    observe_inventory(drafted(1_000), 1, inventory(8, port(1, "ge-0/0/1")))
    observe_inventory(draft := drafted(2_000), 1, inventory(9, port(1, "ge-0/0/1"), port(2, "ge-0/0/2")))
    assert logged(draft) == [("interface-appeared", 2)]


def test_neighbours_are_bound_to_interfaces_and_kept_where_they_are_not_known(drafted: Drafted) -> None:
    heard = Neighbour(2, "ge-0/0/2", 4, "00:c0:ff:ee:00:01", 5, "xe-0/0/1", "to core1", "core2")
    elsewhere = msgspec.structs.replace(heard, local_if_index=77)
    ports = inventory(7, port(1, "ge-0/0/1"), port(2, "ge-0/0/2"))
    observe_inventory(draft := drafted(0), 1, msgspec.structs.replace(ports, neighbours=[heard, elsewhere]))
    found = draft.commit().neighbours[1]
    assert [(row.interface_id, row.port_id, row.seen_ms) for row in found] == [
        (2, "xe-0/0/1", NOW_MS),
        (None, "xe-0/0/1", NOW_MS),
    ]
    observe_inventory(draft := drafted(1_000), 1, ports)
    assert draft.commit().neighbours == {}
    observe_inventory(draft := drafted(2_000), 1, msgspec.structs.replace(ports, neighbours=[]))
    assert draft.commit().neighbours == {1: []}


def test_what_a_device_says_of_itself_is_kept(drafted: Drafted) -> None:
    said = SystemGroup("core1", "RouterOS", "1.3.6.1.4.1.14988.1", "Berlin", None, 4_711)
    ports = inventory(7, port(1, "ge-0/0/1"))
    observe_inventory(draft := drafted(0), 1, msgspec.structs.replace(ports, system=said))
    kept = draft.commit().systems[1]
    assert (kept.sys_name, kept.sys_location, kept.sys_contact, kept.seen_ms) == ("core1", "Berlin", None, NOW_MS)
    observe_inventory(draft := drafted(1_000), 1, ports)
    assert draft.commit().systems == {}


def test_older_change_of_an_interface_is_late_history(drafted: Drafted, world: World) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1")))
    observe_interface(drafted(90_000), 1, change(7, DOWN, after_ms=90_000))
    observe_interface(draft := drafted(91_000), 1, change(7, UP, after_ms=20_000))
    assert [(event.late, event.data["ifOperStatus"]) for event in draft.events] == [(True, "up")]
    world.settle()
    row = world.interfaces.settled(1)
    assert row is not None
    assert row.if_oper_status is DOWN


def test_change_by_an_unknown_inventory_or_index_is_refused(drafted: Drafted) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1")))
    draft = drafted(1_000)
    assert not observe_interface(draft, 1, change(6, DOWN, after_ms=900))
    assert not observe_interface(draft, 1, change(7, DOWN, after_ms=900, if_index=3))
    assert not observe_interface(draft, 2, change(7, DOWN, after_ms=900))


def test_inventory_of_another_agents_device_is_refused(drafted: Drafted) -> None:
    assert not observe_inventory(drafted(0), 2, inventory(7, port(1, "ge-0/0/1")))


def test_port_that_fell_and_came_back_in_a_backlog_is_told_late_and_alarms_nobody(
    drafted: Drafted, world: World
) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1")))
    draft = drafted(90_000)
    observe_interface(draft, 1, change(7, DOWN, after_ms=1_000), history=True)
    observe_interface(draft, 1, change(7, UP, after_ms=50_000), history=True)
    judge_past(draft, 1)
    assert [(event.name, event.late) for event in draft.events] == [(EventName.INTERFACE_STATUS, True)] * 2
    assert not list(world.alerts.items())


def test_port_that_fell_and_came_back_in_a_backlog_has_an_alert_in_history(drafted: Drafted, world: World) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1")))
    draft = drafted(90_000)
    begin_backlog(draft, 1)
    # Less than the rule's ten seconds, then more, then to its end.
    for new, after_ms in ((DOWN, 1_000), (UP, 2_000), (DOWN, 5_000), (UP, 50_000), (DOWN, 60_000)):
        observe_interface(draft, 1, change(7, new, after_ms=after_ms), history=True)
    judge_past(draft, 1)
    assert [(alert.key, alert.started_ms, alert.resolved_ms) for alert in draft.ended_alerts] == [
        ("interface-down:interface:1", NOW_MS + 5_000, NOW_MS + 50_000)
    ]
    assert (world.backlogs.get(1), list(world.past_outages.items())) == (None, [])


def test_port_that_fell_in_a_backlog_and_stayed_down_alarms_when_all_of_it_is_known(
    drafted: Drafted, world: World
) -> None:
    observe_inventory(drafted(0), 1, inventory(7, port(1, "ge-0/0/1")))
    draft = drafted(90_000)
    observe_interface(draft, 1, change(7, DOWN, after_ms=1_000), history=True)
    assert not list(world.alerts.items())
    judge_past(draft, 1)
    assert [alert.started_ms for _, alert in world.alerts.items()] == [NOW_MS + 1_000]
    judge_past(draft, 1)
    assert [event.name for event in draft.events].count(EventName.ALERT_NEW) == 1
