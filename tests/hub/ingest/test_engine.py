"""What the engine acknowledges is durable, takes effect once, and one agent's bad input is nobody else's loss."""

import asyncio
from dataclasses import replace

import pytest
from noctule_hub.core import intake
from noctule_hub.core.alerting.filter import AlertFilter
from noctule_hub.core.audit import local
from noctule_hub.core.commit import Commit
from noctule_hub.core.live import LiveMeasurements
from noctule_hub.core.world import Draft, World
from noctule_hub.ingest import engine as engine_module
from noctule_hub.ingest.engine import Engine
from noctule_hub.ingest.inputs import FrameInput, HelloInput, LevelsInput
from noctule_hub.store.errors import RowRefusedError, StoreError
from noctule_shared.axes import Axis, CanaryLevel, DeviceLevels, IcmpLevel
from noctule_shared.events import DeviceStatus
from noctule_shared.frames import (
    LATENCY_COLUMNS,
    BadFrame,
    EventsBody,
    FrameBody,
    MeasurementsBody,
    TableName,
    encode_frame,
    pack_table,
)
from noctule_shared.link import Levels
from noctule_shared.observations import AgentEvent, AxisChanged

from tests.hub.ingest.conftest import Bench, clock_ms

EPOCH = "00000000000000aa"


def frame(bench: Bench, seq: int, body: FrameBody | BadFrame) -> FrameInput:
    raw = b"noise" if isinstance(body, BadFrame) else encode_frame(body)
    return FrameInput(bench.agent_id, EPOCH, seq, raw, body)


def axis(bench: Bench, old: str, new: str) -> EventsBody:
    return EventsBody([AxisChanged(bench.device_id, Axis.ICMP, old, new, "test", clock_ms())])


def latency(bench: Bench, ts_ms: int) -> MeasurementsBody:
    columns: dict[str, list[float]] = {
        name: [0.01] if dtype == "f4" else [5] for name, dtype in LATENCY_COLUMNS.items()
    }
    columns |= {"device_id": [bench.device_id], "ts_ms": [ts_ms], "source": [0]}
    return MeasurementsBody({"latency": pack_table(TableName.LATENCY, columns)})


def present(bench: Bench, level: IcmpLevel, *, next_seq: int) -> Levels:
    return Levels(clock_ms(), CanaryLevel.OK, [DeviceLevels(bench.device_id, icmp=level)], next_seq=next_seq)


async def hello(
    bench: Bench,
    *,
    next_seq: int = 1,
    level: IcmpLevel = IcmpLevel.NONE,
    epoch: str = EPOCH,
    reason: str | None = None,
    acked_seq: int = 0,
) -> int:
    answer = bench.engine.new_future()
    levels = present(bench, level, next_seq=next_seq)
    said = HelloInput(bench.agent_id, epoch, next_seq, levels, "test", answer, epoch_reason=reason, acked_seq=acked_seq)
    bench.engine.submit(said)
    return await asyncio.wait_for(answer, 10)


async def told(bench: Bench) -> list[tuple[str, bool]]:
    """What was told of devices and alerts: the new status, or the event's name, and whether it was late."""
    rows = await bench.store.events_after(0, limit=1000)
    return [(row.data.get("status", row.name.value), row.late) for row in rows if row.name != "agent:status"]


async def names(bench: Bench) -> list[str]:
    return [row.name.value for row in await bench.store.events_after(0, limit=1000)]


async def test_hello_is_answered_with_the_first_frame_wanted(bench: Bench) -> None:
    assert await hello(bench) == 1
    assert await names(bench) == ["agent:status"]


async def test_present_levels_count_before_any_frame(bench: Bench) -> None:
    await hello(bench, level=IcmpLevel.UP)
    state = bench.engine.world.states.settled(bench.device_id)
    assert state is not None
    assert (state.status, state.reason) == (DeviceStatus.ONLINE, "answers: resync")


async def test_acknowledged_events_are_in_the_store(bench: Bench) -> None:
    await hello(bench)
    bench.engine.submit(frame(bench, 1, axis(bench, "none", "up")))
    bench.engine.submit(frame(bench, 2, axis(bench, "up", "down")))
    await bench.until_ack(2)
    assert await names(bench) == ["agent:status", "device:status", "device:status", "alert:new"]
    assert [
        alert.title for alert in await bench.store.alerts(AlertFilter(open_only=True), before_id=None, limit=9)
    ] == ["core1 is offline"]


async def test_all_goes_on_by_agents_times_while_the_hubs_clock_is_set_back(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await hello(bench, level=IcmpLevel.UP)
    bench.engine.submit(frame(bench, 1, latency(bench, clock_ms())))
    await bench.until_ack(1)
    bench.clock.ahead_ms = -3_600_000
    ts_ms = clock_ms()
    bench.engine.submit(frame(bench, 2, latency(bench, ts_ms)))
    bench.engine.submit(frame(bench, 3, axis(bench, "up", "down")))
    await bench.until_ack(3)
    assert len(bench.outlet.latencies) == 2
    assert list((await bench.store.latency(bench.device_id, from_ms=ts_ms, to_ms=ts_ms + 1)).ts_ms) == [ts_ms]
    assert [status for status, _ in await told(bench)] == ["online", "offline", "alert:new"]
    assert await bench.store.gaps(bench.agent_id, from_ms=0, to_ms=2**53, limit=9) == []
    # Levels that differ, because a transition was lost, are newer than it too.
    bench.engine.submit(LevelsInput(bench.agent_id, present(bench, IcmpLevel.UP, next_seq=4)))
    bench.engine.submit(frame(bench, 4, EventsBody([])))
    await bench.until_ack(4)
    assert [status for status, _ in await told(bench)][3:] == ["online", "alert:update"]
    assert [record.message for record in caplog.records if "clock" in record.message] == [
        "this machine's clock was set back by 3600.0 s; agents' times are taken as they are: set it by NTP"
    ]
    # An agent's clock that is ahead is found as before.
    bench.engine.submit(frame(bench, 5, latency(bench, clock_ms() + 2 * intake.MAX_AHEAD_MS)))
    await bench.until_ack(5)
    assert [gap.samples for gap in await bench.store.gaps(bench.agent_id, from_ms=0, to_ms=2**53, limit=9)] == [1]


async def test_frame_sent_again_is_acknowledged_again_without_effect(bench: Bench) -> None:
    await hello(bench)
    for _ in range(3):
        bench.engine.submit(frame(bench, 1, axis(bench, "none", "up")))
    bench.engine.submit(frame(bench, 2, axis(bench, "up", "down")))
    await bench.until_ack(2)
    assert (await names(bench)).count("device:status") == 2
    assert bench.engine.counters.duplicates == 2


async def test_frame_that_comes_too_early_is_not_taken_and_the_right_one_is_named(bench: Bench) -> None:
    await hello(bench)
    bench.engine.submit(frame(bench, 2, axis(bench, "up", "down")))
    async with asyncio.timeout(10):
        while not bench.outlet.expected:
            bench.outlet.changed.clear()
            await bench.outlet.changed.wait()
    assert bench.outlet.expected == [(bench.agent_id, 1)]
    assert bench.outlet.acks == []


async def test_measurements_are_offered_after_they_are_committed(bench: Bench) -> None:
    await hello(bench)
    ts_ms = clock_ms()
    bench.engine.submit(frame(bench, 1, latency(bench, ts_ms)))
    await bench.until_ack(1)
    assert [item.device_id for item in bench.outlet.latencies] == [bench.device_id]
    series = await bench.store.latency(bench.device_id, from_ms=ts_ms, to_ms=ts_ms + 1)
    assert list(series.ts_ms) == [ts_ms]


async def test_unreadable_frame_is_acknowledged_and_the_next_one_is_taken(bench: Bench) -> None:
    await hello(bench)
    bench.engine.submit(frame(bench, 1, BadFrame("msgpack", "truncated")))
    bench.engine.submit(frame(bench, 2, axis(bench, "none", "up")))
    await bench.until_ack(2)
    assert bench.engine.counters.rejected == 1
    assert bench.engine.counters.rejected_by_reason == {"msgpack": 1}
    assert "device:status" in await names(bench)


async def test_input_that_cannot_be_decided_is_set_aside_alone(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(draft: Draft, agent_id: int, event: AgentEvent, *, history: bool) -> bool:
        if isinstance(event, AxisChanged) and event.new == "degraded":
            raise RuntimeError("a bug")
        return original(draft, agent_id, event, history=history)

    original = intake.take_event
    monkeypatch.setattr(intake, "take_event", explode)
    await hello(bench)
    bench.engine.submit(frame(bench, 1, axis(bench, "none", "up")))
    bench.engine.submit(frame(bench, 2, axis(bench, "up", "degraded")))
    bench.engine.submit(frame(bench, 3, axis(bench, "up", "down")))
    await bench.until_ack(3)
    assert bench.engine.counters.failed_inputs == 1
    assert (await names(bench)).count("device:status") == 2


async def test_nothing_is_acknowledged_while_the_store_refuses_and_all_of_it_afterwards(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hello(bench)
    refused = asyncio.Event()
    original = bench.store.commit

    async def refuse(commit: Commit) -> list[int]:
        if not refused.is_set():
            refused.set()
            raise StoreError("the disk is full")
        return await original(commit)

    monkeypatch.setattr(bench.store, "commit", refuse)
    bench.engine.submit(frame(bench, 1, axis(bench, "none", "up")))
    await asyncio.wait_for(refused.wait(), 10)
    assert bench.outlet.acks == []
    await bench.until_ack(1)
    assert (await names(bench)).count("device:status") == 1
    assert bench.engine.counters.failed_commits == 1


@pytest.mark.parametrize("refusal", [RowRefusedError("a row breaks a rule"), OverflowError("int too large")])
async def test_frame_that_can_never_be_committed_is_rejected_and_costs_the_others_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    await hello(bench)
    original = bench.store.commit

    async def refuse(commit: Commit) -> list[int]:
        if any(event.data.get("status") == "degraded" for event in commit.events):
            raise refusal
        return await original(commit)

    monkeypatch.setattr(bench.store, "commit", refuse)
    for seq, (old, new) in enumerate((("none", "up"), ("up", "degraded"), ("degraded", "down")), start=1):
        bench.engine.submit(frame(bench, seq, axis(bench, old, new)))
    await bench.until_ack(3)
    assert [
        row.data["status"] for row in await bench.store.events_after(0, limit=99) if row.name == "device:status"
    ] == [
        "online",
        "offline",
    ]
    assert bench.engine.counters.rejected == 1


async def test_levels_that_are_ahead_of_the_journal_do_not_overtake_its_events(bench: Bench) -> None:
    await hello(bench)
    bench.engine.submit(LevelsInput(bench.agent_id, present(bench, IcmpLevel.DOWN, next_seq=2)))
    bench.engine.submit(frame(bench, 1, axis(bench, "none", "up")))
    await bench.until_ack(1)
    assert "alert:new" not in await names(bench)


async def test_backlog_is_history_whatever_its_clock_says_and_notifies_nobody(bench: Bench) -> None:
    await hello(bench, next_seq=4, level=IcmpLevel.UP)
    # The device fell and came back while the hub was away; the agent's clock may have been ahead then.
    for seq, (old, new) in enumerate((("none", "up"), ("up", "down"), ("down", "up")), start=1):
        bench.engine.submit(frame(bench, seq, axis(bench, old, new)))
    await bench.until_ack(3)
    assert await told(bench) == [
        ("online", False), ("online", True), ("offline", True), ("online", True), ("alert:update", True),
    ]  # fmt: skip
    bench.engine.submit(frame(bench, 4, axis(bench, "up", "down")))
    await bench.until_ack(4)
    assert (await told(bench))[5:] == [("offline", False), ("alert:new", False)]


async def test_a_fall_in_a_backlog_ends_where_an_agent_that_started_again_finds_what_the_hub_holds(
    bench: Bench,
) -> None:
    await hello(bench, level=IcmpLevel.UP)
    # It kept a fall that it could not tell, and was started again: it says nothing of the device before it measured it.
    await hello(bench, next_seq=2, level=IcmpLevel.NONE)
    bench.engine.submit(frame(bench, 1, axis(bench, "up", "down")))
    bench.engine.submit(frame(bench, 2, axis(bench, "none", "up")))
    await bench.until_ack(2)
    assert await told(bench) == [("online", False), ("offline", True), ("online", True)]
    history = await bench.store.status_changes(bench.device_id, from_ms=0, to_ms=2**53, limit=9)
    assert [change.status for change in history] == ["online", "offline", "online"]
    # What is no news otherwise stays none.
    bench.engine.submit(frame(bench, 3, axis(bench, "none", "up")))
    await bench.until_ack(3)
    assert len(await told(bench)) == 3


async def test_a_fall_in_a_backlog_ends_also_where_the_hub_was_restarted_before_its_end_was_found(bench: Bench) -> None:
    await hello(bench, level=IcmpLevel.UP)
    await hello(bench, next_seq=2, level=IcmpLevel.NONE)
    bench.engine.submit(frame(bench, 1, axis(bench, "up", "down")))
    await bench.until_ack(1)
    await bench.restart()
    await hello(bench, next_seq=2, level=IcmpLevel.NONE)
    bench.engine.submit(frame(bench, 2, axis(bench, "none", "up")))
    await bench.until_ack(2)
    history = await bench.store.status_changes(bench.device_id, from_ms=0, to_ms=2**53, limit=9)
    assert [change.status for change in history][-2:] == ["offline", "online"]
    # The end is told once, whatever restarts come after it.
    before = await told(bench)
    await bench.restart()
    await hello(bench, next_seq=3, level=IcmpLevel.NONE)
    bench.engine.submit(frame(bench, 3, axis(bench, "none", "up")))
    await bench.until_ack(3)
    assert await told(bench) == before


async def test_outage_of_a_backlog_is_an_alert_in_history_and_in_no_list_of_open_ones(bench: Bench) -> None:
    await hello(bench, next_seq=3, level=IcmpLevel.UP)
    for seq, (old, new) in enumerate((("up", "down"), ("down", "up")), start=1):
        bench.engine.submit(frame(bench, seq, axis(bench, old, new)))
    await bench.until_ack(2)
    (alert,) = await bench.store.alerts(AlertFilter(), before_id=None, limit=9)
    assert (alert.state, alert.key) == ("resolved", f"device-offline:device:{bench.device_id}")
    story = await bench.store.alert_story(alert.id)
    assert [step.kind for step in story.steps] == ["fired", "resolved", "found-late"]
    assert await bench.store.alerts(AlertFilter(open_only=True), before_id=None, limit=9) == []
    assert (await bench.store.load_engine_state()).next_alert_id == alert.id + 1


async def test_present_levels_do_not_wait_for_a_backlog_and_all_before_them_is_history(bench: Bench) -> None:
    await hello(bench, next_seq=3, level=IcmpLevel.UP)
    bench.engine.submit(frame(bench, 1, axis(bench, "none", "up")))
    bench.engine.submit(LevelsInput(bench.agent_id, present(bench, IcmpLevel.DOWN, next_seq=4)))
    bench.engine.submit(frame(bench, 2, EventsBody([])))
    bench.engine.submit(frame(bench, 3, axis(bench, "up", "down")))
    await bench.until_ack(3)
    assert await told(bench) == [
        ("online", False), ("online", True), ("offline", False), ("alert:new", False), ("offline", True),
    ]  # fmt: skip


async def test_heartbeat_while_a_backlog_drains_makes_no_history_of_what_no_levels_told(bench: Bench) -> None:
    await hello(bench, next_seq=2, level=IcmpLevel.UP)
    bench.engine.submit(LevelsInput(bench.agent_id, Levels(clock_ms(), CanaryLevel.OK, [], next_seq=0, full=False)))
    bench.engine.submit(frame(bench, 1, EventsBody([])))
    bench.engine.submit(frame(bench, 2, axis(bench, "up", "down")))
    await bench.until_ack(2)
    assert await told(bench) == [("online", False), ("offline", False), ("alert:new", False)]


async def test_old_rows_of_a_backlog_are_kept_and_not_offered_as_the_present(bench: Bench) -> None:
    await hello(bench, next_seq=3)
    old_ms = clock_ms() - 3_600_000
    bench.engine.submit(frame(bench, 1, latency(bench, old_ms)))
    bench.engine.submit(frame(bench, 2, latency(bench, clock_ms())))
    await bench.until_ack(2)
    assert len(bench.outlet.latencies) == 1
    series = await bench.store.latency(bench.device_id, from_ms=old_ms, to_ms=clock_ms() + 1)
    assert len(series.ts_ms) == 2


async def test_new_epoch_of_an_agent_leaves_a_gap_since_its_last_frame_with_the_reason(bench: Bench) -> None:
    await hello(bench)
    bench.engine.submit(frame(bench, 1, axis(bench, "none", "up")))
    await bench.until_ack(1)
    committed_ms = clock_ms()
    assert await hello(bench, epoch="00000000000000bb", reason="outbox.db was corrupt") == 1
    gaps = await bench.store.gaps(bench.agent_id, from_ms=0, to_ms=clock_ms() + 1, limit=9)
    assert [(gap.samples, gap.reason) for gap in gaps] == [
        (None, "the agent began its outbox anew (outbox.db was corrupt); what it had not delivered is lost")
    ]
    assert gaps[0].from_ms <= committed_ms <= gaps[0].to_ms
    await hello(bench, epoch="00000000000000bb", reason="outbox.db was corrupt")
    assert len(await bench.store.gaps(bench.agent_id, from_ms=0, to_ms=clock_ms() + 1, limit=9)) == 1


async def test_agents_proof_of_a_higher_cursor_begins_one_new_log_epoch_and_voids_its_device_list(bench: Bench) -> None:
    before, revision = bench.store.epoch, bench.engine.world.agents[bench.agent_id].config_revision
    assert await hello(bench, next_seq=9, acked_seq=0) == 1
    assert bench.store.epoch == before
    assert await hello(bench, next_seq=9, acked_seq=8) == 1
    after = bench.store.epoch
    assert after != before
    assert bench.engine.world.agents[bench.agent_id].config_revision > revision
    assert await bench.store.config_changes(bench.agent_id, since=revision) is None
    await hello(bench, next_seq=9, acked_seq=8)
    assert bench.store.epoch == after


async def test_answer_to_frames_of_a_link_is_not_given_to_the_next_one_that_says_hello(bench: Bench) -> None:
    await hello(bench)
    # Both before the engine's next turn.
    bench.engine.submit(frame(bench, 1, axis(bench, "none", "up")))
    assert await hello(bench, next_seq=2) == 2
    await bench.engine.reconfigure()
    assert bench.outlet.acks == []


async def test_two_outboxes_of_one_identity_are_each_taken_once_however_often_they_alternate(bench: Bench) -> None:
    other = "00000000000000bb"
    for turn in range(3):
        for epoch in (EPOCH, other):
            assert await hello(bench, epoch=epoch) == (1 if turn == 0 else 2)
            levels = ("none", "up") if epoch == EPOCH else ("up", "down")
            bench.engine.submit(replace(frame(bench, 1, axis(bench, *levels)), epoch=epoch))
            bench.outlet.acks.clear()
            await bench.until_ack(1)
    told = [row.data["reason"] for row in await bench.store.events_after(0, limit=99) if row.name == "device:status"]
    assert told == ["answers: test", "does not answer ICMP: test"]
    gaps = await bench.store.gaps(bench.agent_id, from_ms=0, to_ms=clock_ms() + 1, limit=9)
    assert len(gaps) == 1
    world = World(await bench.store.load_engine_state(), started_ms=clock_ms())
    present = world.cursors.settled(bench.agent_id)
    assert present is not None
    assert (present.epoch, present.next_seq) == (other, 2)


async def test_rows_from_before_a_device_was_given_to_another_agent_still_count(bench: Bench) -> None:
    await hello(bench)
    ts_ms = clock_ms()
    await bench.store.revoke_agent(bench.agent_id, by=local(ts_ms + 1))
    await bench.engine.reconfigure()
    bench.engine.submit(frame(bench, 1, latency(bench, ts_ms)))
    bench.engine.submit(frame(bench, 2, latency(bench, ts_ms + 1)))
    await bench.until_ack(2)
    series = await bench.store.latency(bench.device_id, from_ms=ts_ms, to_ms=ts_ms + 9)
    assert list(series.ts_ms) == [ts_ms]
    gaps = await bench.store.gaps(bench.agent_id, from_ms=0, to_ms=clock_ms() + 1, limit=9)
    assert [gap.samples for gap in gaps] == [1]


async def test_agents_are_paused_while_too_much_waits_and_resumed_when_it_is_committed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "QUEUE_PAUSE_BYTES", 100)
    monkeypatch.setattr(engine_module, "QUEUE_RESUME_BYTES", 50)
    monkeypatch.setattr(engine_module, "MAX_BATCH", 1)
    await hello(bench)
    bench.outlet.paused.clear()
    for seq in range(1, 6):
        bench.engine.submit(frame(bench, seq, axis(bench, "none", "up")))
    await bench.until_ack(5)
    assert bench.outlet.paused == [True, False]


async def test_engine_that_is_stopped_commits_what_waits_over_several_turns(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hello(bench)
    monkeypatch.setattr(engine_module, "MAX_BATCH", 2)
    for seq in range(1, 8):
        bench.engine.submit(frame(bench, seq, axis(bench, "none", "up")))
    bench.task.cancel()
    await asyncio.wait([bench.task])
    assert max(seq for _, seq in bench.outlet.acks) == 7
    assert (bench.engine.queued_inputs, bench.engine.queued_bytes, bench.engine.lag_s) == (0, 0, 0.0)


async def test_engine_that_is_stopped_while_the_store_refuses_ends_all_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hello(bench)
    monkeypatch.setattr(engine_module, "RETRY_S", 0)

    async def refuse(_commit: Commit) -> list[int]:
        raise StoreError("full")

    monkeypatch.setattr(bench.store, "commit", refuse)
    bench.outlet.acks.clear()
    bench.engine.submit(frame(bench, 1, axis(bench, "none", "up")))
    bench.task.cancel()
    await asyncio.wait([bench.task])
    assert bench.outlet.acks == []


async def test_restarted_engine_goes_on_where_the_old_one_stood(bench: Bench) -> None:
    await hello(bench)
    bench.engine.submit(frame(bench, 1, axis(bench, "none", "down")))
    await bench.until_ack(1)
    world = World(await bench.store.load_engine_state(), started_ms=clock_ms())
    engine = Engine(bench.store, world, LiveMeasurements(), clock_ms)
    state = engine.world.states.settled(bench.device_id)
    assert state is not None
    assert state.status is DeviceStatus.OFFLINE
    assert [alert.state for alert in engine.world.alerts.settled_rows()] == ["firing"]
    cursor = engine.world.cursors.settled(bench.agent_id)
    assert cursor is not None
    assert cursor.next_seq == 2
