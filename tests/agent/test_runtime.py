import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from noctule_agent import runtime
from noctule_agent.config import AgentConfig
from noctule_agent.core.budget import SnmpLimits
from noctule_agent.device_watch import PolledDevice
from noctule_agent.enrolment import load_enrolment
from noctule_agent.errors import AlreadyRunning, Fenced, NotEnrolled
from noctule_agent.files import data_dir_lock
from noctule_agent.join import JoinOrder, join
from noctule_agent.keys import load_keys
from noctule_agent.poller import Poller
from noctule_agent.probes.icmp import EchoEngine
from noctule_agent.runtime import Agent, run_agent
from noctule_agent.sink import LatencyRow, Sink
from noctule_agent.status import read_status
from noctule_shared.axes import CanaryLevel, DeviceLevels, LatencySource, Reachability
from noctule_shared.frames import EventsBody, MeasurementsBody, decode_frame
from noctule_shared.link import ConfigPage, DeviceConfig, SnmpConfig, SnmpCredentials, SnmpVersion
from noctule_shared.observations import NetworkLogged

from tests.agent.conftest import free_udp_port
from tests.agent.fake_hub import FakeHub, seal
from tests.agent.test_metrics import fetch


class FakePoller:
    """Measures one row whenever it is given devices."""

    canary = CanaryLevel.OK

    def __init__(self, engine: EchoEngine | None, sink: Sink, *, canaries: Sequence[str], limits: SnmpLimits) -> None:
        self.limits = limits
        self.sink = sink
        self.devices: dict[int, PolledDevice] = {}
        self.resent = 0
        self.hints: list[tuple[int, int | None]] = []
        self.focused: dict[int, float] = {}
        self.applied = asyncio.Event()
        self.canaries = canaries
        self.engine = engine

    def apply(self, devices: Mapping[int, PolledDevice]) -> None:
        self.devices = dict(devices)
        for device_id in devices:
            self.sink.latency(LatencyRow(device_id, 1, LatencySource.SNMP, 1, 1, *[0.1] * 8))
        self.applied.set()

    def levels(self) -> list[DeviceLevels]:
        return [DeviceLevels(device_id) for device_id in self.devices]

    async def run(self) -> None:
        await asyncio.Event().wait()

    def stats(self) -> Mapping[str, float]:
        return {"polls": 3.0}

    def slowest(self) -> Mapping[str, float]:
        return {"d1": 0.5}

    def focus(self, device_id: int, until_s: float) -> None:
        self.focused = {**self.focused, device_id: until_s}

    def in_focus(self) -> list[int]:
        return list(self.focused)

    async def poll_row(self, device_id: int, if_index: int) -> bool:
        return device_id in self.devices and if_index > 0

    may_trace = False

    def trace(self, address: str) -> None:
        raise NotImplementedError(address)

    def resend_inventories(self) -> None:
        self.resent += 1

    def link_changed(self, device_id: int, if_index: int) -> None:
        self.hints.append((device_id, if_index))

    def started(self, device_id: int) -> None:
        self.hints.append((device_id, None))


class Site:
    """An enrolled data folder and the hub it belongs to."""

    def __init__(self, hub: FakeHub, config: AgentConfig) -> None:
        self.hub = hub
        self.config = config
        self.pollers: list[FakePoller] = []

    def _make(self, engine: EchoEngine | None, sink: Sink, *, canaries: Sequence[str], limits: SnmpLimits) -> Poller:
        self.pollers.append(FakePoller(engine, sink, canaries=canaries, limits=limits))
        return self.pollers[-1]

    def agent(self) -> Agent:
        enrolment = load_enrolment(self.config.data_dir)
        return Agent(self.config, enrolment, load_keys(self.config.data_dir), None, make_poller=self._make)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Agent]:
        agent, stop = self.agent(), asyncio.Event()
        task = asyncio.create_task(agent.run(stop))
        try:
            yield agent
        finally:
            stop.set()
            async with asyncio.timeout(5):
                await task

    def page(self, revision: int, *ids: int) -> dict[str, object]:
        key = bytes.fromhex(self.hub.sealing_key)
        devices = [
            DeviceConfig(
                one, f"d{one}", "127.0.0.1", Reachability.SNMP, None,
                SnmpConfig(SnmpVersion.V2C, 161, 30.0, seal(SnmpCredentials(community=f"c{one}"), one, key)),
            )
            for one in ids
        ]  # fmt: skip
        page: dict[str, object] = msgspec.to_builtins(ConfigPage(revision, 0, 1, 1, devices, []))
        return page


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    hub = FakeHub()
    await hub.start()
    await join(JoinOrder(url=hub.url, token=hub.token(), name="a1", data_dir=tmp_path))
    yield Site(hub, AgentConfig(data_dir=tmp_path))
    await hub.stop()


def device_ids(hub: FakeHub) -> list[int]:
    ids: list[int] = []
    for _, raw in hub.accepted:
        body = decode_frame(raw)
        assert isinstance(body, MeasurementsBody)
        ids += memoryview(body.tables["latency"].columns["device_id"].data).cast("I")
    return ids


async def test_a_device_list_from_the_hub_is_polled_with_opened_secrets_and_rows_reach_the_hub(site: Site) -> None:
    async with site.running():
        await site.hub.until(lambda: bool(site.hub.hellos))
        await site.hub.emit("config", site.page(3, 1, 2))
        await site.hub.until(lambda: ("config-applied", {"revision": 3}) in site.hub.received)
        assert site.pollers[0].devices[2].credentials == SnmpCredentials(community="c2")
        await site.hub.until(lambda: device_ids(site.hub) == [1, 2])


async def test_agent_says_itself_what_the_hub_calls_it_also_after_a_start(site: Site) -> None:
    async with site.running() as agent:
        await site.hub.until(lambda: bool(site.hub.hellos))
        await site.hub.emit("config", site.page(3, 1) | {"agent": "north-2", "site": "hill"})
        await site.hub.until(lambda: ("config-applied", {"revision": 3}) in site.hub.received)
        assert (agent.status().name, agent.status().site) == ("north-2", "hill")
        # A hub that is older says nothing of it.
        await site.hub.emit("config", site.page(4, 1))
        await site.hub.until(lambda: ("config-applied", {"revision": 4}) in site.hub.received)
        assert agent.status().name == "north-2"
    kept = load_enrolment(site.config.data_dir)
    assert (kept.name, kept.site) == ("north-2", "hill")


async def test_without_a_hub_the_kept_list_is_polled_and_rows_are_kept(site: Site) -> None:
    async with site.running():
        await site.hub.until(lambda: bool(site.hub.hellos))
        await site.hub.emit("config", site.page(3, 1))
        await site.hub.until(lambda: ("config-applied", {"revision": 3}) in site.hub.received)
        await site.hub.until(lambda: device_ids(site.hub) == [1])
    await site.hub.stop()
    async with site.running():
        async with asyncio.timeout(5):
            await site.pollers[1].applied.wait()
        assert list(site.pollers[1].devices) == [1]
    report = read_status(site.config.data_dir)
    assert report.status.outbox.backlog_frames >= 1
    await site.hub.start()
    async with site.running():
        await site.hub.until(lambda: len(device_ids(site.hub)) == 3)


async def test_what_was_measured_last_is_kept_when_the_agent_stops(site: Site) -> None:
    await site.hub.stop()
    async with site.running() as agent:
        row = LatencyRow(5, 1, LatencySource.SNMP, 1, 1, *[0.1] * 8)
        agent.collector.latency(row)
    status = read_status(site.config.data_dir).status
    assert (status.outbox.next_seq, status.outbox.backlog_frames) == (2, 1)
    await site.hub.start()


async def test_status_tells_link_outbox_and_pollers(site: Site) -> None:
    async with site.running() as agent:
        await site.hub.until(lambda: bool(site.hub.hellos))
        status = agent.status()
    assert (status.agent_id, status.name, status.site, status.icmp) == (7, "a1", "north", "not-permitted")
    assert (status.pollers, status.slowest_s) == ({"polls": 3.0}, {"d1": 0.5})
    assert status.link.hub_url == site.hub.url
    assert not read_status(site.config.data_dir).running


def logs(hub: FakeHub) -> list[NetworkLogged]:
    bodies = [decode_frame(raw) for _, raw in hub.accepted]
    events = [event for body in bodies if isinstance(body, EventsBody) for event in body.events]
    return [event for event in events if isinstance(event, NetworkLogged)]


@asynccontextmanager
async def listening(site: Site) -> AsyncIterator[tuple[Agent, Callable[[bytes], int]]]:
    """Run an agent that receives syslog of device 3; give it and what sends it a message."""
    site.config = replace(site.config, logs_address="127.0.0.1", logs_syslog_udp_port=free_udp_port())
    async with site.running() as agent:
        await site.hub.until(lambda: bool(site.hub.hellos))
        await site.hub.emit("config", site.page(3, 3))
        await site.hub.until(lambda: ("config-applied", {"revision": 3}) in site.hub.received)
        assert agent.receivers.syslog.datagrams is not None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(("127.0.0.1", site.config.logs_syslog_udp_port))
            yield agent, sock.send


async def test_syslog_of_a_device_reaches_the_hub_once_and_is_counted(site: Site) -> None:
    async with listening(site) as (agent, send):
        send(b"<11>disk is full")
        await site.hub.until(lambda: bool(logs(site.hub)))
        status = agent.status()
    (event,) = logs(site.hub)
    assert (event.device_id, event.severity, event.message) == (3, 3, "disk is full")
    assert status.receivers["syslog messages"] == 1


async def test_logs_stand_back_while_a_quarter_of_the_outbox_waits(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(site) as (agent, send):
        # A quarter of the smallest outbox is 2 MB; a share of nothing is used up as well.
        monkeypatch.setattr(runtime, "LOGS_OUTBOX_SHARE", 0.0)
        send(b"<11>too much")
        async with asyncio.timeout(20):
            while not agent.status().drops.get("syslogBacklog"):  # noqa: ASYNC110  nothing tells of a drop
                await asyncio.sleep(0.005)
        monkeypatch.undo()
        send(b"<11>room again")
        await site.hub.until(lambda: bool(logs(site.hub)))
    assert [event.message for event in logs(site.hub)] == ["room again"]


async def test_a_command_of_the_hub_is_carried_out_once_and_its_result_sent_over_every_link(site: Site) -> None:
    deadline_ms = int((time.time() + 30) * 1000)
    focus = {"id": "f1", "kind": "focus", "deadlineMs": deadline_ms, "args": {"deviceId": 1, "on": True}}
    result = {"id": "f1", "ok": True, "reason": None, "body": {"remainingS": 300.0, "intervalS": 1.0}}
    async with site.running() as agent:
        await site.hub.until(lambda: bool(site.hub.hellos))
        await site.hub.emit("config", site.page(3, 1))
        await site.hub.until(lambda: ("config-applied", {"revision": 3}) in site.hub.received)
        await site.hub.emit("command", focus)
        await site.hub.until(lambda: ("result", result) in site.hub.received)
        until_s = dict(site.pollers[0].focused)
        await site.hub.cut(site.hub.sids[-1])
        await site.hub.until(lambda: len(site.hub.hellos) == 2)
        await site.hub.emit("command", focus)
        await site.hub.until(lambda: site.hub.received.count(("result", result)) == 2)
        assert site.pollers[0].focused == until_s
        assert agent.status().commands == {"ok": 1}


async def test_a_service_manager_hears_ready_alive_and_stopping_with_what_the_agent_is_at(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
        manager.bind(str(site.config.data_dir / "notify"))
        manager.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", manager.getsockname())
        monkeypatch.setenv("WATCHDOG_USEC", "60000000")
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        running = asyncio.create_task(run_agent(replace(site.config, icmp_enabled=False)))
        heard = [(await asyncio.to_thread(manager.recv, 4096)).decode() for _ in range(2)]
        await site.hub.until(lambda: bool(site.hub.hellos))
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(10):
            await running
        while (last := manager.recv(4096).decode()).startswith("WATCHDOG=1"):
            pass
    at_start = "STATUS=0 devices, hub connecting, 0 frames to deliver"
    assert [*heard, last] == [f"READY=1\n{at_start}", f"WATCHDOG=1\n{at_start}", "STOPPING=1"]


async def test_metrics_are_served_while_the_agent_runs(site: Site, unused_tcp_port: int) -> None:
    site.config = replace(site.config, metrics_port=unused_tcp_port)
    async with site.running():
        status, _, text = await fetch(unused_tcp_port, "/metrics")
    assert status == 200
    assert 'noctule_agent_info{version="' in text
    assert 'noctule_agent_device_poll_seconds{device="d1"} 0.5' in text


async def test_inventories_are_sent_again_after_the_hub_went_back(site: Site) -> None:
    async with site.running():
        await site.hub.until(lambda: bool(site.hub.hellos))
        await site.hub.emit("config", site.page(3, 1))
        await site.hub.until(lambda: device_ids(site.hub) == [1])
        assert site.pollers[0].resent == 0
        site.hub.next_seq = 1
        await site.hub.cut(site.hub.sids[-1])
        await site.hub.until(lambda: device_ids(site.hub) == [1, 1])
        assert site.pollers[0].resent == 1


async def test_being_revoked_ends_the_agent_with_its_reason(site: Site) -> None:
    site.hub.refuse_with = {"code": "revoked", "message": "agent 7 was revoked", "retry": False}
    with pytest.raises(Fenced, match="agent 7 was revoked"):
        async with asyncio.timeout(10):
            await site.agent().run(asyncio.Event())
    assert read_status(site.config.data_dir).status.link.state == "fenced"


async def test_a_fault_in_the_poller_ends_the_agent_loudly(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_self: FakePoller) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(FakePoller, "run", fail)
    with pytest.raises(ExceptionGroup) as caught:
        await site.agent().run(asyncio.Event())
    assert caught.group_contains(ZeroDivisionError)


async def test_an_agent_that_is_not_enrolled_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(NotEnrolled, match="noctule-agent join URL"):
        await run_agent(AgentConfig(data_dir=tmp_path))


async def test_two_agents_cannot_run_on_one_folder(site: Site) -> None:
    with data_dir_lock(site.config.data_dir), pytest.raises(AlreadyRunning, match="stop it first"):
        await run_agent(replace(site.config, icmp_enabled=False))
