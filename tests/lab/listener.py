"""A client of a hub as anybody has one: signs in, names no room, and prints each alert event that comes.

Usage: listener.py URL < {"username": ..., "password": ...}. Prints `ready` once it is connected, then a line of
JSON for each event, until SIGTERM.
"""

import asyncio
import json
import signal
import sys
import time
from typing import Any

import aiohttp
import socketio  # type: ignore[import-untyped]

START_S = 60.0
RETRY_S = 0.2


async def sign_in(url: str, credentials: dict[str, str]) -> str:
    """Return an access token, once the hub answers."""
    async with asyncio.timeout(START_S), aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.post(f"{url}/api/v1/auth/login", json=credentials) as answer:
                    answer.raise_for_status()
                    return str((await answer.json())["accessToken"])
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(RETRY_S)


def say(name: str, data: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"event": name, "atS": time.monotonic(), "data": data}) + "\n")
    sys.stdout.flush()


async def listen(url: str, credentials: dict[str, str]) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    client = socketio.AsyncClient(reconnection=False)
    for name in ("alert:new", "alert:update"):
        client.on(name, lambda data, name=name: say(name, data))
    await client.connect(url, auth={"token": await sign_in(url, credentials)}, transports=["websocket"])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await ended.wait()
    await client.disconnect()


def main() -> None:
    asyncio.run(listen(sys.argv[1], json.load(sys.stdin)))


if __name__ == "__main__":
    main()
