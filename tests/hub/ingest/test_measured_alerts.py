"""Alerts about measurements in the running engine: decided with the frame, once, and gone on with after a restart."""

import asyncio

import pytest
from noctule_hub.core.alerting import measured
from noctule_hub.core.alerting.filter import AlertFilter
from noctule_hub.core.alerting.usual import BIN_MS
from noctule_hub.core.commit import Commit
from noctule_hub.core.live import LiveMeasurements
from noctule_hub.core.records import Alert
from noctule_hub.core.world import World
from noctule_hub.ingest import engine as engine_module
from noctule_hub.ingest.engine import Engine
from noctule_hub.ingest.inputs import FrameInput, HelloInput
from noctule_hub.ingest.remembering import remember_delays
from noctule_hub.store.errors import StoreError
from noctule_shared.axes import CanaryLevel, DeviceLevels, IcmpLevel
from noctule_shared.events import AlertState
from noctule_shared.frames import LATENCY_COLUMNS, MeasurementsBody, TableName, encode_frame, pack_table
from noctule_shared.link import Levels

from tests.hub.ingest.conftest import Bench, clock_ms

EPOCH = "00000000000000aa"


def rounds(bench: Bench, seq: int, *rows: tuple[int, float, int]) -> FrameInput:
    """Return a frame of rounds of 5 packets as (ts_ms, RTT in s, replies)."""
    columns: dict[str, list[float]] = {
        name: [row[1] for row in rows] if dtype == "f4" else [0] * len(rows) for name, dtype in LATENCY_COLUMNS.items()
    }
    columns |= {"device_id": [bench.device_id] * len(rows), "ts_ms": [row[0] for row in rows]}
    columns |= {"sent": [5] * len(rows), "received": [row[2] for row in rows]}
    body = MeasurementsBody({"latency": pack_table(TableName.LATENCY, columns)})
    return FrameInput(bench.agent_id, EPOCH, seq, encode_frame(body), body)


async def hello(bench: Bench, *, next_seq: int = 1) -> None:
    levels = Levels(
        bench.clock(), CanaryLevel.OK, [DeviceLevels(bench.device_id, icmp=IcmpLevel.UP)], next_seq=next_seq
    )
    answer = bench.engine.new_future()
    bench.engine.submit(HelloInput(bench.agent_id, EPOCH, next_seq, levels, "test", answer))
    await asyncio.wait_for(answer, 10)


async def alerts(bench: Bench) -> list[Alert]:
    return list(await bench.store.alerts(AlertFilter(), before_id=None, limit=9))


def lossy(now_ms: int) -> list[tuple[int, float, int]]:
    return [(now_ms - 50_000 + number * 10_000, 0.005, 4) for number in range(5)]


async def test_an_alert_is_durable_when_the_frame_that_made_it_is_acknowledged(bench: Bench) -> None:
    await hello(bench)
    bench.engine.submit(rounds(bench, 1, *lossy(bench.clock())))
    await bench.until_ack(1)
    (alert,) = await alerts(bench)
    assert (alert.rule, alert.state, alert.title) == (
        "high-loss",
        AlertState.FIRING,
        "core1: 20 % of packets lost (5 of 25)",
    )
    assert alert.evidence is not None
    assert alert.evidence.quantity == "lossRatio"


async def test_measurements_are_judged_also_while_the_hubs_clock_is_set_back(bench: Bench) -> None:
    await hello(bench)
    now_ms = bench.clock()
    bench.engine.submit(rounds(bench, 1, (now_ms - 120_000, 0.005, 5)))
    await bench.until_ack(1)
    bench.clock.ahead_ms = -3_600_000
    bench.engine.submit(rounds(bench, 2, *lossy(now_ms)))
    await bench.until_ack(2)
    (alert,) = await alerts(bench)
    assert (alert.rule, alert.state) == ("high-loss", AlertState.FIRING)
    # One slow round is not yet slow for a minute.
    bench.engine.submit(rounds(bench, 3, (now_ms, 0.4, 5)))
    await bench.until_ack(3)
    assert {alert.rule: alert.state for alert in await alerts(bench)}["high-latency"] is AlertState.PENDING


async def test_what_was_measured_while_the_link_was_away_alerts_nobody(bench: Bench) -> None:
    await hello(bench, next_seq=2)
    bench.engine.submit(rounds(bench, 1, *((at_ms - 600_000, rtt_s, got) for at_ms, rtt_s, got in lossy(clock_ms()))))
    await bench.until_ack(1)
    assert await alerts(bench) == []


async def test_rounds_that_are_decided_again_after_a_failed_commit_count_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hello(bench)
    monkeypatch.setattr(engine_module, "RETRY_S", 0.01)
    commit, failures = bench.store.commit, 3

    async def failing(new: Commit) -> list[int]:
        nonlocal failures
        if new.tables and failures:
            failures -= 1
            raise StoreError("no space left")
        return await commit(new)

    monkeypatch.setattr(bench.store, "commit", failing)
    bench.engine.submit(rounds(bench, 1, *lossy(bench.clock())))
    await bench.until_ack(1)
    assert failures == 0
    (alert,) = await alerts(bench)
    assert alert.title == "core1: 20 % of packets lost (5 of 25)"


async def test_an_error_in_judging_loses_no_rows_and_ends_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await hello(bench)

    def broken(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    with monkeypatch.context() as patch:
        patch.setattr(measured, "_observe_rounds", broken)
        bench.engine.submit(rounds(bench, 1, (bench.clock(), 0.005, 5)))
        await bench.until_ack(1)
    assert bench.engine.counters.failed_judgements == 1
    assert "could not be judged" in caplog.text
    rows = await bench.store.latency(bench.device_id, from_ms=0, to_ms=bench.clock() + 1_000)
    assert len(rows.ts_ms) == 1
    bench.engine.submit(rounds(bench, 2, (bench.clock(), 0.005, 5)))
    await bench.until_ack(2)
    assert bench.engine.counters.failed_judgements == 1


async def test_a_hub_that_starts_knows_what_was_usual_and_lets_no_for_start_over(bench: Bench) -> None:
    await hello(bench)
    now_ms = bench.clock()
    first_ms = now_ms - 4 * BIN_MS
    day = [(first_ms + number * 20_000, 0.012, 5) for number in range(4 * BIN_MS // 20_000 - 6)]
    bench.engine.submit(rounds(bench, 1, *day))
    bench.engine.submit(rounds(bench, 2, (now_ms - 50_000, 0.084, 5)))
    await bench.until_ack(2)
    (pending,) = await alerts(bench)
    assert (pending.state, pending.started_ms) == (AlertState.PENDING, now_ms - 50_000)
    bench.task.cancel()
    await asyncio.wait([bench.task])
    # Not before it is in day files is it remembered.
    projector = bench.store.projector()
    await projector.project_once(bench.clock() + 1, older_than_ms=0)
    world = World(await bench.store.load_engine_state(), started_ms=clock_ms())
    bench.engine = Engine(bench.store, world, LiveMeasurements(), bench.clock)
    bench.engine.attach(bench.outlet)
    bench.task = asyncio.create_task(bench.engine.run())
    await remember_delays(bench.store, bench.engine.submit, now_ms=bench.clock())
    await bench.engine.reconfigure()
    assert world.gauges.usual.of(bench.device_id) == pytest.approx(0.012, abs=0.001)
    bench.outlet.acks.clear()
    bench.engine.submit(rounds(bench, 3, (now_ms + 10_000, 0.084, 5)))
    bench.clock.ahead_ms = 10_000
    await bench.until_ack(3)
    (fired,) = await alerts(bench)
    assert (fired.id, fired.state, fired.started_ms) == (pending.id, AlertState.FIRING, pending.started_ms)
    assert fired.title == "core1: round-trip delay 84 ms, usually 12 ms"
