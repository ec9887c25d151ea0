"""Whatever is killed, cut, filled, frozen, restored or doubled: the hub's export is the ledger, holes are told."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kill.run import MISSING, run

pytestmark = [
    pytest.mark.check,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.geteuid() != 0, reason="a disk of its own for the hub needs root"),
    pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}"),
]

# Another seed is another run: `make soak ARGS="--seed N"` repeats one.
SEED = 7
SECONDS = 45.0


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="noctule-kill-") as name:
        yield Path(name)


def test_after_every_kind_of_fault_the_export_equals_the_ledger(folder: Path) -> None:
    outcome = run(folder, SEED, seconds=SECONDS)
    assert not outcome.verdict.wrong, f"seed {SEED}: " + "\n".join(outcome.verdict.wrong)
    assert outcome.verdict.samples > 1_000, outcome.summary()
    assert outcome.verdict.events > 100, outcome.summary()
