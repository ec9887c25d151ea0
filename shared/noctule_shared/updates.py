"""Measurements as Socket.IO clients receive them: the latest alone, many objects in one message."""

import msgspec

from noctule_shared.axes import LatencySource


class LatencyItem(msgspec.Struct, frozen=True, rename="camel"):
    """One device's latest round. `rtt_s` is the median round-trip delay; None: nothing came back."""

    device_id: int
    rtt_s: float | None
    loss_ratio: float
    mdev_s: float | None
    source: LatencySource
    timestamp: str


class LatencyUpdate(msgspec.Struct, frozen=True, rename="camel"):
    """`latency:update`: what changed since the last tick; `more`: the rest comes with the next one."""

    timestamp: str
    items: list[LatencyItem]
    more: bool


class BandwidthItem(msgspec.Struct, frozen=True, rename="camel"):
    """One interface's rates, or a device's total when `interface_id` is None. None: unknown, never 0."""

    device_id: int
    interface_id: int | None
    in_bps: float | None
    out_bps: float | None
    in_util_ratio: float | None
    out_util_ratio: float | None
    quality: list[str]
    timestamp: str


class BandwidthUpdate(msgspec.Struct, frozen=True, rename="camel"):
    """`bandwidth:update`."""

    timestamp: str
    items: list[BandwidthItem]
    more: bool


class StatsUpdate(msgspec.Struct, frozen=True, rename="camel"):
    """`stats:update`: totals only. `devices` counts by status plus `total`; `alerts` firing by severity.

    `payments` counts updates since UTC midnight by status; rates None: no fresh sample.
    """

    timestamp: str
    devices: dict[str, int]
    alerts: dict[str, int]
    agents: dict[str, int]
    clients: int
    in_bps: float | None
    out_bps: float | None
    payments: dict[str, int]
