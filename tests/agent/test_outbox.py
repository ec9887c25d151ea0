import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from noctule_agent.errors import OutboxUnavailable
from noctule_agent.outbox import Outbox
from noctule_agent.outbox_file import INDEX_FRAMES
from noctule_agent.outbox_frames import Limits, NewFrame, OutboundFrame
from noctule_shared.frames import EventsBody, FrameClass, decode_frame
from noctule_shared.observations import Gap

DAY_MS = 86_400_000
ROOMY = Limits(max_bytes=10_000_000, max_age_ms=7 * DAY_MS)


class Clock:
    def __init__(self, now_ms: int = 1_000_000) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms


def measurement(text: str, *, at_ms: int = 1000, size: int = 0) -> NewFrame:
    return NewFrame(FrameClass.MEASUREMENTS, text.encode() + b"." * size, 3, at_ms, at_ms)


def event(text: str, *, at_ms: int = 1000, size: int = 0) -> NewFrame:
    return NewFrame(FrameClass.EVENTS, text.encode() + b"." * size, 1, at_ms, at_ms)


async def opened(path: Path, limits: Limits = ROOMY, clock: Clock | None = None) -> Outbox:
    outbox = Outbox(path / "outbox.db", limits, clock_ms=clock or Clock())
    await outbox.open()
    return outbox


async def read_all(outbox: Outbox, from_seq: int = 1) -> list[OutboundFrame]:
    return await outbox.read(from_seq, limit=10_000, max_bytes=1 << 30)


def as_gap(frame: OutboundFrame) -> Gap:
    body = decode_frame(frame.body)
    assert isinstance(body, EventsBody)
    (gap,) = body.events
    assert isinstance(gap, Gap)
    assert (gap.seq_from, gap.seq_to) == (frame.seq, frame.seq_to)
    return gap


async def test_frames_are_read_in_the_order_they_were_kept(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    await outbox.append([measurement("a"), event("b")])
    await outbox.append([measurement("c")])
    frames = await read_all(outbox)
    assert [(frame.seq, frame.body) for frame in frames] == [(1, b"a"), (2, b"b"), (3, b"c")]
    assert [frame.seq for frame in await outbox.read(2, limit=1, max_bytes=1)] == [2]
    assert await outbox.read(4, limit=5, max_bytes=100) == []
    await outbox.close()


async def test_frames_epoch_and_ack_survive_a_restart(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    await outbox.append([measurement("a"), measurement("b")])
    epoch = outbox.epoch
    outbox.acked(1)
    await outbox.close()
    again = await opened(tmp_path)
    assert (again.epoch, again.acked_seq, again.counts.next_seq, again.counts.backlog_frames) == (epoch, 1, 3, 1)
    assert [frame.body for frame in await read_all(again, 2)] == [b"b"]
    await again.close()


async def test_an_outbox_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    assert (tmp_path / "outbox.db").stat().st_mode & 0o777 == 0o600
    await outbox.close()


async def test_a_full_outbox_evicts_measurements_before_events_and_leaves_a_gap(tmp_path: Path) -> None:
    outbox = await opened(tmp_path, Limits(max_bytes=10_000, max_age_ms=DAY_MS))
    await outbox.append([event("e1", size=800)])
    for number in range(20):
        await outbox.append([measurement(f"m{number}", at_ms=1000 + number, size=800)])
    await outbox.append([event("e2", size=800)])
    frames = await read_all(outbox)
    assert frames[0].body.startswith(b"e1")
    gap = as_gap(frames[1])
    assert (gap.seq_from, gap.reason, gap.from_ms) == (2, "outbox-full", 1000)
    assert gap.samples == 3 * (gap.seq_to - gap.seq_from + 1)
    assert gap.to_ms == 1000 + gap.seq_to - 2
    assert frames[-1].body.startswith(b"e2")
    seqs = [seq for frame in frames for seq in range(frame.seq, frame.seq_to + 1)]
    assert seqs == list(range(1, 23))
    assert outbox.counts.backlog_bytes <= 10_000
    assert outbox.counts.evicted_event_frames == 0
    await outbox.close()


async def test_events_go_last_when_nothing_else_is_left(tmp_path: Path) -> None:
    outbox = await opened(tmp_path, Limits(max_bytes=5_000, max_age_ms=DAY_MS))
    for number in range(10):
        await outbox.append([event(f"e{number}", size=900)])
    frames = await read_all(outbox)
    assert as_gap(frames[0]).seq_from == 1
    assert outbox.counts.evicted_event_frames == as_gap(frames[0]).seq_to
    assert frames[-1].body.startswith(b"e9")
    await outbox.close()


async def test_counts_after_evictions_equal_a_fresh_count(tmp_path: Path) -> None:
    limits = Limits(max_bytes=8_000, max_age_ms=DAY_MS)
    outbox = await opened(tmp_path, limits)
    for number in range(30):
        make = event if number % 5 == 0 else measurement
        await outbox.append([make(f"f{number}", size=300)])
        if number == 10:
            outbox.acked(4)
    before = outbox.counts
    await outbox.close()
    again = await opened(tmp_path, limits)
    after = again.counts
    assert (after.backlog_frames, after.backlog_bytes, after.acked_bytes) == (
        before.backlog_frames, before.backlog_bytes, before.acked_bytes,
    )  # fmt: skip
    await again.close()


async def test_frames_past_their_age_become_a_gap(tmp_path: Path) -> None:
    clock = Clock()
    outbox = await opened(tmp_path, Limits(max_bytes=1_000_000, max_age_ms=DAY_MS), clock)
    await outbox.append([measurement("old"), event("old")])
    clock.now_ms += DAY_MS + 1
    await outbox.append([measurement("new")])
    await outbox.maintain()
    frames = await read_all(outbox)
    gap = as_gap(frames[0])
    assert (gap.seq_from, gap.seq_to, gap.samples, gap.reason) == (1, 2, 4, "outbox-age")
    assert frames[1].body == b"new"
    await outbox.close()


async def test_a_hub_that_has_part_of_a_gap_is_sent_the_rest_of_it(tmp_path: Path) -> None:
    clock = Clock()
    outbox = await opened(tmp_path, Limits(max_bytes=1_000_000, max_age_ms=DAY_MS), clock)
    await outbox.append([measurement("x") for _ in range(5)])
    clock.now_ms += DAY_MS + 1
    await outbox.maintain()
    gap = as_gap((await read_all(outbox, 3))[0])
    assert (gap.seq_from, gap.seq_to, gap.samples) == (3, 5, None)
    await outbox.close()


async def test_delivered_frames_are_kept_an_hour_for_a_hub_that_goes_back(tmp_path: Path) -> None:
    clock = Clock()
    outbox = await opened(tmp_path, ROOMY, clock)
    await outbox.append([measurement("a"), measurement("b"), measurement("c")])
    outbox.acked(2)
    await outbox.maintain()
    clock.now_ms += 1_800_000
    await outbox.maintain()
    await outbox.rewind(1)
    assert [frame.body for frame in await read_all(outbox)] == [b"a", b"b", b"c"]
    assert outbox.counts.backlog_frames == 3
    outbox.acked(2)
    await outbox.maintain()
    clock.now_ms += 3_600_001
    await outbox.maintain()
    assert outbox.counts.first_seq == 3
    await outbox.close()


async def test_a_hub_that_goes_back_too_far_is_shown_the_hole_with_what_the_index_knows(tmp_path: Path) -> None:
    clock = Clock()
    outbox = await opened(tmp_path, ROOMY, clock)
    await outbox.append([measurement("a", at_ms=5000), measurement("b", at_ms=6000), measurement("c")])
    outbox.acked(2)
    await outbox.maintain()
    clock.now_ms += 3_600_001
    await outbox.maintain()
    frames = await read_all(outbox)
    gap = as_gap(frames[0])
    assert (gap.seq_from, gap.seq_to, gap.from_ms, gap.to_ms, gap.samples) == (1, 2, 5000, 6000, 6)
    assert frames[1].body == b"c"
    await outbox.close()


async def test_a_hub_that_goes_back_into_the_middle_of_the_index_still_learns_most_counts(tmp_path: Path) -> None:
    clock = Clock()
    outbox = await opened(tmp_path, ROOMY, clock)
    await outbox.append([measurement(f"m{number}", at_ms=1000 + number) for number in range(1, 3 * INDEX_FRAMES + 1)])
    outbox.acked(3 * INDEX_FRAMES)
    await outbox.maintain()
    clock.now_ms += 3_600_001
    await outbox.maintain()
    await outbox.append([measurement("next")])
    gaps = [as_gap(frame) for frame in (await read_all(outbox, 10))[:-1]]
    assert [(gap.seq_from, gap.seq_to, gap.samples) for gap in gaps] == [
        (10, INDEX_FRAMES, None),
        (INDEX_FRAMES + 1, 3 * INDEX_FRAMES, 3 * 2 * INDEX_FRAMES),
    ]
    await outbox.close()


async def test_a_new_epoch_keeps_what_was_not_delivered(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    await outbox.append([measurement("a"), measurement("b"), event("c")])
    outbox.acked(1)
    old = outbox.epoch
    await outbox.restart_epoch("set back")
    assert outbox.epoch != old
    assert (outbox.counts.epoch_reason, outbox.counts.lost_from_ms) == ("set back", None)
    assert [(frame.seq, frame.body) for frame in await read_all(outbox)] == [(1, b"b"), (2, b"c")]
    await outbox.append([measurement("d")])
    assert outbox.counts.next_seq == 4
    await outbox.close()


@pytest.mark.parametrize("content", [b"this is not a database" * 400, b"SQLite format 3\x00" + b"\xff" * 9000])
async def test_a_broken_file_is_set_aside_and_begun_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "outbox.db").write_bytes(content)
    outbox = await opened(tmp_path, clock=Clock(777))
    await outbox.append([measurement("a")])
    assert [frame.body for frame in await read_all(outbox)] == [b"a"]
    assert (tmp_path / "outbox.db.corrupt-777").read_bytes() == content
    assert str(outbox.counts.epoch_reason).startswith("its file was broken: ")
    # Nobody can say from when on something is lost: the hub says when it got the last frame.
    assert outbox.counts.lost_from_ms is None
    assert outbox.reset_count == 1
    await outbox.close()


async def test_only_the_newest_broken_files_are_kept(tmp_path: Path) -> None:
    for stamp in (101, 102, 103, 104):
        (tmp_path / "outbox.db").write_bytes(b"broken" * 1000)
        outbox = await opened(tmp_path, clock=Clock(stamp))
        await outbox.close()
    copies = sorted(name for name in os.listdir(tmp_path) if ".corrupt-" in name)  # noqa: PTH208  a test may block
    assert copies == ["outbox.db.corrupt-103", "outbox.db.corrupt-104"]


async def test_a_file_that_breaks_while_in_use_is_begun_anew_with_another_epoch(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    await outbox.append([measurement("x", size=50_000) for _ in range(20)])
    epoch = outbox.epoch
    await outbox.close()
    path = tmp_path / "outbox.db"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xa5" * (size - 3 * 4096))
    again = await opened(tmp_path)
    if again.epoch == epoch:
        with pytest.raises(OutboxUnavailable):
            await read_all(again)
    assert again.epoch != epoch
    await again.append([measurement("y")])
    assert [frame.body for frame in await read_all(again)] == [b"y"]
    await again.close()


async def test_an_outbox_of_the_version_before_is_taken_over_with_its_frames(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    await outbox.append([measurement("a")])
    epoch = outbox.epoch
    await outbox.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "outbox.db")) as db:
        db.execute("ALTER TABLE meta DROP COLUMN reason")
        db.execute("ALTER TABLE meta DROP COLUMN lost_from_ms")
        db.execute("PRAGMA user_version=1")
    again = await opened(tmp_path)
    assert (again.epoch, again.reset_count) == (epoch, 0)
    assert [frame.body for frame in await read_all(again)] == [b"a"]
    await again.close()


FULL_DISK = """
import asyncio, os, sys
from pathlib import Path
from noctule_agent.collector import Collector
from noctule_agent.outbox import Outbox
from noctule_agent.outbox_frames import Limits
from noctule_shared.axes import Axis
from noctule_shared.frames import decode_frame
from noctule_shared.observations import AxisChanged, Gap

async def main(folder):
    ballast = folder / "ballast"
    outbox = Outbox(folder / "outbox.db", Limits(max_bytes=1 << 30, max_age_ms=1 << 40))
    await outbox.open()
    collector = Collector(outbox)
    async def observe(number, size):
        collector.event(AxisChanged(number, Axis.ICMP, "up", "down", "r", number, os.urandom(size // 2).hex()))
        await collector.flush(rows_too=False)
    await observe(1, 1)
    try:
        ballast.write_bytes(bytes(1 << 30))
    except OSError:
        pass
    number = 1
    while not collector._unavailable:
        number += 1
        await observe(number, 4000)
    for number in range(number + 1, number + 40):
        await observe(number, 4000)
    dropped = collector.stats.dropped_events
    ballast.unlink()
    await observe(number + 1, 1)
    await observe(number + 2, 1)
    frames = await outbox.read(1, limit=10000, max_bytes=1 << 30)
    events = [event for frame in frames for event in decode_frame(frame.body).events]
    kept = [event.device_id for event in events if not isinstance(event, Gap)]
    gaps = [(gap.samples, gap.from_ms, gap.to_ms, gap.reason) for gap in events if isinstance(gap, Gap)]
    missing = [n for n in range(1, number + 3) if n not in kept]
    await outbox.close()
    print(dropped > 0, kept == sorted(set(kept)), gaps == [(dropped, missing[0], missing[-1], "outbox-unavailable")],
          len(missing) == dropped)

import noctule_agent.collector as module
module.MAX_UNSAVED_BYTES = 20000
asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root and unshare")
def test_a_disk_that_is_really_full_costs_only_what_fits_nowhere_and_that_is_told_as_a_gap(tmp_path: Path) -> None:
    script = tmp_path.with_name(f"{tmp_path.name}.py")
    script.write_text(FULL_DISK, "utf-8")
    mount = f"mount -t tmpfs -o size=512k tmpfs {tmp_path} && exec {sys.executable} {script} {tmp_path}"
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", mount], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "True True True True\n", done.stderr
    assert done.stderr.count("measuring goes on") == 1


async def test_a_full_disk_keeps_nothing_of_the_batch_and_recovers(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    await outbox.append([measurement("a")])
    file = outbox._opened
    pages = file._db.execute("PRAGMA page_count").fetchone()[0]
    file._db.execute(f"PRAGMA max_page_count={pages + 1}")
    with pytest.raises(OutboxUnavailable, match="full"):
        await outbox.append([measurement("b"), measurement("c", size=100_000)])
    assert outbox.counts.next_seq == 2
    file._db.execute("PRAGMA max_page_count=1000000")
    await outbox.append([measurement("b")])
    assert [frame.body for frame in await read_all(outbox)] == [b"a", b"b"]
    await outbox.close()


async def test_a_kept_frame_is_on_disk_when_append_returns(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    await outbox.append([event("a")])
    other = sqlite3.connect(tmp_path / "outbox.db")
    assert other.execute("SELECT seq, class FROM frame").fetchall() == [(1, "events")]
    assert outbox._opened._db.execute("PRAGMA synchronous").fetchone() == (2,)
    other.close()
    await outbox.close()
