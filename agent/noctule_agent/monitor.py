"""The monitor: every device's ping and SNMP watches on their schedules, levels and counters.

What is measured leaves through a `Sink`. Configuration, the outbox and the link are left to `runtime`; the
echo engine is opened and closed by the caller.
"""

import asyncio
import logging
import time
from collections import Counter as Tally
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from noctule_shared.axes import Axis, CanaryLevel, DeviceLevels, IcmpLevel, Reachability, SnmpLevel
from noctule_shared.link import DeviceConfig, SnmpCredentials
from noctule_shared.observations import AxisChanged

from noctule_agent.core.reachability import CanaryState, Transition, step_canary
from noctule_agent.core.schedule import first_due_s, next_turn, phase_s
from noctule_agent.probes.icmp import EchoClosed, EchoEngine
from noctule_agent.probes.ping_watch import PingWatch
from noctule_agent.probes.snmp.backend import Backend
from noctule_agent.probes.snmp_watch import SnmpWatch
from noctule_agent.probes.trace import Tracer
from noctule_agent.sink import Sink

log = logging.getLogger(__name__)

# A device is measured for the first time within this, not only when its turn in the interval comes.
START_SPREAD_S: Final = 3.0
CANARY_INTERVAL_S: Final = 5.0
CANARY_PACKETS: Final = 2
MAX_DETAIL_BYTES: Final = 4096
# After an unexpected error a device's watch goes on at its next turn; the log repeats only this often.
LOG_EVERY_ERRORS: Final = 100
MAX_NAMED_OVERRUNS: Final = 20


@dataclass(frozen=True, slots=True)
class PolledDevice:
    """A device with what opens it; `credentials` None: none, or they could not be unsealed."""

    config: DeviceConfig
    credentials: SnmpCredentials | None

    def __repr__(self) -> str:
        return f"PolledDevice({self.config.device_id}, {self.config.name!r})"


class Monitor:
    """Measures devices until cancelled.

    `engine` None: no permission for ICMP; the icmp axis stays `none` and SNMP response times stand in for
    echoes. `canaries` are numeric addresses that show whether the agent's own way out works. `now_ms` is the
    wall clock in epoch milliseconds.
    """

    def __init__(
        self,
        engine: EchoEngine | None,
        sink: Sink,
        *,
        canaries: Sequence[str] = (),
        backend: Backend = Backend.AUTO,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._engine = engine
        self._sink = sink
        self._canaries = tuple(canaries)
        self._backend = backend
        self._now_ms = now_ms
        self._tracer = Tracer(allowed=engine is not None and engine.raw)
        self._devices: dict[int, PolledDevice] = {}
        self._watches: dict[int, _DeviceWatch] = {}
        self._group: asyncio.TaskGroup | None = None
        self._canary = CanaryState()
        self._gone = _Totals()

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
        `overruns of NAME` names the devices with most of them, at most 20.
        """
        totals = _Totals()
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
            "traces_skipped": self._tracer.skipped,
            **named,
        }

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
            watch = _DeviceWatch(
                device,
                engine=self._engine,
                sink=self._sink,
                tracer=self._tracer,
                backend=self._backend,
                now_ms=self._now_ms,
            )
            if before is not None:
                self._gone.add(before.totals())
                before.stop()
                watch.inherit(before)
            self._watches[device_id] = watch
            watch.start(group)

    async def _watch_canaries(self, engine: EchoEngine) -> None:
        while True:
            rounds = await asyncio.gather(
                *(engine.round(address, CANARY_PACKETS) for address in self._canaries), return_exceptions=True
            )
            answered = sum(1 for found in rounds if not isinstance(found, BaseException) and found.received)
            self._canary, transition = step_canary(self._canary, answered=answered, targets=len(self._canaries))
            if transition is not None:
                log.warning("canary %s: %s", transition.new, transition.reason)
                self._sink.event(
                    AxisChanged(0, Axis.CANARY, transition.old, transition.new, transition.reason, self._now_ms())
                )
            await asyncio.sleep(CANARY_INTERVAL_S)


@dataclass(slots=True)
class _Totals:
    rounds: int = 0
    polls: int = 0
    failed_polls: int = 0
    errors: int = 0
    overruns: int = 0

    def add(self, other: "_Totals") -> None:
        self.rounds += other.rounds
        self.polls += other.polls
        self.failed_polls += other.failed_polls
        self.errors += other.errors
        self.overruns += other.overruns


class _DeviceWatch:
    """The watches of one device as it is configured now."""

    def __init__(
        self,
        device: PolledDevice,
        *,
        engine: EchoEngine | None,
        sink: Sink,
        tracer: Tracer,
        backend: Backend,
        now_ms: Callable[[], int],
    ) -> None:
        self.device = device
        self.overruns = 0
        self.errors = 0
        self.ping: PingWatch | None = None
        self.snmp: SnmpWatch | None = None
        self._sink = sink
        self._now_ms = now_ms
        self._since_ms: dict[Axis, int] = {}
        self._tasks: list[asyncio.Task[None]] = []
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
            )
        if config.icmp is not None and engine is not None:
            self.ping = PingWatch(
                config,
                config.icmp,
                engine,
                sink,
                tracer,
                report=self._report,
                on_good_round=self.snmp.wake if self.snmp is not None else _nothing,
            )

    def inherit(self, before: "_DeviceWatch") -> None:
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
        if same and before.ping is not None and self.ping is not None:
            self.ping.state = before.ping.state
        if same and before.snmp is not None and self.snmp is not None:
            self.snmp.state = before.snmp.state
            self.snmp.poller.count_revisions_from(before.snmp.poller.revision + 1)

    def start(self, group: asyncio.TaskGroup) -> None:
        """Start the watches' tasks in the group."""
        config = self.device.config
        if self.ping is not None and config.icmp is not None:
            self._tasks.append(group.create_task(self._repeat(self.ping.measure, config.icmp.interval_s)))
        if self.snmp is not None and config.snmp is not None:
            self._tasks.append(group.create_task(self._poll(self.snmp, config.snmp.interval_s)))

    def stop(self) -> None:
        """Cancel the tasks; the group awaits them."""
        for task in self._tasks:
            task.cancel()

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

    def totals(self) -> _Totals:
        """Return the counters of this device's watches."""
        return _Totals(
            rounds=0 if self.ping is None else self.ping.rounds,
            polls=0 if self.snmp is None else self.snmp.polls,
            failed_polls=0 if self.snmp is None else self.snmp.failures,
            errors=self.errors,
            overruns=self.overruns,
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
            await self._repeat(snmp.measure, interval_s)
        finally:
            await snmp.close()

    async def _repeat(self, measure: Callable[[], Awaitable[bool]], interval_s: float) -> None:
        """Measure at the device's own turns of the monotonic clock; turns that pass meanwhile are skipped."""
        loop = asyncio.get_running_loop()
        device_id = self.device.config.device_id
        await asyncio.sleep(phase_s(device_id, min(interval_s, START_SPREAD_S)))
        await self._guarded(measure)
        due_s = first_due_s(device_id, interval_s, loop.time() + min(1.0, interval_s / 4))
        while True:
            await asyncio.sleep(due_s - loop.time())
            ordinary = await self._guarded(measure)
            turn = next_turn(due_s, interval_s, loop.time())
            due_s = turn.due_s
            if ordinary:
                self.overruns += turn.skipped

    async def _guarded(self, measure: Callable[[], Awaitable[bool]]) -> bool:
        """Return whether the turn was an ordinary one; an error ends the turn and no more."""
        try:
            return await measure()
        except EchoClosed:
            # The engine's end is logged where it happens; the agent goes on with SNMP.
            self.errors += 1
        except Exception:
            self.errors += 1
            if self.errors % LOG_EVERY_ERRORS == 1:
                log.exception("measuring %s failed (%d times)", self.device.config.name, self.errors)
        return False


def _nothing() -> None:
    """Do nothing: there is no SNMP watch to wake."""
