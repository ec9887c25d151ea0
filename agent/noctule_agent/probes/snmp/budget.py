"""Has SNMP requests wait for their turn; how many may be sent is decided by `core.budget`.

A wait is no answer that fails to come: it is outside of every timeout and of the response time, and is counted.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from noctule_shared.link import SnmpVersion

from noctule_agent.cancellation import raise_if_cancelled
from noctule_agent.core.budget import AGENT_BURST_S, DEVICE_BURST_S, DEVICE_REQUESTS_PER_S, SnmpLimits, TokenBucket
from noctule_agent.probes.snmp.session import SnmpSession, Value

# A walk costs as much as 5 polls. When all devices start at once, more walks together would keep the event loop from
# answers that are there until their time is over; a device that answers slowly holds up no others but beyond so many.
MAX_WALKS_AT_ONCE: Final = 64


class AgentBudget:
    """What all devices share; `walks` is held while one discovers.

    `waits` counts requests that had to wait for any budget, `waited_s` for how long.
    """

    def __init__(self, limits: SnmpLimits) -> None:
        self.waits = 0
        self.waited_s = 0.0
        self.walks = asyncio.Semaphore(MAX_WALKS_AT_ONCE)
        self._places = asyncio.Semaphore(limits.devices_at_once)
        self._bucket = TokenBucket(limits.requests_per_s, AGENT_BURST_S)

    def of_device(self, max_requests_per_s: float | None) -> "DeviceBudget":
        """Return the budget of one device; None: no limit of its own."""
        return DeviceBudget(self, TokenBucket(max_requests_per_s or DEVICE_REQUESTS_PER_S, DEVICE_BURST_S))

    async def enter(self, device: TokenBucket) -> float:
        """Wait for a request's turn and return when it came, monotonic clock; `leave` when it is answered or given up.

        A poll of many requests that was told to stop ends here, at the latest.
        The device's own budget is waited for without a place, so that a device with a small one holds up nobody.
        """
        raise_if_cancelled()
        began_s = time.monotonic()
        pause_s = device.take(began_s)
        waits = pause_s > 0 or self._places.locked()
        if pause_s > 0:
            await asyncio.sleep(pause_s)
        await self._places.acquire()
        try:
            pause_s = self._bucket.take(time.monotonic())
            if pause_s > 0:
                waits = True
                await asyncio.sleep(pause_s)
        except BaseException:
            self._places.release()
            raise
        now_s = time.monotonic()
        if waits:
            self.waits += 1
            self.waited_s += now_s - began_s
        return now_s

    def leave(self) -> None:
        """Give the place to the next."""
        self._places.release()


class DeviceBudget:
    """What one device may be asked, within what its agent may ask. One request of it is on its way at a time.

    `asked_s` is when the last request's turn came, on the monotonic clock.
    """

    def __init__(self, agent: AgentBudget, bucket: TokenBucket) -> None:
        self.asked_s = 0.0
        self._agent = agent
        self._bucket = bucket

    @property
    def walks(self) -> asyncio.Semaphore:
        """What is held while the device discovers its interfaces."""
        return self._agent.walks

    async def __aenter__(self) -> None:
        self.asked_s = await self._agent.enter(self._bucket)

    async def __aexit__(self, *_: object) -> None:
        self._agent.leave()


class PacedSession:
    """A session whose requests keep to a budget."""

    def __init__(self, session: SnmpSession, budget: DeviceBudget) -> None:
        self._session = session
        self._budget = budget

    @property
    def version(self) -> SnmpVersion:
        """See `SnmpSession.version`."""
        return self._session.version

    @property
    def remark(self) -> str | None:
        """See `SnmpSession.remark`."""
        return self._session.remark

    async def get(self, oids: Sequence[str], *, timeout_s: float) -> dict[str, Value | None]:
        """See `SnmpSession.get`."""
        async with self._budget:
            return await self._session.get(oids, timeout_s=timeout_s)

    async def next(self, oid: str, *, repetitions: int, timeout_s: float) -> list[tuple[str, Value | None]]:
        """See `SnmpSession.next`."""
        async with self._budget:
            return await self._session.next(oid, repetitions=repetitions, timeout_s=timeout_s)

    async def close(self) -> None:
        """See `SnmpSession.close`."""
        await self._session.close()
