"""The way in: interface samples over the agent link into one hub process, counted when they are acknowledged.

The hub is `noctule hub run` in a temporary folder; 50,000 series of 1,050 devices. Its load is made by
`ingest_load` in a process of its own: as fast as the hub grants over one link and over 50 agents, then at a fifth of
the goal for the time from capture to acknowledgement, then at 5,000 samples/s for what is written to the disk. That is
the journal at first, and day files after some 5 minutes: `--seconds 600` tells all of it. At last a hub is killed
whose journal is as long as it gets, to see how long it takes to start.
"""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from noctule_hub.store.sqlite.columns import KINDS
from noctule_hub.store.sqlite.connection import open_reader
from noctule_hub.store.sqlite.projector import PROJECT_AT_ROWS
from noctule_shared.frames import TableName

from tests.bench.figures import Figures, goal, process_cpu_s, process_peak_bytes, thread_cpu_s
from tests.bench.ingest_load import Order, Report
from tests.bench.traffic import PORTS
from tests.kill.enrolled import EnrolledAgent, enrol, make_hub
from tests.kill.hub import HubProcess
from tests.kill.processes import Process

AGENTS = 50
DEVICES = 1_050
ROUNDS = 40
GOAL_PER_S = 50_000
PACED_PER_S = GOAL_PER_S / 5
EVENTS_PER_S = 25.0
PACED_S = 30.0
WRITTEN_PER_S = 5_000.0
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Taken:
    """What the hub used for one order: seconds of CPU (in all, and of its event loop's thread), bytes written."""

    report: Report
    cpu_s: float
    loop_cpu_s: float
    written_bytes: int
    peak_bytes: int


class Load:
    """The load's process on a hub that runs."""

    def __init__(self, hub: HubProcess, folders: list[Path], log: Path, *, ports: int = PORTS) -> None:
        self._hub = hub
        program = Path(__file__).with_name("ingest_load.py")
        self._process = Process([sys.executable, program, str(ports), *folders], log, talks=True)
        self._answer()

    def give(self, order: Order) -> Taken:
        """Have an order carried out and return what it took of the hub."""
        pid = self._hub.process.pid
        cpu_s, loop_cpu_s, written = process_cpu_s(pid), thread_cpu_s(pid, pid), _written_bytes(pid)
        report = self.carry_out(order)
        return Taken(
            report,
            process_cpu_s(pid) - cpu_s,
            thread_cpu_s(pid, pid) - loop_cpu_s,
            _written_bytes(pid) - written,
            process_peak_bytes(pid),
        )

    def carry_out(self, order: Order) -> Report:
        """Have an order carried out, also while the hub dies and comes back."""
        self._process.input.write(msgspec.json.encode(order) + b"\n")
        self._process.input.flush()
        return msgspec.json.decode(self._answer(), type=Report)

    def end(self) -> None:
        """End it at once; nothing of it is kept. Idempotent."""
        if self._process.alive():
            self._process.kill()

    def _answer(self) -> bytes:
        line = self._process.output.readline()
        if not line:
            raise RuntimeError(f"the load ended by itself\n{self._process.words()}")
        return line


def measure(seconds: float) -> Figures:
    """Flood over one link, flood over all, pace, then watch what is written for `seconds`."""
    one, _ = _run(1, Order(rounds=ROUNDS))
    many, _ = _run(AGENTS, Order(rounds=ROUNDS))
    paced, _ = _run(AGENTS, Order(seconds=PACED_S, rows_per_s=PACED_PER_S, events_per_s=EVENTS_PER_S))
    steady, projected_rows = _run(AGENTS, Order(seconds=seconds, rows_per_s=WRITTEN_PER_S))
    restarted = _restart()
    ages = {"event": _ages(paced.report.event_ages_ms), "measurement": _ages(paced.report.row_ages_ms)}
    written = round(steady.written_bytes / steady.report.rows)
    return {
        "series": DEVICES * PORTS,
        "oneLink": _flood(one),
        f"agents{AGENTS}": _flood(many),
        "paced": {
            "samplesPerS": round(paced.report.rows / paced.report.wall_s),
            "cpuSPerMillionSamples": per_million(paced.cpu_s, paced),
            **{f"{name}CaptureToAck": figures for name, figures in ages.items()},
        },
        "written": {
            "seconds": round(steady.report.wall_s, 1),
            "samplesPerS": round(steady.report.rows / steady.report.wall_s),
            "bytesPerSample": written,
            "wireBytesPerSample": _wire_bytes(steady),
            "projectedShare": round(projected_rows / steady.report.rows, 3),
            "cpuSPerMillionSamples": per_million(steady.cpu_s, steady),
        },
        "restart": restarted,
        "goals": {
            "oneLinkSamplesPerS": goal(samples_per_s(one), at_least=GOAL_PER_S),
            f"agents{AGENTS}SamplesPerS": goal(samples_per_s(many), at_least=GOAL_PER_S),
            "wireBytesPerSample": goal(max(_wire_bytes(many), _wire_bytes(steady)), at_most=25.0),
            "writtenBytesPerSample": goal(written, at_most=600.0),
            "eventP99Ms": goal(_number(ages["event"]["p99Ms"]), at_most=300.0),
            "measurementP99Ms": goal(_number(ages["measurement"]["p99Ms"]), at_most=1_500.0),
        },
    }


def _run(agents: int, order: Order) -> tuple[Taken, int]:
    """Carry out an order on a fresh hub; returns what it took, and how many rows were in day files at the end."""
    with loaded(agents) as (hub, load, data):
        taken = load.give(order)
        settle(hub, load, data)
        return taken, _projected_rows(data)


def _restart() -> Figures:
    """Kill a hub that has nearly as many rows in its journal as a projection waits for, and start it again."""
    with loaded(AGENTS) as (hub, load, data):
        taken = load.give(Order(rounds=PROJECT_AT_ROWS // (DEVICES * PORTS)))
        load.end()
        hub.kill()
        projected_rows = _projected_rows(data)
        seconds = hub.start()
        pid = hub.process.pid
        figures: Figures = {
            "waitingRows": taken.report.rows - projected_rows,
            "seconds": round(seconds, 2),
            "cpuS": round(process_cpu_s(pid), 2),
            "peakMiB": process_peak_bytes(pid) // MIB,
        }
        hub.stop()
        _see_all_taken(data)
        return figures


@contextlib.contextmanager
def loaded(
    agents: int,
    *,
    devices: int = DEVICES,
    ports: int = PORTS,
    prepare: Callable[[Path, Sequence[EnrolledAgent]], object] = lambda *_: None,
) -> Iterator[tuple[HubProcess, Load, Path]]:
    """Start a fresh hub, `prepare`d before, and its load; lends both and the data folder, ends both at the end."""
    with tempfile.TemporaryDirectory(prefix="noctule-bench-") as name:
        folder = Path(name)
        data = folder / "hub"
        hub = HubProcess(data, folder / "hub.log", asyncio.run(make_hub(data)))
        names = [f"agent{number}" for number in range(agents)]
        url = f"http://127.0.0.1:{hub.port}"
        enrolled = asyncio.run(enrol(data, folder, names, url=url, devices=devices // agents))
        prepare(data, enrolled)
        hub.start()
        load: Load | None = None
        try:
            load = Load(hub, [agent.folder for agent in enrolled], folder / "load.log", ports=ports)
            yield hub, load, data
        finally:
            if load is not None:
                load.end()
            hub.end()


def settle(hub: HubProcess, load: Load, data: Path) -> None:
    """End both. Raises RuntimeError when the hub left out a row or a frame: its figures would say nothing."""
    load.end()
    hub.stop()
    _see_all_taken(data)


def _see_all_taken(data: Path) -> None:
    """Raise RuntimeError when a hub that has ended left out a row or a frame: its figures would say nothing."""
    with contextlib.closing(open_reader(data / "hub.db")) as connection:
        reasons = connection.execute("SELECT reason FROM gap UNION SELECT message FROM rejected_frame").fetchall()
    if reasons:
        raise RuntimeError(f"the hub did not take all: {reasons[:5]}")


def _projected_rows(data: Path) -> int:
    """Return how many interface rows are in the day files of a hub that has ended."""
    rows = 0
    for day in (data / "metrics").glob("*.db"):
        with contextlib.closing(open_reader(day)) as connection:
            rows += connection.execute(f"SELECT ifnull(sum(rows), 0) FROM {KINDS[TableName.INTERFACE]}").fetchone()[0]  # noqa: S608  constant
    return rows


def _written_bytes(pid: int) -> int:
    """Return how many bytes a process has caused to be written to the disk."""
    lines = Path(f"/proc/{pid}/io").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


def _flood(taken: Taken) -> Figures:
    report = taken.report
    return {
        "samples": report.rows,
        "seconds": round(report.wall_s, 2),
        "samplesPerS": samples_per_s(taken),
        "wireBytesPerSample": _wire_bytes(taken),
        "cpuSPerMillionSamples": per_million(taken.cpu_s, taken),
        "cpuSPerMillionSamplesOfTheLoop": per_million(taken.loop_cpu_s, taken),
        "cpuSPerMillionSamplesOfTheStore": per_million(taken.cpu_s - taken.loop_cpu_s, taken),
        "peakMemoryMiB": round(taken.peak_bytes / MIB),
    }


def samples_per_s(taken: Taken) -> float:
    return round(taken.report.rows / taken.report.wall_s)


def _wire_bytes(taken: Taken) -> float:
    """Return all octets of TCP a sample, those of levels and heartbeats included."""
    return round(taken.report.wire_bytes / taken.report.rows, 1)


def per_million(cpu_s: float, taken: Taken) -> float:
    return round(cpu_s / taken.report.rows * 1e6, 2)


def _ages(ages_ms: list[int]) -> Figures:
    """Return quantiles of the time from capture to the agent's knowing that it is committed."""
    p50, p99 = np.percentile(ages_ms, [50, 99])
    return {"count": len(ages_ms), "p50Ms": round(float(p50)), "p99Ms": round(float(p99))}


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return value
