"""One measurement's journey from net-snmp's snmpd through agent and hub to a plain Socket.IO client."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import socketio  # type: ignore[import-untyped]
from aiohttp import ClientSession

from tests.e2e.conftest import COMMUNITY, DEADLINE_S, Installation, Snmpd, wait_until

pytestmark = [pytest.mark.check, pytest.mark.timeout(180), pytest.mark.xdist_group("e2e")]


class Listener:
    """A client that only connects and listens."""

    def __init__(self) -> None:
        self.sio = socketio.AsyncClient()
        self.heard: list[tuple[str, Any]] = []
        self._news = asyncio.Event()
        self.sio.on("*", self._remember)

    async def until(self, event: str, holds: Callable[[Any], bool] = lambda _: True, **fields: object) -> Any:
        async with asyncio.timeout(DEADLINE_S):
            while True:
                for name, data in self.heard:
                    if name == event and holds(data) and all(data.get(key) == value for key, value in fields.items()):
                        return data
                self._news.clear()
                await self._news.wait()

    def _remember(self, event: str, data: Any = None) -> None:
        self.heard.append((event, data))
        self._news.set()


@pytest.fixture
async def listener(installation: Installation) -> AsyncIterator[Listener]:
    async with ClientSession() as http:
        body = {"username": "admin", "password": installation.password}
        async with http.post(f"{installation.url}/api/v1/auth/login", json=body) as answer:
            token = (await answer.json())["accessToken"]
    client = Listener()
    await client.sio.connect(installation.url, auth={"token": token}, transports=["websocket"])
    yield client
    await client.sio.disconnect()


def test_registered_router_is_online_with_its_interfaces_and_latency(installation: Installation) -> None:
    wait_until(lambda: installation.devices()["router"]["status"] == "online", "router online")
    wait_until(lambda: installation.devices()["router"]["latency"], "a latency of the router")
    latency = installation.devices()["router"]["latency"]
    assert latency["source"] == "snmp"
    assert 0 < latency["rttS"] < 1


async def test_measurements_reach_a_client_that_only_listens(installation: Installation, listener: Listener) -> None:
    device_id = installation.devices()["router"]["id"]
    latency = await listener.until("latency:update")
    assert device_id in {item["deviceId"] for item in latency["items"]}
    assert (await listener.sio.call("subscribe", f"device:{device_id}"))["ok"]
    await listener.until("bandwidth:update", lambda data: device_id in {item["deviceId"] for item in data["items"]})
    # In the device's room come its interfaces' rates beside its total.
    own = await listener.until("bandwidth:update", lambda data: any(item["interfaceId"] for item in data["items"]))
    assert {item["deviceId"] for item in own["items"]} == {device_id}
    assert None in {item["interfaceId"] for item in own["items"]}
    stats = await listener.until("stats:update")
    assert stats["devices"]["total"] == len(installation.devices())


async def test_inform_that_is_acknowledged_reaches_a_client_that_only_listens(
    installation: Installation, listener: Listener
) -> None:
    device_id = installation.devices()["router"]["id"]
    wait_until(lambda: f"SNMP traps on port {installation.log_port}" in installation.log("agent"), "the agent listens")
    port = f"127.0.0.1:{installation.log_port}"
    inform = ["snmpinform", "-v2c", "-c", COMMUNITY, port, "", "1.3.6.1.6.3.1.1.5.4", "1.3.6.1.2.1.2.2.1.1.1", "i", "1"]
    sender = await asyncio.create_subprocess_exec(*inform)
    assert await sender.wait() == 0
    log = await listener.until("network:log", source="trap")
    assert (log["deviceId"], log["address"], log["message"]) == (device_id, "127.0.0.1", "linkUp: ifIndex 1")
    assert (log["severity"], log["severityName"]) == (5, "notice")
    assert "linkUp: ifIndex 1" in installation.noctule("log", "tail").stdout


async def test_device_that_falls_silent_is_told_and_alerted_and_recovers(
    installation: Installation, snmpd: Snmpd, listener: Listener
) -> None:
    await asyncio.to_thread(wait_until, lambda: installation.devices()["router"]["status"] == "online", "router online")
    stopped_s = time.monotonic()
    await asyncio.to_thread(snmpd.stop)
    status = await listener.until("device:status", status="offline")
    assert time.monotonic() - stopped_s < 30
    assert (status["previous"], status["deviceName"]) == ("online", "router")
    alert = await listener.until("alert:new", rule="device-offline")
    assert (alert["title"], alert["severity"], alert["state"]) == ("router is offline", "critical", "firing")
    snmpd.start()
    await listener.until("device:status", status="online", previous="offline")
    # What else is offline at the site may have made it one of an incident meanwhile.
    await listener.until("alert:update", id=alert["id"], state="resolved")


def test_device_is_tested_by_its_agent_and_no_secret_is_told(installation: Installation, snmpd: Snmpd) -> None:
    wait_until(lambda: installation.devices()["router"]["latency"], "the router is polled")
    tested = installation.noctule("device", "test", "router", "--json")
    found = json.loads(tested.stdout)
    assert (found["snmp"]["ok"], found["snmp"]["sysName"]) == (True, "snmpd.lab")
    assert found["interfaceCount"] >= 1
    assert COMMUNITY not in tested.stdout
    snmpd.stop()
    try:
        silent = installation.noctule("device", "test", "router", "--json", check=False)
    finally:
        snmpd.start()
    assert json.loads(silent.stdout)["snmp"]["reason"] == "port-closed"


async def test_device_in_focus_is_measured_each_second(installation: Installation, listener: Listener) -> None:
    device_id = installation.devices()["router"]["id"]
    answer = await listener.sio.call("focus", {"deviceId": device_id, "on": True})
    assert (answer["ok"], answer["intervalS"]) == (True, 1.0)
    assert (await listener.sio.call("focus", {"deviceId": device_id, "on": False}))["until"] is None


def test_connected_clients_are_listed(installation: Installation, listener: Listener) -> None:
    assert listener.sio.connected
    clients = installation.json("client", "list")["items"]
    mine = next(client for client in clients if client["user"] == "admin")
    assert (mine["role"], mine["transport"]) == ("admin", "websocket")
    assert "devices" in mine["rooms"]


def test_secrets_are_in_no_log_and_in_no_database_as_they_are(installation: Installation) -> None:
    wait_until(lambda: installation.devices()["router"]["latency"], "the router is polled")
    for path in installation.folder.rglob("*"):
        if path.is_file() and path.name not in {"community", "password"}:
            content = path.read_bytes()
            assert COMMUNITY.encode() not in content, path
            assert installation.password.encode() not in content, path
