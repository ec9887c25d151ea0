"""Links of one identity that take each other's place: one is an agent that came back, many are two agents.

Pure decisions with the time as an argument; cutting and refusing is left to `ingest.link_server`.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

MAX_TAKEOVERS: Final = 3
WINDOW_MS: Final = 600_000


@dataclass(frozen=True, slots=True)
class _Takeover:
    at_ms: int
    displaced: int
    instance: int


@dataclass(slots=True)
class Takeovers:
    """What happened lately, by agent; at most `MAX_TAKEOVERS` each."""

    _lately: dict[int, deque[_Takeover]] = field(default_factory=dict)
    _refused_until_ms: dict[int, int] = field(default_factory=dict)

    def count(self, agent_id: int, now_ms: int, *, displaced: int, instance: int) -> bool:
        """Count that program `instance` took the place of `displaced`; True: let neither in for 10 minutes.

        That is at the third time in 10 minutes, if one that was displaced has come back among them: an agent that is
        only started again and again never does.
        """
        lately = self._lately.setdefault(agent_id, deque(maxlen=MAX_TAKEOVERS))
        lately.append(_Takeover(now_ms, displaced, instance))
        gone: set[int] = set()
        returned = False
        for takeover in lately:
            gone.add(takeover.displaced)
            returned |= takeover.instance in gone
        if len(lately) < MAX_TAKEOVERS or now_ms - lately[0].at_ms > WINDOW_MS or not returned:
            return False
        lately.clear()
        self._refused_until_ms[agent_id] = now_ms + WINDOW_MS
        return True

    def refused_for_ms(self, agent_id: int, now_ms: int) -> int:
        """Return how long no link of this agent is let in, 0: it is."""
        return max(0, self._refused_until_ms.get(agent_id, 0) - now_ms)
