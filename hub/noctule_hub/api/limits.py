"""What one client may ask in a minute, and how much costly work is done at once; the numbers are `[limits]`'s."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from noctule_shared.errors import ErrorCode, Refused

from noctule_hub.auth.throttle import AddressLimit
from noctule_hub.config import LimitSettings
from noctule_hub.core.principal import Principal, Role

MINUTE_MS: Final = 60_000
# A page that opens asks for some dozens of series; what waits longer than a person does is better asked for again.
MAX_WAITING_READS: Final = 64
READ_WAIT_S: Final = 5.0
READ_RETRY_S: Final = 2.0
# An export keeps reading files on the store's threads, for minutes.
MAX_EXPORTS: Final = 2
EXPORT_RETRY_S: Final = 10.0


class RequestLimit:
    """A token bucket per principal, and of anonymous ones per address. Changed settings begin with full buckets."""

    def __init__(self) -> None:
        self.refused = 0
        self._settings: LimitSettings | None = None
        self._buckets: AddressLimit | None = None

    def admit(self, principal: Principal, address: str, settings: LimitSettings, now_ms: int) -> None:
        """Count one request. Raises `Refused` (too-many) with the time until the next one is answered."""
        if settings != self._settings:
            self._settings, self._buckets = settings, _buckets(settings)
        if self._buckets is None:
            return
        wait_s = self._buckets.admit(address if principal.role is Role.ANONYMOUS else principal.subject, now_ms)
        if wait_s is not None:
            self.refused += 1
            message = (
                f"more than {settings.requests_per_minute} requests a minute; wait {math.ceil(wait_s)} s, "
                "or raise limits.requests_per_minute in hub.toml"
            )
            raise Refused(ErrorCode.TOO_MANY, message, retry_after_s=wait_s)


class Turns:
    """Costly work takes turns: a few at once, a bounded number waits, for a bounded time.

    `what` it is called in a refusal, which says to come back after `retry_s`.
    """

    def __init__(self, what: str = "reads", *, wait_s: float = READ_WAIT_S, retry_s: float = READ_RETRY_S) -> None:
        self.running = 0
        self.refused = 0
        self._what = what
        self._retry_s = retry_s
        self._wait_s = wait_s
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    @asynccontextmanager
    async def turn(self, *, at_once: int) -> AsyncIterator[None]:
        """Hold one of `at_once` places. Raises `Refused` (busy) when none becomes free in time."""
        if self.running < at_once and not self._waiting:
            self.running += 1
        else:
            await self._wait(at_once)
        try:
            yield
        finally:
            self._leave(at_once)

    async def _wait(self, at_once: int) -> None:
        """Return with a place that another left to us."""
        if len(self._waiting) >= MAX_WAITING_READS:
            raise self._busy()
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            async with asyncio.timeout(self._wait_s):
                await place
        except (TimeoutError, asyncio.CancelledError) as error:
            if place in self._waiting:
                self._waiting.remove(place)
            else:
                # It was left to us in the same moment.
                self._leave(at_once)
            if isinstance(error, TimeoutError):
                raise self._busy() from None
            raise

    def _leave(self, at_once: int) -> None:
        self.running -= 1
        while self._waiting and self.running < at_once:
            place = self._waiting.pop(0)
            if not place.done():
                self.running += 1
                place.set_result(None)

    def _busy(self) -> Refused:
        self.refused += 1
        message = f"too many {self._what} are under way; try again in {self._retry_s:.0f} s"
        return Refused(ErrorCode.BUSY, message, retry_after_s=self._retry_s)


def _buckets(settings: LimitSettings) -> AddressLimit | None:
    if settings.requests_per_minute == 0:
        return None
    return AddressLimit(burst=settings.request_burst, refill_ms=MINUTE_MS / settings.requests_per_minute)
