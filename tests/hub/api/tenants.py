"""A hub that really runs, with two tenants on one switch and a marker of its own in every field that may hold text."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientSession
from argon2 import PasswordHasher
from noctule_hub import app as hub_app
from noctule_hub.app import running
from noctule_hub.auth import passwords
from noctule_hub.cli.folder import initialise
from noctule_hub.config import HubConfig, HubSettings
from noctule_hub.config.limits import LimitSettings
from noctule_shared.axes import Axis, IfStatus
from noctule_shared.frames import EventsBody, FrameBody, MeasurementsBody, encode_frame
from noctule_shared.observations import (
    AgentEvent,
    AxisChanged,
    InterfaceChanged,
    Inventory,
    InventoryInterface,
    LogSource,
    Neighbour,
    NetworkLogged,
    SystemGroup,
)

from tests.hub.ingest.wire import Agent, Hub, Wire, enrolled
from tests.hub.realtime.conftest import Client
from tests.hub.store.samples import interface_table, latency_table

PASSWORD: Final = "planted-password-1"
UP, DOWN = IfStatus.UP, IfStatus.DOWN
# Ids are handed out from 1 in each table; nothing here has more than this many.
IDS: Final = range(1, 8)

# What the NOC writes or devices say: no customer sees any of it, not even of its own port.
NOC: Final = {
    "device": "zq-switch-name",
    "address": "198.51.100.77",
    "device note": "zq-switch-note",
    "tag": "zq-switch-tag",
    "site": "zq-site-name",
    "agent": "zq-agent-name",
    "sysName": "zq-sysname",
    "sysLocation": "zq-syslocation",
    "neighbour": "zq-neighbour",
    "log": "zq-syslog-line",
    "own ifAlias": "zq-alias-of-alma",
    "own ifDescr": "zq-descr-of-alma",
    "own ifName": "zq-port-of-alma",
    "own note": "zq-note-of-alma",
    "ifAlias": "zq-alias-of-bruno",
    "ifDescr": "zq-descr-of-bruno",
    "ifName": "zq-port-of-bruno",
}
# What belongs to the other tenant: viewers of staff see none of it either.
BRUNO: Final = {
    "customer": "zq-bruno-name",
    "reference": "zq-bruno-reference",
    "customer note": "zq-bruno-note",
    "label": "zq-bruno-label",
    "new label": "zq-bruno-other-label",
    "payment": "zq-bruno-payment",
    "late status": "zqBrunoLateStatus",
    "payment status": "zqBrunoStatus",
    "amount": "77123.456789",
    "user": "zq-bruno-user",
}
ALMA: Final = {"customer": "alma-name", "reference": "alma-reference", "label": "alma-label", "payment": "alma-payment"}


class Clock:
    """The wall clock, which a test can put forward."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead_ms


@dataclass
class Stage:
    """The hub, its agent's link, and what was made."""

    hub: Hub
    clock: Clock
    agent: Agent
    wire: Wire
    watcher: Client
    ids: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    seq: int = 0

    @property
    def url(self) -> str:
        return self.hub.running.url

    async def frame(self, body: FrameBody) -> None:
        """Deliver one frame and wait until it is committed."""
        self.seq += 1
        await self.wire.say("frame", (self.seq, encode_frame(body)))
        while (await self.wire.heard("ack"))["seq"] < self.seq:
            pass

    async def events(self, *events: AgentEvent) -> None:
        await self.frame(EventsBody(list(events)))

    async def port(self, if_index: int, new: IfStatus) -> None:
        """Let a port of the switch fall or rise."""
        old = UP if new is DOWN else DOWN
        device_id = self.ids["device"]
        await self.events(InterfaceChanged(device_id, if_index, 1, UP, new, UP, old, self.clock(), NOC["log"]))

    async def icmp(self, old: str, new: str) -> None:
        """Let the switch's ICMP axis change."""
        change = AxisChanged(self.ids["device"], Axis.ICMP, old, new, NOC["log"], self.clock(), detail=NOC["log"])
        await self.events(change)

    async def measure(self) -> None:
        """Deliver one round and one poll of both ports."""
        device_id, now_ms = self.ids["device"], self.clock()
        ports = interface_table([(device_id, 1, 1, now_ms, 1e6), (device_id, 2, 1, now_ms, 2e6)])
        latencies = latency_table([(device_id, now_ms, 0.01)])
        await self.frame(MeasurementsBody({"interface": ports, "latency": latencies}))

    async def pay(self, customer: str, payment_id: str, status: str, **more: Any) -> None:
        """Let the billing system tell of a payment."""
        body = {"customerId": self.ids[customer], "status": status, "occurredAt": "2026-11-26T08:00:00Z"} | more
        headers = {"Idempotency-Key": f"{payment_id}-{status}"}
        url = f"{self.url}/api/v1/payments/{payment_id}/updates"
        async with self.hub.http.post(url, json=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()

    async def sign_in(self, who: str) -> None:
        """Give somebody a new access token."""
        username = BRUNO["user"] if who == "bruno" else who
        answer = await self.hub.call("POST", "/auth/login", username=username, password=PASSWORD)
        self.tokens[who] = answer["accessToken"]

    async def step(self, customer: str, step: str, **more: Any) -> Any:
        """Suspend, resume or close a customer at its present revision."""
        path = f"/customers/{self.ids[customer]}"
        revision = (await self.hub.call("GET", path))["revision"]
        return await self.hub.call("POST", f"{path}/{step}", revision=revision, **more)


def inventory(device_id: int, now_ms: int) -> Inventory:
    def port(if_index: int, own: str) -> InventoryInterface:
        return InventoryInterface(
            if_index=if_index,
            identity=NOC[f"{own}ifName"],
            if_name=NOC[f"{own}ifName"],
            if_descr=NOC[f"{own}ifDescr"],
            if_alias=NOC[f"{own}ifAlias"],
            if_type=6,
            speed_bps=1_000_000_000,
            if_admin_status=UP,
            if_oper_status=UP,
            counter_bits=64,
            polled=True,
        )

    system = SystemGroup(NOC["sysName"], None, None, NOC["sysLocation"], None, 1)
    heard = Neighbour(2, NOC["ifName"], 4, "00:c0:ff:ee:00:01", 5, NOC["neighbour"], "", NOC["neighbour"])
    return Inventory(device_id, 1, now_ms, system, [port(1, "own "), port(2, "")], [heard])


async def people(stage: Stage) -> None:
    """Add the tenants' users and a viewer, and sign them in."""
    hub = stage.hub
    await hub.call("POST", "/users", username="alma", role="customer", password=PASSWORD, customerId=stage.ids["alma"])
    bruno = {"username": BRUNO["user"], "role": "customer", "customerId": stage.ids["bruno"]}
    await hub.call("POST", "/users", password=PASSWORD, **bruno)
    for name in ("viewer", "billing"):
        await hub.call("POST", "/users", username=name, role=name, password=PASSWORD)
    for name in ("alma", "bruno", "viewer", "billing"):
        await stage.sign_in(name)
    stage.tokens["admin"] = hub.http.headers["Authorization"].removeprefix("Bearer ")


async def tenants(stage: Stage) -> None:
    """Add the switch with its two ports, and the two customers who have one each."""
    hub, ids = stage.hub, stage.ids
    site = await hub.call("POST", "/sites", name=NOC["site"])
    device = await hub.call(
        "POST",
        "/devices",
        name=NOC["device"],
        address=NOC["address"],
        siteId=site["id"],
        agentId=stage.agent.agent_id,
        tags=[NOC["tag"]],
        note=NOC["device note"],
    )
    ids["device"] = device["id"]
    await stage.events(inventory(device["id"], stage.clock()))
    ports = (await hub.call("GET", f"/devices/{device['id']}/interfaces"))["items"]
    ids["alma port"], ids["bruno port"] = (port["id"] for port in ports)
    for name, own, note in (("bruno", BRUNO, BRUNO["customer note"]), ("alma", ALMA, NOC["own note"])):
        customer = await hub.call("POST", "/customers", name=own["customer"], reference=own["reference"], note=note)
        ids[name] = customer["id"]
        service = await hub.call(
            "POST",
            f"/customers/{customer['id']}/services",
            deviceId=device["id"],
            interfaceId=ids[f"{name} port"],
            label=own["label"],
        )
        ids[f"{name} service"] = service["id"]


async def causes(stage: Stage) -> None:
    """Let everything happen of which anybody is told."""
    await stage.icmp("none", "up")
    await stage.measure()
    await stage.events(
        NetworkLogged(stage.ids["device"], LogSource.SYSLOG, NOC["address"], 3, "local0", NOC["log"], stage.clock())
    )
    for if_index in (2, 1):
        await stage.port(if_index, DOWN)
    # Past the ten seconds for which a port must stay down before it is an outage.
    stage.clock.ahead_ms += 11_000
    await stage.watcher.until(lambda client: len(client.of("alert:new")) >= 2, "the outages of both ports")
    await stage.icmp("up", "down")
    await stage.pay("bruno", BRUNO["payment"], BRUNO["payment status"], amount=BRUNO["amount"], currency="CHF")
    await stage.pay("bruno", BRUNO["payment"], BRUNO["late status"], occurredAt="2026-11-25T08:00:00Z")
    await stage.pay("alma", ALMA["payment"], "paid", amount="12.50", currency="EUR")
    await stage.step("bruno", "suspend", reason="non-payment")
    services = f"/customers/{stage.ids['bruno']}/services"
    (service,) = (await stage.hub.call("GET", services))["items"]
    path = f"{services}/{service['id']}"
    await stage.hub.call("PATCH", path, revision=service["revision"], label=BRUNO["new label"])
    await stage.step("bruno", "resume")
    await stage.icmp("down", "up")
    await stage.port(2, UP)
    await stage.measure()
    # Alma's own comes last, so that whoever has heard of it has heard of all that came before.
    await stage.port(1, UP)
    await stage.step("alma", "suspend", reason="requested")


@asynccontextmanager
async def staged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """Run the hub with its tenants; nothing has happened yet."""
    clock = Clock()
    monkeypatch.setattr(hub_app, "clock_ms", clock)
    # Real hashes, quick ones: nobody's password is the point here.
    monkeypatch.setattr(passwords, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1))
    sign_in = await initialise(tmp_path / "data", username="admin")
    # The walk asks for thousands of answers: it must not be told to wait for them.
    settings = HubSettings(port=0, limits=LimitSettings(requests_per_minute=0))
    async with running(HubConfig(tmp_path / "data", settings)) as started, ClientSession() as http:
        hub = Hub(started, http)
        answer = await hub.call("POST", "/auth/login", username=sign_in.username, password=sign_in.password)
        http.headers["Authorization"] = f"Bearer {answer['accessToken']}"
        agent = await enrolled(hub, NOC["agent"])
        wire = await agent.greet()
        await wire.heard("welcome")
        watcher = Client(started.url)
        await watcher.connect({"token": answer["accessToken"]})
        stage = Stage(hub, clock, agent, wire, watcher)
        await tenants(stage)
        await people(stage)
        yield stage
        await watcher.close()
        await agent.close()
