"""The receivers put together: which ports are listened on, for whom, and what came of it. Off unless a port is set."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from noctule_shared.observations import LogSource

from noctule_agent.config import AgentConfig
from noctule_agent.device_watch import PolledDevice
from noctule_agent.receivers.intake import EventStore, HintTaker, LogIntake
from noctule_agent.receivers.senders import Senders
from noctule_agent.receivers.sockets import keep_listening
from noctule_agent.receivers.syslog_receiver import SyslogReceiver

if TYPE_CHECKING:
    from noctule_agent.receivers.trap_receiver import TrapReceiver
    from noctule_agent.receivers.usm import UsmReader

# RFC 3411 section 5, SnmpEngineID: an enterprise number with the first bit set (pysnmp's, as in its own engine ids),
# format 5, and octets of ours.
_ENGINE_ID_HEAD: Final = bytes.fromhex("80004fb805")
_ENGINE_ID_OCTETS: Final = 12
# snmpEngineBoots grows with every start without a file of its own: seconds since 2026, within 31 bits until 2094.
_BOOTS_FROM_S: Final = 1_767_225_600


class Receivers:
    """Traps and syslog of one agent. `has_room` False: logs stand back for what matters more.

    `identity` names this agent among all: its SNMPv3 engine id, which senders of informs remember, follows from it.
    """

    def __init__(
        self,
        config: AgentConfig,
        store: EventStore,
        hints: HintTaker,
        *,
        identity: str,
        has_room: Callable[[], bool],
    ) -> None:
        self.senders = Senders()
        self.intake = LogIntake(store, self.senders, accept_unknown=config.logs_accept_unknown, has_room=has_room)
        self.syslog = SyslogReceiver(self.intake)
        self.traps: TrapReceiver | None = None
        self._config = config
        self._store = store
        self._hints = hints
        self._engine_id = _ENGINE_ID_HEAD + hashlib.sha256(identity.encode()).digest()[:_ENGINE_ID_OCTETS]
        self._devices_changed = asyncio.Event()

    def apply(self, devices: Mapping[int, PolledDevice]) -> None:
        """Take messages of exactly these devices from now on."""
        self.senders.apply(devices)
        self._devices_changed.set()

    async def run(self) -> None:
        """Receive until cancelled; a port that cannot be had is told and tried again, and the others go on."""
        config, address = self._config, self._config.logs_address
        ports = (config.logs_trap_port, config.logs_syslog_udp_port, config.logs_syslog_tcp_port)
        async with asyncio.TaskGroup() as tasks:
            if any(ports):
                tasks.create_task(self.senders.run())
            if config.logs_trap_port:
                tasks.create_task(self._receive_traps(address, config.logs_trap_port))
            if port := config.logs_syslog_udp_port:
                open_datagrams = self.syslog.open_datagrams
                tasks.create_task(keep_listening("syslog by UDP", port, lambda: open_datagrams(address, port)))
            if tcp_port := config.logs_syslog_tcp_port:
                open_streams = self.syslog.open_streams
                tasks.create_task(keep_listening("syslog by TCP", tcp_port, lambda: open_streams(address, tcp_port)))
            await asyncio.Event().wait()

    def stats(self) -> dict[str, float]:
        """Return counters since the start by name; empty while nothing is listened on."""
        if not (self.traps or self.syslog.datagrams or self.syslog.streams):
            return {}
        streams, traps = self.syslog.streams, self.traps
        return self.intake.stats() | {
            "syslog connections": 0 if streams is None else len(streams.connections),
            "repeated informs": 0 if traps is None else traps.repeated,
            "trap errors": 0 if traps is None else traps.errors,
        }

    def drops(self) -> dict[str, int]:
        """Return counters of what was dropped by reason, the kernel's among them."""
        listeners = {
            LogSource.TRAP: self.traps.listener if self.traps is not None else None,
            LogSource.SYSLOG: self.syslog.datagrams,
        }
        kernel = {
            f"{source}Kernel": listener.kernel_drops for source, listener in listeners.items() if listener is not None
        }
        return self.intake.drops() | kernel

    async def _receive_traps(self, address: str, port: int) -> None:
        traps = self.traps = await asyncio.to_thread(self._make_traps)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_listening("SNMP traps", port, lambda: traps.open(address, port)))
            tasks.create_task(traps.acknowledge())
            tasks.create_task(self._prepare_v3(traps))

    async def _prepare_v3(self, traps: "TrapReceiver") -> None:
        while not self.senders.have_users:
            self._devices_changed.clear()
            await self._devices_changed.wait()
        await traps.prepare_v3()

    def _make_traps(self) -> "TrapReceiver":
        # Imported when needed, in a thread: pysnmp costs half a second and 30 MB.
        from noctule_agent.receivers.trap_receiver import TrapReceiver  # noqa: PLC0415  see above

        return TrapReceiver(self.intake, self._store, self._hints, make_usm=self._make_usm)

    def _make_usm(self) -> "UsmReader":
        from noctule_agent.receivers.usm import UsmReader  # noqa: PLC0415  as above

        return UsmReader(self._engine_id, boots=int(time.time()) - _BOOTS_FROM_S)
