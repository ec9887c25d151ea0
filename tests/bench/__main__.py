"""Benchmarks: prints one JSON document, name -> figures; medians of several runs, so that other load matters little.

Run by `make bench`; `make bench ARGS="--repeat 9"` for calmer figures. What is good enough is not decided here.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable

from noctule_shared.frames import COLUMNS, MeasurementsBody, TableName, decode_frame, encode_frame, pack_table

ROWS = 500


def median_s(work: Callable[[], object], repeat: int, times: int) -> float:
    """Time `times` calls of `work`, `repeat` times over. Gives the median time of one call in seconds."""
    runs = []
    for _ in range(repeat):
        began = time.perf_counter()
        for _ in range(times):
            work()
        runs.append((time.perf_counter() - began) / times)
    return statistics.median(runs)


def frames(repeat: int) -> dict[str, float]:
    """Measure a frame of interface rows as a busy site sends them; random values, so that zlib finds little."""
    rng = random.Random(1)  # noqa: S311  the same rows every time, not secrets
    columns = COLUMNS[TableName.INTERFACE]
    values = {name: [rng.randrange(1, 250) for _ in range(ROWS)] for name in columns}
    body = MeasurementsBody({TableName.INTERFACE: pack_table(TableName.INTERFACE, values)})
    wire = encode_frame(body)
    return {
        "rows": ROWS,
        "bytesPerRow": round(len(wire) / ROWS, 1),
        "encodeUsPerRow": round(median_s(lambda: encode_frame(body), repeat, 20) / ROWS * 1e6, 3),
        "decodeUsPerRow": round(median_s(lambda: decode_frame(wire), repeat, 20) / ROWS * 1e6, 3),
    }


BENCHMARKS: dict[str, Callable[[int], dict[str, float]]] = {"frames": frames}


def main() -> None:
    """Run what was named, or everything."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="which benchmarks (default: all)")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each, of which the median counts (default: 5)")
    arguments = parser.parse_args()
    document = {name: BENCHMARKS[name](arguments.repeat) for name in arguments.names or BENCHMARKS}
    json.dump(document, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
