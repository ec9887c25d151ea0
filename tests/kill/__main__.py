"""`make soak`: the kill test, or with `--replay` the replay test, for as long as is asked, one seed after another.

It fails at the first fault found.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.kill.replay import replay
from tests.kill.run import run

ROUND_S = 300.0
# Of the replay test, whose clients' tokens end after ten minutes.
REPLAY_ROUND_S = 120.0
REPLAY_KILL_EVERY_S = 8.0


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def kill_round(folder: Path, seed: int, seconds: float) -> tuple[str, list[str]]:
    """Return what one round of the kill test did, and its faults."""
    outcome = run(folder, seed, seconds=min(seconds, ROUND_S), say=say)
    return outcome.summary(), outcome.verdict.wrong


def replay_round(folder: Path, seed: int, seconds: float) -> tuple[str, list[str]]:
    """Return what one round of the replay test did, and its faults."""
    seconds = min(seconds, REPLAY_ROUND_S)
    outcome = replay(folder, seed, seconds=seconds, kills=1 + int(seconds / REPLAY_KILL_EVERY_S))
    return outcome.summary(), outcome.verdict.wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description="Kill everything, again and again.")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (10)")
    parser.add_argument("--seed", type=int, default=None, help="the first seed; by default a random one")
    parser.add_argument("--replay", action="store_true", help="clients and their replays instead of agents")
    arguments = parser.parse_args()
    one_round = replay_round if arguments.replay else kill_round
    seed = random.randrange(2**31) if arguments.seed is None else arguments.seed  # noqa: S311  no secret
    ends_s = time.monotonic() + arguments.minutes * 60
    while (left_s := ends_s - time.monotonic()) > 0:
        say(f"seed {seed}")
        with tempfile.TemporaryDirectory(prefix="noctule-kill-") as folder:
            try:
                summary, wrong = one_round(Path(folder), seed, left_s)
            except AssertionError as error:
                say(str(error))
                return 1
        say(summary)
        if wrong:
            say("\n".join(wrong))
            return 1
        seed += 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
