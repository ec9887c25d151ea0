"""The hub's side of the agent link, over a real socket: it proves itself, refuses nonsense and hurts nobody else."""

import asyncio
import time
import zlib
from base64 import b64decode
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from noctule_hub.core.credit import BACKLOG_FRAMES, LIVE_FRAMES
from noctule_hub.realtime.gate import MAX_MESSAGE_BYTES
from noctule_shared.axes import Axis
from noctule_shared.frames import MAX_WIRE_BYTES, EventsBody, encode_frame
from noctule_shared.link import HUB_PROOF_PREFIX, PROTOCOL
from noctule_shared.observations import AxisChanged
from socketio.exceptions import ConnectionError as SocketConnectionError  # type: ignore[import-untyped]

from tests.hub.ingest.wire import COMMUNITY, DEADLINE_S, NONCE, Agent, Hub, enrolled, hello


async def test_hub_proves_itself_before_any_secret_is_shown(hub: Hub) -> None:
    answer = await hub.call("POST", "/agents/prove", nonce=NONCE)
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(answer["publicKey"]))
    key.verify(bytes.fromhex(answer["signature"]), HUB_PROOF_PREFIX + NONCE.encode() + b"0")


async def test_welcome_proves_the_hub_and_names_the_first_frame_wanted(hub: Hub, agent: Agent) -> None:
    wire = await agent.greet()
    welcome = await wire.heard("welcome")
    key = Ed25519PublicKey.from_public_bytes(
        bytes.fromhex((await hub.call("POST", "/agents/prove", nonce=NONCE))["publicKey"])
    )
    key.verify(bytes.fromhex(welcome["signature"]), HUB_PROOF_PREFIX + NONCE.encode() + str(agent.agent_id).encode())
    assert (welcome["protocol"], welcome["expectedSeq"]) == (PROTOCOL, 1)
    assert welcome["creditFrames"] > 0
    assert [row["link"] for row in (await hub.call("GET", "/agents"))["items"]] == ["connected"]


async def test_registered_device_reaches_its_agent_with_a_secret_that_only_it_can_open(hub: Hub, agent: Agent) -> None:
    wire = await agent.greet()
    await wire.heard("config")
    await hub.call(
        "POST",
        "/devices",
        name="core1",
        address="127.0.0.9",
        site="default",
        snmp={"version": "2c", "community": COMMUNITY, "interfaces": {"skipNames": ["Vlan*"]}},
    )
    config = await wire.heard("config")
    device = config["devices"][0]
    assert (device["name"], device["address"]) == ("core1", "127.0.0.9")
    assert device["snmp"]["interfaces"]["skipNames"] == ["Vlan*"]
    box = b64decode(device["snmp"]["sealed"])
    assert COMMUNITY.encode() not in box
    assert len(box) > 32


async def test_events_are_acknowledged_and_become_the_present(hub: Hub, agent: Agent) -> None:
    wire = await agent.greet()
    await hub.call("POST", "/devices", name="core1", address="127.0.0.9", site="default")
    device_id = (await hub.call("GET", "/devices"))["items"][0]["id"]
    event = AxisChanged(device_id, Axis.ICMP, "none", "up", "first round", int(time.time() * 1000))
    await wire.say("frame", (1, encode_frame(EventsBody([event]))))
    assert (await wire.heard("ack"))["seq"] == 1
    assert (await hub.call("GET", "/devices"))["items"][0]["status"] == "online"


async def test_unreadable_frame_is_acknowledged_and_the_link_stays(agent: Agent) -> None:
    wire = await agent.greet()
    await wire.heard("welcome")
    await wire.say("frame", (1, b"\x01\x00noise"))
    await wire.say("frame", (2, encode_frame(EventsBody([]))))
    async with asyncio.timeout(DEADLINE_S):
        while (await wire.heard("ack"))["seq"] < 2:
            pass
    assert not wire.ended


async def test_frame_that_comes_too_early_names_the_one_expected(agent: Agent) -> None:
    wire = await agent.greet()
    await wire.heard("welcome")
    await wire.say("frame", (5, encode_frame(EventsBody([]))))
    assert (await wire.heard("nack"))["expected"] == 1


@pytest.mark.parametrize(
    ("event", "data", "word"),
    [
        ("frame", (1, b"\x01\x00"), "before hello"),
        ("levels", {"tsMs": 1}, "before hello"),
        ("hello", {"nonce": 3}, "hello:"),
        ("hello", None, "hello:"),
        ("hello", hello(epoch="short", config_revision=0), "epoch"),
    ],
)
async def test_agent_that_breaks_the_protocol_is_told_and_cut(
    agent: Agent, event: str, data: object, word: str
) -> None:
    wire = await agent.link()
    await wire.say(event, data)
    fenced = await wire.heard("fenced")
    assert (fenced["code"], fenced["retry"]) == ("protocol", True)
    assert word in fenced["message"]
    await wire.until_cut()


async def test_agent_of_a_protocol_we_do_not_speak_is_told_which_to_update(agent: Agent) -> None:
    wire = await agent.greet(protocols=[7])
    fenced = await wire.heard("fenced")
    assert (fenced["code"], fenced["retry"]) == ("protocol", False)
    assert "speaks protocol 7, this hub 1, 2; upgrade the older of the two" in fenced["message"]


async def test_second_link_of_one_identity_fences_the_first(hub: Hub, agent: Agent) -> None:
    first = await agent.greet(startedMs=1)
    await first.heard("welcome")
    second = await agent.greet(startedMs=2)
    await second.heard("welcome")
    assert (await first.heard("fenced"))["code"] == "fenced"
    await first.until_cut()
    assert not second.ended
    assert [row["link"] for row in (await hub.call("GET", "/agents"))["items"]] == ["connected"]


async def test_two_agents_with_one_identity_are_both_kept_out_with_an_alert(hub: Hub, agent: Agent) -> None:
    wires = [await agent.greet(startedMs=1)]
    await wires[0].heard("welcome")
    for started_ms in (2, 1, 2):
        wires.append(await agent.greet(startedMs=started_ms))
        await wires[-2].until_cut()
    fenced = [await wire.heard("fenced") for wire in wires]
    assert [word["code"] for word in fenced] == ["fenced", "fenced", "contested", "contested"]
    assert "two agents use this identity" in fenced[-1]["message"]
    await wires[-1].until_cut()
    with pytest.raises(SocketConnectionError):
        await agent.link()
    assert agent.links[-1].refusal["data"] == {"code": "contested", "retry": True}
    await hub.running.engine.reconfigure()
    alerts = (await hub.call("GET", "/alerts?state=active"))["items"]
    assert [(alert["rule"], alert["title"]) for alert in alerts] == [
        ("agent-contested", "Agent site-server runs twice")
    ]


async def test_agent_that_takes_the_place_of_its_own_lost_link_is_no_second_one(hub: Hub, agent: Agent) -> None:
    wires = [await agent.greet(startedMs=1) for _ in range(6)]
    await wires[-1].heard("welcome")
    for wire in wires[:-1]:
        await wire.until_cut()
        assert "fenced" not in [name for name, _ in wire.came]
    assert (await hub.call("GET", "/alerts?state=active"))["items"] == []


async def test_revoked_agent_is_told_why_once_cut_and_not_let_in_again(hub: Hub, agent: Agent) -> None:
    wire = await agent.greet()
    await wire.heard("welcome")
    await hub.call("DELETE", f"/agents/{agent.agent_id}")
    fenced = await wire.heard("fenced")
    assert (fenced["code"], fenced["retry"]) == ("revoked", False)
    await wire.until_cut()
    with pytest.raises(SocketConnectionError):
        await agent.link()
    assert agent.links[-1].refusal["data"] == {"code": "revoked", "retry": False}


async def test_agent_revoked_between_its_connection_and_its_hello_is_told_and_cut(hub: Hub, agent: Agent) -> None:
    wire = await agent.link()
    await hub.call("DELETE", f"/agents/{agent.agent_id}")
    assert (await wire.heard("fenced"))["code"] == "revoked"
    await wire.until_cut()
    assert [row["link"] for row in (await hub.call("GET", "/agents"))["items"]] == ["revoked"]


async def add_device(hub: Hub, name: str, address: str) -> dict[str, Any]:
    added: dict[str, Any] = await hub.call("POST", "/devices", name=name, address=address, site="default")
    return added


async def test_agent_is_sent_what_changed_since_its_revision(hub: Hub, agent: Agent) -> None:
    first, second = [await add_device(hub, f"core{number}", f"127.0.0.{number}") for number in (1, 2)]
    wire = await agent.greet()
    whole = await wire.heard("config")
    assert (whole["base"], [device["name"] for device in whole["devices"]]) == (0, ["core1", "core2"])
    await wire.sio.disconnect()
    await hub.call("DELETE", f"/devices/{first['id']}")
    await add_device(hub, "core3", "127.0.0.3")
    wire = await agent.greet(config_revision=whole["revision"])
    delta = await wire.heard("config")
    assert (delta["base"], delta["revision"]) == (whole["revision"], whole["revision"] + 2)
    assert ([device["name"] for device in delta["devices"]], delta["removed"]) == (["core3"], [first["id"]])
    await hub.call("PATCH", f"/devices/{second['id']}", name="edge2", revision=second["revision"])
    live = await wire.heard("config")
    assert (live["base"], [device["name"] for device in live["devices"]]) == (delta["revision"], ["edge2"])


@pytest.mark.parametrize("revision", [999, -1])
async def test_agent_with_a_revision_that_never_was_is_sent_the_whole_list(
    hub: Hub, agent: Agent, revision: int
) -> None:
    await add_device(hub, "core1", "127.0.0.1")
    wire = await agent.greet(config_revision=revision)
    config = await wire.heard("config")
    assert (config["base"], [device["name"] for device in config["devices"]]) == (0, ["core1"])


async def test_agents_with_backlogs_share_their_credit_until_these_are_delivered(agent: Agent, hub: Hub) -> None:
    others = [await enrolled(hub, f"other{number}") for number in range(BACKLOG_FRAMES // LIVE_FRAMES * 2)]
    wires = [await other.greet(nextSeq=LIVE_FRAMES + 2) for other in others]
    welcomes = [await wire.heard("welcome") for wire in wires]
    assert welcomes[-1]["creditFrames"] == LIVE_FRAMES // 2
    assert (await (await agent.greet()).heard("welcome"))["creditFrames"] == LIVE_FRAMES
    for seq in range(1, LIVE_FRAMES + 2):
        await wires[0].say("frame", (seq, encode_frame(EventsBody([]))))
    while (await wires[0].heard("credit"))["frames"] != LIVE_FRAMES:
        pass
    for other in others:
        await other.close()


async def test_clock_of_an_agent_is_compared_with_the_hubs_and_shown(hub: Hub, agent: Agent) -> None:
    wire = await agent.greet(clockMs=int(time.time() * 1000) - 40_000)
    await wire.heard("welcome")
    (shown,) = (await hub.call("GET", "/agents"))["items"]
    assert -50 < shown["clockSkewS"] < -40 + 1


async def test_outbox_begun_anew_is_shown_as_a_gap_with_its_reason(hub: Hub, agent: Agent) -> None:
    await (await agent.greet(epoch="00000000000000aa")).heard("welcome")
    wire = await agent.greet(
        epoch="00000000000000bb", epochReason="outbox.db was corrupt", lostFromMs=1_790_000_000_000
    )
    await wire.heard("welcome")
    gaps = await hub.call("GET", f"/agents/{agent.agent_id}/gaps")
    assert [(gap["from"], gap["samples"]) for gap in gaps["items"]] == [("2026-09-21T14:13:20.000Z", None)]
    assert "outbox.db was corrupt" in gaps["items"][0]["reason"]


async def test_renamed_agent_keeps_its_link(hub: Hub, agent: Agent) -> None:
    wire = await agent.greet()
    await wire.heard("welcome")
    renamed = await hub.call("PATCH", f"/agents/{agent.agent_id}", name="north-2")
    assert (renamed["name"], renamed["link"]) == ("north-2", "connected")
    assert not wire.ended


async def test_agent_is_told_at_once_and_at_its_next_link_what_it_and_its_site_are_called(
    hub: Hub, agent: Agent
) -> None:
    wire = await agent.greet(config_revision=1)
    await wire.heard("welcome")
    await hub.call("PATCH", f"/agents/{agent.agent_id}", name="north-2")
    page = await wire.heard("config")
    assert (page["agent"], page["base"], page["devices"], page["removed"]) == ("north-2", 1, [], [])
    (site,) = [one for one in (await hub.call("GET", "/sites"))["items"] if one["name"] == page["site"]]
    await hub.call("PATCH", f"/sites/{site['id']}", revision=site["revision"], name="hill")
    wire = await agent.greet(config_revision=page["revision"])
    assert (await wire.heard("config"))["site"] == "hill"


async def test_token_is_good_for_one_connection(agent: Agent) -> None:
    token = agent.token()
    await agent.link(token)
    with pytest.raises(SocketConnectionError):
        await agent.link(token)


async def test_stranger_with_a_key_of_its_own_is_refused(agent: Agent) -> None:
    stranger = Agent(agent.hub, agent.agent_id, agent.hub_id, Ed25519PrivateKey.generate(), agent.sealing)
    with pytest.raises(SocketConnectionError):
        await stranger.link()


async def test_message_beyond_every_limit_costs_its_sender_the_link_and_nobody_else(hub: Hub, agent: Agent) -> None:
    other = await enrolled(hub, "other")
    innocent, wire = await other.greet(), await agent.greet()
    await wire.heard("welcome")
    await innocent.heard("welcome")
    await wire.say("frame", (1, bytes(MAX_MESSAGE_BYTES + 1)))
    await wire.until_cut()
    await innocent.say("frame", (1, encode_frame(EventsBody([]))))
    assert (await innocent.heard("ack"))["seq"] == 1
    again = await agent.greet()
    assert (await again.heard("welcome"))["expectedSeq"] == 1
    await other.close()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x09\x00newer",
        b"\x01\x01" + zlib.compress(bytes(64 * 1024 * 1024)),
        bytes(MAX_WIRE_BYTES + 1),
        b"\x01\x00" + msgspec.msgpack.encode(["m", {"latency": [2**40, {}]}]),
    ],
    ids=["empty", "version", "bomb", "large", "rows"],
)
async def test_frame_that_can_never_be_read_is_named_counted_and_passed_over(
    hub: Hub, agent: Agent, raw: bytes
) -> None:
    wire = await agent.greet()
    await wire.heard("welcome")
    await wire.say("frame", (1, raw))
    assert (await wire.heard("ack"))["seq"] == 1
    assert hub.running.engine.counters.rejected == 1
    gaps = (await hub.call("GET", f"/agents/{agent.agent_id}/gaps"))["items"]
    assert [(gap["samples"], gap["reason"].partition(":")[0]) for gap in gaps] == [(None, "frame rejected")]
    await wire.say("frame", (2, encode_frame(EventsBody([]))))
    assert (await wire.heard("ack"))["seq"] == 2


async def test_command_goes_to_the_device_s_agent_and_over_its_next_link_too(hub: Hub, agent: Agent) -> None:
    first = await agent.greet()
    await first.heard("welcome")
    await hub.call("POST", "/devices", name="core1", address="127.0.0.9", site="default")
    device_id = (await hub.call("GET", "/devices"))["items"][0]["id"]
    asked = asyncio.create_task(hub.call("POST", f"/devices/{device_id}/traceroute"))
    command = await first.heard("command")
    assert (command["kind"], command["args"]) == ("traceroute", {"deviceId": device_id})
    await first.sio.disconnect()
    second = await agent.greet()
    assert await second.heard("command") == command
    body = {"address": "127.0.0.9", "reached": False, "hops": []}
    await second.say("result", {"id": command["id"], "ok": True, "reason": None, "body": body})
    assert await asked == body


async def test_result_that_is_none_breaks_the_protocol(agent: Agent) -> None:
    wire = await agent.greet()
    await wire.heard("welcome")
    await wire.say("result", {"id": 7})
    assert "result:" in (await wire.heard("fenced"))["message"]
