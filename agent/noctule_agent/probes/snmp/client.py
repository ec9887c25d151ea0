"""Asks one device with retries and requests of a size that it can answer.

One request is in flight at a time. The sizes are decided by `core.sizing`; the bytes are left to a backend.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from noctule_agent.core.sizing import RequestSize, chunks, timeouts_s
from noctule_agent.probes.snmp.mib import SYS_UP_TIME
from noctule_agent.probes.snmp.session import ErrorStatus, Reason, SnmpFailure, SnmpSession, Value

# A walk that fails is begun again with half the repetitions so many times.
MAX_WALK_RESTARTS: Final = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """Values of one PDU (None: no such instance), with the device's time and ours.

    `uptime_ticks` is this PDU's sysUpTime.0; `mono_s` lies midway between request and answer on the
    monotonic clock, `wall_ms` is the answer's time; `response_s` how long the device took.
    """

    values: dict[str, Value | None]
    uptime_ticks: int | None
    mono_s: float
    wall_ms: int
    response_s: float


class SnmpClient:
    """Asks one device. `interval_s` scales the timeouts so that a poll's attempts fit 40 % of it."""

    def __init__(self, session: SnmpSession, *, interval_s: float) -> None:
        self._session = session
        self._timeouts_s = timeouts_s(interval_s)
        self._turn = asyncio.Lock()
        self.size = RequestSize()

    async def get(self, groups: Sequence[Sequence[str]]) -> list[Answer]:
        """Return the values of all names; each PDU begins with sysUpTime.0, and a group stays in one PDU.

        A request that times out whole or is answered with an error is halved; a single name that only brings
        errors is taken as missing. Raises `SnmpFailure` when the device does not answer.
        """
        answers: list[Answer] = []
        async with self._turn:
            pending = chunks(groups, self.size.varbinds)
            pending.reverse()
            while pending:
                names = pending.pop()
                try:
                    answers.append(await self._ask(names))
                except ErrorStatus:
                    if len(names) <= 1:
                        answers.append(Answer(dict.fromkeys(names), None, time.monotonic(), _wall_ms(), 0.0))
                        continue
                    self.size = self.size.after_get_failed()
                    half = len(names) // 2
                    pending += [names[half:], names[:half]]
        return answers

    async def response(self) -> Answer:
        """Return the answer to one small GET of sysUpTime.0; its `response_s` is the SNMP response time."""
        async with self._turn:
            return await self._ask([])

    async def walk(self, oid: str) -> list[tuple[str, Value]]:
        """Return all instances under `oid`. Raises `SnmpFailure`."""
        async with self._turn:
            for attempt in range(MAX_WALK_RESTARTS + 1):
                timeout_s = self._timeouts_s[min(attempt, len(self._timeouts_s) - 1)]
                try:
                    rows = await self._session.walk(oid, repetitions=self.size.repetitions, timeout_s=timeout_s)
                except SnmpFailure as failure:
                    last = attempt == MAX_WALK_RESTARTS or self.size.repetitions == 1
                    if last or failure.reason not in {Reason.TIMEOUT, Reason.BAD_RESPONSE}:
                        raise
                    self.size = self.size.after_walk_failed()
                else:
                    if attempt == 0 and len(rows) > self.size.repetitions:
                        self.size = self.size.after_walk_complete()
                    return rows
        raise AssertionError("the last attempt returns or raises")

    async def close(self) -> None:
        """Release the session."""
        await self._session.close()

    async def _ask(self, names: list[str]) -> Answer:
        """Ask once per timeout; halve future requests when a large one goes unanswered."""
        oids = [SYS_UP_TIME, *names]
        for attempt, timeout_s in enumerate(self._timeouts_s):
            started_s = time.monotonic()
            try:
                values = await self._session.get(oids, timeout_s=timeout_s)
            except SnmpFailure as failure:
                if failure.reason is not Reason.TIMEOUT or attempt == len(self._timeouts_s) - 1:
                    raise
                continue
            response_s = time.monotonic() - started_s
            uptime = values.pop(SYS_UP_TIME, None)
            ticks = uptime if isinstance(uptime, int) and 0 <= uptime < 2**32 else None
            return Answer(values, ticks, started_s + response_s / 2, _wall_ms(), response_s)
        raise AssertionError("the last attempt returns or raises")


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
