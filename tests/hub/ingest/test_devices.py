"""What an agent is told of a device is what was set on the hub, and no more than it needs."""

import msgspec
from noctule_hub.auth.keys import Keys
from noctule_hub.core.records import Agent, Device, IcmpSettings, SnmpSettings
from noctule_hub.ingest.devices import config_pages
from noctule_shared.axes import Reachability
from noctule_shared.link import ConfigPage, DeviceConfig, IcmpConfig, SnmpCredentials, SnmpVersion
from noctule_shared.thresholds import IcmpThresholds

AGENT = Agent(1, "a1", 1, "11" * 32, "22" * 32, "0.1.0", 0)
THRESHOLDS = IcmpThresholds(retries=5, clear_loss_ratio=0.1)


def device(icmp: IcmpSettings | None, snmp: SnmpSettings | None = None) -> Device:
    return Device(7, "core1", "192.0.2.1", 1, 1, Reachability.ICMP, icmp, snmp, (), 0)


def told(keys: Keys, given: Device) -> DeviceConfig:
    secret = keys.seal(7, msgspec.json.encode(SnmpCredentials(community="x"))) if given.snmp else None
    (page,) = config_pages(AGENT, {given.id: given}, {7: secret} if secret else {}, keys, site="north")
    received = msgspec.json.decode(msgspec.json.encode(page), type=ConfigPage)
    (found,) = received.devices
    return found


def test_agent_gets_a_devices_timing_and_thresholds(keys: Keys) -> None:
    found = told(keys, device(IcmpSettings(1.0, 4, timeout_s=0.6, thresholds=THRESHOLDS)))
    assert found.icmp == IcmpConfig(1.0, 4, spacing_s=0.1, timeout_s=0.6, thresholds=THRESHOLDS)


def test_agent_gets_a_devices_failed_polls_and_request_budget(keys: Keys) -> None:
    found = told(keys, device(None, SnmpSettings(SnmpVersion.V2C, failed_polls=5, max_requests_per_s=2.5)))
    assert found.snmp is not None
    assert (found.snmp.failed_polls, found.snmp.max_requests_per_s) == (5, 2.5)


def test_default_thresholds_take_no_room_on_the_link(keys: Keys) -> None:
    (page,) = config_pages(AGENT, {7: device(IcmpSettings())}, {}, keys, site="north")
    assert b"thresholds" not in msgspec.json.encode(page)


def test_agent_is_told_what_it_and_its_site_are_called(keys: Keys) -> None:
    pages = list(config_pages(AGENT, {}, {}, keys, site="north"))
    assert [(page.agent, page.site) for page in pages] == [("a1", "north")]
