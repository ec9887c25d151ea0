"""A source: the real agent with a scripted poller in place of the monitor, and a ledger of what it kept.

`python source.py FOLDER LEDGER SEED [OPTION …]`; `main` has the options. It obeys lines on its standard input, each
answered by one line of JSON: `quiet` (no more live events; answers the present levels), `go`, `backdate`, `halt`
(measures nothing more), `state`. SIGTERM ends it as it ends an agent.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from noctule_agent import session
from noctule_agent.config import AgentConfig
from noctule_agent.core.backoff import full_jitter_s
from noctule_agent.core.budget import DEFAULT_LIMITS, SnmpLimits
from noctule_agent.device_watch import PolledDevice
from noctule_agent.enrolment import load_enrolment
from noctule_agent.files import data_dir_lock
from noctule_agent.keys import load_keys
from noctule_agent.link_connection import LinkConnection, Transport
from noctule_agent.outbox_frames import NewFrame
from noctule_agent.probes.icmp import EchoEngine
from noctule_agent.process import stop_on_signal
from noctule_agent.runtime import Agent
from noctule_agent.sink import Sink
from noctule_shared.axes import Axis, CanaryLevel, DeviceLevels, IcmpLevel, IfStatus
from noctule_shared.link import Message
from noctule_shared.observations import AxisChanged, InterfaceChanged

from tests.kill import script
from tests.kill.ledger import Acked, Kept, Key, LedgerFile, Measured, keys_of, slices_of

STEP_S = 0.05
LATENCY_STEPS = 5
POLL_STEPS = 10
FLIP_RATIO = 0.05
PORTS_RATIO = 0.3
DAY_MS = 86_400_000
BACKDATED_EVENTS = 4
# A person waits a minute for an agent to come back; a test that cuts it hundreds of times cannot.
RETRY_CAP_S = 0.5
DOUBLED_RATIO = 0.2
REPLAYED = 32
FLIPPED = {IcmpLevel.UP: IcmpLevel.DOWN, IcmpLevel.DOWN: IcmpLevel.UP, IcmpLevel.NONE: IcmpLevel.UP}


class DoublingConnection(LinkConnection):
    """A link that now and then delivers a frame twice, or an earlier one again."""

    rng: random.Random

    def __init__(self, transport: Transport = Transport.WEBSOCKET) -> None:
        super().__init__(transport)
        self._sent: deque[tuple[int, bytes]] = deque(maxlen=REPLAYED)

    async def emit(self, message: Message, data: object) -> None:
        await super().emit(message, data)
        if message is Message.FRAME and isinstance(data, tuple):
            self._sent.append(data)
            if self.rng.random() < DOUBLED_RATIO:
                await super().emit(message, self.rng.choice(self._sent))


class ScriptedPoller:
    """Implements `runtime.Poller`: measures at a fixed pace, and flips levels at random while it is not quiet."""

    def __init__(self, sink: Sink, ledger: LedgerFile, rng: random.Random, *, phase: int, ports_ratio: float) -> None:
        self.quiet = False
        self.halted = False
        # Set once every device has been measured; before the first device list there is none.
        self.steady = asyncio.Event()
        self._sink = sink
        self._ledger = ledger
        self._rng = rng
        self._phase = phase
        self._ports_ratio = ports_ratio
        self._levels: dict[int, IcmpLevel] = {}
        self._since_ms: dict[int, int] = {}
        self._ports: dict[int, dict[int, IfStatus]] = {}
        self._revision = 0
        self._last_ms: dict[tuple[str, int], int] = {}

    def apply(self, devices: Mapping[int, PolledDevice]) -> None:
        self._revision = max(self._revision + 1, int(time.time()))
        for device_id in sorted(set(devices) - set(self._levels)):
            self._levels[device_id] = IcmpLevel.NONE
            self._ports[device_id] = dict.fromkeys(script.PORTS, IfStatus.UP)
        self._send_inventories()

    def levels(self) -> list[DeviceLevels]:
        return [
            DeviceLevels(device_id, icmp=level, icmp_since_ms=self._since_ms.get(device_id, 0))
            for device_id, level in self._levels.items()
        ]

    @property
    def canary(self) -> CanaryLevel:
        return CanaryLevel.OK

    def stats(self) -> Mapping[str, float]:
        return {}

    def link_changed(self, device_id: int, if_index: int) -> None:
        raise AssertionError(f"no trap is sent here, of row {if_index} of {device_id} neither")

    def started(self, device_id: int) -> None:
        raise AssertionError(f"no trap is sent here, of {device_id} neither")

    def slowest(self) -> Mapping[str, float]:
        return {}

    def focus(self, device_id: int, until_s: float) -> None:
        raise AssertionError(f"nobody watches here, {device_id} until {until_s} neither")

    def in_focus(self) -> list[int]:
        return []

    async def poll_row(self, device_id: int, if_index: int) -> bool:
        raise AssertionError(f"nobody asks here for row {if_index} of {device_id}")

    may_trace = False

    def trace(self, address: str) -> None:
        raise AssertionError(f"nobody traces {address} here")

    def resend_inventories(self) -> None:
        self._revision += 1
        self._send_inventories()

    async def run(self) -> None:
        step = 0
        while not self.halted:
            for device_id in self._levels:
                if (step + device_id) % LATENCY_STEPS == 0:
                    self._latency(device_id, self._next_ms("latency", device_id))
                if (step + device_id) % POLL_STEPS == 0:
                    self._poll(device_id, self._next_ms("interface", device_id))
                if self._levels[device_id] is IcmpLevel.NONE:
                    self._flip(device_id)
                elif not self.quiet and self._rng.random() < FLIP_RATIO:
                    if self._rng.random() < self._ports_ratio:
                        self._flip_port(device_id)
                    else:
                        self._flip(device_id)
            if self._levels:
                self.steady.set()
            step += 1
            await asyncio.sleep(STEP_S)
        await asyncio.get_running_loop().create_future()

    def backdate(self) -> None:
        """Tell what was a day ago: it is history, whatever it says."""
        for device_id in self._levels:
            level = IcmpLevel.UP
            for _ in range(BACKDATED_EVENTS):
                ts_ms = self._next_ms("backdated", device_id) - DAY_MS
                self._axis(device_id, level, FLIPPED[level], ts_ms, live=False)
                level = FLIPPED[level]
                self._latency(device_id, ts_ms)

    def _next_ms(self, kind: str, device_id: int) -> int:
        """Return a time, not after now, that no other entry of this kind and device has.

        It is even or odd, so that two sources with one identity never share one.
        """
        now_ms = time.time_ns() // 1_000_000
        at_ms = max(now_ms - now_ms % 2 - 2 + self._phase, self._last_ms.get((kind, device_id), 0) + 2)
        self._last_ms[kind, device_id] = at_ms
        return at_ms

    def _send_inventories(self) -> None:
        for device_id, status in self._ports.items():
            self._sink.event(script.inventory(device_id, self._revision, self._next_ms("port", device_id), status))

    def _measured(self, kind: str, device_id: int, port: int, ts_ms: int, level: str | None = None) -> Key:
        key = Key(kind, device_id, port, ts_ms)
        self._ledger.write("measured", Measured(key, time.time_ns() // 1_000_000, level))
        return key

    def _latency(self, device_id: int, ts_ms: int) -> None:
        self._measured("latency", device_id, 0, ts_ms)
        self._sink.latency(script.latency(device_id, ts_ms))

    def _poll(self, device_id: int, ts_ms: int) -> None:
        for port in script.PORTS:
            self._measured("interface", device_id, port, ts_ms)
        self._sink.interfaces(script.interfaces(device_id, self._revision, ts_ms))

    def _flip(self, device_id: int) -> None:
        old = self._levels[device_id]
        ts_ms = self._next_ms("axis", device_id)
        self._levels[device_id], self._since_ms[device_id] = FLIPPED[old], ts_ms
        self._axis(device_id, old, FLIPPED[old], ts_ms, live=True)

    def _axis(self, device_id: int, old: IcmpLevel, new: IcmpLevel, ts_ms: int, *, live: bool) -> None:
        key = self._measured("axis", device_id, 0, ts_ms, new.value if live else None)
        self._sink.event(AxisChanged(device_id, Axis.ICMP, old.value, new.value, f"#{key}", ts_ms))

    def _flip_port(self, device_id: int) -> None:
        port = self._rng.choice(script.PORTS)
        old = self._ports[device_id][port]
        new = IfStatus.DOWN if old is IfStatus.UP else IfStatus.UP
        self._ports[device_id][port] = new
        ts_ms = self._next_ms("port", device_id)
        key = self._measured("port", device_id, port, ts_ms, new.value)
        self._sink.event(
            InterfaceChanged(device_id, port, self._revision, IfStatus.UP, new, IfStatus.UP, old, ts_ms, f"#{key}")
        )


def watch_outbox(agent: Agent, ledger: LedgerFile) -> None:
    """Write down what the outbox keeps and what the hub acknowledges, as soon as the agent knows."""
    outbox = agent.outbox
    append, acked = outbox.append, outbox.acked

    async def keep(frames: Sequence[NewFrame]) -> None:
        await append(frames)
        first, at_ms = outbox.counts.next_seq - len(frames), time.time_ns() // 1_000_000
        for offset, frame in enumerate(frames):
            kept = Kept(outbox.epoch, first + offset, at_ms, frame.rows, keys_of(frame), slices_of(frame.body))
            ledger.write("kept", kept)

    def note(seq: int) -> None:
        acked(seq)
        ledger.write("acked", Acked(outbox.epoch, outbox.acked_seq))

    outbox.append, outbox.acked = keep, note  # type: ignore[method-assign]  # observed, not replaced


async def obey(agent: Agent, poller: ScriptedPoller) -> None:
    """Answer commands until the standard input ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await poller.steady.wait()
    while line := await reader.readline():
        match line.split():
            case [b"quiet"]:
                poller.quiet = True
            case [b"halt"]:
                poller.halted = True
            case [b"go"]:
                poller.quiet = False
            case [b"backdate"]:
                poller.backdate()
            case _:
                pass
        counts, collector = agent.outbox.counts, agent.collector
        # What is on its way into the outbox is in neither count.
        passing = len(collector._events) + sum(frame.rows for frame in collector._unsaved)
        answer = {
            "levels": {row.device_id: row.icmp for row in poller.levels()},
            "waiting": counts.next_seq - 1 - agent.outbox.acked_seq + collector.buffered_rows + passing,
            "dropped": collector.stats.dropped_rows + collector.stats.dropped_events,
            "evicted": counts.evicted_rows,
            "link": agent.uplink.state.value,
        }
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


async def run(arguments: argparse.Namespace) -> None:
    folder = Path(arguments.folder)
    rng = random.Random(arguments.seed)  # noqa: S311  a plan
    ledger = LedgerFile(Path(arguments.ledger))
    session.LinkConnection = DoublingConnection  # type: ignore[attr-defined]  # the same link, some frames twice
    DoublingConnection.rng = random.Random(arguments.seed + 1)  # noqa: S311  a plan
    pollers: list[ScriptedPoller] = []

    def make_poller(
        engine: EchoEngine | None, sink: Sink, *, canaries: Sequence[str], limits: SnmpLimits
    ) -> ScriptedPoller:
        assert (engine, list(canaries), limits) == (None, [], DEFAULT_LIMITS)
        ratio = 0.0 if arguments.still_ports else 1.0 if arguments.still_axes else PORTS_RATIO
        pollers.append(ScriptedPoller(sink, ledger, rng, phase=arguments.phase, ports_ratio=ratio))
        return pollers[0]

    config = AgentConfig(
        data_dir=folder,
        icmp_enabled=False,
        outbox_max_bytes=arguments.max_bytes,
        logs_address="127.0.0.1",
        logs_syslog_udp_port=arguments.syslog_port,
    )
    with data_dir_lock(folder), stop_on_signal() as stop:
        agent = Agent(config, load_enrolment(folder), load_keys(folder), None, make_poller=make_poller)
        agent.uplink._backoff = lambda attempt, draw: full_jitter_s(attempt, draw, cap_s=RETRY_CAP_S)
        watch_outbox(agent, ledger)
        running = asyncio.create_task(agent.run(stop))
        commands = asyncio.create_task(obey(agent, pollers[0]))
        await running
        commands.cancel()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("ledger")
    parser.add_argument("seed", type=int)
    parser.add_argument("--max-bytes", type=int, default=512 * 1024 * 1024)
    parser.add_argument("--phase", type=int, default=0)
    parser.add_argument("--still-ports", action="store_true")
    parser.add_argument("--still-axes", action="store_true")
    parser.add_argument("--syslog-port", type=int, default=0)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
