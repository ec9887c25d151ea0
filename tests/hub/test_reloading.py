"""A reload: what changes at once, what waits for a restart, and a bad file that changes nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiohttp import ClientSession
from noctule_hub.app import RunningHub, running
from noctule_hub.cli.folder import initialise
from noctule_hub.config import FILE_NAME, HubSettings, LimitSettings, LogLevel, TlsFiles, load_config
from noctule_hub.config.changes import Reloaded, compare

OLD = HubSettings()
TLS = TlsFiles(Path("/a.pem"), Path("/a.key"))


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (OLD, Reloaded(OLD)),
        (replace(OLD, log_level=LogLevel.DEBUG), Reloaded(replace(OLD, log_level=LogLevel.DEBUG), ("log_level",))),
        (replace(OLD, host="::", port=1), Reloaded(OLD, (), ("host", "port"))),
        (
            replace(OLD, port=1, limits=LimitSettings(request_burst=7)),
            Reloaded(replace(OLD, limits=LimitSettings(request_burst=7)), ("limits.request_burst",), ("port",)),
        ),
        (replace(OLD, tls=TLS), Reloaded(OLD, (), ("tls_certificate",))),
    ],
)
def test_what_a_reload_changes_and_what_waits(new: HubSettings, expected: Reloaded) -> None:
    assert compare(OLD, new) == expected


def test_tls_files_may_move_but_tls_does_not_end_without_a_restart() -> None:
    old, moved = replace(OLD, tls=TLS), replace(OLD, tls=TlsFiles(Path("/b.pem"), Path("/b.key")))
    assert compare(old, moved) == Reloaded(moved, ("tls_certificate", "tls_key"))
    assert compare(old, OLD) == Reloaded(old, (), ("tls_certificate",))


@dataclass
class Running:
    """A hub over a hub.toml that a test writes."""

    hub: RunningHub
    file: Path

    def reload(self, text: str) -> None:
        self.file.write_text(f"port = 0\n{text}")
        self.hub.reload()


@pytest.fixture(autouse=True)
def root_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
async def started(tmp_path: Path) -> AsyncIterator[Running]:
    data_dir = tmp_path / "data"
    await initialise(data_dir, username="admin")
    (data_dir / FILE_NAME).write_text("port = 0")
    async with running(load_config(data_dir), lambda: load_config(data_dir)) as hub:
        yield Running(hub, data_dir / FILE_NAME)


async def preflight(started: Running, origin: str) -> int:
    headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    async with ClientSession() as http, http.options(f"{started.hub.url}/api/v1/me", headers=headers) as answer:
        return answer.status


async def handshake(started: Running, origin: str) -> int:
    path = "/socket.io/?EIO=4&transport=polling"
    async with ClientSession() as http, http.get(f"{started.hub.url}{path}", headers={"Origin": origin}) as answer:
        return answer.status


async def test_pages_of_a_new_origin_are_let_in_after_a_reload_over_http_and_sockets(started: Running) -> None:
    origin = "https://portal.example.net"
    assert (await preflight(started, origin), await handshake(started, origin)) == (405, 400)
    started.reload(f'public_origins = ["{origin}"]')
    assert (await preflight(started, origin), await handshake(started, origin)) == (204, 200)
    started.reload("")
    assert (await preflight(started, origin), await handshake(started, origin)) == (405, 400)


async def test_pages_of_the_public_address_are_the_hubs_own_whatever_host_a_proxy_passes_on(started: Running) -> None:
    assert await handshake(started, "https://noc.example.net") == 400
    started.reload('public_url = "https://noc.example.net"')
    assert await handshake(started, "https://noc.example.net") == 200


async def test_a_bad_file_changes_nothing_and_is_named(started: Running, caplog: pytest.LogCaptureFixture) -> None:
    started.reload('public_origins = ["https://portal.example.net"]')
    started.reload("[limits]\nconections = 5")
    assert f"{started.file}: unknown key 'limits.conections' (value 5); did you mean 'connections'?" in caplog.text
    assert await preflight(started, "https://portal.example.net") == 204
    assert (started.hub.reload.done, started.hub.reload.failed) == (1, 1)


async def test_what_needs_a_restart_is_said_and_the_hub_stays_where_it_listens(
    started: Running, caplog: pytest.LogCaptureFixture
) -> None:
    started.file.write_text('port = 1\nhost = "192.0.2.1"')
    started.hub.reload()
    assert "host, port: changed in hub.toml; this needs a restart of the hub" in caplog.text
    assert await preflight(started, "https://x.example") == 405


async def test_the_log_is_written_by_the_new_level_and_format(started: Running) -> None:
    started.reload('log_level = "debug"\nlog_format = "json"')
    root = logging.getLogger()
    assert root.level == logging.DEBUG
    assert type(root.handlers[0].formatter).__name__ == "JsonFormatter"


async def test_connections_over_the_limit_are_closed_at_once(started: Running) -> None:
    started.reload("[limits]\nconnections = 10")
    port = int(started.hub.url.rpartition(":")[2])
    open_ones = [await asyncio.open_connection("127.0.0.1", port) for _ in range(10)]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    writer.close()
    for _, other in open_ones:
        other.close()
