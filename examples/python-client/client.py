"""Follow a hub from Python: print every event once, over restarts of the hub and of this program.

    NOCTULE_TOKEN=… python client.py https://noc.example.net --cursor cursor.json

Needs `pip install "python-socketio[asyncio_client]"`. Copy it and put your own work into `handle`.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import socketio  # type: ignore[import-untyped]

BASE_S: Final = 0.5
CAP_S: Final = 20.0
ANSWER_S: Final = 10.0
# Events handled since the hub stated a place, as it does each 25 s; of more than these the first may come again.
REMEMBERED: Final = 10_000
REFUSED_TOKEN: Final = frozenset({"token_invalid", "token_expired"})


class RefusedError(Exception):
    """The hub does not take the token; another one is needed."""


@dataclass
class Cursor:
    """What of the hub's event log was handled, kept in a file.

    `at`: everything up to there, and the hub's count says that nothing of it was lost on the way; None: no place yet.
    `seen`: what was handled above it. The file holds `at` in its first line and each of `seen` in one of its own.
    """

    file: Path | None
    at: dict[str, Any] | None = None
    seen: dict[int, None] = field(default_factory=dict)

    def load(self) -> None:
        """Take what the file holds; without a file the first connection begins with what is new.

        Raises ValueError when it is no file of this program's.
        """
        if self.file is None or not self.file.exists():
            return
        place, *handled = self.file.read_text(encoding="utf-8").splitlines(keepends=True) or [""]
        match json.loads(place):
            case {"epoch": str(epoch), "seq": int(seq)}:
                self.at = {"epoch": epoch, "seq": seq}
            case _:
                raise ValueError("its first line is no place in a log")
        # The last line may be half of one, where the machine itself broke down: that event comes again.
        self.seen = {int(line): None for line in handled if line.endswith("\n") and line.strip().isdecimal()}
        self._keep()

    def is_new(self, seq: int) -> bool:
        """Return whether the event of that place was not handled yet."""
        return seq not in self.seen

    def handled(self, seq: int) -> None:
        """Take an event as handled. That the ones before it are is for the hub to say."""
        self.seen[seq] = None
        if len(self.seen) > REMEMBERED:
            del self.seen[next(iter(self.seen))]
        if self.file is not None and self.at is not None:
            with self.file.open("a", encoding="utf-8") as file:
                file.write(f"{seq}\n")

    def reached(self, position: dict[str, Any]) -> None:
        """Take a place up to which all was handled. Another epoch is another log, whose numbers mean other events."""
        if self.at is None or self.at["epoch"] != position["epoch"]:
            self.seen.clear()
        elif position["seq"] <= self.at["seq"]:
            return
        self.at = {"epoch": position["epoch"], "seq": position["seq"]}
        self.seen = {seq: None for seq in self.seen if seq > position["seq"]}
        self._keep()

    def restart(self, position: dict[str, Any]) -> None:
        """Take a place in any case: what was before it is not in the log any more."""
        self.at = None
        self.reached(position)

    def _keep(self) -> None:
        if self.file is None:
            return
        # Whole or not at all, whenever this program or its machine ends.
        partial = self.file.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in (json.dumps(self.at), *self.seen))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.file)


@dataclass
class Follower:
    """Keeps a connection to a hub. `rooms` None: those that the hub gives the token's role.

    `counted`: logged events that came on the present connection.
    """

    url: str
    token: str = field(repr=False)
    cursor: Cursor
    rooms: list[str] | None = None
    counted: int = 0
    attempt: int = 0
    queue: asyncio.Queue[tuple[str, Any]] = field(default_factory=asyncio.Queue)

    async def follow(self) -> None:
        """Connect, and again whenever the connection ends. Raises `RefusedError` when the token is not taken."""
        while True:
            try:
                await self._session()
            except (socketio.exceptions.SocketIOError, aiohttp.ClientError, OSError, TimeoutError) as error:
                print(f"no connection: {error}", file=sys.stderr)
            # Spread out, so that a thousand programs do not come back in one moment.
            await asyncio.sleep(random.uniform(0, min(CAP_S, BASE_S * 2**self.attempt)))  # noqa: S311  no secret
            self.attempt = min(self.attempt + 1, 16)

    async def _session(self) -> None:
        self.counted, self.queue = 0, asyncio.Queue()
        async with aiohttp.ClientSession() as http:
            # python-socketio's own reconnection gives up for good when the server ends a connection, so it is off.
            sio = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=http)
            sio.on("*", self._take)
            try:
                await self._connect(sio)
                self.attempt = 0
                await self._handle_all(sio)
            finally:
                await sio.disconnect()

    async def _connect(self, sio: socketio.AsyncClient) -> None:
        # The hub's own answers; where there is no hub, the library's words.
        refusals: list[Any] = []
        sio.on("connect_error", refusals.append)
        auth: dict[str, Any] = {"token": self.token}
        if self.rooms is not None:
            auth["subscribe"] = self.rooms
        if self.cursor.at is not None:
            auth["since"] = self.cursor.at
        try:
            # The library's own patience is 1 s, too short for a busy hub.
            await sio.connect(self.url, auth=auth, transports=["websocket"], wait_timeout=ANSWER_S)
        except socketio.exceptions.ConnectionError:
            for refusal in refusals:
                data = refusal.get("data") if isinstance(refusal, dict) else None
                if isinstance(data, dict) and data.get("code") in REFUSED_TOKEN:
                    raise RefusedError(refusal.get("message", data["code"])) from None
            raise

    async def _handle_all(self, sio: socketio.AsyncClient) -> None:
        """Handle what arrives, in order, until the connection ends and nothing is left."""
        ended = asyncio.create_task(sio.wait())
        try:
            while not (ended.done() and self.queue.empty()):
                arrived = asyncio.create_task(self.queue.get())
                await asyncio.wait({arrived, ended}, return_when=asyncio.FIRST_COMPLETED)
                if not arrived.done():
                    arrived.cancel()
                elif not self._handle(*arrived.result()):
                    return
        finally:
            ended.cancel()

    def _take(self, event: str, payload: Any = None) -> None:  # noqa: ANN401  whatever a hub sends
        # Synchronous on purpose: the library starts a task per message, and only what never awaits keeps their order.
        self.queue.put_nowait((event, payload))

    def _handle(self, event: str, payload: Any) -> bool:  # noqa: ANN401  whatever a hub sends
        """Handle what arrived, in order; False ends the connection."""
        if event in {"position", "replay:done"}:
            if payload.get("delivered", self.counted) != self.counted:
                # Some were lost on the way: the next connection asks again from where the counts last agreed.
                return False
            self._reach(payload)
            if event == "replay:done":
                # Not sooner: what is sent before there is a place is lost with its connection.
                print("connected", file=sys.stderr, flush=True)
        elif isinstance(payload, dict) and "seq" in payload:
            self.counted += 1
            if self.cursor.is_new(payload["seq"]):
                handle(event, payload)
                # After it was handled: what was not comes again.
                self.cursor.handled(payload["seq"])
        else:
            handle(event, payload)
        return True

    def _reach(self, place: dict[str, Any]) -> None:
        """Take the place that the hub states, and say what of the time before it will never come."""
        missed = self.cursor.at is not None
        if place.get("recovered") is False:
            self.cursor.restart(place)
            if missed:
                print("what was missed is not in the log any more: read the present state anew", file=sys.stderr)
            return
        self.cursor.reached(place)
        if missed and "logs" in place:
            print(f"network logs were missed: read them at {place['logs']['url']}", file=sys.stderr)


def handle(event: str, payload: Any) -> None:  # noqa: ANN401  whatever a hub sends
    """Print an event as one line of JSON. Your own work goes here."""
    print(json.dumps({"event": event, "data": payload}), flush=True)


async def main() -> int:
    """Follow until Ctrl-C or SIGTERM; 1 when the token is refused, 2 when it or the cursor cannot be read."""
    parser = argparse.ArgumentParser(description="Print a hub's events as lines of JSON.")
    parser.add_argument("url", help="the hub's address")
    parser.add_argument("--cursor", type=Path, help="a file that keeps the place in the log")
    parser.add_argument("--room", action="append", help="a room to join; repeated for several")
    given = parser.parse_args()
    token = os.environ.get("NOCTULE_TOKEN")
    if not token:
        print("set NOCTULE_TOKEN; `noctule token create` makes one", file=sys.stderr)
        return 2
    cursor = Cursor(given.cursor)
    try:
        cursor.load()
    except (OSError, ValueError) as error:
        print(f"--cursor {given.cursor} cannot be read ({error}); give another file, or remove it", file=sys.stderr)
        return 2
    following = asyncio.create_task(Follower(given.url, token, cursor, given.room).follow())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, following.cancel)
    try:
        await following
    except asyncio.CancelledError:
        return 0
    except RefusedError as error:
        print(f"the hub refused the token: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
