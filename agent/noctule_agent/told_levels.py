"""The present levels as they are told to the hub: all of them, or what has changed since they were told last."""

import time
from typing import Final

import msgspec
from noctule_shared.axes import CanaryLevel, DeviceLevels
from noctule_shared.link import Levels

from noctule_agent.agent_side import AgentSide
from noctule_agent.outbox import Outbox

# Some 130 bytes a device: one part is far below the largest message.
PART_DEVICES: Final = 1_000


class ToldLevels:
    """What one session has told. A device that is no longer polled is forgotten with the next whole snapshot."""

    def __init__(self, source: AgentSide, outbox: Outbox) -> None:
        self._source = source
        self._outbox = outbox
        self._canary = CanaryLevel.OK
        self._devices: dict[int, DeviceLevels] = {}

    def whole(self) -> list[Levels]:
        """Return all levels in parts of bounded size, at least one, taken as told."""
        levels = self._take()
        rows = levels.devices
        if len(rows) <= PART_DEVICES:
            return [levels]
        return [
            msgspec.structs.replace(levels, devices=rows[start : start + PART_DEVICES], full=False)
            for start in range(0, len(rows), PART_DEVICES)
        ]

    def heartbeat(self) -> Levels:
        """Return levels of no device: the agent is there, and nothing else is said."""
        return Levels(time.time_ns() // 1_000_000, self._canary, [], next_seq=0, full=False)

    def _take(self) -> Levels:
        # First the seq, then the levels: they must be at least as new as all frames before it.
        next_seq = self._outbox.counts.next_seq
        levels = Levels(
            ts_ms=time.time_ns() // 1_000_000,
            canary=self._source.canary,
            devices=self._source.levels(),
            next_seq=next_seq,
        )
        self._canary = levels.canary
        self._devices = {row.device_id: row for row in levels.devices}
        return levels

    def changed(self) -> Levels | None:
        """Return the levels that are not as they were told, taken as told; None: all are."""
        canary, devices = self._canary, self._devices
        levels = self._take()
        changed = [row for row in levels.devices if devices.get(row.device_id) != row]
        if not changed and levels.canary is canary:
            return None
        # What does not fit is told the next time: it is not as it was told.
        for row in changed[PART_DEVICES:]:
            self._devices.pop(row.device_id)
        return msgspec.structs.replace(levels, devices=changed[:PART_DEVICES], full=False)
