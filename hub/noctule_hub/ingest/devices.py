"""What an agent is told of its devices: pages of configuration with secrets sealed to that agent's key alone."""

import logging
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec
from noctule_shared.link import ConfigPage, DeviceConfig, IcmpConfig, SnmpConfig, SnmpCredentials

from noctule_hub.auth.keys import Keys
from noctule_hub.auth.sealing import seal_credentials
from noctule_hub.core.icmp_timing import icmp_timing
from noctule_hub.core.records import Agent, Device
from noctule_hub.errors import SealError
from noctule_hub.store.protocol import Store

log = logging.getLogger(__name__)

# A page stays far below the largest message whatever names and keys are in it.
PAGE_DEVICES: Final = 200

_credentials: Final = msgspec.json.Decoder(SnmpCredentials)


class DeviceLists:
    """Makes the pages that bring an agent's device list up to date."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    async def pages(self, agent: Agent, devices: Mapping[int, Device], *, base: int) -> list[ConfigPage]:
        """Return what changed since the agent's revision `base` (0: it has none), all of it where that is not known.

        None at all when a secret at rest does not open: the agent keeps the list that it has, and it is logged.
        """
        changed = await self._store.config_changes(agent.id, since=base) if base else None
        secrets = await self._store.device_secrets(agent.id)
        site = next((site.name for site in await self._store.sites() if site.id == agent.site_id), "")
        try:
            return list(config_pages(agent, devices, secrets, self._keys, site=site, base=base, changed=changed))
        except SealError as error:
            log.error("agent %s (%d) gets no device list: %s", agent.name, agent.id, error)  # noqa: TRY400  known
            return []


def config_pages(
    agent: Agent,
    devices: Mapping[int, Device],
    secrets: Mapping[int, bytes],
    keys: Keys,
    *,
    site: str,
    base: int = 0,
    changed: AbstractSet[int] | None = None,
) -> Iterator[ConfigPage]:
    """Yield an agent's present device list, at least one page: what `changed` since `base`, or all when that is None.

    `devices` are the agent's by id, `secrets` the sealed credentials at rest by device id, `site` is the name of
    the agent's. Raises `SealError` when one does not open.
    """
    removed = [] if changed is None else sorted(changed - devices.keys())
    told = [device for device in devices.values() if changed is None or device.id in changed]
    pages = [told[start : start + PAGE_DEVICES] for start in range(0, len(told), PAGE_DEVICES)] or [[]]
    for number, page in enumerate(pages, start=1):
        yield ConfigPage(
            revision=agent.config_revision,
            base=0 if changed is None else base,
            page=number,
            pages=len(pages),
            devices=[_device_config(device, agent, secrets.get(device.id), keys) for device in page],
            removed=removed if number == 1 else [],
            agent=agent.name,
            site=site,
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
