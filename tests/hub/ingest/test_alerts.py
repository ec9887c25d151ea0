"""Rules, silences and acknowledgements through the running engine: committed, told in order, there after a restart."""

import asyncio
from typing import Any

import pytest
from noctule_hub.core.alert_filter import AlertFilter
from noctule_hub.core.alert_rules import NewRule
from noctule_hub.core.audit import Authorship, local
from noctule_hub.core.records import Alert
from noctule_hub.core.silences import Matchers, NewSilence
from noctule_hub.core.world import World
from noctule_hub.ingest.inputs import HelloInput
from noctule_shared.axes import CanaryLevel, DeviceLevels, IcmpLevel
from noctule_shared.errors import ErrorCode, Refused
from noctule_shared.link import Levels

from tests.hub.ingest.conftest import Bench, clock_ms

MINUTE_MS = 60_000
ADA = Authorship("user:1", "ada", "192.0.2.1", 7)


async def present(bench: Bench, level: IcmpLevel) -> None:
    levels = Levels(bench.clock(), CanaryLevel.OK, [DeviceLevels(bench.device_id, icmp=level)], next_seq=1)
    answer = bench.engine.new_future()
    bench.engine.submit(HelloInput(bench.agent_id, "00000000000000aa", 1, levels, "test", answer))
    await asyncio.wait_for(answer, 10)


async def fallen(bench: Bench) -> Alert:
    await present(bench, IcmpLevel.UP)
    await present(bench, IcmpLevel.DOWN)
    (alert,) = await bench.store.alerts(AlertFilter(open_only=True), before_id=None, limit=9)
    return alert


async def until(bench: Bench, count: int) -> list[tuple[str, dict[str, Any]]]:
    """Return the first `count` events of alerts, each with what it says."""
    told: list[tuple[str, dict[str, Any]]] = []
    async with asyncio.timeout(20):
        async for rows in bench.store.follow(0):
            told.extend((row.name, row.data) for row in rows if row.name in {"alert:new", "alert:update"})
            if len(told) >= count:
                break
    return told


async def test_an_acknowledgement_is_durable_when_it_is_answered(bench: Bench) -> None:
    alert = await fallen(bench)
    until_ms = bench.clock() + MINUTE_MS
    answered = await bench.engine.acknowledge(alert.id, ADA, note="on my way", until_ms=until_ms)
    assert await bench.store.alert(alert.id) == answered
    (entry,) = await bench.store.audit_entries(before_id=None, kind="alert", object_id=alert.id, subject=None, limit=9)
    assert entry.by == ADA
    told = await until(bench, 2)
    assert [(name, data.get("acknowledgedBy")) for name, data in told] == [("alert:new", None), ("alert:update", "ada")]
    # What a hub that starts now knows of it.
    world = World(await bench.store.load_engine_state(), started_ms=clock_ms())
    assert [kept for _, kept in world.alerts.items()] == [answered]
    bench.clock.ahead_ms = 2 * MINUTE_MS
    told = await until(bench, 3)
    assert (told[2][0], told[2][1]["state"], "acknowledgedBy" in told[2][1]) == ("alert:update", "firing", False)


async def test_only_an_open_alert_is_acknowledged(bench: Bench) -> None:
    alert = await fallen(bench)
    await present(bench, IcmpLevel.UP)
    for alert_id, code in ((alert.id, ErrorCode.INVALID), (99, ErrorCode.NOT_FOUND)):
        with pytest.raises(Refused) as refusal:
            await bench.engine.acknowledge(alert_id, ADA, note=None, until_ms=None)
        assert refusal.value.code is code
    with pytest.raises(Refused):
        await bench.engine.unacknowledge(alert.id, ADA)
    assert await bench.store.audit_entries(before_id=None, kind="alert", object_id=None, subject=None, limit=9) == []


async def switch(bench: Bench, rule_id: int, *, enabled: bool) -> None:
    rule = await bench.store.rule(rule_id)
    new = NewRule(rule.name, rule.condition, rule.severity, rule.for_ms, rule.trouble, rule.selector, enabled)
    await bench.store.update_rule(rule_id, new, revision=rule.revision, by=local(0))
    await bench.engine.reconfigure()


async def test_a_disabled_rule_ends_its_alert_and_an_enabled_one_alerts_on_what_lasts(bench: Bench) -> None:
    alert = await fallen(bench)
    await switch(bench, 1, enabled=False)
    assert (await bench.store.alert(alert.id)).reason == "its rule was disabled"
    await switch(bench, 1, enabled=True)
    (again,) = await bench.store.alerts(AlertFilter(open_only=True), before_id=None, limit=9)
    assert again.id > alert.id
    told = [(name, data["state"]) for name, data in await until(bench, 3)]
    assert told == [("alert:new", "firing"), ("alert:update", "resolved"), ("alert:new", "firing")]


async def test_a_silence_ends_by_the_clock_and_what_still_fires_rings_once(bench: Bench) -> None:
    now_ms = bench.clock()
    new = NewSilence(Matchers(("device-offline",)), "new card", now_ms - 1, now_ms + MINUTE_MS)
    await bench.store.add_silence(new, by=local(now_ms))
    await bench.engine.reconfigure()
    alert = await fallen(bench)
    assert alert.silenced_by is not None
    bench.clock.ahead_ms = 2 * MINUTE_MS
    told = [(name, data.get("silencedBy")) for name, data in await until(bench, 2)]
    assert told == [("alert:update", {"id": 1, "comment": "new card"}), ("alert:new", None)]
