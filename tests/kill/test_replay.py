"""Replay while connections are cut, the hub is killed and rights change: once, in order, to nobody else."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kill.replay import LEAST_CUTS, replay

pytestmark = [
    pytest.mark.check,
    pytest.mark.timeout(600),
    pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv (Debian: util-linux)"),
]

# Another seed is another run: `make soak ARGS="--replay --seed N"` repeats one.
SEED = 5
SECONDS = 15.0
KILLS = 3


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="noctule-replay-") as name:
        yield Path(name)


def test_clients_of_every_kind_miss_and_double_nothing_and_hear_nothing_that_is_not_theirs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = replay(folder, SEED, seconds=SECONDS, kills=KILLS)
    with capsys.disabled():
        print(f"\n{outcome.summary()}")  # noqa: T201  how much was cut and came again is a result
    assert not outcome.verdict.wrong, f"seed {SEED}: " + "\n".join(outcome.verdict.wrong)
    assert outcome.verdict.rows > 500
    assert outcome.verdict.told > 5_000
    assert outcome.cuts >= LEAST_CUTS
    assert outcome.kills == KILLS
