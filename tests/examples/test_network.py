from itertools import pairwise

import pytest
from demo.simulator.network import Network, View
from demo.simulator.script import STORY, Kind, Script, begin
from demo.simulator.simulation import SEED
from demo.simulator.topology import Device, Port, build

DEVICES = build(SEED)
BEGAN_S = 5.0
NETWORK = Network(DEVICES, begin(BEGAN_S, None))
CALM = Network(DEVICES, Script())
TIMES_S = [*range(0, 300, 7), 400, 1000, 4000]


def links() -> list[tuple[Device, Port, Device, Port]]:
    """Return both ends of every link: (lower device, its uplink, upper device, its port to the lower)."""
    return [
        (lower, lower.ports[0], upper, port)
        for lower in DEVICES
        for upper in DEVICES
        for port in upper.ports
        if lower.ports[0].peer == upper.name and port.peer == lower.name and not port.uplink
    ]


def octets(network: Network, device: Device, port: Port, time_s: float) -> tuple[int, int]:
    reading = View(network, device.name, time_s).reading(port.index)
    return reading.in_octets, reading.out_octets


def pulse(kind: Kind, device: str) -> tuple[float, float]:
    """Return when the last happening of a kind to a device first begins and ends."""
    first = [
        pulse
        for happening, pulse in begin(BEGAN_S, None).pulses
        if (happening.kind, happening.device) == (kind, device)
    ][-1]
    return first.first_s, first.first_s + first.lasts_s


def test_there_are_a_dozen_devices_in_two_sites_with_six_to_sixteen_ports() -> None:
    assert len(DEVICES) == 12
    assert {device.site for device in DEVICES} == {"north", "south"}
    assert all(6 <= len(device.ports) <= 16 for device in DEVICES)
    assert [device.name for device in DEVICES if device.v3] == ["core1.south"]


def test_ports_are_numbered_from_one_and_named_once() -> None:
    for device in DEVICES:
        assert [port.index for port in device.ports] == list(range(1, len(device.ports) + 1))
        assert len({port.name for port in device.ports}) == len(device.ports)


def test_the_same_seed_gives_the_same_network() -> None:
    assert build(7) == build(7)
    assert build(7) != build(8)


def test_every_device_but_the_first_has_both_ends_of_its_uplink() -> None:
    assert len(links()) == len(DEVICES) - 1


def gained(network: Network, device: Device, port: Port, start_s: float, end_s: float) -> tuple[int, int]:
    """Return how far the counters (in, out) went on."""
    (in_before, out_before), (in_after, out_after) = (octets(network, device, port, at_s) for at_s in (start_s, end_s))
    return in_after - in_before, out_after - out_before


def test_both_ends_of_a_link_carry_the_same() -> None:
    for lower, uplink, upper, port in links():
        if lower.name == "acc1.south":  # its own counters start anew when it reboots
            continue
        for start_s, end_s in pairwise(TIMES_S):
            lower_in, lower_out = gained(NETWORK, lower, uplink, start_s, end_s)
            upper_in, upper_out = gained(NETWORK, upper, port, start_s, end_s)
            # Each end rounds on its own, from counters of some 10^15.
            assert abs(lower_in - upper_out) <= 4
            assert abs(lower_out - upper_in) <= 4


def test_counters_never_fall_but_by_the_reboot() -> None:
    for device in DEVICES:
        fell = False
        for port in device.ports:
            seen = [octets(NETWORK, device, port, time_s) for time_s in range(0, 240, 3)]
            fell = fell or any(later < earlier for one in zip(*seen, strict=True) for earlier, later in pairwise(one))
        assert fell == (device.name == "acc1.south")


def test_traffic_fits_its_ports() -> None:
    for device in DEVICES:
        for port in device.ports:
            for time_s in range(0, 240, 6):
                assert max(gained(NETWORK, device, port, time_s, time_s + 1)) * 8 <= port.speed_mbps * 1e6


def test_surge_loads_the_uplink_above_nine_tenths_for_its_whole_time() -> None:
    first_s, end_s = pulse(Kind.SURGE, "acc2.south")
    device = next(device for device in DEVICES if device.name == "acc2.south")
    uplink = device.ports[0]
    for time_s in range(int(first_s) + 1, int(end_s) - 2, 2):
        rate_bps = gained(NETWORK, device, uplink, time_s, time_s + 2)[0] * 4
        assert 0.9 < rate_bps / (uplink.speed_mbps * 1e6) < 1.0
    assert gained(CALM, device, uplink, 48, 50)[0] * 4 < 0.5e9


def test_flapping_port_loses_its_link_and_carries_nothing() -> None:
    first_s, end_s = pulse(Kind.FLAP, "acc1.north")
    port = next(port for port in NETWORK.devices["acc1.north"].ports if port.customer == 3)
    during = View(NETWORK, "acc1.north", first_s + 1).reading(port.index)
    later = View(NETWORK, "acc1.north", end_s - 0.1).reading(port.index)
    after = View(NETWORK, "acc1.north", end_s + 1).reading(port.index)
    assert (during.oper_up, after.oper_up) == (False, True)
    assert during.out_octets == later.out_octets < after.out_octets
    assert after.last_change_s == pytest.approx(end_s + NETWORK.devices["acc1.north"].uptime_s)


def test_silent_device_does_not_answer_and_forwards_all_the_same() -> None:
    first_s, end_s = pulse(Kind.SILENCE, "radio1.north")
    device = NETWORK.devices["radio1.north"]
    assert [NETWORK.answers(device.name, time_s) for time_s in (first_s - 1, first_s + 1, end_s + 1)] == [
        True,
        False,
        True,
    ]
    before, after = (octets(NETWORK, device, device.ports[0], time_s) for time_s in (first_s, end_s))
    assert after > before


def test_reboot_starts_uptime_and_counters_from_zero() -> None:
    first_s, end_s = pulse(Kind.REBOOT, "acc1.south")
    assert not NETWORK.answers("acc1.south", first_s + 1)
    assert NETWORK.answers("acc1.south", end_s + 0.1)
    before, after = View(NETWORK, "acc1.south", first_s - 1), View(NETWORK, "acc1.south", end_s + 1)
    assert before.uptime_s > 86_400
    assert after.uptime_s == pytest.approx(1)
    assert 0 < after.reading(1).in_octets < 2e9 < before.reading(1).in_octets
    assert after.reading(1).last_change_s == 0


def test_neighbour_sees_the_link_to_a_rebooting_device_go_down() -> None:
    first_s, _ = pulse(Kind.REBOOT, "acc1.south")
    port = next(port for port in NETWORK.devices["agg1.south"].ports if port.peer == "acc1.south")
    assert not View(NETWORK, "agg1.south", first_s + 1).reading(port.index).oper_up


def test_everything_in_the_story_happens_to_something_that_exists() -> None:
    for happening in STORY:
        device = NETWORK.devices[happening.device]
        assert happening.customer is None or happening.customer in {port.customer for port in device.ports}


def test_a_new_script_does_not_move_the_counters() -> None:
    device = DEVICES[3]
    for port in device.ports:
        assert octets(CALM, device, port, BEGAN_S) == octets(NETWORK, device, port, BEGAN_S)


def test_both_ends_of_each_cable_hear_of_each_other() -> None:
    heard = {
        (device.name, port.name): (port.heard.device, port.heard.port)
        for device in DEVICES
        for port in device.ports
        if port.heard is not None
    }
    outside = {key for key, other in heard.items() if other not in heard}
    assert [device for device, _port in outside] == ["core1.north"]
    assert all(heard[heard[key]] == key for key in heard.keys() - outside)
    assert len(heard) == 2 * (len(DEVICES) - 1) + 1
