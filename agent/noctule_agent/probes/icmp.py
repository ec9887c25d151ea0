"""The echo engine: rounds of ICMP echoes to many targets over one socket per address family.

It runs in a thread of its own, so that a busy event loop neither delays a packet nor counts as latency. Delays
are taken from the kernel's receive stamps, so the thread may read replies in batches: it works at most 100
times a second, however many targets there are. What a round means is left to `core.reachability`.
"""

import asyncio
import contextlib
import errno
import heapq
import itertools
import logging
import os
import random
import threading
import time
from collections import deque
from typing import Final, Self

from noctule_shared.errors import NoctuleError, invalid

from noctule_agent.probes.echo_ledger import EchoLedger, EchoStats, OpenRound, Probe
from noctule_agent.probes.echo_packet import NONCE_BYTES, decode_reply, encode_request
from noctule_agent.probes.echo_round import EchoRound
from noctule_agent.probes.echo_socket import EchoSocket, NoPermission, open_echo_socket, permission, target_of

__all__ = ["EchoClosed", "EchoEngine", "EchoStats", "NoPermission", "permission"]

log = logging.getLogger(__name__)

# Measured with 500 packets/s: a wake-up per packet and reply costs 126 us of CPU a probe, 100 a second 55 us.
TICK_S: Final = 0.01
SENDS_BEFORE_DRAIN: Final = 64
# More than a receive buffer of 4 MiB holds.
RECEIVES_PER_DRAIN: Final = 8192
MAX_COUNT: Final = 1000
SPACING_JITTER_RATIO: Final = 0.1
STOP_DEADLINE_S: Final = 2.0
# A full send buffer empties within milliseconds; 1 s means that the interface is stuck.
MAX_SEND_RETRIES: Final = 100


class EchoClosed(NoctuleError):  # noqa: N818  a state, not a fault
    """The engine was closed, or its thread died, before the round ended."""


class EchoEngine:
    """Sends rounds of echoes and delivers their results.

    `open` needs permission for ICMP. `round` may be awaited by any number of tasks, of one or several event
    loops; `close` ends the thread and fails the rounds still open with `EchoClosed`.
    """

    def __init__(self, sockets: dict[bool, EchoSocket]) -> None:
        self._sockets = sockets
        self._ledger = EchoLedger(drops=lambda v6: sockets[v6].drops(), deliver=self._finish)
        self._lock = threading.Lock()
        self._submitted: deque[OpenRound] = deque()
        self._activity = threading.Event()
        self._closing = False
        # When each round sends its next packet or, all sent, times out. Tuples compare in C; the order number
        # keeps equal times apart.
        self._heap: list[tuple[float, int, OpenRound]] = []
        # Rounds that ended and whose tasks are woken together: a wake-up for each would cost more than an echo.
        self._finished: list[tuple[OpenRound, EchoRound | EchoClosed]] = []
        self._handed_over_s = 0.0
        self._order = itertools.count()
        # Numbers start anywhere, so that replies to a run before are not taken for ours.
        self._numbers = itertools.count(int.from_bytes(os.urandom(6), "big"))
        self._random = random.Random(os.urandom(16))  # noqa: S311  jitter, not a secret
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

    @property
    def stats(self) -> EchoStats:
        """Return the counters since the engine was opened."""
        return self._ledger.stats

    async def round(self, address: str, count: int = 5, spacing_s: float = 0.2, timeout_s: float = 1.0) -> EchoRound:
        """Send `count` echoes to a numeric address, about `spacing_s` apart, and return what came back.

        Ends with the last reply, at the latest `timeout_s` after the last packet, give or take 10 ms. Cancelling
        it stops what is not sent yet.

        Raises `Refused` (invalid, naming the field) for an address that is not numeric, of a family this
        machine lacks, or for a count outside 1..1000; `EchoClosed` when the engine is closed meanwhile.
        """
        target, v6 = target_of(address)
        if v6 not in self._sockets:
            raise invalid("address", f"{address} needs IPv{6 if v6 else 4}, which this machine does not have")
        if not 1 <= count <= MAX_COUNT:
            raise invalid("count", f"{count} is not between 1 and {MAX_COUNT}")
        loop = asyncio.get_running_loop()
        echo = OpenRound(
            address=address,
            target=target,
            v6=v6,
            spacing_s=spacing_s,
            timeout_s=timeout_s,
            nonce=os.urandom(NONCE_BYTES),
            rtts_s=[None] * count,
            loop=loop,
            future=loop.create_future(),
            open_probes=count,
            unsent=count,
        )
        with self._lock:
            if self._closing:
                raise EchoClosed("the echo engine is closed")
            self._submitted.append(echo)
        self._activity.set()
        try:
            return await echo.future
        finally:
            echo.cancelled = True

    def close(self) -> None:
        """End the thread within 2 s and close the sockets. Calling it again does nothing."""
        with self._lock:
            self._closing = True
        self._activity.set()
        if self._thread is not threading.current_thread():
            self._thread.join(STOP_DEADLINE_S)

    def _run(self) -> None:
        try:
            while not self._closing:
                worked_s = time.monotonic()
                self._take_submitted()
                # Taken before the sockets are read: what is due by then has had its replies read.
                now_s = time.monotonic()
                self._drain()
                self._work_due(now_s)
                self._hand_over()
                self._ledger.stats.kernel_drops = sum(one.drops() for one in self._sockets.values())
                self._wait(worked_s)
        except Exception:
            log.exception("echo engine stopped")
        finally:
            self._stop()

    def _wait(self, worked_s: float) -> None:
        """Wait for the next thing to do, but at least to the end of the tick, so that work is done in batches."""
        if not self._ledger.waiting:
            if not self._heap:
                self._activity.wait()
            else:
                self._activity.wait(max(0.0, self._heap[0][0] - time.monotonic()))
        self._activity.clear()
        rest_s = worked_s + TICK_S - time.monotonic()
        if rest_s > 0 and not self._closing:
            time.sleep(rest_s)

    def _stop(self) -> None:
        with self._lock:
            self._closing = True
            waiting = [*self._submitted, *self._ledger.rounds]
            self._submitted.clear()
        for echo in waiting:
            self._finish(echo, EchoClosed("the echo engine was closed"))
        self._hand_over()
        for echo_socket in self._sockets.values():
            echo_socket.close()

    def _take_submitted(self) -> None:
        with self._lock:
            fresh = list(self._submitted)
            self._submitted.clear()
        now_s = time.monotonic()
        for echo in fresh:
            self._ledger.open(echo, now_s)
            self._push(now_s, echo)

    def _push(self, at_s: float, echo: OpenRound) -> None:
        heapq.heappush(self._heap, (at_s, next(self._order), echo))

    def _work_due(self, now_s: float) -> None:
        """Do all that is due; after at most 64 sends the sockets are drained."""
        sends = 0
        while self._heap and self._heap[0][0] <= now_s and not self._closing:
            echo = heapq.heappop(self._heap)[2]
            if echo.unsent == 0:
                self._ledger.time_out(echo)
            elif echo.cancelled:
                self._ledger.cancel(echo)
                self._push_next(echo, now_s)
            else:
                self._send(echo)
                sends += 1
                if sends % SENDS_BEFORE_DRAIN == 0:
                    self._drain()
                    if time.monotonic() - self._handed_over_s >= TICK_S:
                        self._hand_over()
        self._ledger.forget(now_s)

    def _push_next(self, echo: OpenRound, now_s: float) -> None:
        """Have the round's next packet sent when it is due, or its last one time out."""
        if echo.unsent:
            position = echo.position
            jitter = (2 * self._random.random() - 1) * SPACING_JITTER_RATIO
            self._push(echo.started_s + (position + jitter) * echo.spacing_s, echo)
        elif echo.open_probes:
            self._push(now_s + echo.timeout_s, echo)

    def _send(self, echo: OpenRound) -> None:
        echo_socket = self._sockets[echo.v6]
        number = next(self._numbers)
        packet = encode_request(v6=echo.v6, identifier=echo_socket.identifier, number=number, nonce=echo.nonce)
        sent_mono_s = time.monotonic()
        sent_real_ns = time.clock_gettime_ns(time.CLOCK_REALTIME)
        try:
            echo_socket.send(packet, echo.target)
        except OSError as error:
            if error.errno in {errno.EAGAIN, errno.ENOBUFS} and echo.tries < MAX_SEND_RETRIES:
                echo.tries += 1
                self._push(sent_mono_s + TICK_S, echo)
                return
            self._ledger.book_refused(echo, os.strerror(error.errno) if error.errno else str(error))
        else:
            self._ledger.book_sent(Probe(number, echo, echo.position, sent_real_ns, sent_mono_s))
        self._push_next(echo, sent_mono_s)

    def _drain(self) -> None:
        for echo_socket in self._sockets.values():
            for _ in range(RECEIVES_PER_DRAIN):
                received = echo_socket.receive()
                if received is None:
                    break
                self._ledger.book_reply(
                    decode_reply(received.octets, v6=echo_socket.v6, ip_header=echo_socket.ip_header),
                    identifier=echo_socket.identifier,
                    source=received.source,
                    stamp_ns=received.stamp_ns,
                    now_s=time.monotonic(),
                )

    def _finish(self, echo: OpenRound, result: EchoRound | EchoClosed) -> None:
        self._finished.append((echo, result))

    def _hand_over(self) -> None:
        """Wake the tasks of the rounds that ended, once for each event loop."""
        self._handed_over_s = time.monotonic()
        finished, self._finished = self._finished, []
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[OpenRound, EchoRound | EchoClosed]]] = {}
        for echo, result in finished:
            by_loop.setdefault(echo.loop, []).append((echo, result))
        for loop, rounds in by_loop.items():
            # A loop that was closed meanwhile awaits nothing any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, rounds)


def _settle(finished: list[tuple[OpenRound, EchoRound | EchoClosed]]) -> None:
    for echo, result in finished:
        if echo.future.done():
            continue
        if isinstance(result, EchoRound):
            echo.future.set_result(result)
        else:
            echo.future.set_exception(result)
