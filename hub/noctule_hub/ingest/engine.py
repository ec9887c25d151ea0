"""The engine: takes what arrives in order, decides, commits in groups, and only then acknowledges and tells.

The sole owner of the hub's present (`core.world`). Decisions are in `core`, durability in the store, the wire in
`link_server`; what is told to clients is read from the log by the broadcaster, except measurements.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from noctule_shared.errors import Refused
from noctule_shared.frames import EventsBody
from noctule_shared.updates import LatencyItem

from noctule_hub.core.alerting.care import Care
from noctule_hub.core.audit import Authorship
from noctule_hub.core.live import LiveMeasurements
from noctule_hub.core.rates import ChangedRates
from noctule_hub.core.records import Alert
from noctule_hub.core.world import World
from noctule_hub.ingest.clock_watch import ClockWatch
from noctule_hub.ingest.inputs import (
    CareInput,
    FrameInput,
    Input,
    LevelsInput,
    ReconfiguredInput,
    RevokedInput,
)
from noctule_hub.ingest.turn import EngineCounters, Turn, decide, set_aside
from noctule_hub.store.errors import RowRefusedError, StoreError
from noctule_hub.store.protocol import Store

log = logging.getLogger(__name__)

# Measurements are committed in groups; anything else at once, but not more often than a disk can sync.
GROUP_COMMIT_S: Final = 0.2
URGENT_SPACING_S: Final = 0.02
TICK_S: Final = 1.0
RETRY_S: Final = 1.0
DRAIN_S: Final = 1.0
MAX_BATCH: Final = 1_024
# Received but not committed frames in memory: above the first mark agents are paused, below the second resumed.
QUEUE_PAUSE_BYTES: Final = 51 * 1024 * 1024
QUEUE_RESUME_BYTES: Final = 38 * 1024 * 1024


class Outlet(Protocol):
    """Where the engine's answers and fresh measurements go after a commit."""

    async def acknowledge(self, agent_id: int, seq: int) -> None:
        """Tell an agent that all its frames up to `seq` are durable."""
        ...

    async def expect(self, agent_id: int, seq: int) -> None:
        """Tell an agent that a frame came too early: the hub goes on with `seq`."""
        ...

    async def throttle(self, *, paused: bool) -> None:
        """Pause all agents, or let them go on."""
        ...

    def measured(self, latencies: list[LatencyItem], rates: ChangedRates) -> None:
        """Offer fresh latencies, and whose rates are fresh, to the next tick."""
        ...


class Engine:
    """Runs the hub's present. `submit` from the event loop; one `run` at a time."""

    def __init__(self, store: Store, world: World, live: LiveMeasurements, clock_ms: Callable[[], int]) -> None:
        self.world = world
        self.live = live
        self.counters = EngineCounters()
        self._store = store
        self._clock_ms = clock_ms
        self._clock_watch = ClockWatch()
        self._outlet: Outlet | None = None
        self._inputs: deque[Input] = deque()
        self._queued_bytes = 0
        self._paused = False
        self._wake = asyncio.Event()
        self._urgent = False
        self._first_at = 0.0
        self._last_commit_at = 0.0
        self._next_tick_at = 0.0
        self._failing = False
        self._restored = False
        # So many inputs are committed one by one, because one among them can never be.
        self._alone = 0

    @property
    def queued_bytes(self) -> int:
        """Bytes of the frames that were received and are not committed yet."""
        return self._queued_bytes

    @property
    def queued_inputs(self) -> int:
        """How many inputs wait for their turn."""
        return len(self._inputs)

    @property
    def is_paused(self) -> bool:
        """Whether agents are paused because too much waits."""
        return self._paused

    @property
    def lag_s(self) -> float:
        """For how long inputs have been waiting for a turn, 0 when none are."""
        return asyncio.get_running_loop().time() - self._first_at if self._inputs else 0.0

    def attach(self, outlet: Outlet) -> None:
        """Name where answers go; before `run`."""
        self._outlet = outlet

    def submit(self, item: Input) -> None:
        """Take one input; never blocks. Frames beyond what credits allow are the link's to refuse."""
        if not self._inputs:
            self._first_at = asyncio.get_running_loop().time()
        self._inputs.append(item)
        if isinstance(item, FrameInput):
            self._queued_bytes += len(item.raw)
        if isinstance(item, FrameInput):
            self._urgent |= isinstance(item.body, EventsBody)
        else:
            # A heartbeat has time.
            self._urgent |= not isinstance(item, LevelsInput) or bool(item.levels.devices)
        self._wake.set()

    def new_future(self) -> asyncio.Future[int]:
        """Return a future for a `HelloInput`'s answer."""
        return asyncio.get_running_loop().create_future()

    async def reconfigure(self) -> None:
        """Return once the engine works by what the store now holds of its configuration."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.submit(ReconfiguredInput(done))
        await done

    async def revoke(self, agent_id: int) -> None:
        """Return once the revocation's consequences are committed."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.submit(RevokedInput(agent_id, done))
        await done

    async def care(self, alert_ids: Sequence[int], care: Care, by: Authorship) -> list[Alert | Refused]:
        """Return once it is committed of each alert how it is, in one transaction, or why it stays as it was.

        It is refused as not-found; invalid, field id when it is resolved or is that already, field until when that has
        passed, field userId for one who may not take care of alerts.
        """
        done: asyncio.Future[list[Alert | Refused]] = asyncio.get_running_loop().create_future()
        self.submit(CareInput(tuple(alert_ids), care, by, done))
        return await done

    async def run(self) -> None:
        """Take inputs and pass time until cancelled; what was submitted before is then committed for `DRAIN_S`.

        What is left has not been acknowledged: its agents send it to the next hub.
        """
        try:
            while True:
                await self._until_due()
                await self._turn()
        except asyncio.CancelledError:
            loop = asyncio.get_running_loop()
            until_s = loop.time() + DRAIN_S
            while self._inputs and not self._failing and loop.time() < until_s:
                await self._turn()
            raise

    async def _until_due(self) -> None:
        loop = asyncio.get_running_loop()
        while (wait_s := self._due_at() - loop.time()) > 0:
            self._wake.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()
            except TimeoutError:
                return

    def _due_at(self) -> float:
        if not self._inputs:
            return self._next_tick_at
        if self._urgent:
            return self._last_commit_at + URGENT_SPACING_S
        return self._first_at + GROUP_COMMIT_S

    async def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        size = 1 if self._alone else MAX_BATCH
        self._alone = max(0, self._alone - 1)
        batch = [self._inputs.popleft() for _ in range(min(len(self._inputs), size))]
        self._urgent = bool(self._inputs)
        ticking = loop.time() >= self._next_tick_at
        try:
            turn = await self._commit(batch, ticking=ticking)
        except RowRefusedError as error:
            self._split(batch, error)
            return
        except StoreError as error:
            await self._hold(batch, error)
            return
        except (OverflowError, TypeError, ValueError) as error:
            # What the database's driver cannot even bind.
            self._split(batch, error)
            return
        if self._failing:
            log.warning("the store accepts commits again")
            self._failing = False
        self.world.settle()
        self.world.position = max(self.world.position, turn.position)
        self._last_commit_at = loop.time()
        if ticking:
            self._next_tick_at = loop.time() + TICK_S
        self._queued_bytes -= sum(len(item.raw) for item in batch if isinstance(item, FrameInput))
        await self._tell(turn)

    async def _commit(self, batch: list[Input], *, ticking: bool) -> Turn:
        """Return the turn of a batch once it is durable. Raises `StoreError` when the store refuses."""
        if any(isinstance(item, ReconfiguredInput | RevokedInput) for item in batch):
            await self._configure()
        now_ms = self._clock_ms()
        behind_ms = self._clock_watch.behind_ms(now_ms, asyncio.get_running_loop().time())
        turn = decide(self.world, batch, self.counters, now_ms=now_ms, behind_ms=behind_ms, ticking=ticking)
        if turn.hub_went_back and not self._restored:
            # Once is enough: all agents have such proof after the hub was restored from a backup.
            log.warning("an agent has acknowledgements that this hub does not remember: it was restored from a backup")
            await self._store.begin_log_epoch()
            self._restored = True
            await self._configure()
        commit = turn.draft.commit()
        if not commit.is_empty():
            turn.position = max(await self._store.commit(commit), default=0)
            self.counters.commits += 1
        return turn

    async def _configure(self) -> None:
        self.world.configure(await self._store.configuration())
        self.live.forget(self.world)

    def _split(self, batch: list[Input], error: Exception) -> None:
        """Find the input that can never be committed: commit the others one by one, and set that one aside."""
        self.world.drop()
        self.counters.failed_commits += 1
        if len(batch) > 1:
            # The first alone, then the rest again: one bad input costs its batch-mates a few commits, nothing else.
            self._inputs.extendleft(reversed(batch))
            self._alone = len(batch)
        elif batch:
            log.error("input %s can never be committed: %s", type(batch[0]).__name__, error)
            self.counters.failed_inputs += 1
            self._inputs.extendleft(reversed(set_aside(batch[0], error)))
        self._urgent = True

    async def _hold(self, batch: list[Input], error: StoreError) -> None:
        """Keep a batch whose commit failed: nothing is acknowledged, everything is decided again later."""
        self.world.drop()
        self.counters.failed_commits += 1
        if not self._failing:
            log.error("the store refuses commits, nothing is acknowledged meanwhile: %s", error)
            self._failing = True
        self._inputs.extendleft(reversed(batch))
        self._urgent = True
        await self._apply_pressure()
        await asyncio.sleep(RETRY_S)

    async def _tell(self, turn: Turn) -> None:
        for answer in turn.answers:
            answer()
        self.counters.samples += sum(len(rows.object_ids) for rows in turn.draft.tables)
        latencies, rates = self.live.take(self.world, turn.draft.live_tables)
        if self._outlet is None:
            return
        if latencies or len(rates.interface_ids):
            self._outlet.measured(latencies, rates)
        for agent_id, seq in turn.acks.items():
            await self._outlet.acknowledge(agent_id, seq)
        for agent_id, seq in turn.expected.items():
            await self._outlet.expect(agent_id, seq)
        await self._apply_pressure()

    async def _apply_pressure(self) -> None:
        limit = QUEUE_RESUME_BYTES if self._paused else QUEUE_PAUSE_BYTES
        if self._outlet is not None and (self._queued_bytes > limit) is not self._paused:
            self._paused = not self._paused
            await self._outlet.throttle(paused=self._paused)
