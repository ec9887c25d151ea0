"""A real hub, enrolled agents and their connections as the tests of the link use them."""

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import jwt
import msgspec
import socketio  # type: ignore[import-untyped]
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from noctule_hub.app import RunningHub
from noctule_shared.axes import CanaryLevel
from noctule_shared.join_token import parse_join_token
from noctule_shared.link import NAMESPACE, PROTOCOL, Hello, Levels

DEADLINE_S = 15.0
COMMUNITY = "s3cret-community"
NONCE = "ab" * 16


@dataclass
class Hub:
    """A hub that runs, and an administrator's session with it."""

    running: RunningHub
    http: ClientSession

    async def call(self, method: str, path: str, **body: object) -> Any:
        async with self.http.request(method, f"{self.running.url}/api/v1{path}", json=body or None) as answer:
            assert answer.status < 400, await answer.text()
            return await answer.json() if answer.status != 204 else None


@dataclass
class Agent:
    """Keys of an enrolled agent, and its connections."""

    hub: Hub
    agent_id: int
    hub_id: str
    signing: Ed25519PrivateKey
    sealing: X25519PrivateKey
    links: list["Wire"] = field(default_factory=list)

    def token(self) -> str:
        claims = {
            "iss": f"agent:{self.agent_id}",
            "sub": f"agent:{self.agent_id}",
            "aud": self.hub_id,
            "iat": int(time.time()),
            "exp": int(time.time()) + 60,
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode(claims, self.signing, algorithm="EdDSA")

    async def link(self, token: str | None = None) -> "Wire":
        wire = Wire()
        self.links.append(wire)
        await wire.sio.connect(
            self.hub.running.url,
            auth={"token": token or self.token()},
            namespaces=[NAMESPACE],
            transports=["websocket"],
            wait_timeout=DEADLINE_S,
        )
        return wire

    async def greet(self, *, epoch: str = "00000000000000aa", config_revision: int = 0, **changes: Any) -> "Wire":
        wire = await self.link()
        await wire.say("hello", hello(epoch=epoch, config_revision=config_revision) | changes)
        return wire

    async def close(self) -> None:
        for wire in self.links:
            await wire.sio.disconnect()


class Wire:
    """One connection to the `/agent` namespace and what came over it."""

    def __init__(self) -> None:
        self.sio = socketio.AsyncClient(reconnection=False)
        self.came: list[tuple[str, Any]] = []
        self.ended = False
        self.refusal: Any = None
        self._news = asyncio.Event()
        self.sio.on("*", self._remember, namespace=NAMESPACE)
        self.sio.on("disconnect", self._end, namespace=NAMESPACE)
        self.sio.on("connect_error", self._refuse, namespace=NAMESPACE)

    async def say(self, event: str, data: object) -> None:
        await self.sio.emit(event, data, namespace=NAMESPACE)

    async def heard(self, event: str) -> Any:
        async with asyncio.timeout(DEADLINE_S):
            while True:
                for name, data in self.came:
                    if name == event:
                        self.came.remove((name, data))
                        return data
                self._news.clear()
                await self._news.wait()

    async def until_cut(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not self.ended:
                self._news.clear()
                await self._news.wait()

    def _remember(self, event: str, data: Any = None) -> None:
        self.came.append((event, data))
        self._news.set()

    def _refuse(self, data: Any) -> None:
        self.refusal = data

    def _end(self, *_reason: object) -> None:
        self.ended = True
        self._news.set()


def hello(*, epoch: str, config_revision: int) -> dict[str, Any]:
    now_ms = int(time.time() * 1000)
    built: dict[str, Any] = msgspec.to_builtins(
        Hello(
            protocols=[PROTOCOL],
            version="0.1.0",
            nonce=NONCE,
            epoch=epoch,
            first_seq=1,
            next_seq=1,
            clock_ms=now_ms,
            started_ms=now_ms,
            config_revision=config_revision,
            levels=Levels(now_ms, CanaryLevel.OK, [], next_seq=1),
        )
    )
    return built


async def enrolled(hub: Hub, name: str) -> Agent:
    token = parse_join_token((await hub.call("POST", "/agents/tokens", site="default"))["token"])
    signing, sealing = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    raw = (Encoding.Raw, PublicFormat.Raw)
    joined = await hub.call(
        "POST",
        "/agents/join",
        tokenId=token.token_id,
        secret=token.secret,
        signingKey=signing.public_key().public_bytes(*raw).hex(),
        sealingKey=sealing.public_key().public_bytes(*raw).hex(),
        name=name,
        version="0.1.0",
    )
    return Agent(hub, joined["agentId"], joined["hubId"], signing, sealing)
