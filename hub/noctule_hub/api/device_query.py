"""Which devices a list holds: by site, role, tag, status and words."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from noctule_shared.events import DeviceStatus

from noctule_hub.api.bodies import PageQuery
from noctule_hub.api.context import LiveView
from noctule_hub.core.records import Device

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class DeviceQuery(PageQuery, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Query of `GET /api/v1/devices`: of one site (its name), role, tag and status, and with a text.

    `text` is looked for in name, address and note, whatever its case.
    """

    site: Word | None = None
    role: Word | None = None
    tag: Word | None = None
    status: DeviceStatus | None = None
    text: Word | None = None


def is_wanted(device: Device, query: DeviceQuery, sites: Mapping[int, str], live: LiveView) -> bool:
    """Return whether a device is what `query` asks for; `sites` are names by id."""
    if query.site is not None and sites.get(device.site_id, "").casefold() != query.site.strip().casefold():
        return False
    if query.role is not None and query.role.casefold() != device.role.casefold():
        return False
    if query.tag is not None and query.tag not in device.tags:
        return False
    if query.text is not None:
        text = query.text.casefold()
        if not any(text in part.casefold() for part in (device.name, device.address, device.note)):
            return False
    if query.status is None:
        return True
    state = live.device_state(device.id)
    return query.status is (DeviceStatus.UNKNOWN if state is None else state.status)
