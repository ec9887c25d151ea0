"""The names of devices and sites that a rule, a silence or a maintenance is about, for tables."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.answers.devices import DeviceView
from noctule_hub.answers.sites import SiteView
from noctule_hub.cli.client import HubClient, decode

# Each is a question of its own; what is past them is shown by its id.
MAX_NAMED: Final = 50


@dataclass(frozen=True, slots=True)
class Names:
    """Names by id; what has none here is shown by its id."""

    devices: Mapping[int, str] = field(default_factory=dict)
    sites: Mapping[int, str] = field(default_factory=dict)

    def about(self, *, device_ids: Iterable[int], site_ids: Iterable[int]) -> tuple[list[str], list[str]]:
        """Return devices and sites by name, in the order given."""
        return [self.devices.get(one, str(one)) for one in device_ids], [
            self.sites.get(one, str(one)) for one in site_ids
        ]


async def names_of(client: HubClient, *, device_ids: Iterable[int], site_ids: Iterable[int]) -> Names:
    """Ask for the names of devices, of the first `MAX_NAMED`, and of sites. What is gone is left out."""
    devices: dict[int, str] = {}
    for device_id in sorted(set(device_ids))[:MAX_NAMED]:
        try:
            devices[device_id] = decode(await client.get(f"devices/{device_id}"), DeviceView).name
        except Refused as refusal:
            if refusal.code is not ErrorCode.NOT_FOUND:
                raise
    wanted = set(site_ids)
    sites = {site.id: site.name for site in await client.items("sites", SiteView)} if wanted else {}
    return Names(devices, sites)
