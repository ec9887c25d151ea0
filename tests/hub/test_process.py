"""The hub as a service: it says when it is ready, stops in time whatever is open, and loses nothing acknowledged."""

import asyncio
import json
import signal
import socket
from collections.abc import Awaitable
from contextlib import AsyncExitStack, closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import ClientSession
from noctule_hub.app import RunningHub
from noctule_hub.cli.folder import AdminSignIn, initialise
from noctule_hub.core.credit import LIVE_FRAMES
from noctule_shared.axes import Axis
from noctule_shared.frames import EventsBody, encode_frame
from noctule_shared.observations import AxisChanged

from tests.hub.ingest.wire import Hub, Wire, enrolled
from tests.hub.program import Program, started
from tests.hub.prometheus_text import parse

STOP_S = 5.0
SOCKETS = 40
POLLS = 20


@pytest.fixture
async def admin(tmp_path: Path) -> AdminSignIn:
    return await initialise(tmp_path / "data", username="admin")


async def signed_in(http: ClientSession, url: str, admin: AdminSignIn) -> Hub:
    hub = Hub(cast("RunningHub", SimpleNamespace(url=url)), http)
    answer = await hub.call("POST", "/auth/login", username=admin.username, password=admin.password)
    http.headers["Authorization"] = f"Bearer {answer['accessToken']}"
    return hub


async def test_a_service_manager_hears_ready_alive_reloading_and_stopping(tmp_path: Path, admin: AdminSignIn) -> None:
    del admin
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(0)

        async def heard(start: bytes) -> bytes:
            async with asyncio.timeout(30):
                while not (words := await asyncio.get_running_loop().sock_recv(manager, 4096)).startswith(start):
                    pass
            return words

        async with started(tmp_path / "data", NOTIFY_SOCKET=manager.getsockname(), WATCHDOG_USEC="200000") as (hub, _):
            assert await heard(b"READY=1") == b"READY=1\nSTATUS=0 agents connected, 0 silent, 0 clients"
            assert await heard(b"WATCHDOG=1") == b"WATCHDOG=1\nSTATUS=0 agents connected, 0 silent, 0 clients"
            hub.process.send_signal(signal.SIGHUP)
            await heard(b"RELOADING=1\nMONOTONIC_USEC=")
            await heard(b"READY=1")
            hub.process.send_signal(signal.SIGTERM)
            await heard(b"STOPPING=1")
            assert await hub.process.wait() == 0


async def test_reloading_by_signal_changes_the_log_and_says_what_is_wrong(tmp_path: Path, admin: AdminSignIn) -> None:
    del admin
    file = tmp_path / "data" / "hub.toml"
    async with started(tmp_path / "data") as (hub, _):
        file.write_text('log_format = "json"')
        hub.process.send_signal(signal.SIGHUP)
        line = (await hub.says("reloaded: log_format")).string
        assert json.loads(line)["message"] == "reloaded: log_format"
        file.write_text("prot = 1")
        hub.process.send_signal(signal.SIGHUP)
        await hub.says("not reloaded.*unknown key 'prot' .value 1.; did you mean 'port'")
        assert (await hub.stop())[0] == 0


async def sockets_and_polls(stack: AsyncExitStack, http: ClientSession, url: str) -> list[Awaitable[object]]:
    """Open WebSockets and leave long-polls waiting; returns what ends when the hub lets go of them."""
    waiting: list[Awaitable[object]] = []
    for _ in range(SOCKETS):
        opened = await stack.enter_async_context(http.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket"))
        await opened.receive_str()
        await opened.send_str("40")
        waiting.append(opened.receive_str())
    for _ in range(POLLS):
        path = f"{url}/socket.io/?EIO=4&transport=polling"
        sid = json.loads((await asked(http, "GET", path))[1:])["sid"]
        await asked(http, "POST", f"{path}&sid={sid}", data="40")
        await asked(http, "GET", f"{path}&sid={sid}")
        waiting.append(asyncio.create_task(asked(http, "GET", f"{path}&sid={sid}")))
    return waiting


async def asked(http: ClientSession, method: str, url: str, **options: Any) -> str:
    """Return an answer's text, read whole."""
    async with http.request(method, url, **options) as answer:
        return await answer.text()


async def send_until_cut(wire: Wire, device_id: int, hub: Program) -> tuple[int, int]:
    """Send frames as fast as they are taken, stop the hub among them; returns the last seq acknowledged and sent."""
    acked = sent = 0
    stopping: asyncio.Task[tuple[int, float]] | None = None
    while not wire.ended:
        for name, data in list(wire.came):
            if name == "ack":
                acked = max(acked, data["seq"])
        if sent - acked >= 2 * LIVE_FRAMES:
            await asyncio.sleep(0)
            if sent > 200 and stopping is None:
                stopping = asyncio.create_task(hub.stop())
            continue
        sent += 1
        level = "up" if sent % 2 else "down"
        event = AxisChanged(device_id, Axis.ICMP, "none", level, "tested", 1_795_000_000_000 + sent)
        try:
            await wire.say("frame", (sent, encode_frame(EventsBody([event]))))
        except Exception:  # noqa: BLE001  the link is cut under its feet: that is the test
            break
    assert stopping is not None
    status, took_s = await stopping
    assert status == 0
    assert took_s < STOP_S, f"{took_s:.1f} s"
    for name, data in wire.came:
        acked = max(acked, data["seq"] if name == "ack" else 0)
    return acked, sent


@pytest.mark.check
@pytest.mark.timeout(180)
async def test_a_stop_under_load_takes_less_than_5_s_and_loses_no_acknowledged_frame(
    tmp_path: Path, admin: AdminSignIn
) -> None:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(ClientSession())
        program, url = await stack.enter_async_context(started(tmp_path / "data"))
        hub = await signed_in(http, url, admin)
        agent = await enrolled(hub, "site-server")
        await hub.call("POST", "/devices", name="core1", address="127.0.0.9", site="default")
        device_id = (await hub.call("GET", "/devices"))["items"][0]["id"]
        waiting = await sockets_and_polls(stack, http, url)
        wire = await agent.greet()
        await wire.heard("welcome")
        acked, sent = await send_until_cut(wire, device_id, program)
        assert 0 < acked <= sent
        ended = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 30)
        assert len(ended) == SOCKETS + POLLS
    async with started(tmp_path / "data") as (program, url), ClientSession() as http:
        hub = await signed_in(http, url, admin)
        agent.hub = hub
        welcome = await (await agent.greet()).heard("welcome")
        assert welcome["expectedSeq"] > acked
        await agent.close()
        assert (await program.stop())[0] == 0


async def test_metrics_of_a_running_hub_are_well_formed_and_move(tmp_path: Path, admin: AdminSignIn) -> None:
    async with started(tmp_path / "data") as (program, url), ClientSession() as http:
        hub = await signed_in(http, url, admin)
        del http.headers["Authorization"]
        wrong = {"username": "admin", "password": "x"}
        assert "user name or password is wrong" in await asked(http, "POST", f"{url}/api/v1/auth/login", json=wrong)
        async with http.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket") as socket_io:
            await socket_io.receive_str()
            await socket_io.send_str("40")
            await socket_io.receive_str()
            found = parse(await asked(http, "GET", f"{url}/metrics"))
        assert hub.running.url == url
        login: dict[str, Any] = {"method": "POST", "route": "/api/v1/auth/login"}
        requests = found["noctule_hub_http_requests_total"]
        assert requests.value("noctule_hub_http_requests_total", **login, status="401") == 1
        assert found["noctule_hub_logins_refused_total"].only() == 1
        clients = found["noctule_hub_clients"]
        assert clients.value("noctule_hub_clients", role="anonymous", transport="websocket") == 1
        assert found["noctule_hub_writer_commits_total"].only() >= 1
        assert found["noctule_hub_connections"].only() >= 1
        for name in ("process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"):
            assert found[name].only() > 0
        promised = """ingest_frames_total ingest_rows_total ingest_lag_seconds ingest_queue_bytes ingest_queue_max_bytes
            writer_commit_seconds writer_failed_commits_total wal_bytes tail_rows tail_max_rows tail_dropped_rows_total
            projector_lag_seconds event_log_head clients_refused_total fanout_deliveries_total clients_cut_total
            ticker_dropped_total limited_total http_request_seconds devices loop_lag_seconds reloads_total"""
        assert {f"noctule_hub_{name}" for name in promised.split()} <= set(found)
        assert (await program.stop())[0] == 0
