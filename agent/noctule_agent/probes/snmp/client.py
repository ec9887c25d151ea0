"""Asks one device with retries and requests of a size that it can answer.

One request is in flight at a time. The sizes are decided by `core.sizing`, the course of a walk by `core.walking`;
the bytes are left to a backend.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from noctule_shared.link import SnmpVersion

from noctule_agent.core.bounded import Bounded
from noctule_agent.core.sizing import LearntSizes, RequestSize, chunks, halves, timeouts_s
from noctule_agent.core.walking import MAX_WALK_ROWS, Verdict, Walk
from noctule_agent.probes.snmp.budget import DeviceBudget, PacedSession
from noctule_agent.probes.snmp.mib import SYS_OBJECT_ID, SYS_UP_TIME
from noctule_agent.probes.snmp.session import ErrorStatus, Reason, SnmpFailure, SnmpSession, Value

# A name that brought nothing but errors or silence is asked for again after so long, or when a walk shows it.
LEAVE_OUT_S: Final = 600.0
MAX_NAMES_REMEMBERED: Final = 10_000
_WORTH_A_RETRY: Final = frozenset({Reason.TIMEOUT, Reason.BAD_RESPONSE})

T = TypeVar("T")


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


class Unanswered(ErrorStatus):
    """The device answers a small question but stays silent on this one, or answers it with garbage."""


class SnmpClient:
    """Asks one device. `interval_s` scales the timeouts so that a poll's attempts fit 40 % of it.

    `sizes`: what devices of the same model coped with, shared between clients; None: a table of its own. `budget`
    None: requests wait for no turn.
    """

    def __init__(
        self,
        session: SnmpSession,
        *,
        interval_s: float,
        sizes: LearntSizes | None = None,
        budget: DeviceBudget | None = None,
    ) -> None:
        self._session = session if budget is None else PacedSession(session, budget)
        self._budget = budget
        self._timeouts_s = timeouts_s(interval_s)
        self._turn = asyncio.Lock()
        self._sizes = sizes or LearntSizes()
        self._model: str | None = None
        # Names that were missing twice in a row are believed to be missing without a second look.
        self._missing: Bounded[str, bool] = Bounded(MAX_NAMES_REMEMBERED)
        self._left_out_until_s: Bounded[str, float] = Bounded(MAX_NAMES_REMEMBERED)
        # How many names were answered where more met silence; learnt only if no single name was the cause.
        self._answered = 0
        self.size = RequestSize()

    @property
    def version(self) -> SnmpVersion:
        """The version spoken: v1 has no Counter64."""
        return self._session.version

    @property
    def remark(self) -> str | None:
        """What a person should know of how this device answers; None: nothing unusual."""
        return self._session.remark

    async def get(self, groups: Sequence[Sequence[str]]) -> list[Answer]:
        """Return the values of all names, at least one answer; each PDU begins with sysUpTime.0.

        A group stays in one PDU. A request that the device does not cope with is asked in parts, and smaller ones
        from then on; a single name that only brings errors or silence is taken as missing, and left out for 10 min.
        A name that one answer lacks is asked again before it is. Raises `SnmpFailure` when the device does not answer.
        """
        answers: list[Answer] = []
        async with self._turn:
            skipped, asked = self._without_left_out(groups)
            pending = chunks(asked, self.size.varbinds) or [[]]
            while pending:
                size = self.size.varbinds
                self._answered = size
                if not await self._take(pending.pop(0), answers) and self._answered < size:
                    self._learn(self.size.after_get_failed(2 * self._answered))
                if self.size.varbinds < size:
                    pending = chunks([group for request in pending for group in request], self.size.varbinds)
            answers[0].values.update(dict.fromkeys(skipped))
        return answers

    async def response(self) -> Answer:
        """Return the answer to one small GET of sysUpTime.0; its `response_s` is the SNMP response time."""
        async with self._turn:
            return await self._ask([])

    async def walk(
        self, oid: str, *, repetitions: int | None = None, expected: int | None = None
    ) -> list[tuple[str, Value]]:
        """Return all instances under `oid`, by `repetitions` at once; None: as many as the device copes with.

        `expected`: how many there should be, as other columns of the table have; None: nobody knows.

        Where answers stay away or names do not increase, the walk goes on from the last good name with half the
        repetitions, in the end by GETNEXT; if even that does not help it ends with what was found. Raises
        `SnmpFailure` when the device does not answer.
        """
        async with self._turn:
            walk: Walk[Value] = Walk(oid)
            learning = repetitions is None
            repetitions = self.size.repetitions if repetitions is None else repetitions
            if self.version is SnmpVersion.V1:
                repetitions = 0
            failed: int | None = None
            largest = 0
            verdict = Verdict.MORE
            while verdict is not Verdict.COMPLETE:
                asked = walk.ask_for(repetitions, expected)
                largest = max(largest, asked)
                try:
                    verdict = walk.take(await self._next(walk.at, asked, proven=failed is not None))
                except ErrorStatus:
                    verdict = Verdict.BROKEN
                if verdict is Verdict.TOO_LONG:
                    raise SnmpFailure(Reason.BAD_RESPONSE, f"more than {MAX_WALK_ROWS} rows under {oid}")
                if verdict is Verdict.BROKEN:
                    if repetitions == 0:
                        break
                    failed, repetitions = asked, asked // 2
                elif failed is not None:
                    self._learn(self.size.after_walk_failed(failed))
            if learning and failed is None and len(walk.rows) > repetitions > 0 and largest == repetitions:
                self._learn(self.size.after_walk_complete())
        for name, _ in walk.rows:
            self._left_out_until_s.forget(name)
        return walk.rows

    def note_missing_rows(self) -> None:
        """Walk with half the repetitions from now on: a walk lacked rows that the device has."""
        self._learn(self.size.after_walk_failed(self.size.repetitions))

    async def close(self) -> None:
        """Release the session."""
        await self._session.close()

    async def _take(self, request: list[list[str]], answers: list[Answer], *, proven: bool = False) -> bool:
        """Ask for a request, in parts where need be; return whether a name was at fault, and not the size."""
        names = [name for group in request for name in group]
        divisible = len(names) > 1
        silent = False
        if not (proven and divisible and len(names) >= self._answered):
            try:
                answers.append(await self._second_look(names, await self._ask(names, proven=proven)))
            except ErrorStatus as error:
                if not names:
                    raise
                if not divisible:
                    answers.append(await self._alone(names))
                    return True
                silent = isinstance(error, Unanswered)
            else:
                if divisible:
                    self._learn(self.size.after_get_complete())
                return False
        at_fault = False
        for part in halves(request):
            part_at_fault = await self._take(part, answers, proven=proven or silent)
            at_fault |= part_at_fault
            if silent and not part_at_fault:
                # The other half then needs no timeouts of its own.
                self._answered = min(self._answered, (len(names) + 1) // 2)
        if not silent and not proven and not at_fault:
            self._learn(self.size.after_get_failed(len(names) + 1))
        return at_fault

    async def _second_look(self, names: list[str], answer: Answer) -> Answer:
        """Return the answer with all names in it; raise `ErrorStatus` when it lacked some that exist."""
        doubtful = [name for name in names if name not in answer.values and self._missing.get(name) is None]
        if doubtful:
            # In reverse, so that an answer that was cut brings its end now.
            asked = [SYS_UP_TIME, *reversed(doubtful)] if len(doubtful) > 1 else doubtful
            found = await self._insist(lambda timeout_s: self._session.get(asked, timeout_s=timeout_s), proven=True)
            if any(found.get(name) is not None for name in doubtful):
                raise ErrorStatus(f"an answer lacked {len(doubtful)} of {len(names)} names that exist")
            for name in doubtful:
                self._missing.put(name, True)  # noqa: FBT003  a table's value
        answer.values.update({name: None for name in names if name not in answer.values})
        return answer

    async def _alone(self, names: list[str]) -> Answer:
        """Ask for a name without sysUpTime.0 beside it; leave it out from now on when it brings nothing."""
        started_s = time.monotonic()
        try:
            values = await self._insist(lambda timeout_s: self._session.get(names, timeout_s=timeout_s), proven=True)
        except ErrorStatus:
            values = {}
        started_s = self._left_s(started_s)
        response_s = time.monotonic() - started_s
        for name in names:
            if values.get(name) is None:
                self._left_out_until_s.put(name, time.monotonic() + LEAVE_OUT_S)
        return Answer({name: values.get(name) for name in names}, None, started_s + response_s / 2, _wall_ms(), 0.0)

    def _without_left_out(self, groups: Sequence[Sequence[str]]) -> tuple[list[str], Sequence[Sequence[str]]]:
        """Return the names that are not asked for, and the groups without them."""
        if not len(self._left_out_until_s):
            return [], groups
        now_s = time.monotonic()
        skipped = [name for group in groups for name in group if (self._left_out_until_s.get(name) or 0.0) > now_s]
        gone = frozenset(skipped)
        return skipped, [[name for name in group if name not in gone] for group in groups]

    async def _ask(self, names: list[str], *, proven: bool = False) -> Answer:
        """Ask for names and sysUpTime.0; names that the device left out are not in the answer's values."""
        oids = [SYS_UP_TIME, *names]

        async def request(timeout_s: float) -> Answer:
            started_s = time.monotonic()
            values = await self._session.get(oids, timeout_s=timeout_s)
            started_s = self._left_s(started_s)
            response_s = time.monotonic() - started_s
            uptime = values.pop(SYS_UP_TIME, None)
            ticks = uptime if isinstance(uptime, int) and 0 <= uptime < 2**32 else None
            return Answer(values, ticks, started_s + response_s / 2, _wall_ms(), response_s)

        answer = await self._insist(request, smallest=not names, proven=proven)
        model = answer.values.get(SYS_OBJECT_ID)
        if isinstance(model, str) and model != self._model:
            self._recognise(model)
        return answer

    def _left_s(self, started_s: float) -> float:
        """Return when the last request left: later than it was made where it had to wait for its turn."""
        return started_s if self._budget is None else self._budget.asked_s

    async def _next(self, oid: str, repetitions: int, *, proven: bool) -> list[tuple[str, Value | None]]:
        return await self._insist(
            lambda timeout_s: self._session.next(oid, repetitions=repetitions, timeout_s=timeout_s), proven=proven
        )

    async def _insist(
        self, request: Callable[[float], Awaitable[T]], *, smallest: bool = False, proven: bool = False
    ) -> T:
        """Ask with growing timeouts; instead of the last time, ask whether the device answers at all.

        If it does, the request was too much for it: `Unanswered`. `proven`: that was so just now, and one timeout
        is enough. `smallest`: nothing smaller can be asked.
        """
        tries = self._timeouts_s if smallest else self._timeouts_s[:1] if proven else self._timeouts_s[:-1]
        failure = SnmpFailure(Reason.TIMEOUT, "no answer")
        for timeout_s in tries or self._timeouts_s:
            try:
                return await request(timeout_s)
            except ErrorStatus:
                raise
            except SnmpFailure as failed:
                if failed.reason not in _WORTH_A_RETRY:
                    raise
                failure = failed
        if smallest:
            raise failure
        await self._session.get([SYS_UP_TIME], timeout_s=self._timeouts_s[0 if proven else -1])
        raise Unanswered(str(failure))

    def _recognise(self, model: str) -> None:
        """Begin with what other devices of the model learnt, or tell them what was learnt here."""
        self._model = model
        known = self._sizes.of(model)
        if known is not None and self.size == RequestSize():
            self.size = known
        else:
            self._sizes.learn(model, self.size)

    def _learn(self, size: RequestSize) -> None:
        if size is not self.size:
            self.size = size
            if self._model is not None:
                self._sizes.learn(self._model, size)


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
