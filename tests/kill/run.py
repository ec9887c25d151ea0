"""One run of the kill test: random faults by a seed, the present looked at after each, the verdict at the end."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.kill.stage import Stage
from tests.kill.verdict import Verdict, judge

# How often each fault comes; those that cost a start of the hub are rarer.
WEIGHTS = {
    "cut_links": 6,
    "lose_answers": 3,
    "kill_hub": 3,
    "kill_hub_while_starting": 1,
    "keep_hub_away": 1,
    "freeze_hub": 3,
    "kill_agent": 4,
    "fill_disk": 3,
    "restore_hub": 2,
    "copy_hub": 1,
    "delete_outbox": 2,
    "double_agent": 2,
    "backdate": 3,
}
MISSING = [program for program in ("unshare", "nsenter", "setpriv", "mount") if shutil.which(program) is None]


@dataclass
class Outcome:
    """What a run did and found."""

    seed: int
    faults: list[str]
    cuts: int
    settled_s: list[float]
    verdict: Verdict

    def summary(self) -> str:
        slowest = max(self.settled_s, default=0.0)
        return (
            f"seed {self.seed}: {len(self.faults)} faults, {self.cuts} cut links; {self.verdict.summary()}; "
            f"present right after at most {slowest:.1f} s"
        )


def run(folder: Path, seed: int, *, seconds: float, say: Callable[[str], None] = lambda _words: None) -> Outcome:
    """Raise AssertionError with seed and step when the present is wrong; what is in the export is the verdict's."""
    faults: list[str] = []
    with Stage(folder, seed) as stage:
        try:
            # Each fault once in random order, then by weight.
            queue = stage.rng.sample(list(WEIGHTS), len(WEIGHTS))
            ends_s = time.monotonic() + seconds
            while queue or time.monotonic() < ends_s:
                name = queue.pop() if queue else stage.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
                faults.append(name)
                say(f"step {len(faults)}: {name}")
                getattr(stage, name)()
                stage.settle()
            stage.drain()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, step {len(faults)} ({', '.join(faults[-5:])}): {error}") from error
        verdict = judge(
            stage.ground.take(folder / "export"), stage.runs(), forgetful=stage.sources["forgetful"].agent.agent_id
        )
        return Outcome(seed, faults, stage.relay.cuts, stage.settled_s, verdict)
