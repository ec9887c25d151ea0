"""Sweeps a subnet: paced echoes, then the system group of what answered.

What to ask is decided by `core.discovery`. Credentials are offered only when the caller names them; whether the
caller may sweep this network at all is the caller's to check.
"""

import asyncio
import ipaddress
import time
from collections.abc import Callable
from typing import Final

from noctule_shared.errors import NoctuleError, invalid

from noctule_agent.core.discovery import addresses, goes_on, most_telling
from noctule_agent.discovery_report import (
    Discovery,
    DiscoveryOrder,
    FoundAddress,
    NamedCredentials,
    Progress,
    SnmpFinding,
)
from noctule_agent.probes.icmp import EchoEngine
from noctule_agent.probes.snmp.backend import open_session
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.inventory import read_system
from noctule_agent.probes.snmp.port_probe import PortState, port_state
from noctule_agent.probes.snmp.session import Reason, SnmpFailure

# One lost packet hides no device; the second goes out when a neighbour has had time to answer ARP.
ECHOES: Final = 2
ECHO_SPACING_S: Final = 0.5
ECHO_TIMEOUT_S: Final = 1.0
# Devices that are asked by SNMP at a time: a request in flight each, two descriptors.
ASK_CONCURRENCY: Final = 64
# As if polled each 5 s: attempts of 0.3, 0.6 and 1.1 s, so that a device that takes none of five sets costs 14 s.
ASK_INTERVAL_S: Final = 5.0
# Where something listens or refuses, a device is there even without an answer to an echo.
_SIGNS_OF_LIFE: Final = frozenset({PortState.CLOSED, PortState.SPEAKS_V3})
_REASON_OF_PORT: Final = {
    PortState.CLOSED: Reason.PORT_CLOSED,
    PortState.FORBIDDEN: Reason.NO_PERMISSION,
    PortState.UNREACHABLE: Reason.TIMEOUT,
}


async def discover(
    order: DiscoveryOrder, engine: EchoEngine | None, *, progress: Callable[[Progress], None] | None = None
) -> Discovery:
    """Return what answers in a network. `engine` None: ICMP is not permitted, all addresses are asked by SNMP.

    At most `addresses_per_s` addresses are begun a second, and `limit_s` bounds it all: what was found until then
    is returned, `complete` False. Cancelling it stops everything it began; the engine stays open. `progress` is
    called after each address, in the event loop.

    Raises `Refused` where there is nothing to ask with (no engine and no credentials) or the machine lacks the
    address family, `EchoClosed` when the engine is closed meanwhile.
    """
    if engine is None and not order.credentials:
        raise invalid("credentials", "without ICMP only SNMP can find devices: name credentials")
    sweep = _Sweep(order, engine, progress)
    started_s = time.monotonic()
    complete = True
    try:
        async with asyncio.timeout(order.limit_s):
            await sweep.run()
    except TimeoutError:
        complete = False
    except BaseExceptionGroup as group:
        raise _expected(group) or group from None
    return Discovery(
        network=str(order.network),
        addresses=len(sweep.addresses),
        swept=sweep.swept,
        complete=complete,
        icmp=engine is not None,
        send_error=sweep.send_error,
        duration_s=round(time.monotonic() - started_s, 3),
        found=sorted(sweep.found.values(), key=lambda found: ipaddress.ip_address(found.address).packed),
    )


class _Sweep:
    def __init__(
        self, order: DiscoveryOrder, engine: EchoEngine | None, progress: Callable[[Progress], None] | None
    ) -> None:
        self.addresses = addresses(order.network)
        self.found: dict[str, FoundAddress] = {}
        self.swept = 0
        self.send_error: str | None = None
        self._order = order
        self._engine = engine
        self._progress = progress
        self._turn = asyncio.Semaphore(ASK_CONCURRENCY)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for address in self.addresses:
                tasks.create_task(self._look_at(address))
                # No catching up: after a stall there is no burst.
                await asyncio.sleep(1 / self._order.addresses_per_s)

    async def _look_at(self, address: str) -> None:
        if self._engine is None:
            async with self._turn:
                snmp = await self._ask(address)
            if snmp.ok or snmp.port in _SIGNS_OF_LIFE:
                self.found[address] = FoundAddress(address, None, None, snmp)
        else:
            echoes = await self._engine.round(address, ECHOES, ECHO_SPACING_S, ECHO_TIMEOUT_S)
            self.send_error = self.send_error or echoes.send_error
            if echoes.received:
                self.found[address] = FoundAddress(address, icmp=True, rtt_s=echoes.median_s, snmp=None)
                async with self._turn:
                    snmp = await self._ask(address)
                self.found[address] = FoundAddress(address, icmp=True, rtt_s=echoes.median_s, snmp=snmp)
        self.swept += 1
        if self._progress is not None:
            self._progress(Progress(self.swept, len(self.addresses), len(self.found)))

    async def _ask(self, address: str) -> SnmpFinding:
        """Look at the port first: what is closed is shown no credentials."""
        port = await port_state(address, self._order.port)
        if port in _REASON_OF_PORT:
            return SnmpFinding(ok=False, reason=_REASON_OF_PORT[port], port=port, offered=0)
        reasons: list[Reason] = []
        for named in self._order.credentials:
            found = await self._offer(address, named, port, offered=len(reasons) + 1)
            if isinstance(found, SnmpFinding):
                return found
            reasons.append(found)
            if not goes_on(found):
                break
        return SnmpFinding(ok=False, reason=most_telling(reasons), port=port, offered=len(reasons))

    async def _offer(
        self, address: str, named: NamedCredentials, port: PortState, *, offered: int
    ) -> SnmpFinding | Reason:
        """Return what the device says of itself for these credentials, else why it does not."""
        try:
            session = open_session(address, self._order.port, named.version, named.credentials)
        except SnmpFailure as failure:
            return failure.reason
        client = SnmpClient(session, interval_s=ASK_INTERVAL_S)
        try:
            system, _ = await read_system(client)
        except SnmpFailure as failure:
            return failure.reason
        finally:
            await client.close()
        return SnmpFinding(
            ok=True,
            reason=None,
            port=port,
            offered=offered,
            credential=named.name,
            version=named.version,
            sys_name=system.sys_name,
            sys_descr=system.sys_descr,
            sys_object_id=system.sys_object_id,
            sys_up_time_ticks=system.sys_up_time_ticks,
        )


def _expected(group: BaseExceptionGroup[BaseException]) -> NoctuleError | None:
    """Return the first of a sweep's errors when all are meant for people; each address meets the same."""
    known, other = group.split(NoctuleError)
    if known is None or other is not None:
        return None
    error: BaseException = known
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, NoctuleError) else None
