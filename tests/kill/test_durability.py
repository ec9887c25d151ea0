"""An acknowledgement means: it is on the disk. Proven by the order of the hub's system calls, and by what a hub
that starts from the disk of any such moment still knows."""

import asyncio
import bisect
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.kill.enrolled import EnrolledAgent, enrol, make_hub
from tests.kill.export import export_of
from tests.kill.hub import HubProcess, until
from tests.kill.ledger import Kept
from tests.kill.processes import DIE_WITH_US, wrapped
from tests.kill.sources import Source
from tests.kill.trace import SHOWN_BYTES, STOP, TRACED, Trace, read_trace

pytestmark = [pytest.mark.check, pytest.mark.timeout(240)]

COPIES = 40
# The first syncs are the start's; then every few of them the hub is stopped as one returns.
FIRST_SYNC, EVERY_SYNCS = 20, 3
DEADLINE_S = 90.0
COPIED = ("hub.db", "hub.db-wal", "seq.high")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    if subprocess.run(["strace", "-o", "/dev/null", "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs a machine that lets strace trace (ptrace is not allowed here)")
    with tempfile.TemporaryDirectory(prefix="noctule-kill-") as name:
        yield Path(name)


class Observed:
    """A hub that was traced, stopped and copied while an agent sent to it, and what the agent kept."""

    def __init__(self, trace: Trace, kept: list[Kept], copies: list[Path], agent: EnrolledAgent) -> None:
        self.trace = trace
        self.kept = kept
        self.copies = copies
        self.agent = agent


@pytest.fixture(scope="module")
def observed(folder: Path) -> Observed:
    data, trace = folder / "hub", folder / "trace"
    password = asyncio.run(make_hub(data))

    def traced(*words: str | Path) -> list[str | Path]:
        return [
            *("strace", "-f", "-y", "-x", "-s", str(SHOWN_BYTES), "-o", trace, "-e", f"trace={TRACED}"),
            *("-e", f"inject=fdatasync:signal=SIGSTOP:when={FIRST_SYNC}+{EVERY_SYNCS}"),
            *DIE_WITH_US,
            *words,
        ]

    hub = HubProcess(data, folder / "hub.log", password, spawn=wrapped(traced))
    (agent,) = asyncio.run(enrol(data, folder, ["only"], url=f"http://127.0.0.1:{hub.port}", devices=3))
    source = Source(agent, agent.folder, folder, Random(1))  # noqa: S311  a plan
    copies: list[Path] = []
    try:
        hub.start()
        source.start()
        pid = child_of(hub.process.pid)
        while len(copies) < COPIES:
            until(
                lambda: count_stops(trace) > len(copies) and stopped(pid),
                f"the hub is stopped by strace again after {len(copies)} times\n{hub.process.words()}",
                DEADLINE_S,
            )
            copies.append(copy_of(data, folder / f"copy-{len(copies)}"))
            go_on(pid)
    finally:
        if source.alive:
            source.kill()
        if hub.alive:
            os.kill(child_of(hub.process.pid), signal.SIGKILL)
            hub.process.gone()
    return Observed(read_trace(trace), source.runs[-1].read().kept, copies, agent)


def child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def stopped(pid: int) -> bool:
    """Whether every thread stands still."""
    states = [path.read_text().rpartition(")")[2].split()[0] for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    return all(state in "Tt" for state in states)


def count_stops(trace: Path) -> int:
    """Count the stops so far: they tell a new one from the last, in which threads stay until strace lets them go."""
    return trace.read_bytes().count(STOP)


def go_on(pid: int) -> None:
    os.kill(pid, signal.SIGCONT)


def copy_of(data: Path, target: Path) -> Path:
    target.mkdir()
    for name in COPIED:
        if (data / name).exists():
            shutil.copy2(data / name, target / name)
    shutil.copytree(data / "metrics", target / "metrics", dirs_exist_ok=True)
    return target


def test_no_ack_leaves_before_the_sync_of_what_it_acknowledges_has_returned(observed: Observed) -> None:
    trace = observed.trace
    waiting = {frame.seq: frame.slices for frame in observed.kept}
    written: dict[int, int] = {}
    for data, line in trace.journal_writes():
        for seq in [seq for seq, slices in waiting.items() if any(piece in data for piece in slices)]:
            written[seq] = line
            del waiting[seq]
    syncs = sorted(trace.journal_syncs(), key=lambda call: call.began)
    begins = [call.began for call in syncs]
    acks = list(trace.acks())
    early = []
    for acked, line in acks:
        for seq in (frame.seq for frame in observed.kept if frame.seq <= acked):
            first = bisect.bisect_right(begins, written.get(seq, 2**62))
            if first == len(syncs) or syncs[first].ended >= line:
                early.append(f"frame {seq} by the ack of {acked} in line {line}, written in {written.get(seq)}")
    assert len({seq for seq, _ in acks}) > COPIES, "the agent was hardly acknowledged anything"
    assert not early, f"{len(early)} acknowledged before they were on the disk: {early[:5]}"


def test_hub_that_starts_from_the_disk_of_any_moment_has_all_that_was_acknowledged(observed: Observed) -> None:
    acks = list(observed.trace.acks())
    stops = observed.trace.stops
    assert len(stops) >= len(observed.copies)
    lost = []
    checked = 0
    for copy, stop in zip(observed.copies, stops, strict=False):
        acked = max((seq for seq, line in acks if line < stop), default=0)
        checked += acked > 0
        export = asyncio.run(export_of(copy))
        found = export.values.keys() | {told.key for told in export.told}
        lost += [
            f"{key} of frame {frame.seq} in {copy.name}, acknowledged up to {acked}"
            for frame in observed.kept
            if frame.seq <= acked
            for key in frame.keys
            if key not in found
        ]
    assert checked > COPIES // 2, "hardly a copy was made after an ack"
    assert not lost, f"{len(lost)} lost: {lost[:5]}"
