"""The hub behind the proxies of the examples, and over its own TLS: browsers, scripts and agents get through."""

import asyncio
import io
import os
import re
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import socketio  # type: ignore[import-untyped]
from aiohttp import ClientResponse, ClientSession, TCPConnector
from noctule_hub.cli.folder import initialise

from tests.agent.certificates import hub_tls
from tests.e2e.proxies import EXAMPLES, PROXIES, Place, free_port, proxied
from tests.hub.program import Program, started

# One hub for each way to reach it: all tests of the module share one event loop.
pytestmark = [pytest.mark.check, pytest.mark.timeout(180), pytest.mark.asyncio(loop_scope="module")]

# All of 127.0.0.0/8 is this machine: a client's address that is not the proxy's.
CLIENT = "127.0.0.77"
FORGED = "203.0.113.66"
DIRECT = "direct"
WITHIN_S = 60.0
HEARTBEAT_S = 25 + 20
LOGIN = "/api/v1/auth/login"


@dataclass
class Site:
    """A hub, and the address by which the world sees it."""

    name: str
    url: str
    http: ClientSession
    hub: Program
    folder: Path
    password: str
    stack: AsyncExitStack

    async def ask(self, method: str, path: str, **options: Any) -> ClientResponse:
        """Return an answer that was read whole."""
        async with self.http.request(method, f"{self.url}{path}", **options) as answer:
            await answer.read()
            return answer

    async def sign_in(self) -> ClientResponse:
        answer = await self.ask("POST", LOGIN, json={"username": "admin", "password": self.password})
        assert answer.status == 200, await answer.text()
        self.http.headers["Authorization"] = f"Bearer {(await answer.json())['accessToken']}"
        return answer

    async def get(self, path: str) -> Any:
        answer = await self.ask("GET", path)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    async def start_again(self) -> None:
        port = re.search(r"listens on \w+://127\.0\.0\.1:(\d+)", "\n".join(self.hub.words))
        assert port is not None
        self.hub, _ = await self.stack.enter_async_context(started(self.folder / "data", "--port", port[1]))


@asynccontextmanager
async def opened(name: str, folder: Path) -> AsyncIterator[Site]:
    """Start a hub and, unless it is reached directly, a proxy in front of it."""
    hub_tls(folder)
    data_dir, hub_port = folder / "data", free_port()
    password = (await initialise(data_dir, username="admin")).password
    own_tls = f'tls_certificate = "{folder}/hub.pem"\ntls_key = "{folder}/hub.key"\n'
    (data_dir / "hub.toml").write_text(own_tls if name == DIRECT else 'trusted_proxies = ["127.0.0.1"]\n')
    trusting = ssl.create_default_context(cafile=folder / "ca.pem")
    async with AsyncExitStack() as stack:
        program, url = await stack.enter_async_context(started(data_dir, "--port", str(hub_port)))
        if name != DIRECT:
            url = await stack.enter_async_context(proxied(name, Place(folder, free_port(), hub_port)))
        connector = TCPConnector(ssl=trusting, local_addr=(CLIENT, 0))
        http = await stack.enter_async_context(ClientSession(connector=connector))
        yield Site(name, url, http, program, folder, password, stack)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[DIRECT, *PROXIES])
async def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with opened(request.param, tmp_path_factory.mktemp(request.param)) as site:
        yield site


async def client_of(site: Site, transport: str) -> Any:
    """Connect a Socket.IO client that lies about its address; returns it and where its events arrive."""
    client = socketio.AsyncClient(http_session=site.http, reconnection=False)
    events: asyncio.Queue[Any] = asyncio.Queue()

    @client.on("device:status")  # type: ignore[untyped-decorator]
    async def take(data: Any) -> None:
        await events.put(data)

    lies = {"X-Forwarded-For": FORGED, "Forwarded": f"for={FORGED}", "X-Real-IP": FORGED}
    token = site.http.headers["Authorization"].partition(" ")[2]
    await client.connect(site.url, headers=lies, auth={"token": token}, transports=[transport], wait_timeout=30)
    return client, events


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_events_arrive_and_the_client_is_known_by_its_own_address(site: Site, transport: str) -> None:
    await site.sign_in()
    client, events = await client_of(site, transport)
    rows = (await site.get("/api/v1/clients"))["items"]
    (row,) = [row for row in rows if row["transport"] == transport]
    assert row["address"] == CLIENT
    shown = {"event": "device-status", "data": {"deviceId": 1, "status": "offline"}}
    async with asyncio.timeout(WITHIN_S):
        # Until the client is caught up it hears nothing that is not logged.
        while events.empty():
            await site.ask("POST", "/api/test/emit-test", json=shown)
            await asyncio.sleep(0.1)
    assert (await events.get())["status"] == "offline"
    await client.disconnect()


async def test_the_refresh_cookie_is_secure_and_the_sign_in_is_renewed_from_the_sites_own_pages(site: Site) -> None:
    answer = await site.sign_in()
    cookie = answer.cookies["noctule_refresh"]
    assert cookie["secure"]
    assert cookie["httponly"]
    headers = {"Origin": site.url, "X-Noctule": "1", "Cookie": f"noctule_refresh={cookie.value}"}
    renewed = await site.ask("POST", "/api/v1/auth/refresh", headers=headers)
    assert renewed.status == 200, await renewed.text()


async def test_a_body_that_is_too_large_is_refused_by_the_hub_itself(site: Site) -> None:
    await site.sign_in()
    body = io.BytesIO(b'{"name": "' + b"x" * 1_300_000 + b'"}')
    headers = {"Content-Type": "application/json"}
    answer = await site.ask("POST", "/api/v1/sites", data=body, headers=headers)
    assert answer.status == 413
    assert (await answer.json(content_type=None))["code"] == "too-large"


async def test_failed_sign_ins_are_counted_by_the_clients_address_whatever_it_claims(site: Site) -> None:
    wrong = {"username": "nobody", "password": "wrong"}
    statuses = []
    for number in range(7):
        lies = {"X-Forwarded-For": f"203.0.113.{number}"}
        answer = await site.ask("POST", LOGIN, json=wrong, headers=lies)
        statuses.append(answer.status)
    assert statuses[-1] == 429
    await site.hub.says(rf"sign-in refused for an unknown name from {re.escape(CLIENT)}$")


async def test_the_hubs_own_metrics_are_not_for_the_world(site: Site) -> None:
    # Directly, a client of this machine is no stranger.
    assert (await site.ask("GET", "/metrics")).status == (200 if site.name == DIRECT else 404)
    assert (await site.get("/health"))["status"] == "ok"


async def run(site: Site, module: str, *words: str, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"NOCTULE_CONFIG_DIR": str(site.folder / "config")} | environment,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def test_command_line_and_agent_work_with_an_authority_of_ones_own(site: Site) -> None:
    authority, data_dir = str(site.folder / "ca.pem"), str(site.folder / "agent")
    await run(site, "noctule_hub.cli", "login", site.url, "--ca", authority, NOCTULE_PASSWORD=site.password)
    token = await run(site, "noctule_hub.cli", "agent", "token", "--site", "default")
    (site.folder / "join-token").write_text(token)
    join = ("join", site.url, "--token-file", str(site.folder / "join-token"), "--ca", authority, "--name", "probe")
    await run(site, "noctule_agent.cli", *join, "--data-dir", data_dir)
    agent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "noctule_agent.cli", "run", "--data-dir", data_dir), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await site.hub.says(r"agent probe \(\d+\): connected")
    finally:
        agent.terminate()
        await agent.wait()


async def test_a_hub_that_restarts_is_back_through_the_same_proxy(site: Site) -> None:
    assert (await site.get("/health"))["status"] == "ok"
    assert (await site.hub.stop())[0] == 0
    if site.name != DIRECT:
        assert (await site.ask("GET", "/health")).status in {502, 503}
    await site.start_again()
    async with asyncio.timeout(WITHIN_S):
        while (await site.ask("GET", "/health")).status != 200:  # noqa: ASYNC110  only asking tells
            await asyncio.sleep(0.1)


def seconds(text: str, pattern: str) -> list[int]:
    return [int(found) for found in re.findall(pattern, text, flags=re.MULTILINE)]


async def test_timeouts_of_the_examples_outlast_a_heartbeat() -> None:
    nginx = seconds((EXAMPLES / "nginx.conf").read_text(), r"proxy_(?:read|send)_timeout (\d+)s;")
    haproxy = seconds((EXAMPLES / "haproxy.cfg").read_text(), r"timeout (?:client|server|tunnel) (\d+)s")
    assert (len(nginx), len(haproxy)) == (2, 3)
    assert min(nginx + haproxy) > HEARTBEAT_S
