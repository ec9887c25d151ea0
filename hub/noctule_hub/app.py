"""The hub put together: store, engine, links, sockets and API in one process, started and stopped in order.

What each part does is its own; this module only says who is given to whom.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from aiohttp import web
from noctule_shared.updates import BandwidthItem, LatencyItem

from noctule_hub.api.arrival import HTTP_COUNTERS
from noctule_hub.api.context import API_CONTEXT, ApiContext
from noctule_hub.api.drops import watch_drops
from noctule_hub.api.live_history import LiveHistory
from noctule_hub.api.routes import add_routes
from noctule_hub.auth.agents import AgentTokens
from noctule_hub.auth.external import open_external
from noctule_hub.auth.keys import Keys
from noctule_hub.auth.tokens import Tokens
from noctule_hub.commitment_watch import CommitmentWatch
from noctule_hub.config import HubConfig, HubSettings
from noctule_hub.core.exposition import Family
from noctule_hub.core.live import LiveMeasurements
from noctule_hub.core.log_retention import LogLimits
from noctule_hub.core.payments import DAY_MS
from noctule_hub.core.rates import ChangedRates
from noctule_hub.core.storage_space import StorageSpace
from noctule_hub.core.tenancy import UNHEARD
from noctule_hub.core.world import World
from noctule_hub.data_folder import locked
from noctule_hub.disk_watch import disk_survey, measured
from noctule_hub.ingest.engine import Engine
from noctule_hub.ingest.link_server import AgentLinks
from noctule_hub.ingest.remembering import remember_delays
from noctule_hub.listener import IDLE_S, Listener
from noctule_hub.metering import LoopLag, Meter
from noctule_hub.notify.senders import Senders
from noctule_hub.notify.worker import Notifications
from noctule_hub.present import Present
from noctule_hub.realtime.focus import Focus
from noctule_hub.realtime.service import SocketService
from noctule_hub.reloading import Reload
from noctule_hub.store.sqlite import SqliteStore, open_store
from noctule_hub.store.sqlite.projector import Projector
from noctule_hub.surveys import Survey
from noctule_hub.tls import ServerTls

# Open requests get this long at a stop; sockets are cut at once and come back to the next hub by themselves.
SHUTDOWN_S: Final = 1.0
# What clients sent and the hub never read is thrown away for so long before their connection is closed.
LINGER_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class RunningHub:
    """A hub that answers at `url`; `work` are its loops, which end only when something is broken.

    `reload` makes it work by a changed hub.toml, `status` says in a line what it is at.
    """

    url: str
    engine: Engine
    service: SocketService
    work: tuple[asyncio.Task[None], ...]
    reload: Reload
    status: Callable[[], str]


def clock_ms() -> int:
    """Return the wall clock in epoch milliseconds."""
    return time.time_ns() // 1_000_000


@asynccontextmanager
async def running(config: HubConfig, reread: Callable[[], HubConfig] | None = None) -> AsyncIterator[RunningHub]:
    """Start a hub, and stop it at the end: clients first, then what was taken is committed, then the store."""
    files = config.settings.tls
    tls = None if files is None else ServerTls(files, now_ms=clock_ms())
    async with AsyncExitStack() as stack:
        stack.enter_context(locked(config.data_dir))
        keys = Keys.of_hub(config.data_dir)
        store = await open_store(config.data_dir, clock_ms=clock_ms)
        stack.push_async_callback(store.close)
        parts = await _assembled(config, keys, store)
        projector, lag = store.projector(), LoopLag()
        surveys = _surveys(config, parts.engine, store, projector)
        runner = web.AppRunner(parts.app, shutdown_timeout=SHUTDOWN_S)
        work = (
            _work(stack, store.log_keeper().run(lambda: _log_limits(config.settings)), "log keeper"),
            _work(stack, parts.engine.run(), "engine"),
            _work(stack, projector.run(lambda: config.settings.retention), "projector"),
            _work(stack, lag.watch(), "lag"),
            _work(stack, parts.notifications.run(), "notifications"),
            _work(stack, parts.app[API_CONTEXT].token_uses.run(store), "token uses"),
            _work(stack, watch_drops(parts.app[API_CONTEXT]), "drops"),
            *(_work(stack, survey.run(), survey.what) for survey in surveys),
        )
        remembering = asyncio.create_task(remember_delays(store, parts.engine.submit, now_ms=clock_ms()))
        stack.callback(remembering.cancel)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await parts.service.start()
        stack.push_async_callback(parts.service.stop)
        assert runner.server is not None  # noqa: S101  set up above
        listener = Listener(runner.server, config, tls, idle_s=IDLE_S, linger_s=LINGER_S)
        reload = Reload(config, tls, [lambda new: parts.service.allow_origins(new.known_origins)], clock_ms, reread)
        parts.meter.append(
            Meter(
                engine=parts.engine,
                store=store,
                projector=projector,
                service=parts.service,
                present=parts.present,
                http=parts.app[HTTP_COUNTERS],
                context=parts.app[API_CONTEXT],
                listener=listener,
                reload=reload,
                lag=lag,
                notifications=parts.notifications,
                surveys=surveys,
                tls=tls,
            )
        )
        url = await listener.start()
        stack.callback(listener.stop)
        yield RunningHub(url, parts.engine, parts.service, work, reload, parts.status)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a hub is made of, not running yet; `meter` gets one when it does."""

    engine: Engine
    service: SocketService
    present: Present
    app: web.Application
    notifications: Notifications
    meter: list[Meter]

    def status(self) -> str:
        """Say in a line what the hub is at."""
        links = self.present.agent_links()
        clients = self.service.connected_count()
        return f"{links['connected']} agents connected, {links['silent']} silent, {clients} clients"


async def _assembled(config: HubConfig, keys: Keys, store: SqliteStore) -> _Parts:
    """Return the parts of a hub, each given to those that need it."""
    world = World(await store.load_engine_state(), started_ms=clock_ms(), position=await store.head())
    live = LiveMeasurements()
    present = Present(world, live, clock_ms)
    midnight_ms = clock_ms() // DAY_MS * DAY_MS
    present.payments.start(await store.payment_counts(since_ms=midnight_ms), clock_ms())
    engine = Engine(store, world, live, clock_ms)
    tokens = Tokens(keys, store, clock_ms, open_external(config.settings.auth.external, clock_ms))
    service = SocketService(
        store,
        tokens,
        clock_ms=clock_ms,
        device_of=present.device,
        stats=present.stats,
        allowed_origins=config.settings.known_origins,
        settings=lambda: config.settings.sockets,
        tenancy=lambda: present.tenancy,
    )
    present.clients = service.connected_count
    links = AgentLinks(
        engine=engine,
        store=store,
        tokens=AgentTokens(store, keys.fingerprint, clock_ms),
        keys=keys,
        ticks=_Ticks(service, present),
        clock_ms=clock_ms,
    )
    service.sio.register_namespace(links)
    service.calls.focus = Focus(links.commands, present.device, clock_ms)
    engine.attach(links)
    senders = Senders(store, keys, config, clock_ms)
    notifications = Notifications(store, senders, config, device_of=present.device, clock_ms=clock_ms)
    meter: list[Meter] = []

    def metrics() -> Iterator[Family]:
        for one in meter:
            yield from one.families()

    app = web.Application()
    service.admission.signed_in = lambda principal, address: context.token_uses.note(principal, address, clock_ms())
    context = app[API_CONTEXT] = ApiContext(
        config=config,
        store=store,
        keys=keys,
        tokens=tokens,
        live=present,
        sockets=service,
        commands=links.commands,
        alerts=engine,
        notifications=notifications,
        configuration_changed=links.configuration_changed,
        agent_revoked=links.agent_revoked,
        started_ms=clock_ms(),
        clock_ms=clock_ms,
        payments_today=present.payments,
        metrics=metrics,
    )
    service.calls.history = LiveHistory(context)
    service.initialize(app)
    add_routes(app)
    return _Parts(engine, service, present, app, notifications, meter)


class _Ticks:
    """Offers what the engine measured to the next tick, with the sites that the rooms need."""

    def __init__(self, service: SocketService, present: Present) -> None:
        self._ticker = service.ticker
        self._present = present

    def offer(self, latencies: list[LatencyItem], rates: ChangedRates) -> None:
        """Take what was measured and committed; rates become items only where somebody is in a room of theirs."""
        self._ticker.offer_latency(latencies, self._present.site_of, self._present.tenancy)
        self._ticker.offer_bandwidth(self._heard(rates), self._present.site_of, self._present.tenancy)

    def _heard(self, rates: ChangedRates) -> Iterator[BandwidthItem]:
        present = self._ticker.customers()
        heard = self._present.tenancy.heard_by(present) if present else UNHEARD
        for device_id in rates.devices():
            whole = device_id in heard.whole
            interface_ids: list[int | None] = []
            if whole or self._ticker.hears_interfaces(device_id):
                interface_ids.extend(rates.of_device(device_id))
            elif device_id in heard.ports:
                interface_ids.extend(heard.ports[device_id] & set(rates.of_device(device_id)))
            if whole or self._ticker.hears_total(device_id, self._present.site_of(device_id)):
                interface_ids.append(None)
            for interface_id in interface_ids:
                item = self._present.bandwidth(device_id, interface_id)
                if item is not None:
                    yield item


def _surveys(config: HubConfig, engine: Engine, store: SqliteStore, projector: Projector) -> tuple[Survey, ...]:
    """Return what looks now and then at what no agent tells, for rules about it."""

    def space() -> StorageSpace:
        return replace(measured(config.data_dir), dropped_days=projector.upkeep.dropped_for_space)

    months = CommitmentWatch(store, engine.world, engine.submit, clock_ms)
    return disk_survey(space, engine.submit), months.survey()


def _log_limits(settings: HubSettings) -> LogLimits:
    """Return how much of the log is kept."""
    return LogLimits(settings.events.days, settings.events.max_rows, settings.logs.days, settings.logs.max_bytes)


def _work(stack: AsyncExitStack, loop: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
    """Start a loop that is cancelled and awaited at the end."""
    task = asyncio.create_task(loop, name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.wait([task])

    stack.push_async_callback(end)
    return task
