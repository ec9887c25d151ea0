"""Where measurements and events leave the pollers: one interface between the monitor and the outbox.

The collector (`collector.py`) stands behind it in the agent; tests put a list there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from noctule_shared.axes import LatencySource
from noctule_shared.observations import AgentEvent


@dataclass(frozen=True, slots=True)
class LatencyRow:
    """One round of echoes, or one SNMP response time, ending at `ts_ms` (epoch milliseconds).

    Round-trip delays (RFC 2681) are in seconds, None when nothing came back; `rtt_mdev_s` is ping's mean
    deviation sqrt(mean(rtt^2) - mean(rtt)^2). What each is: `probes.echo_round`. `ipdv_s` None: no two packets
    sent one after the other were both answered.
    """

    device_id: int
    ts_ms: int
    source: LatencySource
    sent: int
    received: int
    rtt_min_s: float | None
    rtt_p25_s: float | None
    rtt_median_s: float | None
    rtt_p75_s: float | None
    rtt_max_s: float | None
    rtt_mean_s: float | None
    rtt_mdev_s: float | None
    ipdv_s: float | None


@dataclass(frozen=True, slots=True)
class InterfaceRows:
    """One poll of a device's interfaces as columns of equal length, in the order of `if_index`.

    Deltas over `interval_s` that ends at `ts_ms`; NaN: unknown. `quality` holds bits of `axes.Quality`.
    """

    device_id: int
    inventory_rev: int
    if_index: Sequence[int]
    ts_ms: Sequence[int]
    interval_s: Sequence[float]
    in_octets: Sequence[float]
    out_octets: Sequence[float]
    in_packets: Sequence[float]
    out_packets: Sequence[float]
    in_errors: Sequence[float]
    out_errors: Sequence[float]
    in_discards: Sequence[float]
    out_discards: Sequence[float]
    quality: Sequence[int]


class Sink(Protocol):
    """Takes what was measured. Calls never block and never raise; what cannot be kept is counted there."""

    def latency(self, row: LatencyRow) -> None:
        """Take one latency row."""
        ...

    def interfaces(self, rows: InterfaceRows) -> None:
        """Take the rows of one poll."""
        ...

    def event(self, event: AgentEvent) -> None:
        """Take one event; it leaves for the hub at once."""
        ...
