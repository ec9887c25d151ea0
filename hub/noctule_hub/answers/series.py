"""Measurement history as HTTP answers show it, as columns; null: unknown, a hole in the graph."""

import msgspec
from noctule_shared.axes import LatencySource
from noctule_shared.events import DeviceStatus

from noctule_hub.core.resolution import Resolution


class GapView(msgspec.Struct, frozen=True, rename="camel"):
    """A hole that an agent told of; `samples` of all its devices were lost, null: nobody can know how many."""

    from_: str = msgspec.field(name="from")
    to: str
    reason: str
    samples: int | None


class _Columns(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """`step_s` null: rows as they were measured, at `ts_ms`; else each is of the `step_s` that begin at `ts_ms`.

    `n` rows are in a step, of which `bad` have no value that counts.
    """

    resolution: Resolution
    step_s: float | None
    gaps: list[GapView]
    ts_ms: list[int]
    n: list[int]
    bad: list[int]


class LatencyColumns(_Columns, frozen=True, rename="camel", kw_only=True):
    """A device's rounds, all columns of one length. null: nothing came back.

    `rtt_s` is the median of a round, of steps the mean of their medians; `rtt_min_s` and `rtt_max_s` are of all
    replies. Of single rounds `rtt_min_s`, `rtt_p25_s`, `rtt_s`, `rtt_p75_s` and `rtt_max_s` draw a smoke chart: of 5
    replies they are the 5, sorted. `ipdv_s` null: no two packets sent one after the other were both answered. Steps
    have no quartiles, no mean of all replies, no `ipdv_s` and no source.
    """

    rtt_s: list[float | None]
    loss_ratio: list[float | None]
    mdev_s: list[float | None]
    rtt_min_s: list[float | None]
    rtt_p25_s: list[float | None]
    rtt_p75_s: list[float | None]
    rtt_max_s: list[float | None]
    rtt_mean_s: list[float | None]
    ipdv_s: list[float | None]
    sent: list[int]
    received: list[int]
    source: list[LatencySource | None]


class BandwidthColumns(_Columns, frozen=True, rename="camel", kw_only=True):
    """An interface's rates, all columns of one length. null: unknown.

    Of a step `in_bps` is all octets over all seconds that were measured, `in_min_bps` and `in_max_bps` the least and
    largest rate in it. Errors and discards are counted, not rates.
    """

    in_bps: list[float | None]
    out_bps: list[float | None]
    in_min_bps: list[float | None]
    in_max_bps: list[float | None]
    out_min_bps: list[float | None]
    out_max_bps: list[float | None]
    in_errors: list[float | None]
    out_errors: list[float | None]
    in_discards: list[float | None]
    out_discards: list[float | None]
    quality: list[list[str]]


class BandwidthMonthView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An interface in one month, by bins of 5 minutes; docs/semantics.md says what is left out of what.

    `coverage` is the part of the month, up to now, that was measured. Percentiles null: no bin was used.
    """

    interface_id: int
    month: str
    tz: str
    from_: str = msgspec.field(name="from")
    to: str
    complete: bool
    bins_expected: int
    bins_used: int
    bins_gap: int
    bins_doubtful: int
    coverage: float
    in_octets: float
    out_octets: float
    in_p95_bps: float | None
    out_p95_bps: float | None
    max_p95_bps: float | None
    sum_p95_bps: float | None
    gaps: list[GapView]


class PortFaultsView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Packets of an interface that had errors or were discarded; null: not known of any time in the range."""

    interface_id: int
    in_errors: float | None
    out_errors: float | None
    in_discards: float | None
    out_discards: float | None


class FaultsView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Errors and discards of a device's interfaces from `from` to `to`, by id."""

    from_: str = msgspec.field(name="from")
    to: str
    items: list[PortFaultsView]


class StatusSpanView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A device had `status` from `from` to `to`; `late`: it became known long afterwards."""

    from_: str = msgspec.field(name="from")
    to: str
    status: DeviceStatus
    reason: str
    underlying: DeviceStatus | None
    late: bool


class StatusHistory(msgspec.Struct, frozen=True, rename="camel"):
    """A device's statuses by time, without hole or overlap. `truncated`: there are more; ask from the last `to` on."""

    items: list[StatusSpanView]
    truncated: bool


class StatusBarView(msgspec.Struct, frozen=True, rename="camel"):
    """A device's last hours. `bar` is a letter for each step, oldest first; `ratio` is up / (up + down), null: neither.

    `+` online, `d` degraded, `x` offline, `u` unreachable, `m` maintenance, `?` unknown. A step shows the worst fault
    in it, however short, else what lasted longest.
    """

    device_id: int
    bar: str
    ratio: float | None


class StatusBars(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The bars of several devices in steps of `step_s` from `from` on; the last step goes on at `to`.

    A device that is not there, or had more changes than can be told at once, is not among `items`.
    """

    from_: str = msgspec.field(name="from")
    to: str
    step_s: float
    items: list[StatusBarView]


class AvailabilityView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A device in one month. `ratio` is up / (up + down), null when neither is known; docs/semantics.md defines it.

    `outages` are the newest ones, at most 1,000; `outages_total` counts all. One that ends at `to` may go on.
    """

    device_id: int
    month: str
    tz: str
    from_: str = msgspec.field(name="from")
    to: str
    complete: bool
    seconds: dict[DeviceStatus, float]
    ratio: float | None
    outages: list[StatusSpanView]
    outages_total: int
