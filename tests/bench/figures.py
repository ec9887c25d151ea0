"""What the benchmarks print, and how time, CPU and memory are read: by getrusage and /proc."""

import contextlib
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Figures = dict[str, object]

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Usage:
    """What a piece of work took: seconds on the wall, seconds of CPU of this process and of its ended children."""

    wall_s: float = 0.0
    own_cpu_s: float = 0.0
    children_cpu_s: float = 0.0


@contextlib.contextmanager
def used() -> Iterator[Usage]:
    """Yield what the block takes; filled in at its end."""
    usage = Usage()
    wall_s, own_s, children_s = time.perf_counter(), _cpu_s(resource.RUSAGE_SELF), _cpu_s(resource.RUSAGE_CHILDREN)
    yield usage
    usage.wall_s = time.perf_counter() - wall_s
    usage.own_cpu_s = _cpu_s(resource.RUSAGE_SELF) - own_s
    usage.children_cpu_s = _cpu_s(resource.RUSAGE_CHILDREN) - children_s


def process_cpu_s(pid: int) -> float:
    """Return the CPU seconds that a running process has used."""
    return _stat_cpu_s(Path(f"/proc/{pid}/stat"))


def thread_cpu_s(pid: int, thread_id: int) -> float:
    """Return the CPU seconds that a thread of a process has used; its first thread has the process's id."""
    return _stat_cpu_s(Path(f"/proc/{pid}/task/{thread_id}/stat"))


def process_peak_bytes(pid: int) -> int:
    """Return the most memory a running process has had resident."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines() if "VmHWM" in line)
    return int(line.split()[1]) * 1024


def median_s(work: Callable[[], object], repeat: int, times: int) -> float:
    """Time `times` calls of `work`, `repeat` times over. Gives the median time of one call in seconds."""
    runs = []
    for _ in range(repeat):
        with used() as usage:
            for _ in range(times):
                work()
        runs.append(usage.wall_s / times)
    return statistics.median(runs)


def medians(runs: Sequence[Figures]) -> Figures:
    """Return each figure's median over runs with the same figures; what is no number is taken from the first."""
    found: Figures = {}
    for name, first in runs[0].items():
        numbers = [value for run in runs if isinstance(value := run[name], int | float)]
        found[name] = statistics.median(numbers) if len(numbers) == len(runs) else first
    return found


def quantile(values: Sequence[float], percent: float) -> float:
    """Return a quantile to one digit behind the point."""
    return round(float(np.percentile(values, percent)), 1)


def ratio(part: object, whole: object) -> float | None:
    """Return part / whole to three digits, None where either was not measured."""
    if not isinstance(part, int | float) or not isinstance(whole, int | float) or not whole:
        return None
    return float(f"{part / whole:.3g}")


def goal(value: float | None, *, at_least: float | None = None, at_most: float | None = None) -> Figures:
    """Return a figure beside what it should be; `met` None: it was not measured."""
    bounds = {"atLeast": at_least, "atMost": at_most}
    met = None
    if value is not None:
        met = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
    return {"value": value, **{name: bound for name, bound in bounds.items() if bound is not None}, "met": met}


def absent(reason: str) -> Figures:
    """Return what stands for figures that could not be measured."""
    return {"absent": reason}


def _stat_cpu_s(path: Path) -> float:
    fields = path.read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def _cpu_s(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime
