"""A hub whose disk is full says so in words, acknowledges nothing that it cannot keep, and recovers by itself."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.kill.enrolled import enrol, make_hub
from tests.kill.export import export_of
from tests.kill.ground import Ground
from tests.kill.hub import HubProcess, until
from tests.kill.processes import wrapped
from tests.kill.run import MISSING
from tests.kill.sources import Source

pytestmark = [
    pytest.mark.check,
    pytest.mark.timeout(240),
    pytest.mark.skipif(os.geteuid() != 0, reason="a disk of its own for the hub needs root"),
    pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}"),
]

DEADLINE_S = 60.0


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="noctule-kill-") as name:
        yield Path(name)


def log_of(folder: Path) -> str:
    return (folder / "hub.log").read_text(errors="replace")


def test_full_disk_is_said_once_and_what_could_not_be_kept_is_delivered_again(folder: Path) -> None:
    made = folder / "made"
    password = asyncio.run(make_hub(made))
    with Ground(folder) as ground:
        hub = HubProcess(ground.inside, folder / "hub.log", password, spawn=wrapped(ground.words))
        (agent,) = asyncio.run(enrol(made, folder, ["only"], url=f"http://127.0.0.1:{hub.port}", devices=3))
        ground.put(made)
        source = Source(agent, agent.folder, folder, Random(1))  # noqa: S311  a plan
        try:
            hub.start()
            source.start()
            until(lambda: source.ask("state")["levels"], "the agent measures", DEADLINE_S)
            # A sign-in is kept, which a full disk does not let it be: so before.
            hub.statuses()
            ground.fill()
            until(lambda: "the disk is full" in log_of(folder), "the hub says that its disk is full", DEADLINE_S)
            until(lambda: source.ask("state")["waiting"] > 20, "the agent keeps what is not acknowledged", DEADLINE_S)
            # People still see what there is.
            assert hub.statuses()
            assert log_of(folder).count("the disk is full") < 10
            ground.relieve()
            until(lambda: "commits succeed again" in log_of(folder), "the hub says that it is over", DEADLINE_S)
            source.stop()
            source.start()
            source.ask("halt")
            until(lambda: not source.ask("state")["waiting"], "all is delivered", DEADLINE_S)
            source.stop()
            hub.stop()
        finally:
            source.end()
            hub.end()
        export = asyncio.run(export_of(ground.take(folder / "taken")))
    found = export.values.keys() | {told.key for told in export.told}
    kept = [key for run in source.runs for frame in run.read().kept for key in frame.keys]
    assert len(kept) > 50
    assert not [key for key in kept if key not in found]
    assert not export.doubled


def test_start_on_a_full_disk_is_refused_in_words_and_works_once_there_is_room(folder: Path) -> None:
    made = folder / "made"
    password = asyncio.run(make_hub(made))
    with Ground(folder) as ground:
        ground.put(made)
        hub = HubProcess(ground.inside, folder / "hub.log", password, spawn=wrapped(ground.words))
        try:
            ground.fill()
            hub.begin()
            process = hub.process
            until(lambda: not process.alive(), "the hub ends or starts", DEADLINE_S)
            process.gone()
            assert "Traceback" not in log_of(folder)
            assert "disk" in log_of(folder) or "space" in log_of(folder), log_of(folder)
            ground.relieve()
            hub.start()
            hub.stop()
        finally:
            hub.end()
