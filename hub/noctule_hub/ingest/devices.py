"""What an agent is told of its devices: pages of configuration with secrets sealed to that agent's key alone."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from noctule_shared.link import ConfigPage, DeviceConfig, IcmpConfig, SnmpConfig, SnmpCredentials

from noctule_hub.auth.keys import Keys
from noctule_hub.auth.sealing import seal_credentials
from noctule_hub.core.icmp_timing import icmp_timing
from noctule_hub.core.records import Agent, Device

# A page stays far below the largest message whatever names and keys are in it.
PAGE_DEVICES: Final = 200

_credentials: Final = msgspec.json.Decoder(SnmpCredentials)


def config_pages(agent: Agent, devices: list[Device], secrets: Mapping[int, bytes], keys: Keys) -> Iterator[ConfigPage]:
    """Yield the whole device list of an agent for its present revision; at least one page.

    `secrets` are the sealed credentials at rest by device id. Raises `SealError` when one does not open.
    """
    own = [device for device in devices if device.agent_id == agent.id]
    pages = [own[start : start + PAGE_DEVICES] for start in range(0, len(own), PAGE_DEVICES)] or [[]]
    for number, page in enumerate(pages, start=1):
        yield ConfigPage(
            revision=agent.config_revision,
            base=0,
            page=number,
            pages=len(pages),
            devices=[_device_config(device, agent, secrets.get(device.id), keys) for device in page],
            removed=[],
        )


def _device_config(device: Device, agent: Agent, secret: bytes | None, keys: Keys) -> DeviceConfig:
    snmp = None
    if device.snmp is not None and secret is not None:
        credentials = _credentials.decode(keys.open(device.id, secret))
        snmp = SnmpConfig(
            version=device.snmp.version,
            port=device.snmp.port,
            interval_s=device.snmp.interval_s,
            sealed=seal_credentials(credentials, device.id, agent.sealing_key),
            failed_polls=device.snmp.failed_polls,
            max_requests_per_s=device.snmp.max_requests_per_s,
            interfaces=device.snmp.interfaces,
        )
    icmp = None
    if device.icmp is not None:
        timing = icmp_timing(device.icmp)
        icmp = IcmpConfig(
            interval_s=device.icmp.interval_s,
            count=device.icmp.count,
            spacing_s=timing.spacing_s,
            timeout_s=timing.timeout_s,
            thresholds=device.icmp.thresholds,
        )
    return DeviceConfig(
        device_id=device.id,
        name=device.name,
        address=device.address,
        reachability=device.reachability,
        icmp=icmp,
        snmp=snmp,
    )
