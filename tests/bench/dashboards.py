"""What people who look cost the way in: ingest alone and while 20 dashboards read, on the same machine in one run.

A hub as in `ingest`, with a day and a half of history of two devices' ports. The dashboards (`dashboards_load`) sit in
the rooms of an administrator and of a site, load lists each 5 s and a chart each second: an hour of latency, an hour
and 24 hours of bandwidth in turn. CPU is of the hub's process; times of reads are those of the one who reads.
"""

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from tests.bench.dashboards_load import Seen, Setup
from tests.bench.figures import Figures, goal, ratio
from tests.bench.ingest import (
    AGENTS,
    GOAL_PER_S,
    PACED_PER_S,
    ROUNDS,
    Taken,
    loaded,
    per_million,
    samples_per_s,
    settle,
)
from tests.bench.ingest_load import Order
from tests.bench.series import ORIGINALS, add_ports, write_originals
from tests.bench.traffic import PORTS
from tests.kill.enrolled import EnrolledAgent
from tests.kill.hub import HubProcess
from tests.kill.processes import Process

DASHBOARDS = 20
# 6,000,000 rows: a flood of some seconds would be over before each chart was read.
FLOOD_ROUNDS = 3 * ROUNDS


class Look:
    """What the dashboards saw; known once they have ended."""

    seen: Seen | None = None


def measure(seconds: float) -> Figures:
    """Pace alone, pace beside dashboards on the same hub, then flood a fresh hub alone and another beside them."""
    order = Order(seconds=seconds / 2, rows_per_s=PACED_PER_S)
    with loaded(AGENTS, prepare=_prepare) as (hub, load, data):
        alone = load.give(order)
        with _dashboards(hub) as look:
            beside = load.give(order)
        settle(hub, load, data)
    flood_alone, _ = _flood(dashboards=False)
    flood_beside, flood_look = _flood(dashboards=True)
    paced, flooded = _reads(look), _reads(flood_look)
    day = paced["dayOfBandwidth"]
    assert isinstance(day, dict)
    return {
        "dashboards": DASHBOARDS,
        "paced": _pair(alone, beside) | {"cpuMsPerSAndDashboard": _cost(alone, beside), "reads": paced},
        "flood": _pair(flood_alone, flood_beside) | {"reads": flooded},
        "goals": {
            "samplesPerS": goal(samples_per_s(flood_beside), at_least=GOAL_PER_S),
            "dayP95Ms": goal(day["p95Ms"], at_most=20.0),
        },
    }


def _prepare(data: Path, agents: Sequence[EnrolledAgent]) -> None:
    """Write history of the first devices' ports, as `series` does."""
    asyncio.run(add_ports(data, agents[0].device_ids[: ORIGINALS // PORTS], ORIGINALS))
    write_originals(data, time.time_ns() // 1_000_000)


def _flood(*, dashboards: bool) -> tuple[Taken, Look | None]:
    with loaded(AGENTS, prepare=_prepare) as (hub, load, data):
        with _dashboards(hub) if dashboards else contextlib.nullcontext() as look:
            taken = load.give(Order(rounds=FLOOD_ROUNDS))
        settle(hub, load, data)
        return taken, look


@contextlib.contextmanager
def _dashboards(hub: HubProcess) -> Iterator[Look]:
    """Have `DASHBOARDS` look while the block runs."""
    devices = hub.get("devices?limit=500")["items"][: ORIGINALS // PORTS]
    sites = hub.get("sites")["items"]
    setup = Setup(
        url=f"http://127.0.0.1:{hub.port}",
        password=hub.password,
        dashboards=DASHBOARDS,
        site_ids=[site["id"] for site in sites],
        device_ids=[device["id"] for device in devices],
        interface_ids=list(range(1, ORIGINALS + 1)),
    )
    look = Look()
    with tempfile.TemporaryDirectory(prefix="noctule-bench-") as folder:
        program = Path(__file__).with_name("dashboards_load.py")
        process = Process([sys.executable, program], Path(folder) / "dashboards.log", talks=True)
        try:
            _say(process, msgspec.json.encode(setup))
            _answer(process)
            yield look
            _say(process, b"")
            look.seen = msgspec.json.decode(_answer(process), type=Seen)
        finally:
            if process.alive():
                process.kill()


def _say(process: Process, line: bytes) -> None:
    process.input.write(line + b"\n")
    process.input.flush()


def _answer(process: Process) -> bytes:
    line = process.output.readline()
    if not line:
        raise RuntimeError(f"the dashboards ended by themselves\n{process.words()}")
    return line


def _pair(alone: Taken, beside: Taken) -> Figures:
    return {
        "alone": _figures(alone),
        "besideDashboards": _figures(beside),
        "cpuRatio": ratio(per_million(beside.cpu_s, beside), per_million(alone.cpu_s, alone)),
    }


def _cost(alone: Taken, beside: Taken) -> float:
    """Return the milliseconds of CPU that one dashboard costs the hub in a second, its sockets and reads together."""
    shares = [taken.cpu_s / taken.report.wall_s for taken in (alone, beside)]
    return round((shares[1] - shares[0]) / DASHBOARDS * 1000, 1)


def _figures(taken: Taken) -> Figures:
    return {
        "samples": taken.report.rows,
        "samplesPerS": samples_per_s(taken),
        "cpuSPerMillionSamples": per_million(taken.cpu_s, taken),
        "cpuSPerMillionSamplesOfTheLoop": per_million(taken.loop_cpu_s, taken),
        "writtenBytesPerSample": round(taken.written_bytes / taken.report.rows),
    }


def _reads(look: Look | None) -> Figures:
    assert look is not None
    assert look.seen is not None, "the dashboards did not end"
    found: Figures = {"eventsHeard": look.seen.events, "socketsLost": look.seen.lost}
    for kind, times_ms in look.seen.read_ms.items():
        p50, p95 = np.percentile(times_ms, [50, 95])
        found[kind] = {"count": len(times_ms), "p50Ms": round(float(p50), 1), "p95Ms": round(float(p95), 1)}
    return found
