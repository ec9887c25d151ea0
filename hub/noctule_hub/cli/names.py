"""The names of devices, sites, interfaces and customers that something is about, for tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.answers.customers import CustomerView
from noctule_hub.answers.devices import DeviceView, InterfaceView
from noctule_hub.answers.sites import SiteView
from noctule_hub.cli.client import HubClient, decode

# Each is a question of its own; what is past them is shown by its id.
MAX_NAMED: Final = 50
# What is gone, and what this role may not see.
_NAMELESS: Final = frozenset({ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class Names:
    """Names by id; what has none here is shown by its id."""

    devices: Mapping[int, str] = field(default_factory=dict)
    sites: Mapping[int, str] = field(default_factory=dict)
    interfaces: Mapping[int, str] = field(default_factory=dict)

    def about(self, *, device_ids: Iterable[int], site_ids: Iterable[int]) -> tuple[list[str], list[str]]:
        """Return devices and sites by name, in the order given."""
        return [self.devices.get(one, str(one)) for one in device_ids], [
            self.sites.get(one, str(one)) for one in site_ids
        ]


async def names_of(client: HubClient, *, device_ids: Iterable[int], site_ids: Iterable[int]) -> Names:
    """Ask for the names of devices, of the first `MAX_NAMED`, and of sites. What is gone or hidden is left out."""
    devices: dict[int, str] = {}
    for device_id in sorted(set(device_ids))[:MAX_NAMED]:
        try:
            devices[device_id] = decode(await client.get(f"devices/{device_id}"), DeviceView).name
        except Refused as refusal:
            if refusal.code not in _NAMELESS:
                raise
    wanted = set(site_ids)
    sites = {site.id: site.name for site in await client.items("sites", SiteView)} if wanted else {}
    return Names(devices, sites)


async def names_of_customers(client: HubClient) -> dict[int, str]:
    """Ask for the names of all customers, by id; those that were removed have none."""
    return {one.id: one.name for one in await client.items("customers", CustomerView)}


async def names_of_ports(client: HubClient, device_ids: Iterable[int]) -> Names:
    """Ask for the names of devices, of the first `MAX_NAMED`, and of all their interfaces."""
    named = await names_of(client, device_ids=device_ids, site_ids=())
    ports = {
        port.id: port.name
        for device_id in named.devices
        for port in await client.items(f"devices/{device_id}/interfaces", InterfaceView)
    }
    return Names(devices=named.devices, interfaces=ports)
