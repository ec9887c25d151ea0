"""Whose word counted for a device at a time: assignments keep from and to, because rows may come long after."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from noctule_hub.core.commit import Assignment
from noctule_hub.core.series import Ints

_EVER_MS: Final = 2**62
_NEVER: Final = (_EVER_MS, _EVER_MS)


class Assignments:
    """All spans in which an agent polled a device.

    Before its first span a device is taken to be that agent's too: it did not exist then, and an agent whose clock is
    late shall lose nothing by it.
    """

    def __init__(self, rows: Iterable[Assignment]) -> None:
        self._spans: dict[tuple[int, int], list[tuple[int, int]]] = {}
        begun: set[int] = set()
        for row in sorted(rows, key=lambda row: row.from_ms):
            from_ms = row.from_ms if row.device_id in begun else -_EVER_MS
            begun.add(row.device_id)
            to_ms = _EVER_MS if row.to_ms is None else row.to_ms
            self._spans.setdefault((row.agent_id, row.device_id), []).append((from_ms, to_ms))

    def was(self, agent_id: int, device_id: int, ts_ms: int) -> bool:
        """Return whether the device was the agent's at `ts_ms`."""
        return any(from_ms <= ts_ms < to_ms for from_ms, to_ms in self._spans.get((agent_id, device_id), ()))

    def were(self, agent_id: int, device_ids: Ints, ts_ms: Ints) -> npt.NDArray[np.bool_]:
        """Return for each row whether its device was the agent's at its time."""
        good = np.zeros(len(device_ids), dtype=np.bool_)
        ids, rows = np.unique(device_ids, return_inverse=True)
        spans = [self._spans.get((agent_id, device_id), []) for device_id in ids.tolist()]
        # Once round for each time a device came to the same agent: nearly always once.
        for turn in range(max(map(len, spans), default=0)):
            bounds = np.array([found[turn] if turn < len(found) else _NEVER for found in spans], dtype=np.int64)
            good |= (bounds[rows, 0] <= ts_ms) & (ts_ms < bounds[rows, 1])
        return good
