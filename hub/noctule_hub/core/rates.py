"""The latest rates of every interface as columns, and each device's total over its ports.

No object is made of a row: what clients and readers see is made in `live`, for those who look.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from noctule_shared.axes import Quality

from noctule_hub.core.ports import Ports
from noctule_hub.core.rollups import DOUBTFUL
from noctule_hub.core.series import Floats, Ints, MeasuredRows
from noctule_hub.core.world import World

# IANAifType of ports that carry a device's traffic once: aggregates, VLANs and tunnels would count it again.
PHYSICAL_IF_TYPES: Final = frozenset({6, 23, 37, 39, 56, 62, 69, 71, 94, 97, 117, 169, 230, 238, 250})
# A total is made of rates not older than this: three polls at the default interval.
FRESH_MS: Final = 90_000
_COLUMNS: Final[Mapping[str, npt.DTypeLike]] = {
    "device_id": np.int64,
    "ts_ms": np.int64,
    "in_bps": np.float64,
    "out_bps": np.float64,
    "quality": np.uint8,
}


@dataclass(frozen=True, slots=True)
class Rates:
    """One interface's, or one device's, latest rates in bit/s at `ts_ms`; None: unknown, never 0."""

    ts_ms: int
    in_bps: float | None
    out_bps: float | None
    quality: Quality


@dataclass(frozen=True, slots=True)
class ChangedRates:
    """The interfaces whose rates are newer than before, with their devices; both sorted by device."""

    device_ids: Ints
    interface_ids: Ints

    def devices(self) -> list[int]:
        """Return the devices, each once."""
        found: list[int] = np.unique(self.device_ids).tolist()
        return found

    def of_device(self, device_id: int) -> list[int]:
        """Return the changed interfaces of one device."""
        first, last = np.searchsorted(self.device_ids, [device_id, device_id + 1])
        found: list[int] = self.interface_ids[first:last].tolist()
        return found


UNCHANGED: Final = ChangedRates(np.empty(0, np.int64), np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class _Counted:
    """A device's ports as of an inventory: their interface ids, and which of them are physical."""

    ports: Ports
    interface_ids: Ints
    physical: npt.NDArray[np.bool_]


class LatestRates:
    """A row per interface, at the place of its id; 0 as `ts_ms`: nothing is known of it."""

    def __init__(self) -> None:
        self._rows = {name: np.zeros(0, dtype) for name, dtype in _COLUMNS.items()}
        self._counted: dict[int, _Counted] = {}

    def get(self, interface_id: int) -> Rates | None:
        """Return an interface's latest rates, None when there are none."""
        rows = self._rows
        if not 0 <= interface_id < len(rows["ts_ms"]) or not rows["ts_ms"][interface_id]:
            return None
        return _rates(*(rows[name][interface_id] for name in ("ts_ms", "in_bps", "out_bps", "quality")))

    def take(self, world: World, tables: Sequence[MeasuredRows]) -> ChangedRates:
        """Take committed interface rows: the newest of each known interface counts, of equally new ones the last."""
        if not tables:
            return UNCHANGED
        interface_ids = np.concatenate([rows.object_ids for rows in tables])
        ts_ms = _joined(tables, "ts_ms").astype(np.int64)
        order = np.lexsort((ts_ms, interface_ids))
        newest = order[np.append(np.diff(interface_ids[order]) != 0, True)]
        interface_ids, ts_ms = interface_ids[newest], ts_ms[newest]
        self._grow(int(interface_ids[-1]) + 1)
        self._learn_devices(world, interface_ids)
        rows = self._rows
        good = (rows["device_id"][interface_ids] > 0) & (ts_ms >= rows["ts_ms"][interface_ids])
        interface_ids, newest = interface_ids[good], newest[good]
        rows["ts_ms"][interface_ids] = ts_ms[good]
        interval_s = _joined(tables, "interval_s")[newest]
        for octets, bps in (("in_octets", "in_bps"), ("out_octets", "out_bps")):
            with np.errstate(divide="ignore", invalid="ignore"):
                rows[bps][interface_ids] = _joined(tables, octets)[newest] * 8.0 / interval_s
        rows["quality"][interface_ids] = _joined(tables, "quality")[newest]
        device_ids = rows["device_id"][interface_ids]
        order = np.argsort(device_ids, kind="stable")
        return ChangedRates(device_ids[order], interface_ids[order])

    def totals(self, world: World, device_ids: Iterable[int]) -> dict[int, Rates]:
        """Return totals over each device's physical ports, over all where no physical one has rates.

        Left out is what is older than `FRESH_MS` before the device's newest rate, and devices without any.
        """
        counted = {device_id: found for device_id in device_ids if (found := self._counted_of(world, device_id))}
        if not counted:
            return {}
        ids = np.concatenate([found.interface_ids for found in counted.values()])
        self._grow(int(ids.max()) + 1)
        sizes = [len(found.interface_ids) for found in counted.values()]
        starts = np.cumsum([0, *sizes[:-1]])
        rows = {name: column[ids] for name, column in self._rows.items()}
        measured = rows["ts_ms"] > 0
        physical = measured & np.concatenate([found.physical for found in counted.values()])
        counts = np.where(np.repeat(np.logical_or.reduceat(physical, starts), sizes), physical, measured)
        ts_ms = np.maximum.reduceat(np.where(counts, rows["ts_ms"], 0), starts)
        counts &= np.repeat(ts_ms, sizes) - rows["ts_ms"] <= FRESH_MS
        quality = np.bitwise_or.reduceat(np.where(counts, rows["quality"], 0), starts)
        in_bps, out_bps = (_sums(np.where(counts, rows[name], np.nan), starts) for name in ("in_bps", "out_bps"))
        return {
            device_id: _rates(ts_ms[at], in_bps[at], out_bps[at], quality[at])
            for at, device_id in enumerate(counted)
            if ts_ms[at]
        }

    def busiest(self, limit: int, now_ms: int) -> list[int]:
        """Return the interfaces that carry most in or out, most first; none whose rates are old or doubtful."""
        rows = self._rows
        most_bps = np.fmax(rows["in_bps"], rows["out_bps"])
        counts = (now_ms - rows["ts_ms"] <= FRESH_MS) & (rows["quality"] & int(DOUBTFUL) == 0)
        most_bps = np.where(counts & np.isfinite(most_bps), most_bps, 0.0)
        chosen = np.argpartition(most_bps, -limit)[-limit:] if len(most_bps) > limit else np.arange(len(most_bps))
        chosen = chosen[most_bps[chosen] > 0]
        found: list[int] = chosen[np.argsort(-most_bps[chosen], kind="stable")].tolist()
        return found

    def forget(self, world: World) -> None:
        """Forget the ports of devices that are no longer configured."""
        for device_id in self._counted.keys() - world.devices.keys():
            self._counted.pop(device_id)

    def _grow(self, length: int) -> None:
        held = len(self._rows["ts_ms"])
        if length > held:
            # By half more, so that a growing network is not copied for each port.
            more = max(length, held + held // 2) - held
            self._rows = {name: np.concatenate((row, np.zeros(more, row.dtype))) for name, row in self._rows.items()}

    def _learn_devices(self, world: World, interface_ids: Ints) -> None:
        """Note the devices of interfaces that are new here; one that the world does not know stays without."""
        device_ids = self._rows["device_id"]
        for interface_id in interface_ids[device_ids[interface_ids] == 0].tolist():
            interface = world.interfaces.settled(interface_id)
            if interface is not None:
                device_ids[interface_id] = interface.device_id

    def _counted_of(self, world: World, device_id: int) -> _Counted | None:
        """Return a device's ports, made once for each inventory; None when it has none."""
        ports = world.ports.settled(device_id)
        if ports is None or not ports.interface_ids:
            self._counted.pop(device_id, None)
            return None
        found = self._counted.get(device_id)
        if found is None or found.ports is not ports:
            known = [
                interface
                for interface_id in dict.fromkeys(ports.interface_ids.values())
                if (interface := world.interfaces.settled(interface_id)) is not None
            ]
            found = self._counted[device_id] = _Counted(
                ports,
                np.array([row.id for row in known], np.int64),
                np.array([row.if_type in PHYSICAL_IF_TYPES for row in known], np.bool_),
            )
        return found if len(found.interface_ids) else None


def _joined(tables: Sequence[MeasuredRows], column: str) -> npt.NDArray[np.float64]:
    return np.concatenate([rows.columns[column] for rows in tables])


def _sums(values: Floats, starts: Ints) -> Floats:
    """Return the sums of what is known from each start on, NaN where nothing is."""
    known = np.isfinite(values)
    sums = np.add.reduceat(np.where(known, values, 0.0), starts)
    return np.where(np.logical_or.reduceat(known, starts), sums, np.nan)


def _rates(ts_ms: float, in_bps: float, out_bps: float, quality: float) -> Rates:
    return Rates(int(ts_ms), _known(in_bps), _known(out_bps), Quality(int(quality)))


def _known(value: float) -> float | None:
    number = float(value)
    return number if np.isfinite(number) else None
