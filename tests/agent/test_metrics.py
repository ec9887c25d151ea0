"""The status as Prometheus reads it: well-formed whatever names devices bear, complete, and unknown is absent."""

import asyncio
import re
from pathlib import Path

import msgspec
import pytest
from aiohttp import ClientConnectorError, ClientSession
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.config import AgentConfig
from noctule_agent.metrics import metrics_text
from noctule_agent.metrics_port import serve_metrics
from noctule_agent.monitor import Monitor
from noctule_agent.status import AgentStatus, LinkStatus, OutboxStatus

from tests.agent.conftest import Snmpd
from tests.agent.test_monitor import ListSink, device, running

STATUS = AgentStatus(
    version="0.1.0", pid=1, started_ms=1_795_000_000_500, written_ms=1_795_000_009_000, agent_id=7, name="a1",
    site="north", icmp="on", devices=3, config_revision=9, rows=10, events=2,
    link=LinkStatus("connected", None, 1_795_000_001_000, "http://127.0.0.1:5000", "websocket", 2, 1, 16, -1500),
    outbox=OutboxStatus("00000000000000aa", 12, 10, 1, 2048, 0.25, 0),
    drops={"evictedRows": 5, "bufferFullRows": 0},
    pollers={"rounds": 4.0, "budget_wait_s": 0.125, "overruns of core1": 3},
    receivers={"syslog messages": 8.0, "syslog connections": 2.0},
    slowest_s={"core1": 1.5},
    commands={"ok": 2, "not-own": 1},
)  # fmt: skip
LINE = re.compile(r'(noctule_agent_[a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\n"])*",?)+)\})? (-?[0-9.e+-]+)')


def samples(text: str) -> dict[tuple[str, str], float]:
    """Return the samples of a text, by name and labels; fails where Prometheus would."""
    found: dict[tuple[str, str], float] = {}
    kind = ""
    assert text.endswith("\n")
    for line in text.split("\n")[:-1]:
        if line.startswith("# "):
            _, word, name, rest = line.split(" ", 3)
            if word == "TYPE":
                kind = rest
                assert name.endswith("_total") is (rest == "counter")
            else:
                assert (word, kind) == ("HELP", kind)
            continue
        match = LINE.fullmatch(line)
        assert match, line
        key = (match[1], match[2] or "")
        assert key not in found
        found[key] = float(match[3])
    return found


def test_every_part_of_the_status_has_its_metric() -> None:
    found = samples(metrics_text(STATUS))
    assert found["noctule_agent_link_state", 'state="connected"'] == 1
    assert found["noctule_agent_link_state", 'state="fenced"'] == 0
    assert found["noctule_agent_clock_skew_seconds", ""] == -1.5
    assert found["noctule_agent_outbox_backlog_age_seconds", ""] == 0.25
    assert found["noctule_agent_outbox_acked_seq", ""] == 10
    assert found["noctule_agent_dropped_total", 'reason="evictedRows"'] == 5
    assert found["noctule_agent_snmp_budget_wait_seconds_total", ""] == 0.125
    assert found["noctule_agent_device_overruns_total", 'device="core1"'] == 3
    assert found["noctule_agent_device_poll_seconds", 'device="core1"'] == 1.5
    assert found["noctule_agent_commands_total", 'result="not-own"'] == 1
    assert found["noctule_agent_received_total", 'what="syslog messages"'] == 8
    assert found["noctule_agent_syslog_connections", ""] == 2
    assert found["noctule_agent_start_time_seconds", ""] == 1_795_000_000.5


def test_unknown_has_no_sample() -> None:
    link = msgspec.structs.replace(STATUS.link, clock_skew_ms=None, credit_frames=None)
    outbox = msgspec.structs.replace(STATUS.outbox, backlog_age_s=None)
    names = {name for name, _ in samples(metrics_text(msgspec.structs.replace(STATUS, link=link, outbox=outbox)))}
    assert names.isdisjoint(
        {
            "noctule_agent_clock_skew_seconds",
            "noctule_agent_link_credit_frames",
            "noctule_agent_outbox_backlog_age_seconds",
        }
    )


def test_no_counter_of_the_monitor_is_left_out() -> None:
    stats = Monitor(None, ListSink()).stats()
    without = samples(metrics_text(msgspec.structs.replace(STATUS, pollers={})))
    assert len(samples(metrics_text(msgspec.structs.replace(STATUS, pollers=stats)))) == len(without) + len(stats)


@given(st.dictionaries(st.text(), st.floats(0, 1e9), max_size=5), st.text(), st.text())
def test_text_is_well_formed_whatever_names_hold(slowest_s: dict[str, float], name: str, reason: str) -> None:
    changed = msgspec.structs.replace(STATUS, slowest_s=slowest_s, name=name, drops={reason: 1})
    found = samples(metrics_text(changed))
    assert sum(1 for metric, _ in found if metric == "noctule_agent_device_poll_seconds") == len(slowest_s)


async def fetch(port: int, path: str) -> tuple[int, str, str]:
    async with ClientSession() as http, asyncio.timeout(10):
        while True:
            try:
                async with http.get(f"http://127.0.0.1:{port}{path}") as answer:
                    return answer.status, answer.headers["Content-Type"], await answer.text()
            except ClientConnectorError:
                # It does not listen yet.
                await asyncio.sleep(0.01)


async def test_port_serves_the_present_status_and_nothing_else(tmp_path: Path, unused_tcp_port: int) -> None:
    config = AgentConfig(data_dir=tmp_path, metrics_port=unused_tcp_port)
    rows = iter(range(100, 200))
    serving = asyncio.create_task(serve_metrics(config, lambda: msgspec.structs.replace(STATUS, rows=next(rows))))
    status, kind, text = await fetch(unused_tcp_port, "/metrics")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert samples(text)["noctule_agent_rows_total", ""] == 100
    assert samples((await fetch(unused_tcp_port, "/metrics"))[2])["noctule_agent_rows_total", ""] == 101
    assert (await fetch(unused_tcp_port, "/"))[0] == 404
    serving.cancel()
    await asyncio.wait([serving])


async def test_port_that_is_taken_is_said_once_and_opened_when_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("noctule_agent.metrics_port.RETRY_S", 0.01)
    taken = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    told = asyncio.Event()
    monkeypatch.setattr(caplog.handler, "flush", told.set)
    serving = asyncio.create_task(serve_metrics(AgentConfig(data_dir=tmp_path, metrics_port=port), lambda: STATUS))
    async with asyncio.timeout(10):
        await told.wait()
    taken.close()
    await taken.wait_closed()
    assert (await fetch(port, "/metrics"))[0] == 200
    assert len(caplog.records) == 1
    serving.cancel()
    await asyncio.wait([serving])


async def test_slowest_devices_are_named_with_how_long_their_poll_took(snmpd: Snmpd) -> None:
    sink = ListSink()
    monitor = Monitor(None, sink)
    monitor.apply({1: device(1, port=snmpd.port), 2: device(2, port=None)})
    async with running(monitor):
        await sink.until(lambda: len(sink.rows) >= 2)
        assert list(monitor.slowest()) == ["router 1"]
        assert 0 < monitor.slowest()["router 1"] < 60
