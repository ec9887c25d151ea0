"""A Socket.IO client like anyone's: signs in, joins its role's rooms and one device's, and counts what arrives."""

import asyncio
from typing import Final

import aiohttp
import socketio  # type: ignore[import-untyped]

from demo.tally import Tally

AGAIN_S: Final = 0.5
ANSWER_S: Final = 10.0


class Witness:
    """Keeps a connection to the hub and a tally of what it brings."""

    def __init__(self, url: str, password: str) -> None:
        self.tally = Tally()
        self.trouble: str | None = None
        self._url = url
        self._password = password
        self._rooms: list[str] = []
        self._client: socketio.AsyncClient | None = None
        self._connected = asyncio.Event()

    async def watch(self) -> None:
        """Stay connected: sign in anew whenever the connection ends. Returns never."""
        while True:
            try:
                await self._session()
            except (aiohttp.ClientError, socketio.exceptions.SocketIOError, TimeoutError) as error:
                self._note_trouble(error)
            self._connected.clear()
            await asyncio.sleep(AGAIN_S)

    async def connected(self) -> None:
        """Wait until events can arrive."""
        await self._connected.wait()

    async def subscribe(self, room: str) -> None:
        """Join a room now and with every later one. One that does not answer is ended: the next joins."""
        self._rooms.append(room)
        client = self._client
        if client is None:
            return
        try:
            await self._join(client, room)
        except socketio.exceptions.SocketIOError as error:
            self._note_trouble(error)
            await client.disconnect()

    async def _session(self) -> None:
        token = await self._sign_in()
        async with aiohttp.ClientSession() as http:
            # It reconnects by signing in anew: a token does not live as long as a demo may.
            client = socketio.AsyncClient(reconnection=False, http_session=http)
            client.on("*", self._note)
            try:
                await client.connect(self._url, auth={"token": token}, transports=["websocket"], wait_timeout=ANSWER_S)
                self._client = client
                for room in self._rooms:
                    await self._join(client, room)
                self._connected.set()
                await client.wait()
            finally:
                self._client = None
                await client.disconnect()

    async def _sign_in(self) -> str:
        body = {"username": "admin", "password": self._password}
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_S), raise_for_status=True) as http,
            http.post(f"{self._url}/api/v1/auth/login", json=body) as answer,
        ):
            return str((await answer.json())["accessToken"])

    async def _join(self, client: socketio.AsyncClient, room: str) -> None:
        answer = await client.call("subscribe", room, timeout=ANSWER_S)
        if not (isinstance(answer, dict) and answer.get("ok")):
            self.trouble = f"the hub refused room {room}: {answer}"

    def _note_trouble(self, error: Exception) -> None:
        self.trouble = f"{type(error).__name__}: {error}"

    async def _note(self, event: str, *payload: object) -> None:
        self.tally.note(event, payload[0] if payload else None)
