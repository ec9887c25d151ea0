"""Plain clients in JavaScript and Python, over either transport alone, hear every event of a hub by its cause."""

import json
import socket
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from noctule_shared.events import EventName

from tests.e2e.conftest import SITE, Installation, Snmpd, wait_until
from tests.e2e.plain_clients import PlainClient, javascript, python

pytestmark = [pytest.mark.check, pytest.mark.timeout(240), pytest.mark.xdist_group("e2e")]

CLIENTS: Final = {
    f"{name}-{transport}": (make, transport)
    for name, make in (("javascript", javascript), ("python", python))
    for transport in ("websocket", "polling")
}
IF_OPER_STATUS: Final = "1.3.6.1.2.1.2.2.1.8"
WORDS: Final = "every event has its cause"
# What each event says when it came of the cause that `happened` made. An event that is new and has no line here fails.
SAYS: Final[dict[EventName, Callable[[Any], bool]]] = {
    EventName.DEVICE_STATUS: lambda data: (data["deviceName"], data["status"]) == ("router", "offline"),
    EventName.INTERFACE_STATUS: lambda data: (data["deviceName"], data["ifOperStatus"]) == ("router", "down"),
    EventName.ALERT_NEW: lambda data: (data["title"], data["state"]) == ("router is offline", "firing"),
    EventName.ALERT_UPDATE: lambda data: (data["title"], data.get("note")) == ("router is offline", WORDS),
    EventName.NETWORK_LOG: lambda data: (data["source"], data["message"]) == ("syslog", WORDS),
    EventName.PAYMENT_UPDATE: lambda data: (data["paymentId"], data["status"]) == ("every-event", "paid"),
    EventName.CUSTOMER_UPDATE: lambda data: data["state"] == "active",
    EventName.AGENT_STATUS: lambda data: (data["agentName"], data["status"]) == ("every-agent", "revoked"),
    EventName.LATENCY_UPDATE: lambda data: data["items"][0]["source"] in {"icmp", "snmp"},
    EventName.BANDWIDTH_UPDATE: lambda data: bool(data["items"]),
    EventName.STATS_UPDATE: lambda data: data["devices"]["total"] > 0,
    EventName.POSITION: lambda data: data["delivered"] > 0,
    EventName.REPLAY_DONE: lambda data: {"devices", "payments"} <= set(data["rooms"]),
}
# One device alone cannot send so many logs that a room hears less; tests/hub/realtime/test_network_logs.py has it.
OF_MANY_DEVICES: Final = {EventName.LOGS_SKIPPED}


@pytest.fixture(scope="module")
def token(installation: Installation) -> str:
    made: str = installation.json("token", "create", "--role", "admin", "--ttl", "1h", "--name", "every-event")["token"]
    return made


@pytest.fixture(scope="module")
def clients(installation: Installation, token: str) -> Iterator[dict[str, PlainClient]]:
    # What a port is told is told in the rooms of its device and site, which no role is in by itself.
    site = f"site:{installation.devices()['router']['siteId']}"
    started = {name: make(installation.url, token, transport, site) for name, (make, transport) in CLIENTS.items()}
    for client in started.values():
        client.has_heard("replay:done")
    yield started
    for client in started.values():
        client.stop()


@pytest.fixture(scope="module")
def happened(installation: Installation, snmpd: Snmpd, token: str, clients: dict[str, PlainClient]) -> None:
    """Have everything happen that a hub tells of."""
    wait_until(lambda: installation.devices()["router"]["status"] == "online", "router online")
    port = wait_until(lambda: _port_that_is_up(installation, token), "a port of the router is up")
    _router_falls_and_loses_a_port(installation, snmpd, port, next(iter(clients.values())))
    installation.noctule("customer", "add", "Every Event", "--reference", "C-EVERY")
    installation.noctule("payment", "publish", "every-event", "--customer", "C-EVERY", "--status", "paid")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(f"<13>{WORDS}".encode(), ("127.0.0.1", installation.syslog_port))
    _agent_joins_and_is_revoked(installation)


def _port_that_is_up(installation: Installation, token: str) -> int | None:
    """Return the ifIndex of a port of the router, None: it has told of none yet."""
    device_id = installation.devices()["router"]["id"]
    request = urllib.request.Request(f"{installation.url}/api/v1/devices/{device_id}/interfaces")  # noqa: S310  the test's own hub
    request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  the test's own hub
        ports = json.load(answer)["items"]
    return next((port["ifIndex"] for port in ports if port["polled"] and port["ifOperStatus"] == "up"), None)


def _router_falls_and_loses_a_port(installation: Installation, snmpd: Snmpd, port: int, client: PlainClient) -> None:
    lines = snmpd.lines
    snmpd.stop()
    try:
        alert = client.has_heard("alert:new", SAYS[EventName.ALERT_NEW])
        installation.noctule("alert", "ack", str(alert["id"]), "--note", WORDS)
        snmpd.lines = (*lines, f"override {IF_OPER_STATUS}.{port} integer 2")
        snmpd.start()
        client.has_heard("interface:status", SAYS[EventName.INTERFACE_STATUS])
    finally:
        snmpd.stop()
        snmpd.lines = lines
        snmpd.start()


def _agent_joins_and_is_revoked(installation: Installation) -> None:
    token, folder = installation.folder / "every-token", installation.folder / "every-agent"
    token.write_text(installation.json("agent", "token", "--site", SITE)["token"])
    installation.agent(
        *("join", installation.url, "--token-file", str(token), "--data-dir", str(folder), "--name", "every-agent")
    )
    installation.noctule("agent", "revoke", "every-agent", "--yes")


@pytest.mark.usefixtures("happened")
@pytest.mark.parametrize("event", [name for name in EventName if name not in OF_MANY_DEVICES])
@pytest.mark.parametrize("client", CLIENTS)
def test_client_that_only_connects_hears_every_event_of_its_real_cause(
    clients: dict[str, PlainClient], client: str, event: EventName
) -> None:
    assert clients[client].has_heard(event, SAYS[event])


@pytest.mark.parametrize("client", CLIENTS)
def test_messages_come_by_the_transport_that_was_chosen(clients: dict[str, PlainClient], client: str) -> None:
    assert clients[client].has_heard("connect")["transport"] == CLIENTS[client][1]
