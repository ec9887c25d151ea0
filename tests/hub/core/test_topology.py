"""Which device a neighbour is, which port is which, and that a cable is one link whoever tells of it."""

import pytest
from noctule_hub.core.records import Device, IcmpSettings, Interface, Neighbour, SystemGroup
from noctule_hub.core.topology import End, Link, Topology, connect
from noctule_shared.axes import IfStatus, Reachability

MAC, ADDRESS = 4, 5
PORT_ALIAS, PORT_MAC, PORT_NAME, PORT_LOCAL = 1, 3, 5, 7


def device(device_id: int, name: str, address: str = "") -> Device:
    address = address or f"192.0.2.{device_id}"
    return Device(device_id, name, address, 1, 1, Reachability.ICMP, IcmpSettings(), None, (), created_ms=0)


def system(name: str | None) -> SystemGroup:
    return SystemGroup(name, None, None, None, None, 0)


def port(interface_id: int, device_id: int, name: str, **changes: object) -> Interface:
    values: dict[str, object] = {
        "if_index": interface_id,
        "if_name": name,
        "if_descr": f"Ethernet {name}",
        "if_alias": "",
    }
    return Interface(
        id=interface_id,
        device_id=device_id,
        identity=name,
        inventory_rev=1,
        if_type=6,
        speed_bps=None,
        if_admin_status=IfStatus.UP,
        if_oper_status=IfStatus.UP,
        polled=True,
        state_ms=0,
        **(values | changes),  # type: ignore[arg-type]
    )


def heard(sys_name: str = "", **changes: object) -> Neighbour:
    values: dict[str, object] = {
        "interface_id": None,
        "local_port": "p",
        "chassis_id_subtype": MAC,
        "chassis_id": "",
        "port_id_subtype": PORT_NAME,
        "port_id": "",
        "port_descr": "",
        "sys_name": sys_name,
        "seen_ms": 0,
    }
    return Neighbour(**(values | changes))  # type: ignore[arg-type]


CORE, EDGE, THIRD = device(1, "core"), device(2, "edge"), device(3, "third")
DEVICES = [CORE, EDGE, THIRD]


def no_ports(_: int) -> list[Interface]:
    return []


def linked(
    row: Neighbour, systems: dict[int, SystemGroup] | None = None, devices: list[Device] = DEVICES
) -> int | None:
    """The device that `core` is found to be linked with by what it hears, None: something outside."""
    (link,) = connect(devices, systems or {}, no_ports, {1: [row]}).links
    return link.b.device_id


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (heard("edge"), 2),
        (heard("EDGE.example.net"), 2),
        (heard("edge.other.example"), 2),
        (heard("stranger"), None),
        (heard(""), None),
        (heard("192.0.2.2"), None),
        (heard(chassis_id_subtype=ADDRESS, chassis_id="192.0.2.2"), 2),
        (heard(chassis_id_subtype=ADDRESS, chassis_id="192.0.2.99"), None),
        # The address is surer than the name.
        (heard("third", chassis_id_subtype=ADDRESS, chassis_id="192.0.2.2"), 2),
    ],
)
def test_a_neighbour_is_found_by_address_else_by_name(row: Neighbour, found: int | None) -> None:
    assert linked(row) == found


def test_what_a_device_says_of_itself_counts_before_what_people_call_it() -> None:
    systems = {2: system("sw-17.example.net"), 3: system("edge")}
    assert linked(heard("sw-17"), systems) == 2
    assert linked(heard("edge"), systems) == 3


def test_a_name_that_two_devices_bear_tells_nothing() -> None:
    twins = [CORE, device(2, "edge.north"), device(3, "edge.south")]
    assert linked(heard("edge"), devices=twins) is None
    assert linked(heard("edge.south"), devices=twins) == 3


def test_a_chassis_id_is_learnt_from_a_neighbour_that_tells_more() -> None:
    known = heard("edge", chassis_id="00:00:5E:00:53:01")
    silent = heard("", chassis_id="00:00:5e:00:53:01", local_port="q")
    found = connect(DEVICES, {}, no_ports, {1: [silent], 3: [known]})
    assert [(link.a.device_id, link.b.device_id) for link in found.links] == [(1, 2), (3, 2)]
    quarrel = heard("third", chassis_id="00:00:5e:00:53:01", local_port="r")
    doubtful = connect(DEVICES, {}, no_ports, {1: [silent, quarrel], 3: [known]})
    assert doubtful.links[0].b.device_id is None


@pytest.mark.parametrize(
    ("row", "interface_id"),
    [
        (heard("edge", port_id="Gi0/1"), 21),
        (heard("edge", port_id="gi0/1"), 21),
        (heard("edge", port_id="Ethernet Gi0/2"), 22),
        (heard("edge", port_id_subtype=PORT_ALIAS, port_id="to core"), 22),
        (heard("edge", port_id_subtype=PORT_LOCAL, port_id="22"), 22),
        (heard("edge", port_id_subtype=PORT_LOCAL, port_id="Gi0/2"), 22),
        (heard("edge", port_id_subtype=PORT_LOCAL, port_id="\N{SUPERSCRIPT TWO}"), None),
        (heard("edge", port_id_subtype=PORT_MAC, port_id="00:00:5e:00:53:02", port_descr="Gi0/1"), 21),
        (heard("edge", port_id_subtype=PORT_MAC, port_id="00:00:5e:00:53:02"), None),
        (heard("edge", port_id="none such"), None),
        (heard("edge", port_id="twice"), None),
        (heard("edge"), None),
    ],
)
def test_a_port_is_found_by_its_id_else_by_its_description(row: Neighbour, interface_id: int | None) -> None:
    ports = [
        port(21, 2, "Gi0/1"),
        port(22, 2, "Gi0/2", if_alias="to core"),
        port(23, 2, "x", if_descr="twice"),
        port(24, 2, "y", if_descr="twice"),
    ]
    (link,) = connect(DEVICES, {}, lambda _: ports, {1: [row]}).links
    assert link.b.interface_id == interface_id


PORTS = {1: [port(11, 1, "a1"), port(12, 1, "a2")], 2: [port(21, 2, "b1"), port(22, 2, "b2")]}


def says(interface_id: int | None, local_port: str, sys_name: str, port_id: str) -> Neighbour:
    return heard(sys_name, interface_id=interface_id, local_port=local_port, port_id=port_id)


def test_a_cable_of_which_both_ends_tell_is_one_confirmed_link() -> None:
    found = connect(
        DEVICES, {}, PORTS.__getitem__, {1: [says(11, "a1", "edge", "b1")], 2: [says(21, "b1", "core", "a1")]}
    )
    assert found == Topology([Link(End(1, None, 11, "a1"), End(2, None, 21, "b1"), confirmed=True)], [])


def test_each_of_several_cables_is_matched_with_its_own_other_end() -> None:
    told = {
        1: [says(11, "a1", "edge", "b1"), says(12, "a2", "edge", "b2")],
        2: [says(22, "b2", "core", "a2"), says(21, "b1", "core", "a1")],
    }
    found = connect(DEVICES, {}, PORTS.__getitem__, told)
    assert [(link.a.interface_id, link.b.interface_id, link.confirmed) for link in found.links] == [
        (11, 21, True),
        (12, 22, True),
    ]


def test_what_one_end_does_not_know_the_other_tells() -> None:
    told = {1: [says(None, "a1", "edge", "?")], 2: [says(21, "b1", "core", "a1")]}
    (link,) = connect(DEVICES, {}, PORTS.__getitem__, told).links
    assert (link.a, link.b) == (End(1, None, 11, "a1"), End(2, None, 21, "b1"))


def test_ends_that_contradict_each_other_are_two_links() -> None:
    told = {1: [says(11, "a1", "edge", "b1")], 2: [says(22, "b2", "core", "a2")]}
    assert [link.confirmed for link in connect(DEVICES, {}, PORTS.__getitem__, told).links] == [False, False]


def test_what_is_told_twice_is_one_link_and_a_loop_is_none() -> None:
    told = {1: [says(11, "a1", "edge", "b1"), says(11, "a1", "edge", "b1"), says(12, "a2", "core", "a1")]}
    assert len(connect(DEVICES, {}, PORTS.__getitem__, told).links) == 1


def test_strangers_are_outside_each_once() -> None:
    one = heard("isp-router", chassis_id="00:00:5e:00:53:09", port_id="xe-0/0/1")
    told = {1: [one], 2: [one], 3: [heard("nameless")]}
    found = connect(DEVICES, {}, no_ports, told)
    assert [(row.key, row.sys_name) for row in found.outside] == [
        ("4:00:00:5e:00:53:09", "isp-router"),
        ("name:nameless", "nameless"),
    ]
    assert [link.b.outside for link in found.links] == ["4:00:00:5e:00:53:09", "4:00:00:5e:00:53:09", "name:nameless"]
    assert found.links[0].b.port == "xe-0/0/1"


def test_devices_that_are_gone_are_no_ends() -> None:
    assert connect([CORE], {2: system("edge")}, PORTS.__getitem__, {2: [says(21, "b1", "core", "a1")]}) == Topology(
        [], []
    )
