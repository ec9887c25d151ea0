"""The monitor: every device's ping and SNMP watches on their schedules, levels and counters.

What is measured leaves through a `Sink`. Configuration, the outbox and the link are left to `runtime`; the
echo engine is opened and closed by the caller.
"""

import asyncio
import contextlib
import heapq
import logging
import time
from collections import Counter as Tally
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from noctule_shared.axes import Axis, CanaryLevel, DeviceLevels
from noctule_shared.observations import AxisChanged

from noctule_agent.core.budget import DEFAULT_LIMITS, SnmpLimits
from noctule_agent.core.canary import CanaryState, step_canary
from noctule_agent.core.stamps import Stamps
from noctule_agent.device_watch import DeviceWatch, PolledDevice, Totals
from noctule_agent.probes.icmp import EchoEngine
from noctule_agent.probes.snmp.backend import Backend
from noctule_agent.probes.snmp.budget import AgentBudget
from noctule_agent.probes.trace import Hop, Tracer
from noctule_agent.sink import Sink

log = logging.getLogger(__name__)

CANARY_INTERVAL_S: Final = 5.0
CANARY_PACKETS: Final = 2
MAX_NAMED_OVERRUNS: Final = 20
MAX_NAMED_SLOW: Final = 10


class Monitor:
    """Measures devices until cancelled.

    `engine` None: no permission for ICMP; the icmp axis stays `none` and SNMP response times stand in for
    echoes. `canaries` are numeric addresses that show whether the agent's own way out works. `limits` bound the
    SNMP requests of all devices. `now_ms` is the wall clock in epoch milliseconds.
    """

    def __init__(
        self,
        engine: EchoEngine | None,
        sink: Sink,
        *,
        canaries: Sequence[str] = (),
        backend: Backend = Backend.AUTO,
        limits: SnmpLimits = DEFAULT_LIMITS,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._engine = engine
        self._sink = sink
        self._canaries = tuple(canaries)
        self._backend = backend
        self._budget = AgentBudget(limits)
        self._now_ms = now_ms
        self._tracer = Tracer(allowed=engine is not None and engine.raw)
        self._devices: dict[int, PolledDevice] = {}
        self._watches: dict[int, DeviceWatch] = {}
        self._group: asyncio.TaskGroup | None = None
        self._canary = CanaryState()
        # A device does not answer: the canaries are asked at once whether it is the agent that is cut off.
        self._suspicion = asyncio.Event()
        self._gone = Totals()

    @property
    def canary(self) -> CanaryLevel:
        """Return whether the agent's own way out works; always ok without canaries."""
        return self._canary.level

    def apply(self, devices: Mapping[int, PolledDevice]) -> None:
        """Measure exactly these devices from now on, by id: adds, changes and removes.

        What did not change goes on undisturbed; a changed device keeps its levels where it is still the same
        address.
        """
        self._devices = dict(devices)
        if self._group is not None:
            self._reconcile(self._group)

    def levels(self) -> list[DeviceLevels]:
        """Return the present level of every device on each axis, by ascending id."""
        return [
            watch.levels() if (watch := self._watches.get(device_id)) else DeviceLevels(device_id)
            for device_id in sorted(self._devices)
        ]

    def stats(self) -> dict[str, float]:
        """Return counters since the start by name.

        `overruns` counts turns that were skipped because a measurement took longer than its interval;
        `overruns of NAME` names the devices with most of them, at most 20. `budget_waits` counts SNMP requests that
        waited for a budget of the agent or of their device, `budget_wait_s` for how many seconds in all.
        `dropped_hints` counts rows that traps named beyond what may wait; the ordinary polls read them.
        """
        totals = Totals()
        totals.add(self._gone)
        overruns: Tally[str] = Tally()
        for watch in self._watches.values():
            totals.add(watch.totals())
            overruns[watch.device.config.name] += watch.overruns
        named = {f"overruns of {name}": count for name, count in overruns.most_common(MAX_NAMED_OVERRUNS) if count}
        return {
            "rounds": totals.rounds,
            "polls": totals.polls,
            "failed_polls": totals.failed_polls,
            "errors": totals.errors,
            "overruns": totals.overruns,
            "dropped_hints": totals.dropped_hints,
            "traces_skipped": self._tracer.skipped,
            "budget_waits": self._budget.waits,
            "budget_wait_s": round(self._budget.waited_s, 3),
            **named,
        }

    def link_changed(self, device_id: int, if_index: int) -> None:
        """Take the hint of a trap: read that row at once and again after 2 min, whatever the trap said."""
        watch = self._watches.get(device_id)
        if watch is not None:
            watch.check_row(if_index)

    def started(self, device_id: int) -> None:
        """Take the hint of a trap that a device has started: one that was silent is asked again at once."""
        watch = self._watches.get(device_id)
        if watch is not None and watch.snmp is not None:
            watch.snmp.wake()

    def slowest(self) -> dict[str, float]:
        """Return the devices whose last SNMP poll took longest, at most 10, by name with seconds, longest first."""
        took = ((watch.poll_s, watch.device.config.name) for watch in self._watches.values() if watch.poll_s)
        return {name: round(poll_s, 3) for poll_s, name in heapq.nlargest(MAX_NAMED_SLOW, took)}

    def focus(self, device_id: int, until_s: float) -> None:
        """Measure a device each second until then, of the monotonic clock; a time that is over ends it."""
        watch = self._watches.get(device_id)
        if watch is not None:
            watch.focus(until_s)

    def in_focus(self) -> list[int]:
        """Return the devices that are measured each second now."""
        now_s = time.monotonic()
        return [device_id for device_id, watch in self._watches.items() if watch.focus_until_s > now_s]

    async def poll_row(self, device_id: int, if_index: int) -> bool:
        """Read one interface's statuses now, after any poll under way; False when the device is not polled by SNMP.

        Raises `SnmpFailure` when it does not answer.
        """
        watch = self._watches.get(device_id)
        if watch is None or watch.snmp is None:
            return False
        await watch.snmp.check_rows([if_index], "asked for")
        return True

    @property
    def may_trace(self) -> bool:
        """Whether this machine lets us trace routes."""
        return self._tracer.allowed

    def trace(self, address: str) -> asyncio.Future[list[Hop] | None] | None:
        """Return the hops to come, None of them when tracing failed; None when too many traces run."""
        return self._tracer.hops(address)

    def resend_inventories(self) -> None:
        """Send every inventory again, for a hub that lost events."""
        for watch in self._watches.values():
            if watch.snmp is not None:
                watch.snmp.poller.resend()

    async def run(self) -> None:
        """Measure until cancelled; every task has ended when it returns."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                self._reconcile(group)
                if self._canaries and self._engine is not None:
                    group.create_task(self._watch_canaries(self._engine))
                await asyncio.Event().wait()
        finally:
            self._group = None

    def _reconcile(self, group: asyncio.TaskGroup) -> None:
        for device_id in [known for known in self._watches if known not in self._devices]:
            gone = self._watches.pop(device_id)
            self._gone.add(gone.totals())
            gone.stop()
        for device_id, device in self._devices.items():
            before = self._watches.get(device_id)
            if before is not None and before.device == device:
                continue
            watch = DeviceWatch(
                device,
                engine=self._engine,
                sink=self._sink,
                tracer=self._tracer,
                backend=self._backend,
                budget=self._budget,
                stamps=Stamps() if before is None else before.stamps,
                now_ms=self._now_ms,
                on_suspicion=self._suspicion.set,
            )
            if before is not None:
                self._gone.add(before.totals())
                before.stop()
                watch.inherit(before)
            self._watches[device_id] = watch
            watch.start(group)

    async def _watch_canaries(self, engine: EchoEngine) -> None:
        """Ask the canaries each 5 s, and at once when a device does not answer.

        Two silent rounds take 2.4 s, the fast retries that take a device down 3 s by default: it is known first that
        the way out is lost.
        """
        while True:
            suspicious = self._suspicion.is_set()
            self._suspicion.clear()
            rounds = await asyncio.gather(
                *(engine.round(address, CANARY_PACKETS) for address in self._canaries), return_exceptions=True
            )
            answered = sum(1 for found in rounds if not isinstance(found, BaseException) and found.received)
            self._canary, transition = step_canary(
                self._canary, answered=answered, targets=len(self._canaries), now_s=time.monotonic()
            )
            if transition is not None:
                log.warning("canary %s: %s", transition.new, transition.reason)
                self._sink.event(
                    AxisChanged(0, Axis.CANARY, transition.old, transition.new, transition.reason, self._now_ms())
                )
            if not (suspicious and self._canary.level is CanaryLevel.OK and self._canary.lost_rounds):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._suspicion.wait(), CANARY_INTERVAL_S)
