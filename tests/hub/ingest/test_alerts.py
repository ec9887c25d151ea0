"""Rules, silences and acknowledgements through the running engine: committed, told in order, there after a restart."""

import asyncio
from dataclasses import replace
from typing import Any

from noctule_hub.core.alerting.care import Acknowledge, Assign, Unacknowledge
from noctule_hub.core.alerting.filter import AlertFilter
from noctule_hub.core.alerting.rules import NewRule
from noctule_hub.core.alerting.silences import Matchers, NewSilence
from noctule_hub.core.audit import Authorship, local
from noctule_hub.core.live import LiveMeasurements
from noctule_hub.core.presence import observe_time
from noctule_hub.core.principal import Role
from noctule_hub.core.records import Alert
from noctule_hub.core.storage_space import StorageSpace
from noctule_hub.core.world import Draft, World
from noctule_hub.ingest.engine import Engine
from noctule_hub.ingest.inputs import HelloInput, StorageInput
from noctule_shared.alerts import Assignee
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
    (answered,) = await bench.engine.care([alert.id], Acknowledge("on my way", until_ms), ADA)
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
    assert (told[2][0], told[2][1]["state"], "acknowledgedBy" in told[2][1]) == ("alert:new", "firing", False)


async def test_only_an_open_alert_is_acknowledged(bench: Bench) -> None:
    alert = await fallen(bench)
    await present(bench, IcmpLevel.UP)
    refused = await bench.engine.care([alert.id, 99], Acknowledge(), ADA)
    refused += await bench.engine.care([alert.id], Unacknowledge(), ADA)
    codes = [one.code for one in refused if isinstance(one, Refused)]
    assert codes == [ErrorCode.INVALID, ErrorCode.NOT_FOUND, ErrorCode.INVALID]
    assert await bench.store.audit_entries(before_id=None, kind="alert", object_id=None, subject=None, limit=9) == []


async def test_many_are_acknowledged_in_one_transaction_each_for_itself(bench: Bench) -> None:
    alert = await fallen(bench)
    bench.engine.submit(StorageInput(StorageSpace("/data", 100, 4)))
    await bench.engine.reconfigure()
    commits = bench.engine.counters.commits
    first, missing, other = await bench.engine.care([alert.id, 99, alert.id + 1], Acknowledge("storm"), ADA)
    assert bench.engine.counters.commits == commits + 1
    assert isinstance(missing, Refused)
    assert [await bench.store.alert(alert.id), await bench.store.alert(alert.id + 1)] == [first, other]
    entries = await bench.store.audit_entries(before_id=None, kind="alert", object_id=None, subject=None, limit=9)
    assert sorted(entry.object_id for entry in entries if entry.object_id) == [alert.id, alert.id + 1]
    told = [(data["id"], data.get("acknowledgedBy")) for _, data in await until(bench, 2)]
    # What is pending is nobody's news yet, whoever takes care of it.
    assert told[:2] == [(alert.id, None), (alert.id, "ada")]


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


async def test_who_lost_the_right_while_the_hub_was_down_is_relieved_when_it_starts(bench: Bench) -> None:
    user = await bench.store.add_user(
        username="bob", password_hash="x", role=Role.VIEWER, customer_id=None, by=local(0)
    )
    await bench.engine.reconfigure()
    alert = await fallen(bench)
    (assigned,) = await bench.engine.care([alert.id], Assign(user.id), ADA)
    assert isinstance(assigned, Alert)
    assert assigned.assignee == Assignee(user.id, "bob")
    assert await bench.store.alert(alert.id) == assigned
    await bench.store.change_user(user.id, revision=1, role=Role.VIEWER, customer_id=None, disabled=True, by=local(0))
    world = World(await bench.store.load_engine_state(), started_ms=clock_ms())
    draft = Draft(world, clock_ms())
    observe_time(draft)
    assert [(one.alert_id, one.step.text) for one in draft.steps] == [
        (alert.id, "bob may not take care of alerts any more")
    ]
    assert [one.assignee for one in draft.commit().alerts] == [None]


async def test_what_flaps_goes_on_after_a_restart_at_any_moment(bench: Bench) -> None:
    await present(bench, IcmpLevel.UP)
    for turn in range(5):
        await present(bench, IcmpLevel.UP if turn % 2 else IcmpLevel.DOWN)
    bench.task.cancel()
    await asyncio.wait([bench.task])
    # Another hub on the same data: the sixth change is found to be one.
    world = World(await bench.store.load_engine_state(), started_ms=clock_ms())
    assert [row.changes for _, row in world.flaps.items()] == [5]
    engine = Engine(bench.store, world, LiveMeasurements(), bench.clock)
    task = asyncio.create_task(engine.run())
    again = replace(bench, engine=engine, task=task)
    await present(again, IcmpLevel.UP)
    await present(again, IcmpLevel.DOWN)
    alerts = await bench.store.alerts(AlertFilter(open_only=True), before_id=None, limit=9)
    assert [(alert.rule, alert.inhibited_by) for alert in alerts] == [
        ("device-offline", "is flapping (score 34)"),
        ("device-flapping", None),
    ]
    assert [name for name, _ in await until(again, 8)].count("alert:new") == 4
    task.cancel()
    await asyncio.wait([task])


async def test_the_hubs_own_disk_alerts_through_the_engine_and_once(bench: Bench) -> None:
    full = StorageInput(StorageSpace("/data", 100, 4))
    bench.engine.submit(full)
    await bench.engine.reconfigure()
    (alert,) = await bench.store.alerts(AlertFilter(open_only=True), before_id=None, limit=9)
    assert (alert.rule, alert.state) == ("storage-low", "pending")
    bench.clock.ahead_ms = MINUTE_MS
    bench.engine.submit(full)
    ((name, data),) = await until(bench, 1)
    assert (name, data["title"]) == ("alert:new", "The hub's disk has 4 % free (4 B) at /data")
    bench.engine.submit(full)
    bench.engine.submit(StorageInput(StorageSpace("/data", 100, 40)))
    assert [row["state"] for _, row in await until(bench, 2)] == ["firing", "resolved"]


async def test_an_incident_is_durable_with_its_alert_and_ends_with_it(bench: Bench) -> None:
    alert = await fallen(bench)
    (incident,) = await bench.store.incidents(open_only=True, before_id=None, limit=9)
    assert alert.incident == incident.ref
    assert (incident.title, incident.root_alert_id) == (alert.title, alert.id)
    # What a hub that starts now knows of it.
    world = World(await bench.store.load_engine_state(), started_ms=clock_ms())
    assert dict(world.incidents.items()) == {incident.id: incident}
    await present(bench, IcmpLevel.UP)
    assert (await bench.store.incident(incident.id)).ended_ms is not None
    assert await bench.store.incidents(open_only=True, before_id=None, limit=9) == []
    again = await fallen(bench)
    assert again.incident is not None
    assert again.incident.id == incident.id + 1
