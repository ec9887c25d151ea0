"""Watches one device by ICMP: rounds on schedule, fast retries when one is lost, rows and transitions out."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from noctule_shared.axes import Axis, LatencySource
from noctule_shared.errors import Refused
from noctule_shared.link import DeviceConfig, IcmpConfig

from noctule_agent.core.reachability import (
    RETRY_PACKETS,
    RETRY_SPACING_S,
    Action,
    IcmpState,
    Transition,
    resumed,
    retry_timeout_s,
    step_icmp,
)
from noctule_agent.core.stamps import Stamps
from noctule_agent.probes.echo_round import EchoRound, echo_round
from noctule_agent.probes.icmp import EchoEngine
from noctule_agent.probes.snmp.backend import resolve
from noctule_agent.probes.snmp.session import SnmpFailure
from noctule_agent.probes.trace import Tracer
from noctule_agent.sink import LatencyRow, Sink

# A device in focus is pinged each second: a round must be over by then.
FOCUS_PACKETS: Final = 3
NAME_LIFETIME_S: Final = 300.0

Report = Callable[[Axis, Transition, str | None], None]


class PingWatch:
    """Pings one device.

    `on_good_round` is called after each round with a reply; it wakes the SNMP watch. `on_suspicion` is called when a
    round was lost and fast retries are to decide.
    """

    def __init__(
        self,
        device: DeviceConfig,
        icmp: IcmpConfig,
        engine: EchoEngine,
        sink: Sink,
        tracer: Tracer,
        *,
        report: Report,
        stamps: Stamps,
        on_good_round: Callable[[], None],
        on_suspicion: Callable[[], None],
    ) -> None:
        self.state = IcmpState()
        self.rounds = 0
        self.focus_until_s = 0.0
        self._device = device
        self._icmp = icmp
        self._engine = engine
        self._sink = sink
        self._tracer = tracer
        self._report = report
        self._stamps = stamps
        self._on_good_round = on_good_round
        self._on_suspicion = on_suspicion
        self._address: str | None = None
        self._resolved_s = 0.0
        self._failure: str | None = None

    async def measure(self) -> bool:
        """Measure one due round, with the fast retries that it asks for; return whether it asked for none."""
        icmp = self._icmp
        self.state = resumed(self.state)
        in_focus = time.monotonic() < self.focus_until_s
        count = min(icmp.count, FOCUS_PACKETS) if in_focus else icmp.count
        action = await self._round(count, icmp.spacing_s, icmp.timeout_s, retry=False)
        trace: asyncio.Future[str | None] | None = None
        ordinary = True
        if action is Action.RETRY:
            self._on_suspicion()
        while action is Action.RETRY:
            if trace is None and self.state.retries_lost == 1 and self._address is not None:
                trace = self._tracer.start(self._address)
            timeout_s = retry_timeout_s(icmp.timeout_s)
            action = await self._round(RETRY_PACKETS, RETRY_SPACING_S, timeout_s, retry=True, trace=trace)
            ordinary = False
        return ordinary

    async def _round(
        self,
        count: int,
        spacing_s: float,
        timeout_s: float,
        *,
        retry: bool,
        trace: asyncio.Future[str | None] | None = None,
    ) -> Action:
        found = await self._echo(count, spacing_s, timeout_s)
        self.rounds += 1
        self._sink.latency(self._row(found))
        failure = self._failure or (None if found.received else found.send_error)
        decision = step_icmp(
            self.state,
            sent=found.sent,
            received=found.received,
            kernel_drops=found.kernel_drops,
            retry=retry,
            now_s=time.monotonic(),
            thresholds=self._icmp.thresholds,
            failure=failure,
        )
        self.state = decision.state
        if decision.transition is not None:
            # What the reason quotes is not said twice.
            detail = None if found.send_error == failure else found.send_error
            if trace is not None:
                detail = _now(trace)
            self._report(Axis.ICMP, decision.transition, detail)
        if found.received:
            self._on_good_round()
        return decision.action

    async def _echo(self, count: int, spacing_s: float, timeout_s: float) -> EchoRound:
        self._failure = None
        try:
            if self._address is None or time.monotonic() - self._resolved_s > NAME_LIFETIME_S:
                self._address = await resolve(self._device.address)
                self._resolved_s = time.monotonic()
            return await self._engine.round(self._address, count, spacing_s, timeout_s)
        except (SnmpFailure, Refused) as failure:
            # A name that does not resolve cannot be reached either; it is asked again in the next round.
            self._address = None
            self._failure = failure.reason if isinstance(failure, SnmpFailure) else None
            await asyncio.sleep(timeout_s)
            return echo_round(self._device.address, (None,) * count, send_error=str(failure))

    def _row(self, found: EchoRound) -> LatencyRow:
        return LatencyRow(
            device_id=self._device.device_id,
            ts_ms=self._stamps.next_ms(time.time_ns() // 1_000_000),
            source=LatencySource.ICMP,
            # What this machine itself may have dropped is no loss.
            sent=found.accounted,
            received=found.received,
            rtt_min_s=found.min_s,
            rtt_p25_s=found.p25_s,
            rtt_median_s=found.median_s,
            rtt_p75_s=found.p75_s,
            rtt_max_s=found.max_s,
            rtt_mean_s=found.mean_s,
            rtt_mdev_s=found.mdev_s,
            ipdv_s=found.ipdv_s,
        )


def _now(trace: asyncio.Future[str | None]) -> str | None:
    # It ends before the retries do; the news that a device is down never waits for it.
    return trace.result() if trace.done() else None
