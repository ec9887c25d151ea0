"""`make soak`: the kill test for as long as is asked, one seed after another; it fails at the first fault found."""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.kill.run import run

ROUND_S = 300.0


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description="Kill everything, again and again.")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (10)")
    parser.add_argument("--seed", type=int, default=None, help="the first seed; by default a random one")
    arguments = parser.parse_args()
    seed = random.randrange(2**31) if arguments.seed is None else arguments.seed  # noqa: S311  no secret
    ends_s = time.monotonic() + arguments.minutes * 60
    while (left_s := ends_s - time.monotonic()) > 0:
        say(f"seed {seed}")
        with tempfile.TemporaryDirectory(prefix="noctule-kill-") as folder:
            try:
                outcome = run(Path(folder), seed, seconds=min(left_s, ROUND_S), say=say)
            except AssertionError as error:
                say(str(error))
                return 1
        say(outcome.summary())
        if outcome.verdict.wrong:
            say("\n".join(outcome.verdict.wrong))
            return 1
        seed += 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
