"""The hub's real-time side as the rest of the hub and programs built on it use it, by the names of the user's guide.

It joins the parts of this package and runs their loops; each part's own work is described there.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from aiohttp import web
from noctule_shared.events import AlertEvent, DeviceStatus, EventName, NetworkLogEvent
from noctule_shared.updates import StatsUpdate

from noctule_hub.config.sockets import SocketSettings
from noctule_hub.core.tenancy import NOBODY, Tenancy
from noctule_hub.realtime.admission import Admission
from noctule_hub.realtime.authority import Authority, TokenVerifier
from noctule_hub.realtime.broadcaster import Broadcaster
from noctule_hub.realtime.calls import Calls
from noctule_hub.realtime.catchup import CatchUp
from noctule_hub.realtime.connections import ClientInfo, Connection, Connections
from noctule_hub.realtime.cuts import SlowReaders
from noctule_hub.realtime.engine_contract import SocketServer
from noctule_hub.realtime.fanout import EngineFanout
from noctule_hub.realtime.gate import Gate
from noctule_hub.realtime.publishing import DeviceOf, Given, Publisher
from noctule_hub.realtime.sessions import Engine
from noctule_hub.realtime.ticker import FOCUS_TICK_S, TICK_S, Ticker
from noctule_hub.store.protocol import EventLog

log = logging.getLogger(__name__)

POSITION_INTERVAL_S: Final = 25.0
PING_INTERVAL_S: Final = 25.0


class SocketService:
    """Socket.IO for browsers and any client, over one log.

    `sio` is the server itself, for further namespaces; this class binds to `/` alone. `stats` None: no
    `stats:update` of its own. `tenancy` says whose devices are. `allowed_origins` are those of pages besides the
    hub's own, None: no others; `*` is any. `settings` are asked at each use.
    """

    def __init__(
        self,
        event_log: EventLog,
        verifier: TokenVerifier,
        *,
        clock_ms: Callable[[], int],
        device_of: DeviceOf,
        stats: Callable[[], StatsUpdate] | None = None,
        allowed_origins: Collection[str] | None = None,
        settings: Callable[[], SocketSettings] = SocketSettings,
        tenancy: Callable[[], Tenancy] = lambda: NOBODY,
    ) -> None:
        self.gate = Gate(settings)
        self.sio = SocketServer(
            allowed_origins=allowed_origins or (), settings=settings, ping_interval_s=PING_INTERVAL_S, gate=self.gate
        )
        self.engine = Engine(self.sio, self.gate)
        self.slow_readers = SlowReaders(clock_ms)
        self.fanout = EngineFanout(self.engine, self.slow_readers)
        self.connections = Connections()
        self.broadcaster = Broadcaster(event_log, self.connections, self.fanout)
        self.catch_up = CatchUp(event_log, self.broadcaster, self.connections, self.fanout, self.engine)
        self.ticker = Ticker(self.connections, self.fanout, stats)
        self.authority = Authority(verifier, self.connections, self._cut)
        self.publisher = Publisher(event_log, self.ticker, device_of, clock_ms, tenancy)
        self.admission = Admission(
            self.connections,
            self.catch_up,
            self.engine,
            self.authority,
            clock_ms=clock_ms,
            settings=settings,
            slow_readers=self.slow_readers,
        )
        self.calls = Calls(self.connections, self.broadcaster, self.catch_up, self.authority, self.admission)
        self._clock_ms = clock_ms
        self._tasks: list[asyncio.Task[None]] = []
        self.turns_failed = 0
        self.admission.register(self.sio)
        self.calls.register(self.sio)

    def initialize(self, app: web.Application) -> None:
        """Attach `/socket.io/` to the application, before it is started. Guide: `initialize(server)`."""
        self.sio.attach(app)

    def allow_origins(self, origins: Collection[str]) -> None:
        """Let pages of these origins connect from now on, besides the hub's own."""
        self.sio.allowed_origins = origins

    async def start(self) -> None:
        """Take the log's position and run the loops; call before the application listens."""
        await self.broadcaster.start()
        self._tasks = [
            asyncio.create_task(self.broadcaster.run(), name="broadcaster"),
            asyncio.create_task(self._every(TICK_S, self.turn), name="tick"),
            asyncio.create_task(self._every(FOCUS_TICK_S, self.focused_turn), name="focused tick"),
            asyncio.create_task(self._every(POSITION_INTERVAL_S, self.tell_positions), name="positions"),
        ]

    async def stop(self) -> None:
        """Stop the loops and cut every session, agents' too; call when the application listens no more. Idempotent.

        Sessions end as broken connections do, so that their clients come back to the next hub by themselves.
        """
        if self.admission.closed:
            return
        self.admission.closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.catch_up.stop()
        self.engine.cut_all()
        await self.sio.shutdown()

    @property
    def is_initialized(self) -> bool:
        """Whether the loops run."""
        return bool(self._tasks) and not self.admission.closed

    def connected_count(self) -> int:
        """Return the number of clients in the default namespace. Guide: `getConnectedCount()`."""
        return len(self.connections)

    def is_user_connected(self, user_id: int) -> bool:
        """Return whether the user has at least one connection. Guide: `isUserConnected(userId)`."""
        return self.connections.has_user(user_id)

    def _cut(self, connection: Connection) -> None:
        self.admission.cut(connection)

    async def recheck(self, subject: str) -> None:
        """Cut the clients of `subject` whose token is good no more or whose rights have changed; see `Authority`."""
        await self.authority.recheck(subject)

    def clients(self) -> list[ClientInfo]:
        """Return all clients of the default namespace, longest connected first."""
        return [
            ClientInfo(
                sid=connection.sid,
                user=connection.principal.name,
                role=connection.principal.role.value,
                address=connection.address,
                tab=connection.tab,
                transport=self.engine.transport(connection.eio_sid),
                rooms=tuple(connection.rooms),
                since_ms=connection.since_ms,
                queued_bytes=self.engine.queued_bytes(connection.eio_sid),
                last_event=connection.last_event,
            )
            for connection in self.connections
        ]

    async def emit_device_status(
        self, device_id: int, status: DeviceStatus | str, data: Mapping[str, Any] | None = None
    ) -> int:
        """Log `device:status` and return its seq. Guide: `emitDeviceStatus(deviceId, status, data)`.

        Name and site of a registered device are filled in. Raises `Refused` (invalid, naming the field), as do all
        methods that emit.
        """
        payload = self.publisher.device_status(device_id, status, data or {})
        return await self.publisher.append(EventName.DEVICE_STATUS, payload)

    async def emit_new_alert(self, alert: AlertEvent | Mapping[str, Any]) -> int:
        """Log `alert:new` and return its seq. Guide: `emitNewAlert(alert)`."""
        return await self.publisher.append(EventName.ALERT_NEW, alert)

    async def emit_payment_update(self, payment_id: str, status: str, data: Mapping[str, Any] | None = None) -> int:
        """Log `payment:update` and return its seq. Guide: `emitPaymentUpdate(paymentId, status, data)`."""
        payload = {**(data or {}), "paymentId": payment_id, "status": status}
        return await self.publisher.append(EventName.PAYMENT_UPDATE, payload)

    async def emit_network_log(self, entry: NetworkLogEvent | Mapping[str, Any]) -> int:
        """Log `network:log` and return its seq. Guide: `emitNetworkLog(log)`."""
        return await self.publisher.append(EventName.NETWORK_LOG, entry)

    async def emit_customer_update(self, customer_id: int, data: Mapping[str, Any]) -> int:
        """Log `customer:update` and return its seq. Guide: `emitCustomerUpdate(customerId, data)`."""
        return await self.publisher.append(EventName.CUSTOMER_UPDATE, {**data, "customerId": customer_id})

    def emit_bandwidth_update(self, data: Given | Sequence[Given]) -> None:
        """Put one or more `BandwidthItem`s into the next tick. Guide: `emitBandwidthUpdate(data)`."""
        self.publisher.bandwidth(data)

    def emit_latency_update(self, data: Given | Sequence[Given]) -> None:
        """Put one or more `LatencyItem`s into the next tick. Guide: "high latency detected"."""
        self.publisher.latency(data)

    def emit_stats_update(self, stats: StatsUpdate | Mapping[str, Any]) -> None:
        """Send `stats:update` at once. Guide: `emitStatsUpdate(stats)`."""
        self.publisher.stats(stats)

    async def emit_to_user(self, user_id: int, event: str, data: Given) -> int | None:
        """Send an event to a user's own room; its seq when it is logged. Guide: `emitToUser(userId, event, data)`."""
        return await self.publisher.emit(event, data, f"user:{user_id}")

    async def emit_to_room(self, room: str, event: str, data: Given) -> int | None:
        """Send an event to one room; its seq when it is logged. Guide: `emitToRoom(room, event, data)`."""
        return await self.publisher.emit(event, data, room)

    async def emit_test(self, event: str, data: Mapping[str, Any]) -> None:
        """Show an event marked `test: true` to its rooms; not logged, no state changes. Guide: the `/ws-test` page.

        Raises `Refused` (invalid, field event).
        """
        self.publisher.test(event, data)

    def turn(self) -> None:
        """Send what waits for the tick, and cut sessions that are over; runs every second."""
        now_ms = self._clock_ms()
        self.ticker.tick(now_ms)
        self.broadcaster.tell_skipped(now_ms)
        self.admission.sweep(now_ms)
        now_s = asyncio.get_running_loop().time()
        self.engine.reap(now_s)
        self.catch_up.rest(now_s)

    def focused_turn(self) -> None:
        """Send what waits for devices in focus; runs four times a second."""
        rooms = [] if self.calls.focus is None else self.calls.focus.rooms()
        if rooms:
            self.ticker.tick_rooms(self._clock_ms(), rooms)

    def tell_positions(self) -> None:
        """Tell every live client how far it is: what it may give as `since`, and how many events it was sent."""
        for connection in self.connections:
            if connection.live and not self.catch_up.is_busy(connection):
                self.catch_up.tell_position(connection, max(connection.cursor, self.broadcaster.position))

    async def _every(self, interval_s: float, turn: Callable[[], None]) -> None:
        """Run `turn` at a steady pace; one that fails is logged and counted, and the next one comes."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            due_s = max(due_s + interval_s, loop.time())
            await asyncio.sleep(due_s - loop.time())
            try:
                turn()
            except Exception:
                self.turns_failed += 1
                log.exception("a turn of %s failed", turn.__name__)
