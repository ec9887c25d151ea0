"""The echo engine: rounds of ICMP echoes to many targets over one socket per address family.

It runs in a thread with a selector of its own, so that a busy event loop neither delays a packet nor counts
as latency; delays are taken from the kernel's receive stamps. What a round means is left to
`core.reachability`.
"""

import asyncio
import contextlib
import errno
import heapq
import ipaddress
import itertools
import logging
import os
import random
import selectors
import socket
import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any, Final, Self

from noctule_shared.errors import NoctuleError, invalid

from noctule_agent.probes.echo_packet import NONCE_BYTES, decode_reply, encode_request
from noctule_agent.probes.echo_round import EchoRound, echo_round
from noctule_agent.probes.echo_socket import EchoSocket, NoPermission, Received, open_echo_socket, permission

__all__ = ["EchoClosed", "EchoEngine", "EchoStats", "NoPermission", "permission"]

log = logging.getLogger(__name__)

SENDS_BEFORE_DRAIN: Final = 64
RECEIVES_PER_DRAIN: Final = 1024
MAX_COUNT: Final = 1000
# Finished probes are remembered so long, and so many, to tell late and duplicate replies from forged ones.
REMEMBERED_S: Final = 30.0
MAX_REMEMBERED: Final = 131_072
MAX_TALLIED_ADDRESSES: Final = 16_384
SPACING_JITTER_RATIO: Final = 0.1
STOP_DEADLINE_S: Final = 2.0
# A full send buffer empties within this; longer means that the interface is stuck.
SEND_RETRY_S: Final = 0.002
MAX_SEND_RETRIES: Final = 100


class EchoClosed(NoctuleError):  # noqa: N818  a state, not a fault
    """The engine was closed, or its thread died, before the round ended."""


@dataclass(slots=True)
class EchoStats:
    """Counters since the engine was opened, for `status` and the doctor."""

    sent: int = 0
    received: int = 0
    timeouts: int = 0
    late: int = 0
    duplicates: int = 0
    foreign: int = 0
    send_errors: int = 0
    kernel_drops: int = 0


@dataclass(slots=True, eq=False)
class _Round:
    address: str
    target: tuple[Any, ...]
    v6: bool
    timeout_s: float
    nonce: bytes
    rtts_s: list[float | None]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[EchoRound]
    drops_at_start: int = 0
    open_probes: int = 0
    send_error: str | None = None
    cancelled: bool = False


@dataclass(slots=True, eq=False)
class _Probe:
    number: int
    round: _Round
    position: int
    sent_real_ns: int
    sent_mono_s: float
    answered: bool = False
    expired: bool = False


@dataclass(slots=True)
class _Tally:
    late: int = 0
    duplicates: int = 0


@dataclass(order=True, slots=True)
class _Due:
    at_s: float
    order: int
    round: _Round = field(compare=False)
    # A position to send, or the probe that times out.
    position: int = field(compare=False, default=-1)
    probe: _Probe | None = field(compare=False, default=None)
    tries: int = field(compare=False, default=0)


class EchoEngine:
    """Sends rounds of echoes and delivers their results.

    `open` needs permission for ICMP. `round` may be awaited by any number of tasks, of one or several event
    loops; `close` ends the thread and fails the rounds still open with `EchoClosed`.
    """

    def __init__(self, sockets: dict[bool, EchoSocket]) -> None:
        self.stats = EchoStats()
        self._sockets = sockets
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.settimeout(0)
        self._wake_write.settimeout(0)
        self._lock = threading.Lock()
        self._submitted: deque[tuple[_Round, float]] = deque()
        self._closing = False
        self._heap: list[_Due] = []
        self._order = itertools.count()
        # Numbers start anywhere, so that those of a run before are not taken for ours.
        self._numbers = itertools.count(int.from_bytes(os.urandom(6), "big"))
        self._probes: OrderedDict[int, _Probe] = OrderedDict()
        self._tallies: OrderedDict[str, _Tally] = OrderedDict()
        self._rounds: set[_Round] = set()
        self._random = random.Random(os.urandom(16))  # noqa: S311  jitter, not a secret
        for echo_socket in sockets.values():
            self._selector.register(echo_socket.sock, selectors.EVENT_READ, echo_socket)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._run, name="echo-engine", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls) -> Self:
        """Return a running engine with an IPv4 and, where the machine has it, an IPv6 socket.

        Raises `NoPermission` when neither raw nor unprivileged ICMP sockets are allowed, OSError when the
        kernel has no sockets left.
        """
        sockets: dict[bool, EchoSocket] = {}
        with contextlib.ExitStack() as opened:
            for v6 in (False, True):
                with contextlib.suppress(NoPermission):
                    echo_socket = open_echo_socket(v6=v6)
                    if echo_socket is not None:
                        opened.callback(echo_socket.close)
                        sockets[v6] = echo_socket
            if not sockets:
                raise NoPermission
            engine = cls(sockets)
            opened.pop_all()
            return engine

    @property
    def raw(self) -> bool:
        """Return whether the engine works with raw sockets rather than unprivileged ones."""
        return all(echo_socket.raw for echo_socket in self._sockets.values())

    async def round(self, address: str, count: int = 5, spacing_s: float = 0.2, timeout_s: float = 1.0) -> EchoRound:
        """Send `count` echoes to a numeric address, about `spacing_s` apart, and return what came back.

        Ends with the last reply, at the latest `timeout_s` after the last packet. Cancelling it stops what is
        not sent yet.

        Raises `Refused` (invalid, naming the field) for an address that is not numeric, of a family this
        machine lacks, or for a count outside 1..1000; `EchoClosed` when the engine is closed meanwhile.
        """
        target, v6 = _target(address)
        if v6 not in self._sockets:
            raise invalid("address", f"{address} needs IPv{6 if v6 else 4}, which this machine does not have")
        if not 1 <= count <= MAX_COUNT:
            raise invalid("count", f"{count} is not between 1 and {MAX_COUNT}")
        loop = asyncio.get_running_loop()
        echo = _Round(
            address, target, v6, timeout_s, os.urandom(NONCE_BYTES), [None] * count, loop, loop.create_future()
        )
        with self._lock:
            if self._closing:
                raise EchoClosed("the echo engine is closed")
            self._submitted.append((echo, spacing_s))
        self._wake()
        try:
            return await echo.future
        finally:
            echo.cancelled = True

    def close(self) -> None:
        """End the thread within 2 s and close the sockets. Calling it again does nothing."""
        with self._lock:
            self._closing = True
        self._wake()
        if self._thread is not threading.current_thread():
            self._thread.join(STOP_DEADLINE_S)

    def _wake(self) -> None:
        # A full pipe already wakes the thread; a closed one has no thread to wake.
        with contextlib.suppress(OSError):
            self._wake_write.send(b"\0")

    def _run(self) -> None:
        try:
            while not self._closing:
                now_s = time.monotonic()
                wait_s = max(0.0, self._heap[0].at_s - now_s) if self._heap else None
                self._selector.select(wait_s)
                with contextlib.suppress(BlockingIOError):
                    self._wake_read.recv(4096)
                self._take_submitted()
                self._drain()
                self._work_due()
        except Exception:
            log.exception("echo engine stopped")
        finally:
            self._stop()

    def _stop(self) -> None:
        with self._lock:
            self._closing = True
            waiting = [echo for echo, _ in self._submitted]
            self._submitted.clear()
        for echo in (*waiting, *self._rounds):
            _deliver(echo, EchoClosed("the echo engine was closed"))
        self._selector.close()
        for echo_socket in self._sockets.values():
            echo_socket.close()
        self._wake_read.close()
        self._wake_write.close()

    def _take_submitted(self) -> None:
        with self._lock:
            fresh = list(self._submitted)
            self._submitted.clear()
        now_s = time.monotonic()
        for echo, spacing_s in fresh:
            self._rounds.add(echo)
            echo.open_probes = len(echo.rtts_s)
            echo.drops_at_start = self._sockets[echo.v6].drops()
            for position in range(len(echo.rtts_s)):
                jitter_s = self._random.uniform(-1, 1) * SPACING_JITTER_RATIO * spacing_s if position else 0.0
                self._push(now_s + position * spacing_s + jitter_s, echo, position=position)

    def _push(
        self, at_s: float, echo: _Round, *, position: int = -1, probe: _Probe | None = None, tries: int = 0
    ) -> None:
        heapq.heappush(self._heap, _Due(at_s, next(self._order), echo, position, probe, tries))

    def _work_due(self) -> None:
        """Do what is due: at most 64 sends, then the sockets are drained first."""
        sends = 0
        drained = False
        while self._heap and sends < SENDS_BEFORE_DRAIN:
            now_s = time.monotonic()
            if self._heap[0].at_s > now_s:
                return
            if self._heap[0].probe is not None and not drained:
                # A reply that waits in the kernel with a stamp in time must not lose against our own delay.
                self._drain()
                drained = True
            due = heapq.heappop(self._heap)
            if due.probe is not None:
                self._expire(due.probe)
            elif due.round.cancelled:
                self._close_probe(due.round)
            else:
                sends += 1
                self._send(due)

    def _send(self, due: _Due) -> None:
        echo = due.round
        echo_socket = self._sockets[echo.v6]
        number = next(self._numbers)
        packet = encode_request(v6=echo.v6, identifier=echo_socket.identifier, number=number, nonce=echo.nonce)
        probe = _Probe(number, echo, due.position, 0, time.monotonic())
        probe.sent_real_ns = time.clock_gettime_ns(time.CLOCK_REALTIME)
        try:
            echo_socket.send(packet, echo.target)
        except OSError as error:
            if error.errno in {errno.EAGAIN, errno.ENOBUFS} and due.tries < MAX_SEND_RETRIES:
                self._push(time.monotonic() + SEND_RETRY_S, echo, position=due.position, tries=due.tries + 1)
                return
            self.stats.send_errors += 1
            echo.send_error = os.strerror(error.errno) if error.errno else str(error)
            self._close_probe(echo)
            return
        self.stats.sent += 1
        self._probes[number] = probe
        if len(self._probes) > MAX_REMEMBERED:
            self._forget_oldest()
        self._push(probe.sent_mono_s + echo.timeout_s, echo, probe=probe)

    def _forget_oldest(self) -> None:
        _, oldest = self._probes.popitem(last=False)
        if not (oldest.answered or oldest.expired):
            oldest.expired = True
            self._close_probe(oldest.round)

    def _expire(self, probe: _Probe) -> None:
        if not (probe.answered or probe.expired):
            probe.expired = True
            self.stats.timeouts += 1
            self._close_probe(probe.round)
        # Probes are in order of sending; the finished ones past their time are forgotten from the front.
        horizon_s = time.monotonic() - REMEMBERED_S
        while self._probes:
            first = next(iter(self._probes.values()))
            if first.sent_mono_s > horizon_s or not (first.answered or first.expired):
                return
            del self._probes[first.number]

    def _drain(self) -> None:
        for echo_socket in self._sockets.values():
            for _ in range(RECEIVES_PER_DRAIN):
                received = echo_socket.receive()
                if received is None:
                    break
                self._accept(echo_socket, received)

    def _accept(self, echo_socket: EchoSocket, received: Received) -> None:
        reply = decode_reply(received.octets, v6=echo_socket.v6, ip_header=echo_socket.ip_header)
        probe = self._probes.get(reply.number) if reply is not None else None
        if (
            reply is None
            or probe is None
            or reply.identifier != echo_socket.identifier
            or reply.nonce != probe.round.nonce
            or received.source != probe.round.target[0]
        ):
            self.stats.foreign += 1
            return
        rtt_s = _rtt_s(probe, received.stamp_ns)
        if probe.answered:
            self.stats.duplicates += 1
            self._tally(probe.round.address).duplicates += 1
        elif probe.expired or rtt_s > probe.round.timeout_s:
            self.stats.late += 1
            self._tally(probe.round.address).late += 1
            probe.answered = True
            if not probe.expired:
                probe.expired = True
                self.stats.timeouts += 1
                self._close_probe(probe.round)
        else:
            probe.answered = True
            self.stats.received += 1
            probe.round.rtts_s[probe.position] = rtt_s
            self._close_probe(probe.round)

    def _tally(self, address: str) -> _Tally:
        tally = self._tallies.setdefault(address, _Tally())
        if len(self._tallies) > MAX_TALLIED_ADDRESSES:
            self._tallies.popitem(last=False)
        return tally

    def _close_probe(self, echo: _Round) -> None:
        echo.open_probes -= 1
        if echo.open_probes > 0:
            return
        self._rounds.discard(echo)
        drops = self._sockets[echo.v6].drops()
        self.stats.kernel_drops = sum(echo_socket.drops() for echo_socket in self._sockets.values())
        tally = self._tallies.pop(echo.address, _Tally())
        result = echo_round(
            echo.address,
            tuple(echo.rtts_s),
            duplicates=tally.duplicates,
            late=tally.late,
            kernel_drops=max(0, drops - echo.drops_at_start),
            send_error=echo.send_error,
        )
        _deliver(echo, result)


def _rtt_s(probe: _Probe, stamp_ns: int | None) -> float:
    """Return the delay by the kernel's stamp, or by the monotonic clock when the wall clock was stepped."""
    elapsed_s = time.monotonic() - probe.sent_mono_s
    if stamp_ns is None:
        return elapsed_s
    rtt_s = (stamp_ns - probe.sent_real_ns) * 1e-9
    # The stamp lies between sending and now; a millisecond is left for the clocks' slewing.
    return rtt_s if 0 <= rtt_s <= elapsed_s + 0.001 else elapsed_s


def _target(address: str) -> tuple[tuple[Any, ...], bool]:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        raise invalid("address", f"{address[:80]!r} is not a numeric IP address") from None
    if parsed.version == 4:  # noqa: PLR2004  IPv4
        return (str(parsed), 0), False
    # The kernel's own spelling, with the scope as a number, is what replies will carry.
    found = socket.getaddrinfo(address, 0, socket.AF_INET6, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST)[0][4]
    return found, True


def _deliver(echo: _Round, result: EchoRound | EchoClosed) -> None:
    def settle() -> None:
        if echo.future.done():
            return
        if isinstance(result, EchoRound):
            echo.future.set_result(result)
        else:
            echo.future.set_exception(result)

    # A loop that was closed meanwhile awaits nothing any more.
    with contextlib.suppress(RuntimeError):
        echo.loop.call_soon_threadsafe(settle)
