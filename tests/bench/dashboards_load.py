"""People who look: dashboards in one process, each with its own socket and its own requests over HTTP.

It reads a line of standard input, a `Setup` as JSON, says {"ready"} once all sockets are connected and in their rooms,
looks at lists and charts until there is another line, and answers that by a `Seen`.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import cycle, islice

import aiohttp
import msgspec
import socketio  # type: ignore[import-untyped]

LISTS_EVERY_S = 5.0
CHART_EVERY_S = 1.0
LISTS = ("devices?limit=500", "alerts?limit=200", "events?limit=200")
HOUR_S = 3_600
POINTS = 800


class Setup(msgspec.Struct):
    """The hub, how many dashboards, and what they look at: each at one site, at charts of these in turn."""

    url: str
    password: str
    dashboards: int
    site_ids: list[int]
    device_ids: list[int]
    interface_ids: list[int]


class Seen(msgspec.Struct):
    """How long reads took, in ms by what was read; how many events came; how many sockets were lost."""

    read_ms: dict[str, list[float]]
    events: int
    lost: int


class Dashboard:
    """One of them. `number` says at what moment of its seconds it reads, and at what."""

    def __init__(self, number: int, setup: Setup, token: str, http: aiohttp.ClientSession, seen: Seen) -> None:
        self._number = number
        self._setup = setup
        self._token = token
        self._http = http
        self._seen = seen
        self._sio = socketio.AsyncClient(reconnection=False)
        self._sio.on("*", self._heard)
        self._sio.on("disconnect", self._lost)
        self._ending = False

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Be connected, in the rooms of every administrator and in the one of a site."""
        await self._sio.connect(self._setup.url, transports=["websocket"], auth={"token": self._token})
        site_id = self._setup.site_ids[self._number % len(self._setup.site_ids)]
        answer = await self._sio.call("subscribe", f"site:{site_id}")
        assert answer["ok"], f"not in the room of its site: {answer}"
        yield
        self._ending = True
        await self._sio.disconnect()

    async def look(self) -> None:
        """Read lists and charts until cancelled."""
        await asyncio.sleep(self._number / self._setup.dashboards * CHART_EVERY_S)
        devices = islice(cycle(self._setup.device_ids), self._number, None)
        interfaces = islice(cycle(self._setup.interface_ids), self._number, None)
        lists_s = due_s = time.monotonic()
        for turn, device_id, interface_id in zip(range(10**9), devices, interfaces, strict=False):
            if time.monotonic() >= lists_s:
                lists_s += LISTS_EVERY_S
                for path in LISTS:
                    await self._read(path.partition("?")[0], path, {})
            match turn % 3:
                case 0:
                    await self._chart("hourOfLatency", f"devices/{device_id}/latency", HOUR_S)
                case 1:
                    await self._chart("hourOfBandwidth", f"interfaces/{interface_id}/bandwidth", HOUR_S)
                case _:
                    await self._chart("dayOfBandwidth", f"interfaces/{interface_id}/bandwidth", 24 * HOUR_S)
            due_s = max(due_s + CHART_EVERY_S, time.monotonic())
            await asyncio.sleep(due_s - time.monotonic())

    async def _chart(self, kind: str, path: str, span_s: int) -> None:
        to_s = time.time()
        span = {
            name: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
            for name, at in (("from", to_s - span_s), ("to", to_s))
        }
        await self._read(kind, path, span | {"points": str(POINTS)})

    async def _read(self, kind: str, path: str, query: Mapping[str, str]) -> None:
        began_s = time.perf_counter()
        headers = {"Authorization": f"Bearer {self._token}"}
        async with self._http.get(f"{self._setup.url}/api/v1/{path}", params=query, headers=headers) as answer:
            await answer.read()
            answer.raise_for_status()
        self._seen.read_ms.setdefault(kind, []).append((time.perf_counter() - began_s) * 1e3)

    async def _heard(self, *_event: object) -> None:
        self._seen.events += 1

    async def _lost(self, *_reason: object) -> None:
        self._seen.lost += not self._ending


async def main() -> None:
    setup = msgspec.json.decode(sys.stdin.buffer.readline(), type=Setup)
    seen = Seen({}, 0, 0)
    async with aiohttp.ClientSession() as http, asyncio.TaskGroup() as tasks:
        login = {"username": "admin", "password": setup.password}
        async with http.post(f"{setup.url}/api/v1/auth/login", json=login) as answer:
            answer.raise_for_status()
            token = (await answer.json())["accessToken"]
        dashboards = [Dashboard(number, setup, token, http, seen) for number in range(setup.dashboards)]
        ready = asyncio.Barrier(len(dashboards) + 1)
        ended = asyncio.Event()

        async def sit(dashboard: Dashboard) -> None:
            async with dashboard.connected():
                await ready.wait()
                looking = asyncio.create_task(dashboard.look())
                ending = asyncio.create_task(ended.wait())
                await asyncio.wait([looking, ending], return_when=asyncio.FIRST_COMPLETED)
                if looking.done():
                    looking.result()
                looking.cancel()
                await asyncio.wait([looking])

        for dashboard in dashboards:
            tasks.create_task(sit(dashboard))
        await ready.wait()
        sys.stdout.write('{"ready": true}\n')
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.buffer.readline)
        ended.set()
    sys.stdout.buffer.write(msgspec.json.encode(seen) + b"\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
