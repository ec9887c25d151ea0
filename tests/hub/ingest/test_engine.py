"""What the engine acknowledges is durable, takes effect once, and one agent's bad input is nobody else's loss."""

import asyncio

import pytest
from noctule_hub.core import intake
from noctule_hub.core.commit import Commit
from noctule_hub.core.live import LiveMeasurements
from noctule_hub.core.world import Draft, World
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


def frame(bench: Bench, seq: int, body: FrameBody | BadFrame, *, epoch: str = EPOCH) -> FrameInput:
    raw = b"noise" if isinstance(body, BadFrame) else encode_frame(body)
    return FrameInput(bench.agent_id, epoch, seq, raw, body)


def axis(bench: Bench, old: str, new: str) -> EventsBody:
    return EventsBody([AxisChanged(bench.device_id, Axis.ICMP, old, new, "test", clock_ms())])


def latency(bench: Bench, ts_ms: int) -> MeasurementsBody:
    columns: dict[str, list[float]] = {
        name: [0.01] if dtype == "f4" else [5] for name, dtype in LATENCY_COLUMNS.items()
    }
    columns |= {"device_id": [bench.device_id], "ts_ms": [ts_ms], "source": [0]}
    return MeasurementsBody({"latency": pack_table(TableName.LATENCY, columns)})


async def hello(bench: Bench, *, epoch: str = EPOCH, level: IcmpLevel = IcmpLevel.NONE) -> int:
    answer = bench.engine.new_future()
    levels = Levels(clock_ms(), CanaryLevel.OK, [DeviceLevels(bench.device_id, icmp=level)], next_seq=1)
    bench.engine.submit(HelloInput(bench.agent_id, epoch, 1, levels, "test", answer))
    return await asyncio.wait_for(answer, 10)


async def names(bench: Bench) -> list[str]:
    return [row.name.value for row in await bench.store.events_after(0, limit=1000)]


async def test_hello_is_answered_with_the_first_frame_wanted(bench: Bench) -> None:
    assert await hello(bench) == 1
    assert await names(bench) == ["agent:status"]


async def test_two_agents_with_one_identity_have_no_frame_taken_twice(bench: Bench) -> None:
    await hello(bench)
    bench.engine.submit(frame(bench, 1, axis(bench, "none", "up")))
    await bench.until_ack(1)
    other = "00000000000000bb"
    assert await hello(bench, epoch=other, level=IcmpLevel.UP) == 1
    bench.engine.submit(frame(bench, 1, axis(bench, "none", "up"), epoch=other))
    await bench.until_ack(1)
    assert await hello(bench, level=IcmpLevel.UP) == 2
    assert await hello(bench, epoch=other, level=IcmpLevel.UP) == 2


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
    assert [alert.title for alert in await bench.store.alerts(active_only=True, limit=9)] == ["core1 is offline"]


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
    assert "device:status" in await names(bench)


async def test_input_that_cannot_be_decided_is_set_aside_alone(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(draft: Draft, agent_id: int, event: AgentEvent) -> bool:
        if isinstance(event, AxisChanged) and event.new == "degraded":
            raise RuntimeError("a bug")
        return original(draft, agent_id, event)

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
    ahead = Levels(clock_ms(), CanaryLevel.OK, [DeviceLevels(bench.device_id, icmp=IcmpLevel.DOWN)], next_seq=2)
    bench.engine.submit(LevelsInput(bench.agent_id, ahead))
    bench.engine.submit(frame(bench, 1, axis(bench, "none", "up")))
    await bench.until_ack(1)
    assert "alert:new" not in await names(bench)


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
