"""The watches of one device: its ping and SNMP measurements, each on its own turns, and what came of them.

What a device's levels mean is left to the hub; which devices there are to `monitor`.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from noctule_shared.axes import Axis, DeviceLevels, IcmpLevel, Reachability, SnmpLevel
from noctule_shared.link import DeviceConfig, SnmpCredentials
from noctule_shared.observations import AxisChanged

from noctule_agent.cancellation import raise_if_cancelled
from noctule_agent.core.reachability import Transition
from noctule_agent.core.schedule import first_due_s, focus_pace_s, next_turn, phase_s
from noctule_agent.core.stamps import Stamps
from noctule_agent.probes.icmp import EchoClosed, EchoEngine
from noctule_agent.probes.ping_watch import PingWatch
from noctule_agent.probes.row_watch import RowWatch
from noctule_agent.probes.snmp.backend import Backend
from noctule_agent.probes.snmp.budget import AgentBudget
from noctule_agent.probes.snmp_watch import SnmpWatch
from noctule_agent.probes.trace import Tracer
from noctule_agent.sink import Sink

log = logging.getLogger(__name__)

# A device is measured for the first time within this, not only when its turn in the interval comes.
START_SPREAD_S: Final = 3.0
MAX_DETAIL_BYTES: Final = 4096
# After an unexpected error a device's watch goes on at its next turn; the log repeats only this often.
LOG_EVERY_ERRORS: Final = 100


@dataclass(frozen=True, slots=True)
class PolledDevice:
    """A device with what opens it; `credentials` None: none, or they could not be unsealed."""

    config: DeviceConfig
    credentials: SnmpCredentials | None

    def __repr__(self) -> str:
        return f"PolledDevice({self.config.device_id}, {self.config.name!r})"


@dataclass(slots=True)
class Totals:
    """Counters of a device's watches since the start."""

    rounds: int = 0
    polls: int = 0
    failed_polls: int = 0
    errors: int = 0
    overruns: int = 0
    dropped_hints: int = 0

    def add(self, other: "Totals") -> None:
        """Count what another counted too."""
        self.rounds += other.rounds
        self.polls += other.polls
        self.failed_polls += other.failed_polls
        self.errors += other.errors
        self.overruns += other.overruns
        self.dropped_hints += other.dropped_hints


class DeviceWatch:
    """The watches of one device as it is configured now. `stamps` are those of its latency series, for all its life.

    `on_suspicion` is called when fast retries are to decide whether it is down.
    """

    def __init__(
        self,
        device: PolledDevice,
        *,
        engine: EchoEngine | None,
        sink: Sink,
        tracer: Tracer,
        backend: Backend,
        budget: AgentBudget,
        stamps: Stamps,
        now_ms: Callable[[], int],
        on_suspicion: Callable[[], None],
    ) -> None:
        self.device = device
        self.stamps = stamps
        self.overruns = 0
        self.errors = 0
        # How long the last successful poll took, in seconds; None: there was none.
        self.poll_s: float | None = None
        self.focus_until_s = 0.0
        self._refocused = asyncio.Event()
        self.ping: PingWatch | None = None
        self.snmp: SnmpWatch | None = None
        self._sink = sink
        self._now_ms = now_ms
        self._since_ms: dict[Axis, int] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._group: asyncio.TaskGroup | None = None
        self._rows: RowWatch | None = None
        config = device.config
        if config.snmp is not None and device.credentials is not None:
            self.snmp = SnmpWatch(
                config,
                config.snmp,
                device.credentials,
                sink,
                report=self._report,
                backend=backend,
                # Seconds since 1970: above every revision of an earlier run, and within 32 bits until 2106.
                first_revision=now_ms() // 1000,
                measures_latency=config.icmp is None or engine is None or config.reachability is Reachability.SNMP,
                stamps=self.stamps,
                budget=budget.of_device(config.snmp.max_requests_per_s),
            )
        if config.icmp is not None and engine is not None:
            self.ping = PingWatch(
                config,
                config.icmp,
                engine,
                sink,
                tracer,
                report=self._report,
                stamps=self.stamps,
                on_good_round=self.snmp.wake if self.snmp is not None else _nothing,
                on_suspicion=on_suspicion,
            )

    def inherit(self, before: "DeviceWatch") -> None:
        """Take over the levels of the device as it was configured before; axes no longer measured end."""
        same = before.device.config.address == self.device.config.address
        for axis, old, watch in (
            (Axis.ICMP, before.ping, self.ping),
            (Axis.SNMP, before.snmp, self.snmp),
        ):
            if old is None or old.state.level == IcmpLevel.NONE.value:
                continue
            if watch is not None and same:
                self._since_ms[axis] = before._since_ms[axis]  # noqa: SLF001  the same class
            elif watch is None:
                self._report(axis, Transition(old.state.level, IcmpLevel.NONE, "no longer measured"), None)
        self.focus(before.focus_until_s)
        if same and before.ping is not None and self.ping is not None:
            self.ping.state = before.ping.state
        if same and before.snmp is not None and self.snmp is not None:
            self.snmp.state = before.snmp.state
            self.snmp.poller.inherit(before.snmp.poller)

    def start(self, group: asyncio.TaskGroup) -> None:
        """Start the watches' tasks in the group."""
        self._group = group
        config = self.device.config
        if self.ping is not None and config.icmp is not None:
            self._tasks.append(group.create_task(self._repeat(self.ping.measure, config.icmp.interval_s)))
        if self.snmp is not None and config.snmp is not None:
            self._tasks.append(group.create_task(self._poll(self.snmp, config.snmp.interval_s)))

    def focus(self, until_s: float) -> None:
        """Measure each second until then, of the monotonic clock; a time that is over ends it."""
        self.focus_until_s = until_s
        if self.ping is not None:
            self.ping.focus_until_s = until_s
        self._refocused.set()
        self._refocused = asyncio.Event()

    def stop(self) -> None:
        """Cancel the tasks; the group awaits them."""
        for task in self._tasks:
            task.cancel()

    def check_row(self, if_index: int) -> None:
        """Read the statuses of one interface at once and again after 2 min; nothing without SNMP."""
        if self.snmp is None or self._group is None:
            return
        if self._rows is None:
            self._rows = RowWatch(self.device.config.name, self.snmp)
            self._tasks.append(self._group.create_task(self._rows.run()))
        self._rows.hint(if_index)

    def levels(self) -> DeviceLevels:
        """Return the present levels."""
        return DeviceLevels(
            device_id=self.device.config.device_id,
            icmp=IcmpLevel.NONE if self.ping is None else self.ping.state.level,
            icmp_since_ms=self._since_ms.get(Axis.ICMP, 0),
            snmp=SnmpLevel.NONE if self.snmp is None else self.snmp.state.level,
            snmp_since_ms=self._since_ms.get(Axis.SNMP, 0),
            inventory_rev=0 if self.snmp is None else self.snmp.poller.revision,
        )

    def totals(self) -> Totals:
        """Return the counters of this device's watches."""
        return Totals(
            rounds=0 if self.ping is None else self.ping.rounds,
            polls=0 if self.snmp is None else self.snmp.polls,
            failed_polls=0 if self.snmp is None else self.snmp.failures,
            errors=self.errors + (0 if self._rows is None else self._rows.errors),
            overruns=self.overruns,
            dropped_hints=0 if self._rows is None else self._rows.dropped,
        )

    def _report(self, axis: Axis, transition: Transition, detail: str | None) -> None:
        config = self.device.config
        ts_ms = self._now_ms()
        self._since_ms[axis] = ts_ms
        log.info("%s: %s %s -> %s: %s", config.name, axis, transition.old, transition.new, transition.reason)
        self._sink.event(
            AxisChanged(
                device_id=config.device_id,
                axis=axis,
                old=str(transition.old),
                new=str(transition.new),
                reason=transition.reason,
                ts_ms=ts_ms,
                detail=None if detail is None else detail[:MAX_DETAIL_BYTES],
            )
        )

    async def _poll(self, snmp: SnmpWatch, interval_s: float) -> None:
        try:
            await self._repeat(lambda: self._timed(snmp), interval_s, lambda: self.poll_s)
        finally:
            await snmp.close()

    async def _repeat(
        self,
        measure: Callable[[], Awaitable[bool]],
        interval_s: float,
        took_s: Callable[[], float | None] = lambda: None,
    ) -> None:
        """Measure at the device's own turns of the monotonic clock; turns that pass meanwhile are skipped.

        `took_s` tells how long the device was last busy with it; in focus it is given time to do other things.
        """
        loop = asyncio.get_running_loop()
        device_id = self.device.config.device_id
        await asyncio.sleep(phase_s(device_id, min(interval_s, START_SPREAD_S)))
        await self._guarded(measure)
        due_s = first_due_s(device_id, interval_s, loop.time() + min(1.0, interval_s / 4))
        in_focus = False
        while True:
            before, in_focus = in_focus, time.monotonic() < self.focus_until_s
            pace_s = focus_pace_s(interval_s, took_s()) if in_focus else interval_s
            if in_focus is not before:
                due_s = first_due_s(device_id, pace_s, loop.time())
            if await self._refocused_before(due_s):
                continue
            ordinary = await self._guarded(measure)
            turn = next_turn(due_s, pace_s, loop.time())
            due_s = turn.due_s
            # In focus a device is asked as often as it can answer, which need not be each second.
            if ordinary and not in_focus:
                self.overruns += turn.skipped

    async def _refocused_before(self, due_s: float) -> bool:
        """Wait until due; return True when the focus was changed before."""
        refocused = self._refocused
        try:
            async with asyncio.timeout_at(due_s):
                await refocused.wait()
        except TimeoutError:
            return False
        return True

    async def _timed(self, snmp: SnmpWatch) -> bool:
        started_s = time.monotonic()
        ordinary = await snmp.measure()
        if ordinary:
            self.poll_s = time.monotonic() - started_s
        return ordinary

    async def _guarded(self, measure: Callable[[], Awaitable[bool]]) -> bool:
        """Return whether the turn was an ordinary one; an error ends the turn and no more."""
        ordinary = False
        try:
            ordinary = await measure()
        except EchoClosed:
            # The engine's end is logged where it happens; the agent goes on with SNMP.
            self.errors += 1
        except Exception:
            self.errors += 1
            if self.errors % LOG_EVERY_ERRORS == 1:
                log.exception("measuring %s failed (%d times)", self.device.config.name, self.errors)
        raise_if_cancelled()
        return ordinary


def _nothing() -> None:
    """Do nothing: there is no SNMP watch to wake."""
