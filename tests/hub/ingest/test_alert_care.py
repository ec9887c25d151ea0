"""An alert of a real hub explained and assigned, over HTTP, by the command line and over sockets."""

import asyncio
import time
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from noctule_hub.cli import root
from noctule_shared.axes import Axis
from noctule_shared.frames import EventsBody, encode_frame
from noctule_shared.observations import AxisChanged

from tests.hub.ingest.wire import Agent, Hub
from tests.hub.realtime.conftest import Client

PASSWORD = "planted-password-1"
ROUTE = "traceroute to 127.0.0.9: 1 127.0.0.8 0.4 ms, then no answer"


@pytest.fixture
async def fallen(hub: Hub, agent: Agent) -> dict[str, Any]:
    """A device that fell and stands behind another; the answer is its alert.

    What it stands behind is said afterwards: an alert of what has parents is held back for a while.
    """
    edge = await hub.call("POST", "/devices", name="edge1", address="127.0.0.8", site="default", icmp={})
    device = await hub.call("POST", "/devices", name="core1", address="127.0.0.9", site="default", icmp={})
    wire = await agent.greet()
    await wire.heard("welcome")
    now_ms = time.time_ns() // 1_000_000
    events = [
        AxisChanged(device["id"], Axis.ICMP, old, new, "5 of 5 lost", now_ms + at, detail)
        for at, (old, new, detail) in enumerate((("none", "up", None), ("up", "down", ROUTE)))
    ]
    await wire.say("frame", (1, encode_frame(EventsBody(list(events)))))
    await wire.heard("ack")
    (alert,) = (await hub.call("GET", "/alerts"))["items"]
    assert isinstance(alert, dict)
    revision = (await hub.call("GET", f"/devices/{device['id']}"))["revision"]
    await hub.call("PATCH", f"/devices/{device['id']}", revision=revision, parents=[edge["id"]])
    return alert


async def noctule(hub: Hub, *arguments: str) -> Result:
    """Run the command line as the administrator."""
    token = str(hub.http.headers["Authorization"]).removeprefix("Bearer ")
    environment = {"NOCTULE_URL": hub.running.url, "NOCTULE_TOKEN": token, "TZ": "UTC"}
    return await asyncio.to_thread(lambda: CliRunner(env=environment).invoke(root, arguments, prog_name="noctule"))


async def user(hub: Hub, name: str, role: str) -> dict[str, Any]:
    made: dict[str, Any] = await hub.call("POST", "/users", username=name, password=PASSWORD, role=role)
    return made


async def test_an_alert_tells_its_story_over_http_and_by_the_command_line(hub: Hub, fallen: dict[str, Any]) -> None:
    path = f"/alerts/{fallen['id']}"
    acked = await noctule(hub, "alert", "ack", "987654", str(fallen["id"]), "--note", "on my way")
    assert (acked.exit_code, acked.stdout) == (1, f"Alert {fallen['id']} (core1 is offline) is acknowledged.\n")
    assert "987654: there is no alert 987654" in acked.stderr
    rule = await hub.call("GET", "/rules/1")
    await hub.call("PATCH", "/rules/1", revision=rule["revision"], severity="warning")
    told = await hub.call("GET", f"{path}/explanation")
    assert [step["kind"] for step in told["steps"]] == ["fired", "joined", "acknowledged", "followed"]
    assert (told["ruleThen"]["severity"], told["ruleNow"]["severity"]) == ("critical", "warning")
    assert [(hop["name"], hop["away"]) for hop in told["path"]] == [("edge1", 1)]
    assert (told["deliveries"], told["late"], told["stepsDropped"]) == ([], False, 0)
    assert "The rule has been changed since (revision 2): its severity is warning." in told["sentences"]
    shown = await noctule(hub, "alert", "show", str(fallen["id"]))
    assert shown.exit_code == 0, shown.output
    assert "core1 is offline (warning): does not answer ICMP: 5 of 5 lost." in shown.stdout
    assert "admin takes care of it" in shown.stdout
    assert f"Its agent found: {ROUTE}." in shown.stdout
    assert "acknowledged" in shown.stdout.splitlines()[-2]
    document = msgspec.json.decode((await noctule(hub, "alert", "show", str(fallen["id"]), "--json")).stdout)
    assert document["sentences"][0] == told["sentences"][0]
    brief = await noctule(hub, "alert", "show", str(fallen["id"]), "--brief")
    assert "rings nobody because" in brief.stdout


async def test_a_newer_acknowledgement_drops_nothing_of_those_before(hub: Hub, fallen: dict[str, Any]) -> None:
    path = f"/alerts/{fallen['id']}"
    for note in ("card ordered", "card is there", ""):
        await hub.call("POST", f"{path}/acknowledge", note=note)
    told = await hub.call("GET", f"{path}/explanation")
    notes = [step.get("note") for step in told["steps"] if step["kind"] == "acknowledged"]
    assert notes == ["card ordered", "card is there", None]
    (now, *before) = [one for one in told["sentences"] if " care of it" in one and "ring" not in one]
    assert (told["alert"].get("note"), now.startswith("admin takes care of it since ")) == (None, True)
    assert [one.rsplit(": ", 1)[1] for one in before] == ["card is there.", "card ordered."]
    shown = (await noctule(hub, "alert", "show", str(fallen["id"]))).stdout
    assert all(f"admin takes care of it: {note}" in shown for note in ("card ordered", "card is there"))


async def test_why_there_is_no_alert_is_answered_by_rule(hub: Hub, fallen: dict[str, Any]) -> None:
    device_id = fallen["deviceId"]
    answer = await hub.call("GET", f"/alerts/why?deviceId={device_id}")
    outcomes = {one["rule"]: one["outcome"] for one in answer["items"]}
    assert outcomes["device-offline"] == "firing"
    assert outcomes["rebooted"] == "disabled"
    # Of a device that has told nothing yet nobody can know.
    other = await noctule(hub, "alert", "why", "--device", "edge1", "--json")
    assert {one["outcome"] for one in msgspec.json.decode(other.stdout)["items"]} == {"unknown", "disabled"}
    table = await noctule(hub, "alert", "why", "--device", "core1")
    assert f"alert {fallen['id']} fires" in table.stdout
    missing = await noctule(hub, "alert", "why", "--device", "core1", "--interface", "ge-9")
    assert (missing.exit_code, "has no interface 'ge-9'" in missing.stderr) == (1, True)
    async with hub.http.get(f"{hub.running.url}/api/v1/alerts/why?deviceId={device_id}&interfaceId=99") as refused:
        assert (refused.status, (await refused.json())["field"]) == (400, "interfaceId")


async def test_who_is_assigned_hears_of_it_and_is_relieved_with_the_right_to(hub: Hub, fallen: dict[str, Any]) -> None:
    bob = await user(hub, "bob", "viewer")
    await user(hub, "bill", "billing")
    alert_id = str(fallen["id"])
    refused = await noctule(hub, "alert", "assign", alert_id, "bill")
    assert (refused.exit_code, "those may: admin, bob" in refused.stderr) == (1, True)
    done = await noctule(hub, "alert", "assign", alert_id, "BOB")
    assert done.stdout == f"Alert {alert_id} (core1 is offline) is assigned to bob.\n"
    listed = await noctule(hub, "alert", "list", "--assignee", "bob", "--json")
    assert [one["id"] for one in msgspec.json.decode(listed.stdout)["items"]] == [fallen["id"]]
    mine = await noctule(hub, "alert", "list", "--mine", "--json")
    assert msgspec.json.decode(mine.stdout)["items"] == []
    (entry,) = (await hub.call("GET", f"/audit?kind=alert&objectId={alert_id}"))["items"]
    assert entry["after"]["assignee"] == {"userId": bob["id"], "name": "bob"}

    token = (await hub.call("POST", "/auth/login", username="bob", password=PASSWORD))["accessToken"]
    client = Client(hub.running.url)
    await client.connect({"token": token, "rooms": [f"user:{bob['id']}"], "since": None})
    await client.ready()
    await hub.call("POST", f"/alerts/{alert_id}/acknowledge", note="seen")
    await client.until(lambda one: bool(one.of("alert:update")), "the update of an assigned alert")
    assert client.of("alert:update")[-1]["acknowledgedBy"] == "admin"
    await client.sio.disconnect()

    changed = await hub.call("PATCH", f"/users/{bob['id']}", revision=bob["revision"], role="billing")
    told = await hub.call("GET", f"/alerts/{alert_id}/explanation")
    assert "assignee" not in told["alert"]
    assert told["steps"][-1]["text"] == "bob may not take care of alerts any more"
    # What the room was told while bob was staff, and of his relief, is not for who he is now.
    async with hub.http.get(
        f"{hub.running.url}/api/v1/events?names=alert:update,alert:new", headers={"Authorization": f"Bearer {token}"}
    ) as answer:
        body = await answer.json()
        assert (answer.status, body["items"]) == (200, [])
    await hub.call("PATCH", f"/users/{bob['id']}", revision=changed["revision"], role="viewer")
    await noctule(hub, "alert", "assign", alert_id, str(bob["id"]))
    taken = await noctule(hub, "alert", "unassign", alert_id)
    assert taken.stdout == f"Alert {alert_id} (core1 is offline) is assigned to nobody.\n"
    await hub.call("POST", f"/alerts/{alert_id}/assign", userId=bob["id"])
    await hub.call("DELETE", f"/users/{bob['id']}")
    assert "assignee" not in await hub.call("GET", f"/alerts/{alert_id}")
