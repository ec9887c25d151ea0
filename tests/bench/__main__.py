"""Benchmarks: prints one JSON document, name -> figures; ratios are of figures measured in the same run.

Run by `make bench`, all in about 10 minutes; `make bench ARGS="echo --repeat 9"` for one, calmer. What a missing
program or permission prevents is `absent` and says why. Nothing here fails for being slow: a goal that is missed
is printed as missed.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

if not __package__:  # started by its path: find `tests.bench` from the root
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.bench import agent, alerting, dashboards, echo, fanout, frames, ingest, logs, screens, series, snmp
from tests.bench.figures import Figures

# Each takes how often to repeat it, how long to watch a running agent and of how many series there is history, and
# heeds what concerns it.
BENCHMARKS: dict[str, Callable[[int, float, int], Figures]] = {
    "frames": lambda repeat, _seconds, _series: frames.measure(repeat),
    "echo": lambda repeat, _seconds, _series: echo.measure(repeat),
    "snmp": lambda repeat, _seconds, _series: snmp.measure(repeat),
    "ingest": lambda _repeat, seconds, _series: ingest.measure(seconds),
    "fanout": lambda repeat, seconds, _series: fanout.measure(repeat, seconds),
    "dashboards": lambda _repeat, seconds, _series: dashboards.measure(seconds),
    "logs": lambda repeat, seconds, _series: logs.measure(repeat, seconds),
    "series": lambda _repeat, _seconds, count: series.measure(count),
    "alerting": lambda _repeat, _seconds, _series: alerting.measure(),
    "screens": lambda _repeat, seconds, _series: screens.measure(seconds),
    "agent": lambda _repeat, seconds, _series: agent.measure(seconds),
}
MIN_SECONDS = 10.0


def main() -> None:
    """Run what was named, or everything."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="which benchmarks (default: all)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each, of which the median counts (default: 3)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to watch an agent or a hub (default: 60)")
    parser.add_argument("--series", type=int, default=series.SERIES, help="ports with history (default: %(default)s)")
    arguments = parser.parse_args()
    repeat, seconds = max(1, arguments.repeat), max(MIN_SECONDS, arguments.seconds)
    document = {name: BENCHMARKS[name](repeat, seconds, arguments.series) for name in arguments.names or BENCHMARKS}
    json.dump(document, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
