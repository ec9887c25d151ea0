"""`python tests/scenarios FILE...`: play scenario files and print what was told, and what is not as they expect."""

import argparse
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.scenarios.reading import ScenarioError, load
from tests.scenarios.stage import play
from tests.scenarios.verdict import faults, timeline
from tests.scenarios.virtual_time import count_writers


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python tests/scenarios", description="Play scenarios of outages.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--timeline", action="store_true", help="print all that was told, in order")
    arguments = parser.parse_args()
    failed = 0
    for path in arguments.files:
        with tempfile.TemporaryDirectory(prefix="noctule-scenario-") as folder, pytest.MonkeyPatch.context() as patch:
            count_writers(patch)
            try:
                scenario = load(path)
            except ScenarioError as error:
                say(str(error))
                return 2
            played = play(scenario, Path(folder))
        wrong = faults(scenario, played)
        say(f"{path.stem}: {'as expected' if not wrong else 'not as expected'}")
        say("\n".join([*(timeline(played).splitlines() if arguments.timeline else []), *wrong]))
        failed += bool(wrong)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
