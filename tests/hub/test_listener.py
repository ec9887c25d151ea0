"""Connections that only hold on to the hub are let go of, and what is over its limits is refused with words."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from noctule_hub import app
from noctule_hub.api import bodies
from noctule_hub.api.problems import Problem
from noctule_hub.app import running
from noctule_hub.cli.folder import initialise
from noctule_hub.config import HubConfig, HubSettings
from noctule_hub.errors import PortTakenError
from noctule_hub.realtime import transport_contract
from noctule_shared.errors import ErrorCode

HEAD = "{} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
WITHIN_S = 20.0
SOON_S = 0.2


@pytest.fixture
async def data_dir(tmp_path: Path) -> Path:
    await initialise(tmp_path / "data", username="admin")
    return tmp_path / "data"


@pytest.fixture
async def port(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """Run a hub that has little patience; returns its port."""
    monkeypatch.setattr(app, "IDLE_S", SOON_S)
    monkeypatch.setattr(app, "LINGER_S", SOON_S)
    monkeypatch.setattr(bodies, "BODY_WITHIN_S", SOON_S)
    monkeypatch.setattr(transport_contract, "BODY_WITHIN_S", SOON_S)
    async with running(HubConfig(data_dir, HubSettings(port=0))) as hub:
        yield int(hub.url.rpartition(":")[2])


async def answered(port: int, words: str) -> str:
    """Send words and nothing more; returns all that the hub says until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words.encode())
    async with asyncio.timeout(WITHIN_S):
        said = await reader.read()
    writer.close()
    return said.decode()


@pytest.mark.parametrize(
    "words",
    ["", "GET", "GET /health HTTP/1.1\r\n", HEAD.format("GET /health") + "X-Slow: 1"],
    ids=["nothing", "method", "line", "header"],
)
async def test_a_head_that_never_ends_is_let_go_of(port: int, words: str) -> None:
    assert await answered(port, words) == ""


async def test_a_connection_that_rests_is_closed_after_its_answer(port: int) -> None:
    said = await answered(port, HEAD.format("GET /health") + "\r\n")
    assert said.startswith("HTTP/1.1 200 OK")


async def test_a_body_that_never_comes_is_refused_with_words(port: int) -> None:
    head = HEAD.format("POST /api/v1/auth/login") + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    said = await answered(port, head)
    assert said.startswith("HTTP/1.1 400 Bad Request")
    assert "the body did not arrive within" in said


async def test_a_long_polls_body_that_never_comes_ends_its_session(port: int) -> None:
    opened = await answered(port, HEAD.format("GET /socket.io/?EIO=4&transport=polling") + "\r\n")
    sid = opened.partition('"sid":"')[2].partition('"')[0]
    head = HEAD.format(f"POST /socket.io/?EIO=4&transport=polling&sid={sid}") + "Content-Length: 100\r\n\r\n4"
    assert (await answered(port, head)).startswith("HTTP/1.1 400 Bad Request")


@pytest.mark.parametrize(
    "words",
    [
        HEAD.format("GET /health") + "Authorization: Bearer planted" + "x" * 9_000 + "\r\n\r\n",
        HEAD.format("GET /health") + "".join(f"X-{number}: planted\r\n" for number in range(200)) + "\r\n",
        "planted nonsense\r\n\r\n",
    ],
    ids=["long", "many", "nonsense"],
)
async def test_what_is_no_proper_head_is_refused_in_one_short_record_at_most(
    port: int, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        said = await answered(port, words)
    head, _, body = said.partition("\r\n\r\n")
    assert " 400 Bad Request" in head.partition("\r\n")[0]
    assert "application/problem+json" in head
    assert "Server: noctule\r\n" in head
    assert "nosniff" in head
    assert msgspec.json.decode(body, type=Problem).code is ErrorCode.INVALID
    assert "planted" not in said
    records = [record for record in caplog.records if record.name == "noctule_hub.listener.server"]
    assert len(records) <= 1
    for record in records:
        assert record.getMessage().startswith("Error handling request from 127.0.0.1: it is no HTTP (")
        assert record.levelno == logging.INFO
    assert "planted" not in caplog.text
    assert "Traceback" not in caplog.text


async def test_a_port_that_is_taken_is_named_with_the_way_out(data_dir: Path, port: int, tmp_path: Path) -> None:
    del data_dir
    await initialise(tmp_path / "other", username="admin")
    with pytest.raises(PortTakenError, match="choose another one with --port"):
        async with running(HubConfig(tmp_path / "other", HubSettings(port=port))):
            pass


async def test_all_addresses_means_both_families(data_dir: Path) -> None:
    async with running(HubConfig(data_dir, HubSettings(host="::", port=0))) as hub:
        port = int(hub.url.rpartition(":")[2])
        for host in ("127.0.0.1", "::1"):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
