"""Measures for a second each what the echo engine and the SNMP client do on this machine, over the loopback.

What the rates mean is decided by `core.headroom`. It loads the machine while it lasts; nothing leaves it.
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator
from typing import Final

from noctule_shared.link import SnmpCredentials, SnmpVersion

from noctule_agent.core.headroom import PING, Headroom, interfaces_per_pdu
from noctule_agent.probes.icmp import EchoEngine
from noctule_agent.probes.snmp.backend import open_session
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.mib import COUNTERS_64, Column
from noctule_agent.probes.snmp.session import SnmpFailure

MEASURE_S: Final = 1.0
# Rounds and requests under way at a time: enough to keep the engine and the client busy.
ROUNDS: Final = 256
SESSIONS: Final = 16
START_DEADLINE_S: Final = 10.0
# As if polled each 5 s: short timeouts, so that the measurement ends soon after its second.
_INTERVAL_S: Final = 5.0
# What a poll asks of an interface (see `poller`).
_COLUMNS: Final = (
    Column.ifOperStatus, Column.ifAdminStatus, *COUNTERS_64.values(), Column.ifCounterDiscontinuityTime,
)  # fmt: skip


async def measure(engine: EchoEngine | None, *, measure_s: float = MEASURE_S) -> Headroom:
    """Return what this machine does. `engine` None: ICMP is not permitted, echoes are not measured."""
    groups = [[column.of(index) for column in _COLUMNS] for index in range(1, interfaces_per_pdu(len(_COLUMNS)) + 1)]
    echoes_per_s, lost = (None, 0) if engine is None else await _echoes(engine, measure_s)
    return Headroom(
        echoes_per_s=echoes_per_s,
        echoes_lost=lost,
        pdus_per_s=await _pdus(groups, measure_s),
        varbinds=1 + sum(map(len, groups)),
        names_per_interface=len(_COLUMNS),
    )


async def _echoes(engine: EchoEngine, measure_s: float) -> tuple[float, int]:
    """Return how many echoes came back a second, and how many did not come back at all."""
    started_s = time.monotonic()
    answered = lost = 0

    async def ping(address: str) -> None:
        nonlocal answered, lost
        while True:
            found = await engine.round(address, PING.count, spacing_s=0.0)
            answered += found.received
            lost += found.sent - found.received
            if time.monotonic() >= started_s + measure_s:
                return

    async with asyncio.TaskGroup() as tasks:
        for number in range(ROUNDS):
            tasks.create_task(ping(f"127.90.{number >> 8}.{number & 255}"))
    return answered / (time.monotonic() - started_s), lost


async def _pdus(groups: list[list[str]], measure_s: float) -> float | None:
    """Return how many PDUs the client exchanged a second; None when the responder did not start or answer."""
    answered = 0

    async def ask(port: int, ends_s: float) -> None:
        nonlocal answered
        session = open_session("127.0.0.1", port, SnmpVersion.V2C, SnmpCredentials(community="doctor"))
        client = SnmpClient(session, interval_s=_INTERVAL_S)
        try:
            while True:
                got = await client.get(groups)
                answered += len(got)  # Only now: others counted meanwhile.
                if time.monotonic() >= ends_s:
                    return
        except SnmpFailure:
            return
        finally:
            await client.close()

    async with _responder() as port:
        if port is None:
            return None
        started_s = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(SESSIONS):
                tasks.create_task(ask(port, started_s + measure_s))
        return answered / (time.monotonic() - started_s) if answered else None


@contextlib.asynccontextmanager
async def _responder() -> AsyncIterator[int | None]:
    """Run the responder as a process of its own, so that it does not slow the client; yield its port, None: failed."""
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "noctule_agent.probes.snmp.responder",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        yield None
        return
    try:
        line = b""
        if process.stdout is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(START_DEADLINE_S):
                    line = await process.stdout.readline()
        yield int(line) if line.strip().isdigit() else None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()
