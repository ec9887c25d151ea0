"""The topology as HTTP answers show it."""

from typing import Annotated

import msgspec
from noctule_shared.axes import IfStatus
from noctule_shared.events import DeviceStatus

from noctule_hub.core.topology import MAX_COORDINATE

Coordinate = Annotated[float, msgspec.Meta(ge=-MAX_COORDINATE, le=MAX_COORDINATE)]


class PositionView(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Where a device stands on the map, in the map's own units."""

    x: Coordinate
    y: Coordinate


class LayoutView(msgspec.Struct, frozen=True, rename="camel"):
    """The positions of devices by their id; a device without one is placed by whoever draws."""

    positions: dict[str, PositionView]
    revision: int


class NodeView(msgspec.Struct, frozen=True, rename="camel"):
    """A device on the map."""

    id: int
    name: str
    site_id: int
    status: DeviceStatus


class OutsideView(msgspec.Struct, frozen=True, rename="camel"):
    """What devices hear of by LLDP and is no device here; `key` tells it from others."""

    key: str
    sys_name: str
    chassis_id: str


class EndView(msgspec.Struct, frozen=True, rename="camel"):
    """One end of a link: of one of `device_id` and `outside` (a key). `interface_id` null: not known which.

    `port` is what LLDP calls it; the interface's own name and state are null where the interface is not known.
    """

    device_id: int | None
    outside: str | None
    interface_id: int | None
    port: str
    interface_name: str | None
    if_admin_status: IfStatus | None
    if_oper_status: IfStatus | None


class LinkView(msgspec.Struct, frozen=True, rename="camel"):
    """A link that LLDP tells of; `confirmed`: by both of its ends. Null rates: not known.

    Ratios are of the speed of the port that measured the rate; null where either is not known.
    """

    a: EndView
    b: EndView
    confirmed: bool
    a_to_b_bps: float | None
    b_to_a_bps: float | None
    a_to_b_util_ratio: float | None
    b_to_a_util_ratio: float | None


class ParentView(msgspec.Struct, frozen=True, rename="camel"):
    """A device that is reached through another one."""

    device_id: int
    parent_id: int


class TopologyView(msgspec.Struct, frozen=True, rename="camel"):
    """All devices and how they are connected."""

    devices: list[NodeView]
    links: list[LinkView]
    outside: list[OutsideView]
    parents: list[ParentView]


class SuggestedParentView(msgspec.Struct, frozen=True, rename="camel"):
    """A device behind which another one probably stands, and why."""

    device_id: int
    device_name: str
    reason: str


class SuggestionView(msgspec.Struct, frozen=True, rename="camel"):
    """Parents for a device that has none yet, `revision` is the device's; several: the way is redundant."""

    device_id: int
    device_name: str
    revision: int
    parents: list[SuggestedParentView]


class SuggestionsView(msgspec.Struct, frozen=True, rename="camel"):
    """What LLDP suggests, those nearest to a root first. `roots` are the devices from which ways were counted."""

    roots: list[int]
    items: list[SuggestionView]
