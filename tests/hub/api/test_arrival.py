"""Where requests come from, and what is written down of them."""

import io
import ipaddress
import json
import logging
from collections.abc import Iterator

import pytest
from aiohttp import web
from noctule_hub.api.arrival import HTTP_COUNTERS
from noctule_hub.config import HubSettings, LogFormat, LogLevel, ProxyHeaders
from noctule_hub.core.principal import Role
from noctule_hub.log import configure_logging

from tests.hub.api.harness import PASSWORD, Hub

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(LogLevel.INFO, LogFormat.JSON, stream=stream)
    # The hub runs its server without aiohttp's own access log, aiohttp's test server does not.
    access = logging.getLogger("aiohttp.access")
    access.disabled = True
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    access.disabled = False


@pytest.fixture
def addresses(hub: Hub) -> list[str | None]:
    """Note what handlers see of a request to /seen."""
    seen: list[str | None] = []

    async def note(request: web.Request) -> web.Response:
        seen.extend([request.remote, request.scheme, request.host])
        return web.Response()

    hub.app.router._frozen = False
    hub.app.router.add_get("/socket.io/seen", note)
    return seen


def entries(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def ask(hub: Hub, **headers: str) -> None:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    assert (await hub.ask("GET", "/socket.io/seen", role=Role.ANONYMOUS, headers=sent)).status == 200


async def test_a_client_that_is_no_proxy_is_not_believed(hub: Hub, addresses: list[str | None]) -> None:
    await ask(hub, X_Forwarded_For="198.51.100.1", X_Forwarded_Proto="https", Forwarded="for=198.51.100.1")
    assert addresses[:2] == ["127.0.0.1", "http"]


async def test_a_trusted_proxys_word_is_what_handlers_see(hub: Hub, addresses: list[str | None]) -> None:
    hub.context.config.settings = HubSettings(trusted_proxies=LOOPBACK)
    await ask(hub, X_Forwarded_For="6.6.6.6, 198.51.100.1", X_Forwarded_Proto="https", X_Forwarded_Host="noc.example")
    assert addresses == ["198.51.100.1", "https", "noc.example"]


async def test_only_the_configured_kind_of_header_counts(hub: Hub, addresses: list[str | None]) -> None:
    hub.context.config.settings = HubSettings(trusted_proxies=LOOPBACK, proxy_headers=ProxyHeaders.FORWARDED)
    await ask(hub, X_Forwarded_For="6.6.6.6", Forwarded="for=198.51.100.1")
    hub.context.config.settings = HubSettings(trusted_proxies=LOOPBACK)
    await ask(hub, X_Forwarded_For="198.51.100.2", Forwarded="for=6.6.6.6")
    assert [addresses[0], addresses[3]] == ["198.51.100.1", "198.51.100.2"]


async def test_the_refresh_cookie_is_secure_behind_a_proxy_that_ends_tls(hub: Hub) -> None:
    hub.context.config.settings = HubSettings(trusted_proxies=LOOPBACK)
    body = {"username": "admin", "password": PASSWORD}
    sent = {"X-Forwarded-For": "198.51.100.1", "X-Forwarded-Proto": "https"}
    answer = await hub.ask("POST", "/api/v1/auth/login", role=Role.ANONYMOUS, json=body, headers=sent)
    assert "Secure" in (answer.cookie or "")


async def test_throttles_count_by_the_clients_address_and_not_the_proxys(hub: Hub) -> None:
    hub.context.config.settings = HubSettings(trusted_proxies=LOOPBACK)
    wrong = {"username": "admin", "password": "wrong"}

    async def sign_in(address: str) -> int:
        sent = {"X-Forwarded-For": address}
        return (await hub.ask("POST", "/api/v1/auth/login", role=Role.ANONYMOUS, json=wrong, headers=sent)).status

    assert [await sign_in("198.51.100.1") for _ in range(7)][-1] == 429
    assert await sign_in("198.51.100.2") == 401


async def test_an_access_record_names_request_answer_and_who_asked(hub: Hub, log: io.StringIO) -> None:
    hub.context.config.settings = HubSettings(access_log=True)
    answer = await hub.get("/api/v1/me?token=planted-secret", role=Role.VIEWER)
    (entry,) = [entry for entry in entries(log) if entry["logger"] == "noctule_hub.access"]
    assert entry["request"] == answer.headers["X-Request-ID"]
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/api/v1/me", 400)
    assert entry["principal"] == f"user:{hub.users[Role.VIEWER].id}"
    assert entry["address"] == "127.0.0.1"
    assert isinstance(entry["durationMs"], float)
    assert "planted" not in log.getvalue()


async def test_no_access_record_is_written_unless_asked_for(hub: Hub, log: io.StringIO) -> None:
    await hub.get("/api/v1/me")
    assert entries(log) == []


async def test_hostile_paths_make_one_inert_record_each(hub: Hub, log: io.StringIO) -> None:
    hub.context.config.settings = HubSettings(access_log=True)
    for path in ("/api/v1/%0aINFO%20fake", "/api/%1b%5b2J", "/api/v1/" + "x" * 5_000, "/api/%e2%80%ae"):
        await hub.get(path)
    found = entries(log)
    assert len(found) == 4
    assert all(len(str(entry["path"])) <= 200 for entry in found)


async def test_an_incident_is_the_requests_number(hub: Hub, log: io.StringIO) -> None:
    hub.connections.failure = RuntimeError("broken")
    answer = await hub.post("/api/test/emit-test", {"event": "log", "data": {}})
    assert answer.status == 500
    assert answer.json["incident"] == answer.headers["X-Request-ID"]
    assert [entry["request"] for entry in entries(log)] == [answer.json["incident"]]


async def test_requests_are_counted_by_pattern_and_made_up_paths_together(hub: Hub) -> None:
    for path in ("/api/v1/devices/1", "/api/v1/devices/2", "/api/nothing", "/api/here"):
        await hub.get(path)
    counters = hub.app[HTTP_COUNTERS]
    assert counters.requests == {("GET", "/api/v1/devices/{id}", 404): 2, ("GET", "none", 404): 2}
    assert sum(counters.durations.counts) == 4
    assert counters.in_progress == 0
