"""Flaps, restarts and links over a real hub's wire, and decided once whatever becomes of a commit."""

import time

import msgspec
import pytest
from noctule_hub.core.alerting.conditions import About
from noctule_hub.core.alerting.filter import AlertFilter
from noctule_hub.core.commit import Commit
from noctule_hub.core.world import World
from noctule_hub.ingest.inputs import FrameInput, HelloInput
from noctule_hub.store.errors import StoreError
from noctule_shared.axes import CanaryLevel, Duplex, IfStatus
from noctule_shared.frames import EventsBody, encode_frame
from noctule_shared.link import Levels
from noctule_shared.observations import AgentEvent, InterfaceChanged, Inventory, InventoryInterface, Rebooted

from tests.hub.ingest.conftest import Bench, clock_ms
from tests.hub.ingest.wire import Agent, Hub

UP, DOWN = IfStatus.UP, IfStatus.DOWN
EPOCH = "00000000000000aa"


def flapping(device_id: int, now_ms: int, changes: int) -> list[AgentEvent]:
    """Return an inventory of one port, and so many changes of it, the first down."""
    row = InventoryInterface(1, "ge-0/0/1", "ge-0/0/1", "", "uplink", 6, 10**9, UP, UP, 64, polled=True)
    row = msgspec.structs.replace(row, duplex=Duplex.FULL)
    events: list[AgentEvent] = [Inventory(device_id, 7, now_ms - 10_000, None, [row])]
    for turn in range(changes):
        old, new = (UP, DOWN) if turn % 2 == 0 else (DOWN, UP)
        events.append(InterfaceChanged(device_id, 1, 7, UP, new, UP, old, now_ms - 5_000 + turn, "poll"))
    return events


async def test_one_frame_of_flaps_and_a_restart_becomes_one_alert_and_a_log_entry(hub: Hub, agent: Agent) -> None:
    snmp = {"version": "2c", "community": "c"}
    device = await hub.call("POST", "/devices", name="core1", address="127.0.0.9", site="default", snmp=snmp)
    wire = await agent.greet()
    await wire.heard("welcome")
    now_ms = int(time.time() * 1000)
    events = [*flapping(device["id"], now_ms, 7), Rebooted(device["id"], now_ms, 4_200)]
    await wire.say("frame", (1, encode_frame(EventsBody(events))))
    assert (await wire.heard("ack"))["seq"] == 1
    alerts = {row["rule"]: row for row in (await hub.call("GET", "/alerts"))["items"]}
    assert sorted(alerts) == ["interface-down", "interface-flapping"]
    assert alerts["interface-flapping"]["title"] == "core1 ge-0/0/1 (uplink) is flapping"
    assert alerts["interface-flapping"]["state"] == "firing"
    assert alerts["interface-down"]["inhibitedBy"] == "is flapping (score 64)"
    (shown,) = (await hub.call("GET", f"/devices/{device['id']}/interfaces"))["items"]
    assert (shown["duplex"], shown["speedBps"]) == ("full", 10**9)
    logs = (await hub.call("GET", f"/logs?device={device['id']}"))["items"]
    assert [(row["source"], row["message"]) for row in logs] == [
        ("inventory", "started again: sysUpTime is 42 s (4200 ticks)")
    ]


async def test_flaps_of_a_commit_that_failed_are_counted_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = bench.store.commit
    refused: list[Commit] = []

    async def refuse_once(wanted: Commit) -> list[int]:
        if wanted.flaps and not refused:
            refused.append(wanted)
            raise StoreError("disk full")
        return await commit(wanted)

    monkeypatch.setattr(bench.store, "commit", refuse_once)
    monkeypatch.setattr("noctule_hub.ingest.engine.RETRY_S", 0.01)
    levels = Levels(clock_ms(), CanaryLevel.OK, [], next_seq=1)
    bench.engine.submit(HelloInput(bench.agent_id, EPOCH, 1, levels, "test", bench.engine.new_future()))
    body = EventsBody(flapping(bench.device_id, clock_ms(), 7))
    bench.engine.submit(FrameInput(bench.agent_id, EPOCH, 1, encode_frame(body), body))
    await bench.until_ack(1)
    assert len(refused) == 1
    state = await bench.store.load_engine_state()
    assert [(row.about, row.changes) for row in state.flaps] == [(About.INTERFACE, 7)]
    alerts = await bench.store.alerts(AlertFilter(open_only=True), before_id=None, limit=9)
    assert sorted(alert.rule for alert in alerts) == ["interface-down", "interface-flapping"]
    assert len(list(World(state, started_ms=clock_ms()).flaps.items())) == 1
