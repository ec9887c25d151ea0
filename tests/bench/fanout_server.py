"""The hub's real-time service alone on a port, told on standard input what to send to everybody; as `fanout_node.mjs`.

It says {"port"}, then answers each line, an `Order` as JSON, by a `Done` once everything has left.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from aiohttp import web
from noctule_hub.config import SocketSettings
from noctule_hub.core.principal import Principal
from noctule_hub.realtime.fanout import encode
from noctule_hub.realtime.service import SocketService
from noctule_hub.store.sqlite import open_store

# Neither side pings while it is measured: that would fall to whoever's turn it is when all clients are due at once.
PING_INTERVAL_S = 600
SETTINGS = SocketSettings(anonymous_per_address=10_000, handshake_burst=10_000)


class Order(msgspec.Struct):
    """`way`: `fanout` by the service, `emit` by python-socketio, `bare` by the kernel's `send` alone.

    So many `turns`, `per_s` of them a second, each of `in_a_turn` messages with `size` bytes.
    """

    way: str
    turns: int
    in_a_turn: int
    per_s: float
    size: int


class Done(msgspec.Struct, rename="camel"):
    """Seconds of CPU that it took, and what the process has resident."""

    cpu_s: float
    rss_bytes: int


class Nobody:
    """There are no tokens here."""

    async def verify(self, token: str) -> Principal:
        raise AssertionError(token)

    async def present(self, principal: Principal) -> Principal | None:
        raise AssertionError(principal)


def _fill(size: int) -> str:
    """Return what compresses as a tick's measurements do: the same keys, other numbers."""
    rng = random.Random(1)  # noqa: S311  the same each time, no secret
    items = ""
    while len(items) < size:
        items += f"{{deviceId:{rng.randrange(1, 1_000)},rttS:{rng.random() / 50:.7f},lossRatio:0.0,source:icmp}},"
    return items[:size]


async def _send(service: SocketService, order: Order) -> None:
    fill = _fill(order.size)
    sends = _sends(service) if order.way == "bare" else []
    loop = asyncio.get_running_loop()
    due_s = loop.time()
    for _ in range(order.turns):
        for _ in range(order.in_a_turn):
            payload = {"sentNs": time.monotonic_ns(), "fill": fill}
            if order.way == "fanout":
                service.fanout.deliver(service.connections, encode("trial", payload))
            elif order.way == "bare":
                frame = encode("trial", payload).packet.frame
                for send in sends:
                    send(frame)
            else:
                await service.sio.emit("trial", payload)
        due_s += 1 / order.per_s
        await asyncio.sleep(max(0.0, due_s - loop.time()))


def _sends(service: SocketService) -> list[Callable[[bytes], int]]:
    """Return how to write to each client's socket past everything; nothing may be waiting for it."""
    links = [service.engine.link(connection.eio_sid) for connection in service.connections]
    return [link.transport.get_extra_info("socket").dup().send for link in links if link is not None]


async def main() -> None:
    """Serve until standard input ends."""
    with tempfile.TemporaryDirectory(prefix="noctule-bench-") as folder:
        store = await open_store(Path(folder), clock_ms=lambda: time.time_ns() // 1_000_000)
        service = SocketService(
            store,
            Nobody(),
            clock_ms=lambda: time.time_ns() // 1_000_000,
            device_of=lambda _: None,
            settings=lambda: SETTINGS,
        )
        service.sio.eio.ping_interval = PING_INTERVAL_S
        app = web.Application()
        service.initialize(app)
        await service.start()
        runner = web.AppRunner(app, shutdown_timeout=1.0, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        _say({"port": runner.addresses[0][1]})
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            cpu_s = time.process_time()
            order = msgspec.json.decode(line, type=Order)
            await _send(service, order)
            _say(Done(time.process_time() - cpu_s, _rss_bytes()))
        await service.stop()
        await runner.cleanup()
        await store.close()


def _rss_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _say(word: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(word) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    asyncio.run(main())
