"""How many SNMP requests may be sent: token buckets, and the limits of a whole agent.

Pure; the clock is the caller's and so is the waiting.
"""

from dataclasses import dataclass
from typing import Final

# What an idle agent or device may send at once: so many seconds' worth, at least one request.
AGENT_BURST_S: Final = 0.1
DEVICE_BURST_S: Final = 1.0
# A device with no limit of its own: a poll of 1,000 interfaces, some 330 requests, never waits.
DEVICE_REQUESTS_PER_S: Final = 500.0
AGENT_REQUESTS_PER_S: Final = 5000.0
DEVICES_AT_ONCE: Final = 2000


@dataclass(frozen=True, slots=True)
class SnmpLimits:
    """What all devices of an agent share. `devices_at_once`: how many may have a request on its way."""

    requests_per_s: float = AGENT_REQUESTS_PER_S
    devices_at_once: int = DEVICES_AT_ONCE


DEFAULT_LIMITS: Final = SnmpLimits()


class TokenBucket:
    """Lets `rate_per_s` requests through each second and up to `burst` at once after a pause.

    In any `t` seconds at most `burst + rate_per_s * t` go through, in the order in which they came. The generic
    cell rate algorithm (ITU-T I.371, virtual scheduling), which needs one number and no timer.
    """

    __slots__ = ("_due_s", "_step_s", "_tolerance_s")

    def __init__(self, rate_per_s: float, burst_s: float) -> None:
        self._step_s = 1.0 / rate_per_s
        self._tolerance_s = max(0.0, burst_s - self._step_s)
        self._due_s = float("-inf")

    def take(self, now_s: float) -> float:
        """Take a request's turn; return in how many seconds it is, 0 for at once. A turn cannot be given back."""
        due_s = max(self._due_s, now_s)
        self._due_s = due_s + self._step_s
        return max(0.0, due_s - self._tolerance_s - now_s)
