"""Interface rows as a provider's access network makes them: most ports carry something, few have errors.

Octets are lognormal around 20 Mbit/s with a heavy tail (at most 1 Gbit/s), packets of 200 to 1,200 octets; every
20th port is idle, one in a hundred has errors, one in fifty discards.
"""

from array import array

import numpy as np
from noctule_shared.frames import INTERFACE_COLUMNS, MeasurementsBody, TableName, encode_frame, pack_table

PORTS = 48
INTERVAL_S = 10.0
REVISION = 1

_MEDIAN_BPS = 20e6
_SPREAD = 1.5
_MAX_BPS = 1e9
_IDLE = 0.05
_TYPECODES = {"u1": "B", "u4": "I", "i8": "q", "f8": "d"}

Values = dict[str, "array[float]"]


class Traffic:
    """Makes rows of devices with `PORTS` ports each; the same every time for a seed."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def rows(self, device_ids: list[int], ts_ms: int) -> Values:
        """Return the columns of one poll of each device, all within the second that ends at `ts_ms`."""
        rng, devices = self._rng, len(device_ids)
        rows = devices * PORTS
        octets = np.minimum(rng.lognormal(np.log(_MEDIAN_BPS), _SPREAD, (2, rows)), _MAX_BPS) * INTERVAL_S / 8
        octets = np.floor(np.where(rng.random((2, rows)) < _IDLE, 0, octets))
        packets = np.floor(octets / rng.uniform(200, 1_200, (2, rows)))
        errors, discards = self._rare(0.01, 50, rows), self._rare(0.02, 200, rows)
        values = {
            "device_id": np.repeat(device_ids, PORTS),
            "if_index": np.tile(np.arange(1, PORTS + 1), devices),
            "inventory_rev": np.full(rows, REVISION),
            "ts_ms": np.repeat(ts_ms - rng.integers(0, 1_000, devices), PORTS),
            "interval_s": np.repeat(INTERVAL_S + np.round(rng.normal(0, 0.005, devices), 3), PORTS),
            "in_octets": octets[0],
            "out_octets": octets[1],
            "in_packets": packets[0],
            "out_packets": packets[1],
            "in_errors": errors[0],
            "out_errors": errors[1],
            "in_discards": discards[0],
            "out_discards": discards[1],
            "quality": np.zeros(rows),
        }
        return {
            name: array(_TYPECODES[dtype], values[name].astype(f"<{dtype}").tobytes())
            for name, dtype in INTERFACE_COLUMNS.items()
        }

    def frame(self, device_ids: list[int], ts_ms: int) -> bytes:
        """Return one poll of each device as a frame."""
        table = pack_table(TableName.INTERFACE, self.rows(device_ids, ts_ms))
        return encode_frame(MeasurementsBody({TableName.INTERFACE.value: table}))

    def _rare(self, share: float, most: int, rows: int) -> np.ndarray:
        return np.where(self._rng.random((2, rows)) < share, self._rng.integers(1, most, (2, rows)), 0)
