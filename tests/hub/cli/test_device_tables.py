"""A device with all that is known of it, as people read it."""

import pytest
from noctule_hub.answers.devices import DeviceView, NeighbourView, SnmpView, SystemView
from noctule_hub.cli.device_tables import Shown, print_device
from noctule_shared.axes import Reachability
from noctule_shared.events import DeviceStatus
from noctule_shared.interface_filter import InterfaceFilter
from noctule_shared.link import SnmpVersion

AT = "2026-11-18T11:06:40.000Z"


def device(chosen: InterfaceFilter) -> DeviceView:
    return DeviceView(
        id=1,
        name="core1",
        address="192.0.2.1",
        site_id=1,
        site_name="north",
        agent_id=None,
        agent_name=None,
        reachability=Reachability.SNMP,
        status=DeviceStatus.ONLINE,
        underlying=None,
        status_reason="first answer",
        status_since=AT,
        icmp=None,
        snmp=SnmpView(SnmpVersion.V2C, 161, 30.0, interfaces=chosen),
        role="core",
        tags=[],
        parents=[],
        note="",
        revision=1,
        created_at=AT,
        latency=None,
        bandwidth=None,
    )


def test_neighbours_and_words_of_the_device_are_shown_without_what_steers_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    neighbours = [
        NeighbourView(
            5,
            "ge-0/0/1",
            "513",
            "macAddress",
            "00:c0:ff:ee:00:01",
            None,
            "xe-0/0/1",
            "",
            "core2\x1b[2J",
            None,
            None,
            AT,
        ),
        NeighbourView(None, None, "17", None, "", None, "", "", "", None, None, AT),
        NeighbourView(None, None, "18", None, "", None, "ether1", "", "core3.example.net", 3, "core3", AT),
    ]
    system = SystemView(sys_name="r1", sys_descr="Router\x07OS", seen_at=AT)
    print_device(Shown(device(InterfaceFilter(skip_types=(24,), skip_names=("Vlan*",))), system, [], neighbours))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["sysName", "r1"] in lines
    assert ["sysDescr", "RouterOS"] in lines
    assert ["interfaces", "all", "but", "ifType", "24,", "Vlan*"] in lines
    assert ["ge-0/0/1", "core2[2J", "xe-0/0/1", "00:c0:ff:ee:00:01"] in lines
    assert ["17", "-", "-"] in lines
    assert ["18", "core3", "ether1"] in lines
    assert not [line for line in lines if line[:1] == ["sysLocation"]]


def test_device_without_neighbours_has_no_table_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    print_device(Shown(device(InterfaceFilter(skip_types=(), only_names=("xe-*",))), SystemView(), [], []))
    shown = capsys.readouterr().out
    assert "Neighbours" not in shown
    assert "only xe-*" in shown
