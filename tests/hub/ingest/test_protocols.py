"""The hub serves agents of its own link protocol and of the one before it, byte for byte as they were built."""

import asyncio
import time

import msgspec
from noctule_shared.link import PROTOCOL, SUPPORTED_PROTOCOLS

from tests.hub.ingest import protocol_1
from tests.hub.ingest.wire import DEADLINE_S, NONCE, Agent, Hub, Wire


async def acked(wire: Wire, seq: int) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while msgspec.convert(await wire.heard("ack"), protocol_1.Ack).seq < seq:
            pass


async def test_agent_of_the_previous_protocol_is_served_in_full(hub: Hub, agent: Agent) -> None:
    device = await hub.call(
        "POST", "/devices", name="core1", address="127.0.0.9", site="default", snmp={"version": "2c", "community": "c"}
    )
    now_ms = int(time.time() * 1000)
    wire = await agent.link()
    levels = protocol_1.Levels(now_ms, "ok", [{"deviceId": device["id"], "icmp": "up", "icmpSinceMs": now_ms}], 1)
    hello = protocol_1.Hello([1], "0.1.0", NONCE, "00000000000000aa", 1, 1, now_ms, now_ms, 0, levels)
    await wire.say("hello", msgspec.to_builtins(hello))
    welcome = msgspec.convert(await wire.heard("welcome"), protocol_1.Welcome)
    assert (welcome.protocol, welcome.expected_seq) == (1, 1)
    config = msgspec.convert(await wire.heard("config"), protocol_1.ConfigPage)
    assert [(row.name, row.snmp is not None) for row in config.devices] == [("core1", True)]
    await wire.say("config-applied", msgspec.to_builtins(protocol_1.ConfigApplied(config.revision)))
    ports = protocol_1.inventory(device["id"], 7, now_ms, protocol_1.port(1, "ge-0/0/1"))
    await wire.say("frame", (1, protocol_1.events(protocol_1.axis(device["id"], "none", "up", now_ms), ports)))
    rows: dict[str, dict[str, float]] = {
        "latency": {"device_id": device["id"], "ts_ms": now_ms, "rtt_median_s": 0.5},
        "interface": {"device_id": device["id"], "ts_ms": now_ms, "inventory_rev": 7, "in_octets": 1_000.0},
    }
    await wire.say("frame", (2, protocol_1.measurements(**rows)))
    await wire.say("frame", (3, protocol_1.events(protocol_1.gap(3, 9, now_ms, 70))))
    await acked(wire, 9)
    shown = await hub.call("GET", f"/devices/{device['id']}")
    assert (shown["status"], shown["latency"]["rttS"], shown["bandwidth"]["inBps"]) == ("online", 0.5, 8_000.0)
    gaps = await hub.call("GET", f"/agents/{agent.agent_id}/gaps")
    assert [(gap["samples"], gap["reason"]) for gap in gaps["items"]] == [(70, "outbox-full")]


async def test_end_of_a_link_is_told_in_words_that_the_previous_protocol_knows(hub: Hub, agent: Agent) -> None:
    wire = await agent.greet(protocols=[1])
    await wire.heard("welcome")
    await hub.call("DELETE", f"/agents/{agent.agent_id}")
    fenced = msgspec.convert(await wire.heard("fenced"), protocol_1.Fenced)
    assert (fenced.code, fenced.retry) == ("revoked", False)


async def test_newest_protocol_that_both_speak_is_chosen(agent: Agent) -> None:
    wire = await agent.greet(protocols=[1, PROTOCOL, PROTOCOL + 1])
    assert (await wire.heard("welcome"))["protocol"] == PROTOCOL


def test_exactly_two_protocols_are_served() -> None:
    assert frozenset({PROTOCOL - 1, PROTOCOL}) == SUPPORTED_PROTOCOLS
