"""Who looks closely at which device: a few at a time, for a few minutes unless renewed. Pure."""

from dataclasses import dataclass

from noctule_shared.commands import FOCUS_S, FOCUSED_BY_USER, FOCUSED_ON_AGENT
from noctule_shared.errors import ErrorCode, Refused

FOCUS_MS = int(FOCUS_S * 1000)


@dataclass(frozen=True, slots=True)
class _Look:
    agent_id: int
    until_ms: int


class FocusLedger:
    """Focus by user (a principal's subject) and device. Times are epoch milliseconds of the caller's clock."""

    def __init__(self) -> None:
        self._looks: dict[tuple[str, int], _Look] = {}

    def holds(self, user: str, device_id: int, now_ms: int) -> bool:
        """Return whether a user has that device in focus."""
        self._forget(now_ms)
        return (user, device_id) in self._looks

    def take(self, user: str, device_id: int, agent_id: int, now_ms: int) -> int:
        """Give a user a device for 5 min, or renew it; return until when.

        Raises `Refused` (too-many): 5 devices of the user, or 20 of the agent, are in focus already.
        """
        self._forget(now_ms)
        if (user, device_id) not in self._looks:
            if sum(1 for name, _ in self._looks if name == user) >= FOCUSED_BY_USER:
                raise Refused(ErrorCode.TOO_MANY, f"{FOCUSED_BY_USER} devices at most; let one go first")
            devices = {device for (_, device), look in self._looks.items() if look.agent_id == agent_id}
            if device_id not in devices and len(devices) >= FOCUSED_ON_AGENT:
                message = f"{FOCUSED_ON_AGENT} devices of this agent are in focus already"
                raise Refused(ErrorCode.TOO_MANY, message)
        until_ms = now_ms + FOCUS_MS
        self._looks[user, device_id] = _Look(agent_id, until_ms)
        return until_ms

    def release(self, user: str, device_id: int, now_ms: int) -> bool:
        """Let a device go; return whether nobody looks at it any more."""
        self._forget(now_ms)
        self._looks.pop((user, device_id), None)
        return not any(device == device_id for _, device in self._looks)

    def devices(self, now_ms: int) -> set[int]:
        """Return the devices that somebody has in focus."""
        self._forget(now_ms)
        return {device_id for _, device_id in self._looks}

    def _forget(self, now_ms: int) -> None:
        # What would last for much longer was taken before the clock was set back; nobody knows how long ago.
        for key in [key for key, look in self._looks.items() if not 0 < look.until_ms - now_ms <= 2 * FOCUS_MS]:
            del self._looks[key]
