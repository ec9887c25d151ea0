"""Hubs to look at: the demo's simulated network in any state that is asked for, and a hub without a device.

They run in an event loop of their own, on a thread that lives as long as they do: browsers want the main one.
"""

import asyncio
import sys
import threading
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, Self, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples"))

from demo.children import Child, Children
from demo.concurrency import together
from demo.network import Device, SimulatedNetwork
from demo.programs import ICMP_INTERVAL_S, Programs
from demo.simulator.credentials import CREDENTIALS
from demo.simulator.topology import PLANS
from demo.sockets import ReservedPort
from demo.workplace import Workplace

from tests.screens.api import HubApi, until
from tests.screens.furniture import Furnished, furnish
from tests.screens.syslog import free_port, hear, say

ANY_PORT: Final = 0
# Twice a visitor's: several networks run beside one another for as long as browsers are driven.
SNMP_INTERVAL_S: Final = 4
CALL_S: Final = 120.0
SITE_DOWN: Final = ("core1.south", "agg1.south", "acc1.south", "acc2.south", "cpe1.south")

T = TypeVar("T")


class Hub:
    """A hub of the demo's in a folder of its own; `password` is its admin's."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open = AsyncExitStack()
        self._hub: Child | None = None
        self.password = ""

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._call(self._set_up())
            self.arrange()
        except BaseException:
            self.close()
            raise
        return self

    def arrange(self) -> None:
        """Do what is to be done before anybody looks."""

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        return self._programs.url

    def api(self) -> HubApi:
        """Sign in as admin."""
        return HubApi(self.url, "admin", self.password)

    def close(self) -> None:
        """End all programs. Idempotent."""
        if self._thread.is_alive():
            self._call(self._open.aclose())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(CALL_S)
            self._loop.close()

    def stop_hub(self) -> None:
        """Stop the hub; all else goes on."""
        assert self._hub is not None
        self._call(self._children.forget(self._hub))

    def start_hub(self) -> None:
        """Start it again, with what it had."""
        self._hub = self._call(self._programs.run_hub())

    def _call(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_S)

    async def _set_up(self) -> None:
        port = self._open.enter_context(ReservedPort(ANY_PORT))
        workplace = self._open.enter_context(Workplace())
        self._children = Children(workplace)
        self._open.push_async_callback(self._children.stop)
        self._programs = Programs(self._children, workplace, port.number)
        self.password = await self._programs.init_hub()
        self._hub = await self._programs.run_hub()


class DemoNetwork(Hub):
    """A hub that watches the demo's network, furnished. SNMP alone judges devices, so that each can be silenced."""

    furnished: Furnished

    def arrange(self) -> None:
        api = self.api()
        sites = sorted({device.site for device in self._devices})
        for site in sites:
            api.post("sites", {"name": site})
        self._syslog = {site: free_port() for site in sites}
        for site, port in self._syslog.items():
            hear(self._programs.agent_folder(site), port)
        tokens = [api.post("agents/tokens", {"site": site})["token"] for site in sites]
        self._call(together(*map(self._programs.run_agent, sites, tokens)))
        for device in self._devices:
            _register(api, device)
        until(lambda: len(api.get("agents")["items"]) == len(sites), "the agents")
        self.furnished = furnish(api, self.password)
        until(lambda: _measured(api, len(self._devices)), "everything is online and measured")
        self.chat(rounds=4)
        until(lambda: api.get("logs?limit=1")["items"], "a log entry")

    def chat(self, rounds: int) -> int:
        """Have each device log so many messages; returns how many that are."""
        said = 0
        for site, port in self._syslog.items():
            said += say([device.address for device in self._devices if device.site == site], port, rounds)
        return said

    def silence(self, *names: str) -> None:
        """Have just these fall silent, and return once the hub knows."""
        self._call(self._network.silence(*names))
        api = self.api()
        until(lambda: _down(api) == set(names), f"just {names or 'nothing'} is down")

    def await_alert(self, device: str) -> None:
        """Return once people are told that a device is down."""
        api = self.api()
        until(lambda: _rings(api, device), f"an alert tells that {device} is down")

    async def _set_up(self) -> None:
        await super()._set_up()
        self._network = await SimulatedNetwork.start(self._children)
        self._devices = await self._network.devices()


def _register(api: HubApi, device: Device) -> None:
    """Register a device below the one that it is connected to, judged by SNMP so that it can be silenced."""
    v3 = {"user": CREDENTIALS.user, "authProtocol": "SHA-256", "authSecret": CREDENTIALS.auth_secret}
    v3 |= {"privProtocol": "AES", "privSecret": CREDENTIALS.priv_secret}
    secret: dict[str, object] = {"v3": v3} if device.version == "3" else {"community": CREDENTIALS.community}
    snmp = {"version": device.version, "port": device.port, "intervalS": SNMP_INTERVAL_S, **secret}
    known = api.ids("devices?limit=1000")
    parent = next(plan.parent for plan in PLANS if plan.name == device.name)
    api.post(
        "devices",
        {
            "name": device.name,
            "address": device.address,
            "site": device.site,
            "reachability": "snmp",
            "icmp": {"intervalS": ICMP_INTERVAL_S},
            "snmp": snmp,
            "tags": [device.name.rstrip("0123456789").partition(".")[0].rstrip("0123456789")],
            "parents": [] if parent is None else [known[parent]],
        },
    )


def _down(api: HubApi) -> set[str]:
    items = api.get("devices?limit=1000")["items"]
    return {device["name"] for device in items if device["status"] not in {"online", "unknown", "maintenance"}}


def _rings(api: HubApi, device: str) -> bool:
    alerts = api.get("alerts?state=active&limit=1000")["items"]
    return any(alert["state"] == "firing" and alert["title"].startswith(f"{device} is offline") for alert in alerts)


def _measured(api: HubApi, count: int) -> bool:
    items = api.get("devices?limit=1000")["items"]
    measured = [device for device in items if device["latency"] and device["bandwidth"]]
    return len(measured) == count and all(device["status"] == "online" for device in items)
