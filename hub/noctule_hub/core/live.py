"""The latest measurements, as clients see them: per device, per interface, and totals. Latest wins.

Fed with committed rows by the engine, read by the API and offered to the ticks. History is left to the store.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from noctule_shared.axes import LATENCY_SOURCE_CODES, LatencySource
from noctule_shared.frames import TableName
from noctule_shared.times import iso_from_ms
from noctule_shared.updates import BandwidthItem, LatencyItem

from noctule_hub.core.rates import FRESH_MS, ChangedRates, LatestRates, Rates
from noctule_hub.core.records import Interface
from noctule_hub.core.series import MeasuredRows
from noctule_hub.core.world import World

SOURCES: Final[dict[int, LatencySource]] = {code: source for source, code in LATENCY_SOURCE_CODES.items()}


@dataclass(slots=True)
class LiveMeasurements:
    """The latest rows of every device and interface, one each."""

    latencies: dict[int, LatencyItem] = field(default_factory=dict)
    rates: LatestRates = field(default_factory=LatestRates)
    totals: dict[int, Rates] = field(default_factory=dict)

    def take(self, world: World, tables: Iterable[MeasuredRows]) -> tuple[list[LatencyItem], ChangedRates]:
        """Take committed rows; returns what is newer than before: latencies, and whose rates."""
        latencies: list[LatencyItem] = []
        interfaces: list[MeasuredRows] = []
        for rows in tables:
            if rows.table is TableName.LATENCY:
                latencies.extend(self._take_latencies(rows))
            else:
                interfaces.append(rows)
        changed = self.rates.take(world, interfaces)
        self.totals |= self.rates.totals(world, changed.devices())
        return latencies, changed

    def interface_item(self, interface: Interface) -> BandwidthItem | None:
        """Return an interface's latest rates with its utilisation, None when there are none."""
        rates = self.rates.get(interface.id)
        return None if rates is None else _item(interface.device_id, interface.id, rates, interface.speed_bps)

    def device_item(self, device_id: int) -> BandwidthItem | None:
        """Return a device's total over its physical ports, None when there is none."""
        rates = self.totals.get(device_id)
        return None if rates is None else _item(device_id, None, rates, None)

    def network_total(self, now_ms: int) -> tuple[float | None, float | None]:
        """Return in and out over all devices in bit/s, None when no total is fresh."""
        fresh = [rates for rates in self.totals.values() if now_ms - rates.ts_ms <= FRESH_MS]
        return _sum(rates.in_bps for rates in fresh), _sum(rates.out_bps for rates in fresh)

    def busiest(self, limit: int, now_ms: int) -> list[int]:
        """Return up to `limit` interfaces that carry most now, most first."""
        return self.rates.busiest(limit, now_ms)

    def forget(self, world: World) -> None:
        """Forget devices that are no longer configured."""
        for known in (self.latencies, self.totals):
            for device_id in known.keys() - world.devices.keys():
                known.pop(device_id)
        self.rates.forget(world)

    def _take_latencies(self, rows: MeasuredRows) -> list[LatencyItem]:
        columns = rows.columns
        newest = _newest(rows)
        items: list[LatencyItem] = []
        for row in newest:
            sent, received = int(columns["sent"][row]), int(columns["received"][row])
            item = LatencyItem(
                device_id=int(rows.object_ids[row]),
                rtt_s=_known(columns["rtt_median_s"][row]),
                loss_ratio=1 - received / sent if sent else 0.0,
                mdev_s=_known(columns["rtt_mdev_s"][row]),
                source=SOURCES.get(int(columns["source"][row]), LatencySource.ICMP),
                timestamp=iso_from_ms(int(columns["ts_ms"][row])),
            )
            before = self.latencies.get(item.device_id)
            if before is None or item.timestamp >= before.timestamp:
                self.latencies[item.device_id] = item
                items.append(item)
        return items


def _newest(rows: MeasuredRows) -> list[int]:
    """Return the row number of the newest row of each object."""
    order = np.lexsort((rows.columns["ts_ms"].astype(np.int64), rows.object_ids))
    ids = rows.object_ids[order]
    last = np.append(ids[1:] != ids[:-1], True)
    return [int(row) for row in order[last]]


def _item(device_id: int, interface_id: int | None, rates: Rates, speed_bps: int | None) -> BandwidthItem:
    return BandwidthItem(
        device_id=device_id,
        interface_id=interface_id,
        in_bps=rates.in_bps,
        out_bps=rates.out_bps,
        in_util_ratio=rates.in_bps / speed_bps if rates.in_bps is not None and speed_bps else None,
        out_util_ratio=rates.out_bps / speed_bps if rates.out_bps is not None and speed_bps else None,
        quality=rates.quality.words(),
        timestamp=iso_from_ms(rates.ts_ms),
    )


def _known(value: float) -> float | None:
    number = float(value)
    return number if np.isfinite(number) else None


def _sum(values: Iterable[float | None]) -> float | None:
    """Return the sum of what is known, None when nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None
