"""A device with all that is known of it, as people read it."""

from datetime import datetime, timedelta

import msgspec
import pytest
from noctule_hub.answers.customers import OwnerView
from noctule_hub.answers.devices import DeviceView, InterfaceView, NeighbourView, SnmpView, SystemView
from noctule_hub.cli.device_tables import Shown, print_device, rates
from noctule_shared.axes import IfStatus, Reachability
from noctule_shared.customers import CustomerState, SuspensionReason
from noctule_shared.events import DeviceStatus
from noctule_shared.interface_filter import InterfaceFilter
from noctule_shared.link import SnmpVersion
from noctule_shared.updates import BandwidthItem

AT = "2026-11-18T11:06:40.000Z"
NOW = datetime.fromisoformat(AT)


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
    print_device(Shown(device(InterfaceFilter(skip_types=(24,), skip_names=("Vlan*",))), system, [], neighbours), NOW)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["sysName", "r1"] in lines
    assert ["sysDescr", "RouterOS"] in lines
    assert ["interfaces", "all", "but", "ifType", "24,", "Vlan*"] in lines
    assert ["ge-0/0/1", "core2[2J", "xe-0/0/1", "00:c0:ff:ee:00:01"] in lines
    assert ["17", "-", "-"] in lines
    assert ["18", "core3", "ether1"] in lines
    assert not [line for line in lines if line[:1] == ["sysLocation"]]


def test_device_without_neighbours_has_no_table_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    print_device(Shown(device(InterfaceFilter(skip_types=(), only_names=("xe-*",))), SystemView(), [], []), NOW)
    shown = capsys.readouterr().out
    assert "Neighbours" not in shown
    assert "only xe-*" in shown


def sample() -> BandwidthItem:
    return BandwidthItem(1, 5, 2_000_000.0, 1_000_000.0, None, None, [], AT)


@pytest.mark.parametrize(
    ("age_s", "up", "shown"),
    [
        (90, True, ("2.0 Mbit/s", "1.0 Mbit/s")),
        (91, True, ("-", "-")),
        (91, False, ("2.0 Mbit/s", "1.0 Mbit/s")),
        (901, False, ("-", "-")),
    ],
)
def test_a_rate_of_some_polls_ago_is_not_shown_as_that_of_now(age_s: int, up: bool, shown: tuple[str, str]) -> None:  # noqa: FBT001  a column of the table
    polled = device(InterfaceFilter())
    assert rates(polled, sample(), NOW + timedelta(seconds=age_s), up=up) == shown


def test_whose_a_port_is_stands_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    owner = OwnerView(
        id=3,
        name="Acme Bakery",
        state=CustomerState.SUSPENDED,
        suspension_reason=SuspensionReason.NON_PAYMENT,
        service_id=7,
        service_label="Internet 100",
        interface_id=5,
    )
    port = InterfaceView(
        id=5,
        device_id=1,
        if_index=1,
        name="ge-0/0/1",
        if_name="ge-0/0/1",
        if_descr="",
        if_alias="",
        if_type=6,
        speed_bps=None,
        if_admin_status=IfStatus.UP,
        if_oper_status=IfStatus.UP,
        polled=True,
        bandwidth=sample(),
        customers=[owner],
    )
    print_device(Shown(device(InterfaceFilter()), SystemView(), [port], []), NOW)
    assert "Acme Bakery (suspended: non-payment)" in capsys.readouterr().out
    print_device(
        Shown(device(InterfaceFilter()), SystemView(), [msgspec.structs.replace(port, customers=None)], []), NOW
    )
    assert "customer" not in capsys.readouterr().out
