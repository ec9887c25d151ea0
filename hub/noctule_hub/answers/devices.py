"""Devices, their interfaces, and what they say of themselves, as HTTP answers show them."""

import msgspec
from noctule_shared.axes import Duplex, IfStatus, Reachability
from noctule_shared.events import DeviceStatus, LogPosition
from noctule_shared.interface_filter import DEFAULT_FILTER, InterfaceFilter
from noctule_shared.link import SnmpVersion
from noctule_shared.thresholds import FAILED_POLLS, ICMP_THRESHOLDS, IcmpThresholds
from noctule_shared.updates import BandwidthItem, LatencyItem

from noctule_hub.answers.customers import OwnerView


class IcmpView(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """How a device is pinged. What is absent, the device has no setting of its own for."""

    interval_s: float
    count: int
    spacing_s: float | None = None
    timeout_s: float | None = None
    thresholds: IcmpThresholds = ICMP_THRESHOLDS


class SnmpView(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """How a device is polled by SNMP, without what opens it. What is absent is as of any device."""

    version: SnmpVersion
    port: int
    interval_s: float
    failed_polls: int = FAILED_POLLS
    max_requests_per_s: float | None = None
    interfaces: InterfaceFilter = DEFAULT_FILTER


class DeviceView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A device with its present state. `status_since` None: never judged; `latency`, `bandwidth` None: no data yet.

    `role` is what it does in the network, empty: not said. `customers` are those whose services are on it; None: not
    for your role.
    """

    id: int
    name: str
    address: str
    site_id: int
    site_name: str
    agent_id: int | None
    agent_name: str | None
    reachability: Reachability
    status: DeviceStatus
    underlying: DeviceStatus | None
    status_reason: str
    status_since: str | None
    icmp: IcmpView | None
    snmp: SnmpView | None
    role: str
    tags: list[str]
    parents: list[int]
    note: str
    revision: int
    created_at: str
    latency: LatencyItem | None
    bandwidth: BandwidthItem | None
    customers: list[OwnerView] | None = None


class DevicePage(msgspec.Struct, frozen=True, rename="camel"):
    """A page of devices and the log position before which nothing is missing from their states."""

    items: list[DeviceView]
    next_cursor: str | None
    position: LogPosition


class InterfaceView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An interface; `name` is the identity that its history follows, `speed_bps` and `duplex` None: unknown.

    Of a port that is not up these are as when it was. `customers` are those whose service it is; None: not for your
    role.
    """

    id: int
    device_id: int
    if_index: int
    name: str
    if_name: str
    if_descr: str
    if_alias: str
    if_type: int
    speed_bps: int | None
    if_admin_status: IfStatus
    if_oper_status: IfStatus
    polled: bool
    bandwidth: BandwidthItem | None
    customers: list[OwnerView] | None = None
    duplex: Duplex | None = None


class BusyInterfaceView(msgspec.Struct, frozen=True, rename="camel"):
    """An interface among those that carry most, with the name of its device."""

    device_name: str
    interface: InterfaceView


class SystemView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What a device says of itself; None: it did not say. `seen_at` None: nothing was heard of it yet."""

    sys_name: str | None = None
    sys_descr: str | None = None
    sys_object_id: str | None = None
    sys_location: str | None = None
    sys_contact: str | None = None
    seen_at: str | None = None


class NeighbourView(msgspec.Struct, frozen=True, rename="camel"):
    """What a device hears by LLDP on one of its ports. `interface_id`, `interface_name` None: it does not say which.

    `device_id`, `device_name` are of the device that it is; None: it is none here, or it cannot be told.

    `chassis_id_subtype` and `port_id_subtype` are words of LLDP-MIB, such as macAddress; None: none of them.
    """

    interface_id: int | None
    interface_name: str | None
    local_port: str
    chassis_id_subtype: str | None
    chassis_id: str
    port_id_subtype: str | None
    port_id: str
    port_descr: str
    sys_name: str
    device_id: int | None
    device_name: str | None
    seen_at: str
