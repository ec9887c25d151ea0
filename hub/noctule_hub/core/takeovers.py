"""Links of one identity that take each other's place: one is an agent that came back, many are two agents.

Pure decisions with the time as an argument; cutting and refusing is left to `ingest.link_server`.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

MAX_TAKEOVERS: Final = 3
WINDOW_MS: Final = 600_000


@dataclass(slots=True)
class Takeovers:
    """What happened lately, by agent; at most `MAX_TAKEOVERS` times each."""

    _times_ms: dict[int, deque[int]] = field(default_factory=dict)
    _refused_until_ms: dict[int, int] = field(default_factory=dict)

    def count(self, agent_id: int, now_ms: int) -> bool:
        """Count a link that took another's place; True: it was the third in 10 min, let neither in for as long."""
        times_ms = self._times_ms.setdefault(agent_id, deque(maxlen=MAX_TAKEOVERS))
        times_ms.append(now_ms)
        if len(times_ms) < MAX_TAKEOVERS or now_ms - times_ms[0] > WINDOW_MS:
            return False
        times_ms.clear()
        self._refused_until_ms[agent_id] = now_ms + WINDOW_MS
        return True

    def refused_for_ms(self, agent_id: int, now_ms: int) -> int:
        """Return how long no link of this agent is let in, 0: it is."""
        return max(0, self._refused_until_ms.get(agent_id, 0) - now_ms)
