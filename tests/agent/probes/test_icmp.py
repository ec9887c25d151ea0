"""The echo engine: on the loopback where ICMP is permitted, and on a scripted socket everywhere."""

import asyncio
import contextlib
import os
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from noctule_agent.probes.echo_packet import EchoReply, decode_reply, encode_request
from noctule_agent.probes.echo_socket import EchoSocket, Received
from noctule_agent.probes.icmp import EchoClosed, EchoEngine
from noctule_shared.errors import Refused

TARGET = "192.0.2.7"
Script = Callable[[bytes, int], list[bytes]]


class ScriptedSocket(EchoSocket):
    """Answers each request by a script: packets that "arrive" at once, or later by `deliver`."""

    def __init__(self, script: Script) -> None:
        self._near, self._far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._near.settimeout(0)
        super().__init__(self._near, v6=False, raw=False, identifier=7)
        self.script = script
        self.sent: list[bytes] = []
        self.first_sent = threading.Event()
        self.source = TARGET
        self.dropped = 0
        self._waiting: deque[Received] = deque()

    def send(self, packet: bytes, address: tuple[Any, ...]) -> None:
        assert address[0] == TARGET
        self.sent.append(packet)
        self.first_sent.set()
        for reply in self.script(packet, len(self.sent)):
            self.deliver(reply)

    def deliver(self, octets: bytes) -> None:
        self._waiting.append(Received(octets, self.source, time.clock_gettime_ns(time.CLOCK_REALTIME)))
        self._far.send(b"x")

    def receive(self) -> Received | None:
        with contextlib.suppress(BlockingIOError):
            self._near.recv(1)
        return self._waiting.popleft() if self._waiting else None

    def drops(self) -> int:
        return getattr(self, "dropped", 0)

    def close(self) -> None:
        super().close()
        self._far.close()


def reply_to(request: bytes) -> bytes:
    return bytes([0]) + request[1:]


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], tuple[EchoEngine, ScriptedSocket]]]:
    engines: list[EchoEngine] = []

    def make(script: Script) -> tuple[EchoEngine, ScriptedSocket]:
        echo_socket = ScriptedSocket(script)
        engines.append(EchoEngine({False: echo_socket}))
        return engines[-1], echo_socket

    yield make
    for engine in engines:
        engine.close()


Make = Callable[[Script], tuple[EchoEngine, ScriptedSocket]]


async def test_every_packet_that_is_answered_is_received(scripted: Make) -> None:
    engine, _ = scripted(lambda request, _: [reply_to(request)])
    found = await engine.round(TARGET, 5, 0.001)
    assert (found.sent, found.received, found.duplicates, found.late) == (5, 5, 0, 0)
    assert all(0 <= rtt < 1 for rtt in found.rtt_s)


async def test_silence_is_loss_after_the_timeout(scripted: Make) -> None:
    engine, _ = scripted(lambda request, number: [reply_to(request)] if number != 2 else [])
    found = await engine.round(TARGET, 3, 0.001, 0.05)
    assert [rtt is None for rtt in found.rtt_in_order_s] == [False, True, False]
    assert found.loss_ratio == pytest.approx(1 / 3)


async def test_second_reply_is_a_duplicate_and_no_more(scripted: Make) -> None:
    engine, echo_socket = scripted(lambda request, _: [reply_to(request)])
    first = await engine.round(TARGET, 1)
    again = reply_to(echo_socket.sent[0])
    echo_socket.script = lambda request, _: [again, again, reply_to(request)]
    second = await engine.round(TARGET, 1)
    assert (first.received, first.duplicates) == (1, 0)
    assert (second.received, second.duplicates, second.late) == (1, 2, 0)


async def test_late_reply_is_counted_and_stays_lost(scripted: Make) -> None:
    engine, echo_socket = scripted(lambda _, __: [])
    lost = await engine.round(TARGET, 1, 0, 0.02)
    assert lost.received == 0
    late = reply_to(echo_socket.sent[0])
    echo_socket.script = lambda request, _: [late, reply_to(request)]
    found = await engine.round(TARGET, 1)
    assert (found.received, found.late, engine.stats.late) == (1, 1, 1)


@pytest.mark.parametrize("fault", ["nonce", "number", "identifier", "source"])
async def test_forged_reply_is_not_received(scripted: Make, fault: str) -> None:
    def forge(request: bytes, _: int) -> list[bytes]:
        asked = decode_reply(reply_to(request), v6=False, ip_header=False)
        assert isinstance(asked, EchoReply)
        forged = {"identifier": asked.identifier, "number": asked.number, "nonce": asked.nonce}
        match fault:
            case "nonce":
                forged["nonce"] = bytes(8)
            case "number":
                forged["number"] = asked.number + 1
            case "identifier":
                forged["identifier"] = asked.identifier + 1
        return [reply_to(encode_request(v6=False, **forged))]  # type: ignore[arg-type]  # by name

    engine, echo_socket = scripted(forge)
    if fault == "source":
        echo_socket.source = "192.0.2.8"
    found = await engine.round(TARGET, 2, 0.001, 0.05)
    assert (found.received, engine.stats.foreign) == (0, 2)


async def test_kernel_drops_mark_the_round_in_which_they_happened(scripted: Make) -> None:
    engine, echo_socket = scripted(lambda _, __: [])

    def overflow(_: bytes, __: int) -> list[bytes]:
        echo_socket.dropped += 1
        return []

    echo_socket.script = overflow
    dropped = await engine.round(TARGET, 2, 0.001, 0.02)
    echo_socket.script = lambda _, __: []
    lost = await engine.round(TARGET, 2, 0.001, 0.02)
    assert (dropped.kernel_drops, lost.kernel_drops) == (2, 0)
    assert engine.stats.kernel_drops == 2


async def test_refused_send_is_a_lost_packet_with_its_reason(scripted: Make) -> None:
    def refuse(_: bytes, __: int) -> list[bytes]:
        raise OSError(101, "Network is unreachable")

    engine, _ = scripted(refuse)
    found = await engine.round(TARGET, 2, 0.001)
    assert (found.sent, found.received, found.send_error) == (2, 0, "Network is unreachable")


async def test_full_send_buffer_is_waited_for(scripted: Make) -> None:
    refusals = iter([BlockingIOError(11, "try again")] * 3)

    def script(request: bytes, _: int) -> list[bytes]:
        for refusal in refusals:
            raise refusal
        return [reply_to(request)]

    engine, _ = scripted(script)
    found = await engine.round(TARGET, 1)
    assert (found.received, found.send_error) == (1, None)


async def test_cancelled_round_sends_no_more(scripted: Make) -> None:
    engine, echo_socket = scripted(lambda _, __: [])
    task = asyncio.create_task(engine.round(TARGET, 100, 0.01, 0.05))
    async with asyncio.timeout(10):
        await asyncio.to_thread(echo_socket.first_sent.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await engine.round(TARGET, 3, 0.02, 0.02)
    assert len(echo_socket.sent) < 50


async def test_busy_event_loop_neither_delays_packets_nor_adds_to_their_delay(scripted: Make) -> None:
    engine, echo_socket = scripted(lambda request, _: [reply_to(request)])
    task = asyncio.create_task(engine.round(TARGET, 5, 0.02))
    await asyncio.sleep(0)
    threading.Event().wait(0.3)  # the loop stands still meanwhile
    assert len(echo_socket.sent) == 5
    found = await task
    assert found.received == 5
    assert found.median_s is not None
    assert found.median_s < 0.1


async def test_close_fails_the_rounds_still_open_and_refuses_new_ones(scripted: Make) -> None:
    engine, echo_socket = scripted(lambda _, __: [])
    task = asyncio.create_task(engine.round(TARGET, 1, 0, 60))
    async with asyncio.timeout(10):
        await asyncio.to_thread(echo_socket.first_sent.wait, 10)
        engine.close()
        with pytest.raises(EchoClosed):
            await task
    with pytest.raises(EchoClosed):
        await engine.round(TARGET)


@pytest.mark.parametrize(
    ("address", "count", "field"), [("router", 1, "address"), ("::1", 1, "address"), (TARGET, 0, "count")]
)
async def test_bad_input_names_the_field(scripted: Make, address: str, count: int, field: str) -> None:
    engine, _ = scripted(lambda _, __: [])
    with pytest.raises(Refused) as refused:
        await engine.round(address, count)
    assert refused.value.field == field


@pytest.fixture
async def engine(icmp_permission: None) -> AsyncIterator[EchoEngine]:  # noqa: ARG001  skips without it
    found = EchoEngine.open()
    yield found
    found.close()


async def test_loopback_answers_every_echo(engine: EchoEngine) -> None:
    found = await engine.round("127.0.0.1", 5, 0.005)
    assert (found.sent, found.received, found.send_error) == (5, 5, None)
    assert found.max_s is not None
    assert found.max_s < 0.5


async def test_ipv6_loopback_answers_every_echo(engine: EchoEngine) -> None:
    if not os.path.exists("/proc/net/if_inet6"):  # noqa: ASYNC240, PTH110  a kernel file that never blocks
        pytest.skip("this kernel has no IPv6")
    found = await engine.round("::1", 3, 0.005)
    assert (found.sent, found.received) == (3, 3)


async def test_many_targets_share_one_socket_without_loss(engine: EchoEngine) -> None:
    targets = [f"127.9.{number // 250}.{1 + number % 250}" for number in range(500)]
    rounds = await asyncio.gather(*(engine.round(address, 3, 0.01, 5.0) for address in targets))
    assert [found.address for found in rounds] == targets
    assert sum(found.received for found in rounds) == 1500
    assert engine.stats.kernel_drops == 0


async def test_address_that_nobody_has_is_lost(engine: EchoEngine) -> None:
    found = await engine.round("240.0.0.1", 2, 0.005, 0.1)
    assert (found.sent, found.received, found.rtt_s) == (2, 0, ())
