"""Watches one device by SNMP: polls on schedule, sees whether it answers in between, rows and transitions out."""

import asyncio
import contextlib
import time
from collections.abc import Collection
from typing import Final

from noctule_shared.axes import Axis, LatencySource, Reachability, SnmpLevel
from noctule_shared.link import DeviceConfig, SnmpConfig, SnmpCredentials

from noctule_agent.core.snmp_reachability import SnmpState, step_snmp
from noctule_agent.core.stamps import Stamps
from noctule_agent.probes.ping_watch import Report
from noctule_agent.probes.snmp.backend import Backend, open_session, resolve
from noctule_agent.probes.snmp.budget import DeviceBudget
from noctule_agent.probes.snmp.client import SnmpClient
from noctule_agent.probes.snmp.memory import MEMORY
from noctule_agent.probes.snmp.poller import InterfacePoller
from noctule_agent.probes.snmp.session import Reason, SnmpFailure
from noctule_agent.sink import LatencyRow, Sink

# A device whose name may have moved, or whose engine hangs, gets a new session after so many failures.
FAILURES_BEFORE_REOPENING: Final = 3


class SnmpWatch:
    """Polls one device. `measures_latency`: SNMP response times stand in for echoes, with `stamps` of their series."""

    def __init__(
        self,
        device: DeviceConfig,
        snmp: SnmpConfig,
        credentials: SnmpCredentials,
        sink: Sink,
        *,
        report: Report,
        backend: Backend,
        first_revision: int,
        measures_latency: bool,
        stamps: Stamps,
        budget: DeviceBudget,
    ) -> None:
        self.state = SnmpState()
        self.polls = 0
        self.failures = 0
        self.woken = asyncio.Event()
        # A poll and a look at single rows in between: the later answer is the newer one.
        self._turn = asyncio.Lock()
        self._device = device
        self._snmp = snmp
        self._credentials = credentials
        self._sink = sink
        self._report = report
        self._backend = backend
        self._measures_latency = measures_latency
        self._stamps = stamps
        self._budget = budget
        self._client: SnmpClient | None = None
        self.poller = InterfacePoller(
            device.device_id,
            interval_s=snmp.interval_s,
            first_revision=first_revision,
            on_event=sink.event,
            walks=budget.walks,
            chosen=snmp.interfaces,
        )

    def wake(self) -> None:
        """Ask again at once: something else has seen the device alive."""
        if self.state.level is SnmpLevel.DOWN:
            self.woken.set()

    async def measure(self) -> bool:
        """Measure one due poll; while it fails, see again and again whether the device answers.

        Return whether it succeeded at once: turns skipped while a device was silent are no overruns.
        """
        ordinary = True
        while True:
            self.woken.clear()
            failure = await self._poll()
            decision = step_snmp(
                self.state,
                failure=None if failure is None else failure.reason.value,
                interval_s=self._snmp.interval_s,
                decides=self._device.reachability is not Reachability.ICMP,
                failed_polls=self._snmp.failed_polls,
            )
            self.state = decision.state
            if decision.transition is not None:
                self._report(Axis.SNMP, decision.transition, None if failure is None else str(failure))
            if decision.retry_after_s is None:
                return ordinary
            ordinary = False
            if failure is not None and self.state.failures % FAILURES_BEFORE_REOPENING == 0:
                async with self._turn:
                    await self.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(decision.retry_after_s):
                    await self.woken.wait()

    async def check_rows(self, if_indexes: Collection[int], reason: str = "named by a trap") -> None:
        """Read the statuses of single interfaces now, after any poll under way. Raises `SnmpFailure`.

        `reason` is what a change is told with.
        """
        async with self._turn:
            await self.poller.poll_rows(await self._opened(), if_indexes, reason)

    async def close(self) -> None:
        """Release the session; the next poll opens another."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _poll(self) -> SnmpFailure | None:
        """Poll once; a device that failed before is first asked one small question."""
        self.polls += 1
        try:
            async with self._turn:
                client = await self._opened()
                if self._measures_latency or self.state.failures:
                    await self._respond(client)
                rows = await self.poller.poll(client)
        except SnmpFailure as failure:
            self.failures += 1
            return failure
        if rows is not None:
            self._sink.interfaces(rows)
        return None

    async def _respond(self, client: SnmpClient) -> None:
        try:
            answer = await client.response()
        except SnmpFailure as failure:
            if self._measures_latency and failure.reason in {Reason.TIMEOUT, Reason.PORT_CLOSED}:
                self._sink.latency(self._row(None))
            raise
        if self._measures_latency:
            self._sink.latency(self._row(answer.response_s))

    async def _opened(self) -> SnmpClient:
        if self._client is None:
            address = await resolve(self._device.address)
            session = open_session(
                address, self._snmp.port, self._snmp.version, self._credentials, backend=self._backend, memory=MEMORY
            )
            self._client = SnmpClient(
                session, interval_s=self._snmp.interval_s, sizes=MEMORY.sizes, budget=self._budget
            )
        return self._client

    def _row(self, response_s: float | None) -> LatencyRow:
        return LatencyRow(
            device_id=self._device.device_id,
            ts_ms=self._stamps.next_ms(time.time_ns() // 1_000_000),
            source=LatencySource.SNMP,
            sent=1,
            received=0 if response_s is None else 1,
            rtt_min_s=response_s,
            rtt_p25_s=response_s,
            rtt_median_s=response_s,
            rtt_p75_s=response_s,
            rtt_max_s=response_s,
            rtt_mean_s=response_s,
            rtt_mdev_s=None if response_s is None else 0.0,
            ipdv_s=None,
        )
