"""Syslog of util-linux's logger and of plain sockets, by UDP and TCP."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from noctule_agent.receivers import syslog_receiver
from noctule_agent.receivers.intake import LogIntake
from noctule_agent.receivers.senders import Senders
from noctule_agent.receivers.syslog_receiver import MAX_CONNECTIONS_OF_SENDER, SyslogReceiver
from noctule_shared.observations import LogSource

from tests.agent.receivers.conftest import Store, device, eventually, send


class Bench:
    """A receiver on ports of its own, as everything listens by default: on all addresses, IPv4 and IPv6."""

    def __init__(self, intake: LogIntake, store: Store, receiver: SyslogReceiver) -> None:
        self.intake = intake
        self.store = store
        self.receiver = receiver
        self.udp_port = 0
        self.tcp_port = 0

    async def connect(self, source: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.tcp_port, local_addr=(source, 0))

    def messages(self) -> list[str]:
        return [event.message for event in self.store.logs()]


@pytest.fixture
async def bench(intake: LogIntake, store: Store, request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    timeouts = getattr(request, "param", {})
    receiver = SyslogReceiver(intake, **timeouts)
    found = Bench(intake, store, receiver)
    datagrams, streams = await receiver.open_datagrams("::", 0), await receiver.open_streams("::", 0)
    found.udp_port, found.tcp_port = datagrams.port, streams.port
    yield found
    datagrams.close()
    streams.close()
    await eventually(lambda: not streams.connections)


@pytest.mark.parametrize("transport", [["--udp"], ["--tcp"], ["--tcp", "--octet-count"]], ids=" ".join)
@pytest.mark.parametrize("form", ["--rfc3164", "--rfc5424", "--rfc5424=notime,notq,nohost"])
async def test_message_of_logger_is_told(bench: Bench, transport: list[str], form: str, tmp_path: Path) -> None:
    port = bench.udp_port if transport == ["--udp"] else bench.tcp_port
    arguments = ["-n", "127.0.0.1", "-P", str(port), *transport, form, "-p", "local3.err", "-t", "bgpd", "peer is gone"]
    assert await send("logger", arguments, tmp_path) == 0
    await bench.store.until(bench.store.logs)
    (event,) = bench.store.logs()
    assert event.message.startswith("bgpd: peer is gone" if form != "--rfc5424" else "bgpd: peer is gone [timeQuality")
    assert (event.severity, event.facility, event.source) == (3, "local3", LogSource.SYSLOG)
    assert (event.device_id, event.address) == (1, "127.0.0.1")


async def test_sender_on_ipv6_is_known_by_its_address(bench: Bench, senders: Senders) -> None:
    senders.apply({6: device(6, address="::1")})
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"<13>six", ("::1", bench.udp_port))
    await bench.store.until(bench.store.logs)
    assert [(event.device_id, event.address) for event in bench.store.logs()] == [(6, "::1")]


async def test_messages_of_one_connection_keep_their_order(bench: Bench) -> None:
    _, writer = await bench.connect()
    for number in range(50):
        writer.write(b"<13>m%d\n" % number)
    await bench.store.until(lambda: len(bench.messages()) == 50)
    assert bench.messages() == [f"m{number}" for number in range(50)]
    writer.close()


async def test_last_message_without_an_end_counts_when_the_sender_closes(bench: Bench) -> None:
    _, writer = await bench.connect()
    writer.write(b"<13>last words")
    writer.close()
    await bench.store.until(bench.messages)
    assert bench.messages() == ["last words"]


async def test_oversized_frame_is_told_cut_and_counted(bench: Bench) -> None:
    _, writer = await bench.connect()
    writer.write(b"<13>" + b"x" * 20_000 + b"\n<13>next\n")
    await bench.store.until(lambda: len(bench.messages()) == 2)
    assert bench.messages()[1] == "next"
    assert bench.intake.drops() == {"syslogCutFrame": 1}
    writer.close()


async def test_connection_of_an_unknown_sender_is_closed_at_once_and_counted(bench: Bench) -> None:
    reader, writer = await bench.connect("127.0.0.9")
    assert await _ended(reader)
    assert bench.intake.drops() == {"syslogUnknownSender": 1}
    assert bench.intake.stats()["unknown sender 127.0.0.9"] == 1
    writer.close()


async def test_sender_has_only_so_many_connections_and_another_still_gets_in(bench: Bench, senders: Senders) -> None:
    senders.apply({1: device(1), 2: device(2, address="127.0.0.2")})
    held = [await bench.connect() for _ in range(MAX_CONNECTIONS_OF_SENDER)]
    refused, refused_writer = await bench.connect()
    assert await _ended(refused)
    assert bench.intake.drops() == {"syslogConnectionLimit": 1}
    _, other = await bench.connect("127.0.0.2")
    other.write(b"<13>let in\n")
    await bench.store.until(bench.messages)
    # One that goes makes room for another.
    held[0][1].close()
    streams = bench.receiver.streams
    assert streams is not None
    await eventually(lambda: len(streams.connections) == MAX_CONNECTIONS_OF_SENDER)
    _, again = await bench.connect()
    again.write(b"<13>again\n")
    await bench.store.until(lambda: "again" in bench.messages())
    for writer in (refused_writer, other, again, *(writer for _, writer in held)):
        writer.close()


async def test_all_connections_together_are_limited(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syslog_receiver, "MAX_CONNECTIONS", 1)
    _, first = await bench.connect()
    second, second_writer = await bench.connect()
    assert await _ended(second)
    assert bench.intake.drops() == {"syslogConnectionLimit": 1}
    first.close()
    second_writer.close()


@pytest.mark.parametrize("bench", [{"frame_timeout_s": 0.2}], indirect=True)
async def test_frame_that_trickles_in_cuts_the_connection(bench: Bench) -> None:
    reader, writer = await bench.connect()
    ended = asyncio.create_task(_ended(reader))
    async with asyncio.timeout(20):
        while not ended.done():
            writer.write(b"x")
            await asyncio.wait([ended], timeout=0.05)
    assert bench.intake.drops() == {"syslogSlowFrame": 1}
    assert bench.messages() == []
    writer.close()


@pytest.mark.parametrize("bench", [{"idle_timeout_s": 0.05, "frame_timeout_s": 60.0}], indirect=True)
async def test_connection_that_says_nothing_is_cut(bench: Bench) -> None:
    reader, writer = await bench.connect()
    assert await _ended(reader)
    assert bench.intake.drops() == {"syslogIdle": 1}
    writer.close()


async def test_datagrams_that_the_kernel_drops_are_counted(bench: Bench) -> None:
    datagrams = bench.receiver.datagrams
    assert datagrams is not None
    datagrams._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        # Nobody reads between two sends: the test holds the loop.
        for _ in range(200):
            sock.sendto(b"<13>" + b"x" * 500, ("127.0.0.1", bench.udp_port))
    drops = datagrams.kernel_drops
    assert drops > 0
    await bench.store.until(lambda: len(bench.messages()) == 200 - drops)


async def _ended(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(20):
            return await reader.read() == b""
    except ConnectionResetError:
        return True
