"""A path gets slow and another loses packets: a real agent's hub alerts a client about both, with nothing configured.

    agent, hub, client --- r1 ------------- r2 --- far     (nftables: packets for one address are lost)
                            '== forwarder == r3 --'        (100 ms, when the route leads there)

One run is recorded; each test asks something of it.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from noctule_hub.core.audit import local
from noctule_hub.core.records import IcmpSettings, NewDevice
from noctule_hub.store.sqlite import open_store
from noctule_shared.axes import Reachability

from tests.kill.enrolled import enrol, make_hub, now_ms
from tests.lab.conftest import join_by_forwarder
from tests.lab.forwarder import Treatment
from tests.lab.network import Address, Lab, Namespace, add_address, nftables, wait_until_reached
from tests.lab.program import Program, Programs

pytestmark = [pytest.mark.check, pytest.mark.timeout(300), pytest.mark.xdist_group("lab-alarms")]

URL: Final = "http://127.0.0.1:5000"
NAMES: Final = ("slow", "lossy", "steady")
DELAY_S: Final = 0.1
LOSS_PERCENT: Final = 35
ROUND_S: Final = 1.0
# From 30 rounds on it is known what a device usually takes.
USUAL_S: Final = 40.0
FOR_S: Final = 60.0
WINDOW_S: Final = 60.0
# For rounds to end and to be committed, on a busy machine.
SLACK_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Told:
    """An alert event that the client heard, how long after the trouble began or ended."""

    after_s: float
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Observed:
    """What was heard of each trouble, and every alert that rang."""

    rang: dict[str, Told]
    ended: dict[str, Told]
    all_new: list[tuple[str, str]]


class Network:
    """The network of this module. `targets` are addresses behind r2 by the name of the device."""

    def __init__(self, lab: Lab, programs: Programs) -> None:
        self.agent = lab.host("agent")
        self.r1, self.r2, r3, far = lab.router("r1"), lab.router("r2"), lab.router("r3"), lab.host("far")
        near, middle, behind = lab.join(self.agent, self.r1), lab.join(self.r1, self.r2), lab.join(self.r2, far)
        self.targets = {
            name: add_address(behind.right, behind.subnet.address(10 + at)) for at, name in enumerate(NAMES)
        }
        plan = {self.targets["slow"].v4: Treatment(delay_s=DELAY_S)}
        self._detour, _ = join_by_forwarder(lab, programs, self.r1, r3, plan, seed="slow path")
        last = lab.join(r3, self.r2)
        # What comes by the detour is answered by the short way.
        for where in ("all", last.right.device):
            self.r2.set(f"net/ipv4/conf/{where}/rp_filter", 0)
        self.agent.route(behind.subnet, near.right.address)
        self.r1.route(behind.subnet, middle.right.address)
        r3.route(behind.subnet, last.right.address)
        self.r2.route(near.subnet, middle.left.address)
        far.route(near.subnet, behind.left.address)
        for address in self.targets.values():
            wait_until_reached(self.agent, address)

    def slow_down(self) -> None:
        target = f"{self.targets['slow'].v4}/32"
        self.r1.ip("route", "add", target, "via", self._detour.right.address.v4)

    def speed_up(self) -> None:
        self.r1.ip("route", "delete", f"{self.targets['slow'].v4}/32")

    def lose(self) -> None:
        """Drop an even share, so that no round is lost whole."""
        target, share = self.targets["lossy"].v4, f"numgen random mod 100 < {LOSS_PERCENT}"
        nftables(self.r2, "forward", [f"ip daddr {target} icmp type echo-request {share} counter drop"])

    def keep(self) -> None:
        self.r2.run("nft", "delete", "table", "inet", "lab")


@dataclass
class Site:
    """A hub with an agent and its devices, all in one namespace, and a client."""

    client: Program

    @classmethod
    def begin(cls, namespace: Namespace, programs: Programs, targets: dict[str, Address]) -> "Site":
        data_dir, folder = programs.folder / "hub", programs.folder
        password = asyncio.run(make_hub(data_dir))
        (agent,) = asyncio.run(enrol(data_dir, folder, ["pop1"], url=URL, devices=0))
        asyncio.run(_add_devices(data_dir, agent.agent_id, targets))
        host, port = "127.0.0.1", URL.rpartition(":")[2]
        programs.module(
            namespace, "noctule_hub.cli", "hub", "run", "--data-dir", str(data_dir), "--host", host, "--port", port
        )
        given = json.dumps({"username": "admin", "password": password})
        client = programs.script(namespace, "listener.py", URL, given=given)
        client.wait_for(lambda line: line == "ready", deadline_s=90.0)
        programs.module(namespace, "noctule_agent.cli", "run", "--data-dir", str(agent.folder))
        return cls(client)

    def heard(self, event: str, device: str, *, deadline_s: float, after: int = 0) -> dict[str, Any]:
        """Return the event's line once it has come."""

        def wanted(line: str) -> bool:
            if not line.startswith("{"):
                return False
            said = json.loads(line)
            return bool(said["event"] == event and said["data"].get("deviceName") == device)

        return dict(json.loads(self.client.lines[self.client.wait_for(wanted, deadline_s=deadline_s, after=after)]))


async def _add_devices(data_dir: Path, agent_id: int, targets: dict[str, Address]) -> None:
    store = await open_store(data_dir, clock_ms=now_ms)
    try:
        (agent,) = await store.agents()
        for name, address in targets.items():
            icmp = IcmpSettings(interval_s=ROUND_S)
            new = NewDevice(name, address.v4, agent.site_id, Reachability.ICMP, icmp, None, agent_id)
            await store.add_device(new, seal=None, by=local(now_ms()))
    finally:
        await store.close()


@pytest.fixture(scope="module")
def observed(lab: Lab, programs: Programs) -> Observed:
    network = Network(lab, programs)
    site = Site.begin(network.agent, programs, network.targets)
    time.sleep(USUAL_S)  # nothing tells a client how many rounds there were
    began_s = time.monotonic()
    network.slow_down()
    network.lose()
    rang, ended = {}, {}
    ends_s = {}
    lossy = site.heard("alert:new", "lossy", deadline_s=WINDOW_S + SLACK_S)
    rang["lossy"] = Told(lossy["atS"] - began_s, lossy["data"])
    network.keep()
    ends_s["lossy"] = time.monotonic()
    slow = site.heard("alert:new", "slow", deadline_s=FOR_S + SLACK_S)
    rang["slow"] = Told(slow["atS"] - began_s, slow["data"])
    network.speed_up()
    ends_s["slow"] = time.monotonic()
    for name in ("slow", "lossy"):
        over = site.heard("alert:update", name, deadline_s=WINDOW_S + SLACK_S)
        ended[name] = Told(over["atS"] - ends_s[name], over["data"])
    lines = [json.loads(line) for line in site.client.stop() if line.startswith("{")]
    new = [(line["data"]["rule"], line["data"]["deviceName"]) for line in lines if line["event"] == "alert:new"]
    return Observed(rang, ended, new)


def test_a_slow_path_rings_after_a_minute(observed: Observed) -> None:
    told = observed.rang["slow"]
    assert (told.data["rule"], told.data["severity"], told.data["state"]) == ("high-latency", "warning", "firing")
    assert FOR_S - ROUND_S <= told.after_s <= FOR_S + SLACK_S


def test_a_lossy_path_rings_once_a_fifth_of_a_minute_is_lost(observed: Observed) -> None:
    told = observed.rang["lossy"]
    assert (told.data["rule"], told.data["severity"], told.data["state"]) == ("high-loss", "warning", "firing")
    # Of a whole window's packets a fifth is lost no sooner than by a path that loses more than every second one.
    assert WINDOW_S * 0.2 * 0.5 <= told.after_s <= WINDOW_S + SLACK_S


@pytest.mark.parametrize(("name", "within_s"), [("slow", SLACK_S), ("lossy", WINDOW_S + SLACK_S)])
def test_what_is_over_is_told_so(observed: Observed, name: str, within_s: float) -> None:
    told = observed.ended[name]
    assert told.data["state"] == "resolved"
    assert told.data["id"] == observed.rang[name].data["id"]
    assert told.after_s <= within_s


def test_nothing_else_rings(observed: Observed) -> None:
    assert sorted(observed.all_new) == [("high-latency", "slow"), ("high-loss", "lossy")]
