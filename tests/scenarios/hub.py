"""The hub of a scenario: its real engine, store and notifications, under the loop's clock, stopped and begun again.

Agents are in `agents`, what people do in `people`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from noctule_hub.config import HubConfig, HubSettings
from noctule_hub.core.live import LiveMeasurements
from noctule_hub.core.notifying.channels import Channel
from noctule_hub.core.notifying.deliveries import Outcome
from noctule_hub.core.rates import ChangedRates
from noctule_hub.core.world import World
from noctule_hub.ingest.engine import Engine
from noctule_hub.notify.worker import Notifications
from noctule_hub.present import Present
from noctule_hub.store.sqlite import SqliteStore, open_store
from noctule_shared.updates import LatencyItem

from tests.scenarios.virtual_time import VirtualLoop

BEGIN_MS: Final = 1_795_000_000_000
# Half of what is drawn at random when a message is tried again.
JITTER: Final = 0.5


def virtual_loop() -> VirtualLoop:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


def clock_ms() -> int:
    """Return the hub's wall clock, which is the loop's."""
    return BEGIN_MS + round(virtual_loop().time() * 1000)


class Taken(NamedTuple):
    """A message that a channel's receiver took."""

    at_ms: int
    channel: str
    title: str


class _Titled(Protocol):
    @property
    def title(self) -> str: ...


@dataclass
class Receivers:
    """Where channels send to: takes messages down with their times, except where the receiver is `down`."""

    down: set[str] = field(default_factory=set)
    taken: list[Taken] = field(default_factory=list)

    async def send(self, channel: Channel, message: _Titled) -> Outcome:
        name = channel.fields.name
        if name in self.down:
            return Outcome(delivered=False, text="nobody answers")
        self.taken.append(Taken(clock_ms(), name, message.title))
        return Outcome(delivered=True, text="taken")

    def close(self) -> None:
        """Hold nothing."""


@dataclass
class Hub:
    """One hub over many lives. `acknowledged` is told of each ack; `store` and `engine` are those of this life."""

    folder: Path
    acknowledged: Callable[[int, int], None]
    receivers: Receivers = field(default_factory=Receivers)
    _work: list[asyncio.Task[None]] = field(default_factory=list)
    _store: SqliteStore | None = None
    _engine: Engine | None = None
    _notifications: Notifications | None = None

    @property
    def store(self) -> SqliteStore:
        assert self._store is not None, "the hub is stopped; give the step another time"
        return self._store

    @property
    def engine(self) -> Engine:
        assert self._engine is not None, "the hub is stopped; give the step another time"
        return self._engine

    @property
    def notifications(self) -> Notifications:
        assert self._notifications is not None, "the hub is stopped; give the step another time"
        return self._notifications

    @property
    def runs(self) -> bool:
        return self._engine is not None

    async def open(self) -> None:
        """Open the store alone, for what people make before the hub runs."""
        self._store = await open_store(self.folder, clock_ms=clock_ms)

    async def begin(self) -> None:
        """Begin with what is in the store, as `app` does."""
        store, live = self.store, LiveMeasurements()
        world = World(await store.load_engine_state(), started_ms=clock_ms(), position=await store.head())
        present = Present(world, live, clock_ms)
        self._engine = Engine(store, world, live, clock_ms)
        self._engine.attach(self)
        config = HubConfig(self.folder, HubSettings())
        self._notifications = Notifications(
            store,
            self.receivers,
            config,
            device_of=present.device,
            clock_ms=clock_ms,
            jitter=lambda: JITTER,
        )
        loops = (
            self._engine.run(),
            store.projector().run(lambda: config.settings.retention),
            self._notifications.run(),
        )
        self._work = [asyncio.create_task(loop) for loop in loops]

    async def stop(self) -> None:
        """Stop in the order in which a hub stops."""
        for task in reversed(self._work):
            task.cancel()
            await asyncio.wait([task])
        for task in self._work:
            assert task.cancelled(), f"a loop of the hub ended by itself: {task.exception()!r}"
        self._work = []
        self._engine = self._notifications = None
        if self._store is not None:
            await self._store.close()
        self._store = None

    # --- the engine's Outlet

    async def acknowledge(self, agent_id: int, seq: int) -> None:
        self.acknowledged(agent_id, seq)

    async def expect(self, agent_id: int, seq: int) -> None:
        raise AssertionError(f"agent {agent_id} sends in order, yet the hub waits for frame {seq}")

    async def throttle(self, *, paused: bool) -> None:
        raise AssertionError(f"a scenario is no flood of frames: paused {paused}")

    def measured(self, latencies: list[LatencyItem], rates: ChangedRates) -> None:
        """Nobody watches live."""
