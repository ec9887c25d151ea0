"""A device's status follows its axes and its surroundings, in a fixed precedence."""

import pytest
from noctule_hub.core.records import Axes
from noctule_hub.core.status import derive_status
from noctule_shared.axes import IcmpLevel, Reachability, SnmpLevel
from noctule_shared.events import DeviceStatus

ICMP, SNMP, BOTH = Reachability.ICMP, Reachability.SNMP, Reachability.BOTH
UP, DEGRADED, DOWN, NONE = IcmpLevel.UP, IcmpLevel.DEGRADED, IcmpLevel.DOWN, IcmpLevel.NONE
S_UP, S_DOWN, S_NONE = SnmpLevel.UP, SnmpLevel.DOWN, SnmpLevel.NONE


@pytest.mark.parametrize(
    ("reachability", "icmp", "snmp", "expected"),
    [
        (ICMP, UP, S_UP, DeviceStatus.ONLINE),
        (ICMP, UP, S_NONE, DeviceStatus.ONLINE),
        (ICMP, UP, S_DOWN, DeviceStatus.DEGRADED),
        (ICMP, DEGRADED, S_UP, DeviceStatus.DEGRADED),
        (ICMP, DOWN, S_UP, DeviceStatus.OFFLINE),
        (ICMP, NONE, S_UP, DeviceStatus.UNKNOWN),
        (SNMP, NONE, S_UP, DeviceStatus.ONLINE),
        (SNMP, DOWN, S_UP, DeviceStatus.ONLINE),
        (SNMP, DEGRADED, S_UP, DeviceStatus.DEGRADED),
        (SNMP, UP, S_DOWN, DeviceStatus.OFFLINE),
        (SNMP, UP, S_NONE, DeviceStatus.UNKNOWN),
        (BOTH, UP, S_UP, DeviceStatus.ONLINE),
        (BOTH, DOWN, S_UP, DeviceStatus.DEGRADED),
        (BOTH, UP, S_DOWN, DeviceStatus.DEGRADED),
        (BOTH, DOWN, S_DOWN, DeviceStatus.OFFLINE),
        (BOTH, DOWN, S_NONE, DeviceStatus.OFFLINE),
        (BOTH, NONE, S_NONE, DeviceStatus.UNKNOWN),
    ],
)
def test_status_follows_the_axis_that_reachability_names(
    reachability: Reachability, icmp: IcmpLevel, snmp: SnmpLevel, expected: DeviceStatus
) -> None:
    assert derive_status(Axes(icmp=icmp, snmp=snmp), reachability).status is expected


def test_blind_agent_makes_everything_unknown_whatever_the_axes_say() -> None:
    verdict = derive_status(
        Axes(icmp=DOWN), ICMP, blind="agent north is silent", fallen_parents=["core1"], maintenance="window 3"
    )
    assert (verdict.status, verdict.reason) == (DeviceStatus.UNKNOWN, "agent north is silent")


def test_maintenance_keeps_the_true_status_underneath() -> None:
    verdict = derive_status(Axes(icmp=DOWN), ICMP, maintenance="window 3")
    assert (verdict.status, verdict.underlying) == (DeviceStatus.MAINTENANCE, DeviceStatus.OFFLINE)


def test_maintenance_does_not_hide_that_nothing_is_known() -> None:
    assert derive_status(Axes(), ICMP, maintenance="window 3").status is DeviceStatus.UNKNOWN


def test_silent_device_behind_a_fallen_parent_is_unreachable_and_names_it() -> None:
    verdict = derive_status(Axes(icmp=DOWN), ICMP, fallen_parents=["core1"])
    assert (verdict.status, verdict.reason) == (DeviceStatus.UNREACHABLE, "behind core1")


def test_device_that_answers_is_online_even_behind_a_fallen_parent() -> None:
    assert derive_status(Axes(icmp=UP), ICMP, fallen_parents=["core1"]).status is DeviceStatus.ONLINE
