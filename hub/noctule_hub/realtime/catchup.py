"""Catch up, then join: a connection gets the rows of the log that it missed, page by page, and then the live ones.

Each connection has at most one task here, and while it runs the broadcaster leaves the connection alone; so rows and
live events leave in one order, none twice, none missing. Which rows are due is decided in `core.replay`.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.events import EventName, LogPosition

from noctule_hub.core.log_classes import LogClass, classes_in
from noctule_hub.core.records import EventRow
from noctule_hub.core.replay import (
    Recoverable,
    Span,
    Unrecoverable,
    is_caught_up,
    lost_logs_notice,
    next_span,
    reaching,
    within,
)
from noctule_hub.core.rooms import MAX_ROOMS, Allowed, may_join, sight
from noctule_hub.realtime.broadcaster import Broadcaster
from noctule_hub.realtime.connections import Connection, Connections
from noctule_hub.realtime.fanout import Fanout, encode
from noctule_hub.realtime.replay_answers import position, replay_done, subscribed
from noctule_hub.realtime.replay_reader import ReplayReader
from noctule_hub.realtime.sessions import Engine
from noctule_hub.store.protocol import EventLog

log = logging.getLogger(__name__)

# CONNECT leaves before the handler's caller yields for the first time; more turns than this mean that it never will.
CONNECT_TURNS: Final = 100
# A replay waits for its client past this, well below the budget at which a client counts as slow.
MAX_AHEAD_BYTES: Final = 1024 * 1024
# A herd trickles in for as long as its clients' backoff: 20 s and some.
KEEP_PAGES_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Backfill:
    """A room that is to be caught up from `since`, and whom to tell."""

    room: str
    since: LogPosition
    answer: asyncio.Future[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Start:
    """What a new connection asked for in its handshake."""

    rooms: tuple[str, ...]
    since: LogPosition | None


@dataclass(slots=True, eq=False)
class _Work:
    """A connection's task, the rooms of its handshake, and what waits for its turn (at most `MAX_ROOMS`)."""

    rooms: tuple[str, ...] = ()
    task: asyncio.Task[None] | None = None
    jobs: deque[_Backfill] = field(default_factory=deque)


class CatchUp:
    """The tasks that bring connections up to the broadcaster's position."""

    def __init__(
        self, event_log: EventLog, broadcaster: Broadcaster, connections: Connections, fanout: Fanout, engine: Engine
    ) -> None:
        self._log = ReplayReader(event_log, broadcaster.recent)
        self._broadcaster = broadcaster
        self._connections = connections
        self._fanout = fanout
        self._engine = engine
        self._work: dict[Connection, _Work] = {}
        self._worked_s = 0.0
        self.failed = 0

    @property
    def outrun(self) -> int:
        """How often retention overtook a client that was being caught up."""
        return self._log.outrun

    def begin(self, connection: Connection, rooms: Sequence[str], since: LogPosition | None) -> None:
        """Bring a new connection into those of `rooms` that it may join, from `since` on; ends with `replay:done`."""
        self._run(connection, _Work(rooms=tuple(rooms)), _Start(tuple(rooms), since))

    def backfill(self, connection: Connection, room: str, since: LogPosition) -> asyncio.Future[Mapping[str, Any]]:
        """Bring a connection into one more room, from `since` on. The future holds the ack of `subscribe`.

        Raises `Refused` (too-many) when too many rooms wait already.
        """
        work = self._running(connection)
        if work is not None and len(work.jobs) >= MAX_ROOMS:
            raise Refused(ErrorCode.TOO_MANY, f"{MAX_ROOMS} rooms are being caught up; wait for their acks")
        answer: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        job = _Backfill(room, since, answer)
        if work is not None:
            work.jobs.append(job)
        else:
            self._run(connection, _Work(jobs=deque([job])), None)
        return answer

    def is_busy(self, connection: Connection) -> bool:
        """Return whether the connection is still being caught up."""
        return self._running(connection) is not None

    def rooms_to_come(self, connection: Connection) -> int:
        """Return how many rooms the connection will be in once all that it asked for is done."""
        work = self._running(connection)
        waiting = () if work is None else (*work.rooms, *(job.room for job in work.jobs))
        return len({*connection.rooms, *waiting})

    def forget(self, connection: Connection) -> None:
        """Stop the work for a connection that is gone."""
        work = self._work.get(connection)
        if work is not None and work.task is not None:
            work.task.cancel()

    async def stop(self) -> None:
        """Stop all work and wait for its end."""
        tasks = [work.task for work in self._work.values() if work.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._log.stop()

    def rest(self, now_s: float) -> None:
        """Let go of pages of the log once nobody was caught up for `KEEP_PAGES_S`; called each second."""
        if not self._work and now_s - self._worked_s > KEEP_PAGES_S:
            self._log.forget()

    def tell_position(self, connection: Connection, seq: int) -> None:
        """Tell a client that it was sent everything up to `seq`: what it may give as `since`."""
        told = position(connection, epoch=self._log.epoch, seq=seq)
        self._fanout.deliver([connection], encode(EventName.POSITION.value, told))

    def subscribed(
        self, connection: Connection, room: str, *, head: int, replayed: int, recovered: bool
    ) -> dict[str, Any]:
        """Return the ack of `subscribe`."""
        return subscribed(
            connection.principal, room, epoch=self._log.epoch, head=head, replayed=replayed, recovered=recovered
        )

    def _run(self, connection: Connection, work: _Work, start: _Start | None) -> None:
        self._work[connection] = work
        work.task = asyncio.create_task(self._guarded(connection, start), name=f"catch up {connection.sid}")
        work.task.add_done_callback(lambda _: self._done(connection, work))

    def _running(self, connection: Connection) -> _Work | None:
        work = self._work.get(connection)
        return None if work is None or work.task is None or work.task.done() else work

    def _done(self, connection: Connection, work: _Work) -> None:
        # A callback and not `finally`: a task that is cancelled before its first step never gets there. It runs a
        # turn of the loop later, when a new task may have taken the place already.
        if self._work.get(connection) is work:
            del self._work[connection]
        self._worked_s = asyncio.get_running_loop().time()
        for job in work.jobs:
            job.answer.cancel()

    async def _guarded(self, connection: Connection, start: _Start | None) -> None:
        try:
            if start is None or await self._first(connection, start):
                await self._jobs(connection)
        except Exception:
            # Never a partial replay: the client comes back with what it has and is caught up from there.
            self.failed += 1
            log.exception("client %s could not be caught up; it is cut", connection.sid)
            self._engine.cut(connection.eio_sid)

    async def _first(self, connection: Connection, start: _Start) -> bool:
        """Catch a new connection up. False: it was gone before it was told CONNECT."""
        if not await self._connected(connection):
            return False
        verdicts = {room: may_join(connection.principal, room) for room in start.rooms}
        joined = [room for room, verdict in verdicts.items() if isinstance(verdict, Allowed)]
        recovery, head = await self._log.recovery(start.since, joined)
        cursor = recovery.outcome.cursor if isinstance(recovery.outcome, Recoverable) else self._broadcaster.position
        self._work[connection].rooms = ()
        for room in joined:
            self._connections.join(connection, room, after=cursor)
            if recovery.lost_logs is not None and LogClass.LOGS in classes_in(room):
                connection.logs_after[room] = head
        connection.cursor = cursor
        # Whoever is to learn that something is lost learns it before any place beyond that.
        replayed = await self._go_live(connection, at_least=head, tells=recovery.whole)
        done = replay_done(connection, verdicts, recovery, epoch=self._log.epoch, replayed=replayed)
        self._fanout.deliver([connection], encode(EventName.REPLAY_DONE.value, done))
        return True

    async def _connected(self, connection: Connection) -> bool:
        for _ in range(CONNECT_TURNS):
            if self._engine.is_connected(connection.sid):
                connection.connected = True
                return True
            await asyncio.sleep(0)
        self._connections.remove(connection)
        return False

    async def _jobs(self, connection: Connection) -> None:
        jobs = self._work[connection].jobs
        while jobs:
            if connection.live:
                connection.cursor = max(connection.cursor, self._broadcaster.position)
                connection.live = False
            job = jobs[0]
            answer = await self._backfill(connection, job)
            jobs.popleft()
            if not job.answer.done():
                job.answer.set_result(answer)
            await self._go_live(connection, at_least=0)

    async def _backfill(self, connection: Connection, job: _Backfill) -> dict[str, Any]:
        recovery, head = await self._log.recovery(job.since, [job.room])
        outcome = recovery.outcome
        await self._advance(connection, at_least=head)
        target, room = connection.cursor, job.room
        known = room in connection.rooms
        if not known:
            self._connections.join(connection, room, after=target)
        if isinstance(outcome, Unrecoverable):
            return self.subscribed(connection, room, head=target, replayed=0, recovered=False)
        logs_before = connection.covered(LogClass.LOGS)[room]
        classes = classes_in(room) - ({LogClass.LOGS} if recovery.lost_logs is not None else set())
        replayed, cursor = 0, outcome.cursor
        while cursor < target:
            page = await self._log.page(cursor, Span(classes), position=target)
            missing = [
                (row, rooms)
                for row in page.rows
                if row.seq <= target
                and (rooms := reaching(connection.principal, {room: outcome.cursor}, row))
                and not connection.through(row)
            ]
            replayed += await self._deliver(connection, missing)
            if room not in connection.rooms:
                return {
                    "ok": False,
                    "error": {"code": ErrorCode.INVALID.value, "message": f"{room} was left meanwhile"},
                }
            cursor = page.through
        connection.rooms[room] = min(outcome.cursor, connection.rooms[room]) if known else outcome.cursor
        ack = self.subscribed(connection, room, head=max(target, outcome.cursor), replayed=replayed, recovered=True)
        if recovery.lost_logs is None:
            connection.logs_after.pop(room, None)
            return ack
        connection.logs_after[room] = logs_before
        return ack | {"logs": lost_logs_notice(recovery.lost_logs)}

    async def _go_live(self, connection: Connection, *, at_least: int, tells: bool = False) -> int:
        """Deliver what is missing, then join the live events without awaiting; returns the number of rows sent."""
        replayed = await self._advance(connection, at_least=at_least, tells=tells)
        connection.live = connection.connected
        return replayed

    async def _advance(self, connection: Connection, *, at_least: int, tells: bool = False) -> int:
        """Deliver what is missing up to the broadcaster's position and seq `at_least`; the last step does not await.

        `tells`: between pages the client is told how far it is, to go on from there if its connection breaks.
        """
        replayed = told = 0
        while not is_caught_up(cursor=connection.cursor, position=max(self._broadcaster.position, at_least)):
            if tells and replayed > told:
                told = replayed
                self.tell_position(connection, connection.cursor)
            reaches = max(self._broadcaster.position, at_least)
            span = next_span(connection.cursor, connection.covered(LogClass.LOGS))
            page = await self._log.page(connection.cursor, span, position=reaches)
            rows, after = within(span, page.rows, cursor=page.through)
            due = [(row, rooms) for row in rows if (rooms := connection.through(row))]
            replayed += await self._deliver(connection, due)
            connection.cursor = after
        return replayed

    async def _deliver(self, connection: Connection, rows: Sequence[tuple[EventRow, tuple[str, ...]]]) -> int:
        """Queue rows as the rooms beside them show them; waits for the client, so that its memory is not filled."""
        sent = 0
        for row, rooms in rows:
            message = self._broadcaster.messages.of(row, sight(connection.principal, rooms))
            if message is not None:
                self._fanout.deliver([connection], message)
                sent += 1
                if self._engine.queued_bytes(connection.eio_sid) > MAX_AHEAD_BYTES:
                    await self._engine.drained(connection.eio_sid)
        if sent:
            await self._engine.drained(connection.eio_sid)
        return sent
