"""An engine over a real store, with one site, one agent and one device, and an outlet that remembers."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientSession
from noctule_hub.app import running
from noctule_hub.auth.keys import Keys
from noctule_hub.cli.folder import AdminSignIn, initialise
from noctule_hub.config import HubConfig, HubSettings
from noctule_hub.core.audit import local
from noctule_hub.core.live import LiveMeasurements
from noctule_hub.core.rates import ChangedRates
from noctule_hub.core.records import IcmpSettings, NewDevice
from noctule_hub.core.world import World
from noctule_hub.ingest.engine import Engine
from noctule_hub.store.sqlite import SqliteStore, open_store
from noctule_shared.axes import Reachability
from noctule_shared.updates import LatencyItem

from tests.hub.ingest.wire import Agent, Hub, enrolled


def clock_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class Clock:
    """The engine's clock, which a test may put on by `ahead_ms`."""

    ahead_ms: int = 0

    def __call__(self) -> int:
        return clock_ms() + self.ahead_ms


@dataclass
class Outlet:
    """What the engine answered. `changed` is set at each answer."""

    acks: list[tuple[int, int]] = field(default_factory=list)
    expected: list[tuple[int, int]] = field(default_factory=list)
    paused: list[bool] = field(default_factory=list)
    latencies: list[LatencyItem] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def acknowledge(self, agent_id: int, seq: int) -> None:
        self.acks.append((agent_id, seq))
        self.changed.set()

    async def expect(self, agent_id: int, seq: int) -> None:
        self.expected.append((agent_id, seq))
        self.changed.set()

    async def throttle(self, *, paused: bool) -> None:
        self.paused.append(paused)
        self.changed.set()

    def measured(self, latencies: list[LatencyItem], rates: ChangedRates) -> None:
        del rates
        self.latencies.extend(latencies)


@dataclass
class Bench:
    """An engine that runs, and what it runs on."""

    engine: Engine
    store: SqliteStore
    outlet: Outlet
    agent_id: int
    device_id: int
    clock: Clock
    task: asyncio.Task[None]

    async def until_ack(self, seq: int) -> None:
        async with asyncio.timeout(10):
            while not any(acked >= seq for _, acked in self.outlet.acks):
                self.outlet.changed.clear()
                await self.outlet.changed.wait()

    async def restart(self) -> None:
        """End the engine, and begin another with what the store holds."""
        self.task.cancel()
        await asyncio.wait([self.task])
        world = World(await self.store.load_engine_state(), started_ms=self.clock())
        self.engine, self.outlet = Engine(self.store, world, LiveMeasurements(), self.clock), Outlet()
        self.engine.attach(self.outlet)
        self.task = asyncio.create_task(self.engine.run())


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await open_store(tmp_path, clock_ms=clock_ms)
    yield store
    await store.close()


@pytest.fixture
async def bench(store: SqliteStore) -> AsyncIterator[Bench]:
    site = await store.add_site("north", by=local(0))
    token = await store.add_join_token(
        site_id=site.id, secret_hash="h", uses=1, expires_ms=clock_ms() + 60_000, by=local(0)
    )
    agent = await store.enrol_agent(
        token_id=token.id,
        secret_hash="h",
        name="north",
        signing_key="00" * 32,
        sealing_key="00" * 32,
        version="0.1.0",
        by=local(clock_ms()),
    )
    new = NewDevice("core1", "127.0.0.9", site.id, Reachability.ICMP, IcmpSettings(), None)
    device = await store.add_device(new, seal=None, by=local(clock_ms()))
    world = World(await store.load_engine_state(), started_ms=clock_ms())
    clock = Clock()
    engine, outlet = Engine(store, world, LiveMeasurements(), clock), Outlet()
    engine.attach(outlet)
    task = asyncio.create_task(engine.run())
    bench = Bench(engine, store, outlet, agent.id, device.id, clock, task)
    yield bench
    bench.task.cancel()
    await asyncio.wait([bench.task])


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys.create(tmp_path_factory.mktemp("hub") / "keys")


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    sign_in: AdminSignIn = await initialise(tmp_path / "data", username="admin")
    async with running(HubConfig(tmp_path / "data", HubSettings(port=0))) as started, ClientSession() as http:
        hub = Hub(started, http)
        body = {"username": sign_in.username, "password": sign_in.password}
        answer = await hub.call("POST", "/auth/login", **body)
        http.headers["Authorization"] = f"Bearer {answer['accessToken']}"
        yield hub


@pytest.fixture
async def agent(hub: Hub) -> AsyncIterator[Agent]:
    agent = await enrolled(hub, "site-server")
    yield agent
    await agent.close()
