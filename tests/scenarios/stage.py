"""A scenario as it is played: everything begins, each step is taken at its time, and what came of it is written down.

What should have come is `verdict`'s.
"""

import asyncio
import functools
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, assert_never

from noctule_hub.core.alerting.filter import AlertFilter
from noctule_hub.core.records import Alert, EventRow
from noctule_shared.axes import CanaryLevel, IcmpLevel, IfStatus
from noctule_shared.events import EventName

from tests.scenarios import form, people, steps
from tests.scenarios.agents import Agent, PortRow, WatchedDevice
from tests.scenarios.form import Scenario
from tests.scenarios.hub import BEGIN_MS, Hub, Taken, clock_ms, virtual_loop
from tests.scenarios.notation import bps, like, ratio, time_ms
from tests.scenarios.virtual_time import VirtualLoop

# Agents say hello when the hub has begun; all is quiet again before the first step of any scenario.
GREETING_S: Final = 1.0
ALERT_EVENTS: Final = frozenset({EventName.ALERT_NEW, EventName.ALERT_UPDATE})
PAGE: Final = 5_000
SEED: Final = 1


@dataclass
class Played:
    """What came of a scenario, with times in milliseconds since its begin; `alerts` are events of the log."""

    alerts: list[tuple[int, EventRow]] = field(default_factory=list)
    messages: list[Taken] = field(default_factory=list)
    statuses: list[dict[str, str]] = field(default_factory=list)
    still_open: list[Alert] = field(default_factory=list)


def play(scenario: Scenario, folder: Path) -> Played:
    """Play a scenario in no time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_played(scenario, folder))


async def _played(scenario: Scenario, folder: Path) -> Played:
    stage = Stage(scenario, folder)
    await stage.open()
    try:
        await stage.run()
    finally:
        played = await stage.close()
    return played


class Stage:
    """A scenario that is being played."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self._scenario = scenario
        self._hub = Hub(folder, self._acknowledged)
        self._played = Played()
        self._random = random.Random(SEED)  # noqa: S311  a plan
        self._tasks: list[asyncio.Task[None]] = []
        self._began_s = 0.0

    async def open(self) -> None:
        """Make everything, begin the hub, and let agents come."""
        await self._hub.open()
        self._network = await people.build(self._hub, self._scenario)
        await self._hub.begin()
        self._began_s = virtual_loop().time()
        for agent in self._network.agents.values():
            self._go(agent.run())
            await self._greet(agent)
            agent.discover(list(agent.devices.values()))

    async def run(self) -> None:
        """Take all steps and look at all statuses, each at its time, until the end."""
        plan: list[tuple[int, Callable[[], Coroutine[Any, Any, None]]]] = [
            (time_ms(step.at), functools.partial(self._take, step)) for step in self._scenario.steps
        ]
        self._played.statuses = [{} for _ in self._scenario.statuses]
        plan += [
            (time_ms(wanted.at), functools.partial(self._look, at, wanted))
            for at, wanted in enumerate(self._scenario.statuses)
        ]
        # Sorting is stable: of one moment the steps come first, as they stand.
        for at_ms, action in sorted(plan, key=lambda entry: entry[0]):
            await self._until(at_ms)
            await action()
        await self._until(time_ms(self._scenario.lasts))

    async def close(self) -> Played:
        """Read what came of it, and end everything."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        failed = [task.exception() for task in self._tasks if not task.cancelled()]
        if self._hub.runs:
            await self._read()
        await self._hub.stop()
        for error in failed:
            if error is not None:
                raise error
        return self._played

    async def _read(self) -> None:
        after = 0
        while rows := await self._hub.store.events_after(after, limit=PAGE):
            after = rows[-1].seq
            self._played.alerts += [
                (self._since_begin(row.committed_ms), row) for row in rows if row.name in ALERT_EVENTS
            ]
        self._played.messages = [one._replace(at_ms=self._since_begin(one.at_ms)) for one in self._hub.receivers.taken]
        before: int | None = None
        wanted = AlertFilter(open_only=True)
        while page := await self._hub.store.alerts(wanted, before_id=before, limit=500):
            before = page[-1].id
            self._played.still_open += page

    def _since_begin(self, at_ms: int) -> int:
        return at_ms - BEGIN_MS - round(self._began_s * 1000)

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _until(self, at_ms: int) -> None:
        await asyncio.sleep(self._began_s + at_ms / 1000 - virtual_loop().time())

    async def _greet(self, agent: Agent) -> None:
        await asyncio.sleep(GREETING_S)
        await agent.connect()

    def _acknowledged(self, agent_id: int, seq: int) -> None:
        for agent in self._network.agents.values():
            if agent.agent_id == agent_id:
                agent.acknowledged(seq)

    async def _look(self, at: int, wanted: form.StatusExpectation) -> None:
        world = self._hub.engine.world
        self._played.statuses[at] = {
            name: world.status(device.device_id).value
            for name, device in self._network.devices.items()
            if like(wanted.device, name)
        }

    def _found(self, pattern: str) -> dict[str, list[WatchedDevice]]:
        """Return the devices of a pattern by the name of their agent."""
        found: dict[str, list[WatchedDevice]] = {}
        for name, device in self._network.devices.items():
            if like(pattern, name):
                found.setdefault(self._network.agent_of[name].name, []).append(device)
        return found

    async def _take(self, step: steps.Step) -> None:  # noqa: C901, PLR0912  a table of steps
        hub = self._hub
        match step:
            case steps.Axis():
                await self._change_axis(step)
            case steps.Port():
                self._change_port(step)
            case steps.Flap():
                self._go(self._flap(step))
            case steps.Measure() | steps.Traffic():
                self._go(self._measure(step))
            case steps.Reboot():
                for agent, devices in self._found(step.device).items():
                    self._network.agents[agent].reboot(devices)
            case steps.AgentStep():
                await self._change_agent(step)
            case steps.StopHub():
                await self._stop_hub(time_ms(step.during) / 1000)
            case steps.Maintain():
                devices = [device for found in self._found(step.device).values() for device in found]
                await people.maintain(hub, devices, time_ms(step.during))
            case steps.Hush():
                await people.hush(hub, step)
            case steps.Acknowledge():
                await people.acknowledge(hub, step)
            case steps.CustomerStep():
                await people.move_customer(hub, step)
            case steps.ChannelStep():
                change = hub.receivers.down.add if step.receiver == "down" else hub.receivers.down.discard
                change(step.channel)
            case steps.RuleStep():
                await people.add_or_change_rule(hub, step)
                await hub.engine.reconfigure()
            case _:
                assert_never(step)

    async def _change_axis(self, step: steps.Axis) -> None:
        for agent, devices in self._found(step.device).items():
            if step.spread is None:
                self._network.agents[agent].change_axis(devices, step.icmp, step.snmp)
            else:
                self._go(self._spread(self._network.agents[agent], devices, step, time_ms(step.spread) / 1000))

    async def _spread(self, agent: Agent, devices: Sequence[WatchedDevice], step: steps.Axis, over_s: float) -> None:
        mixed = self._random.sample(devices, len(devices))
        for device in mixed:
            agent.change_axis([device], step.icmp, step.snmp)
            await asyncio.sleep(over_s / len(mixed))

    def _change_port(self, step: steps.Port) -> None:
        for agent, devices in self._found(step.device).items():
            for device in devices:
                self._network.agents[agent].change_port(device, step.port, step.admin, step.oper)

    async def _flap(self, step: steps.Flap) -> None:
        while self._since_begin(clock_ms()) < time_ms(step.until):
            for word, lasting in (("down", step.down), ("up", step.up)):
                if step.port is None:
                    await self._change_axis(steps.Axis(at=step.at, device=step.device, icmp=IcmpLevel(word)))
                else:
                    self._change_port(steps.Port(at=step.at, device=step.device, port=step.port, oper=IfStatus(word)))
                await asyncio.sleep(time_ms(lasting) / 1000)

    async def _measure(self, step: steps.Measure | steps.Traffic) -> None:
        every_s, ends_ms = time_ms(step.every) / 1000, time_ms(step.until)
        while self._since_begin(clock_ms()) < ends_ms:
            for agent, devices in self._found(step.device).items():
                if isinstance(step, steps.Measure):
                    rtt_s = None if step.rtt is None else time_ms(step.rtt) / 1000
                    self._network.agents[agent].measure_latency(devices, rtt_s, ratio(step.loss))
                else:
                    self._network.agents[agent].measure_ports([_row(device, step, every_s) for device in devices])
            await asyncio.sleep(every_s)

    async def _change_agent(self, step: steps.AgentStep) -> None:
        agent = self._network.agents[step.agent]
        if step.canary is not None:
            agent.change_canary(CanaryLevel(step.canary))
        match step.link:
            case "lost":
                agent.wants_link = False
                agent.lose_link()
            case "silent":
                agent.talks = False
            case "back":
                agent.wants_link = True
                if agent.connected:
                    agent.go_on()
                else:
                    await agent.connect()
            case None:
                pass

    async def _stop_hub(self, during_s: float) -> None:
        await self._hub.stop()
        for agent in self._network.agents.values():
            agent.lose_link()
        await asyncio.sleep(during_s)
        await self._hub.open()
        await self._hub.begin()
        for agent in self._network.agents.values():
            if agent.wants_link:
                self._go(self._greet(agent))


def _row(device: WatchedDevice, step: steps.Traffic, interval_s: float) -> PortRow:
    return PortRow(
        device,
        device.ports[step.port],
        interval_s,
        bps(step.inward),
        bps(step.out),
        ratio(step.errors),
        ratio(step.discards),
    )
