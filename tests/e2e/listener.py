"""A plain client as in any tutorial: it only connects with its token and prints what it hears, a line each.

`python listener.py URL TOKEN TRANSPORT [ROOM …]`; ends when its standard input does.
"""

import asyncio
import json
import sys
from typing import Any

import socketio  # type: ignore[import-untyped]


def say(event: str, data: Any = None) -> None:
    sys.stdout.write(f"{json.dumps({'event': event, 'data': data})}\n")
    sys.stdout.flush()


async def main(url: str, token: str, transport: str, *also: str) -> None:
    sio = socketio.AsyncClient()
    sio.on("connect", lambda: say("connect", {"transport": sio.transport()}))
    sio.on("*", say)
    await sio.connect(url, auth={"token": token, "also": also}, transports=[transport], wait_timeout=30)
    await asyncio.to_thread(sys.stdin.read)
    await sio.disconnect()


asyncio.run(main(*sys.argv[1:]))
