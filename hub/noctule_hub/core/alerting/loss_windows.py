"""The packets of every device's newest rounds, summed over windows: columns by device id, with a draft over them.

What share of them may be lost is left to `levels`.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from noctule_hub.core.drafted_columns import DraftedColumns
from noctule_hub.core.series import Ints

Array = npt.NDArray[Any]

# Rounds that begin within so long are one slot, so that a window of rounds each second takes no more memory.
SLOT_MS: Final = 5_000
# A window holds at least so many slots, also of rounds that are minutes apart: one lost packet of five is no loss of
# a fifth. Until there are so many nothing is known.
LEAST_SLOTS: Final = 4
# But not what is older than this.
REACH_MS: Final = 3_600_000


class LossWindows:
    """Sums over the last so many seconds of rounds, at most `longest_s`, exact to a slot."""

    def __init__(self, longest_s: int) -> None:
        self.longest_s = longest_s
        self._slots = max(longest_s * 1000 // SLOT_MS + 2, LEAST_SLOTS)
        # `slot` is the place of the newest one in the ring; `begun_ms` 0: the slot is empty.
        self._rows = DraftedColumns(
            {
                "slot": (np.int16, 0, ()),
                "begun_ms": (np.int64, 0, (self._slots,)),
                "sent": (np.uint32, 0, (self._slots,)),
                "received": (np.uint32, 0, (self._slots,)),
            }
        )

    def take(self, device_ids: Ints, ts_ms: Ints, sent: Array, received: Array) -> None:
        """Take one round of each device, newer than those before."""
        if not len(device_ids):
            return
        rows = self._rows
        rows.reach(int(device_ids.max()))
        slot = rows["slot"][device_ids].astype(np.intp)
        begun_ms = rows["begun_ms"][device_ids, slot]
        goes_on = (begun_ms > 0) & (ts_ms - begun_ms < SLOT_MS)
        slot = np.where(goes_on, slot, (slot + 1) % self._slots)
        place = (device_ids, slot)
        rows.write("slot", device_ids, slot)
        rows.write("sent", place, np.where(goes_on, rows["sent"][place], 0) + sent)
        rows.write("received", place, np.where(goes_on, rows["received"][place], 0) + received)
        rows.write("begun_ms", place, np.where(goes_on, begun_ms, ts_ms))

    def sums(self, device_ids: Ints, ts_ms: Ints, window_s: int) -> tuple[Ints, Ints]:
        """Return how many packets were sent and received in the window that ends then; 0 sent: too little is known."""
        if not len(device_ids):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        rows = self._rows
        rows.reach(int(device_ids.max()))
        begun_ms = rows["begun_ms"][device_ids]
        age_ms = ts_ms[:, np.newaxis] - begun_ms
        place = (rows["slot"][device_ids].astype(np.intp)[:, np.newaxis] - np.arange(self._slots)) % self._slots
        held = (begun_ms > 0) & (age_ms >= 0)
        newest = held & (place < LEAST_SLOTS) & (age_ms < REACH_MS)
        counts = newest | (held & (age_ms < window_s * 1000))
        counts &= (np.count_nonzero(newest, axis=1) == LEAST_SLOTS)[:, np.newaxis]
        sent, received = (np.where(counts, rows[name][device_ids], 0).sum(axis=1) for name in ("sent", "received"))
        return sent.astype(np.int64), received.astype(np.int64)

    def forget(self, device_ids: Ints) -> None:
        """Begin the windows of devices anew; each is named once."""
        if len(device_ids):
            self._rows.reach(int(device_ids.max()))
            self._rows.write("begun_ms", device_ids, 0)

    def settle(self) -> None:
        """Make the draft the present."""
        self._rows.settle()

    def drop(self) -> None:
        """Undo the draft."""
        self._rows.drop()
