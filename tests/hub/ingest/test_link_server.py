"""The hub's side of the agent link, over a real socket: it proves itself, refuses nonsense and hurts nobody else."""

import asyncio
import time
import uuid
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import msgspec
import pytest
import socketio  # type: ignore[import-untyped]
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from noctule_hub.app import RunningHub, running
from noctule_hub.cli.folder import AdminSignIn, initialise
from noctule_hub.config import HubConfig, HubSettings
from noctule_shared.axes import Axis, CanaryLevel
from noctule_shared.frames import EventsBody, encode_frame
from noctule_shared.join_token import parse_join_token
from noctule_shared.link import HUB_PROOF_PREFIX, NAMESPACE, Hello, Levels
from noctule_shared.observations import AxisChanged
from socketio.exceptions import ConnectionError as SocketConnectionError  # type: ignore[import-untyped]

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
            protocols=[1],
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


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    sign_in: AdminSignIn = await initialise(tmp_path / "data", username="admin")
    async with running(HubConfig(tmp_path / "data", HubSettings(port=0))) as started, ClientSession() as http:
        hub = Hub(started, http)
        body = {"username": sign_in.username, "password": sign_in.password}
        answer = await hub.call("POST", "/auth/login", **body)
        http.headers["Authorization"] = f"Bearer {answer['accessToken']}"
        yield hub


@pytest.fixture
async def agent(hub: Hub) -> AsyncIterator[Agent]:
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
        name="site-server",
        version="0.1.0",
    )
    agent = Agent(hub, joined["agentId"], joined["hubId"], signing, sealing)
    yield agent
    for wire in agent.links:
        await wire.sio.disconnect()


async def test_hub_proves_itself_before_any_secret_is_shown(hub: Hub) -> None:
    answer = await hub.call("POST", "/agents/prove", nonce=NONCE)
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(answer["publicKey"]))
    key.verify(bytes.fromhex(answer["signature"]), HUB_PROOF_PREFIX + NONCE.encode() + b"0")


async def test_welcome_proves_the_hub_and_names_the_first_frame_wanted(hub: Hub, agent: Agent) -> None:
    wire = await agent.greet()
    welcome = await wire.heard("welcome")
    key = Ed25519PublicKey.from_public_bytes(
        bytes.fromhex((await hub.call("POST", "/agents/prove", nonce=NONCE))["publicKey"])
    )
    key.verify(bytes.fromhex(welcome["signature"]), HUB_PROOF_PREFIX + NONCE.encode() + str(agent.agent_id).encode())
    assert (welcome["protocol"], welcome["expectedSeq"]) == (1, 1)
    assert welcome["creditFrames"] > 0
    assert [row["link"] for row in (await hub.call("GET", "/agents"))["items"]] == ["connected"]


async def test_registered_device_reaches_its_agent_with_a_secret_that_only_it_can_open(hub: Hub, agent: Agent) -> None:
    wire = await agent.greet()
    await wire.heard("config")
    await hub.call(
        "POST",
        "/devices",
        name="core1",
        address="127.0.0.9",
        site="default",
        snmp={"version": "2c", "community": COMMUNITY, "interfaces": {"skipNames": ["Vlan*"]}},
    )
    config = await wire.heard("config")
    device = config["devices"][0]
    assert (device["name"], device["address"], config["base"]) == ("core1", "127.0.0.9", 0)
    assert device["snmp"]["interfaces"]["skipNames"] == ["Vlan*"]
    box = b64decode(device["snmp"]["sealed"])
    assert COMMUNITY.encode() not in box
    assert len(box) > 32


async def test_events_are_acknowledged_and_become_the_present(hub: Hub, agent: Agent) -> None:
    wire = await agent.greet()
    await hub.call("POST", "/devices", name="core1", address="127.0.0.9", site="default")
    device_id = (await hub.call("GET", "/devices"))["items"][0]["id"]
    event = AxisChanged(device_id, Axis.ICMP, "none", "up", "first round", int(time.time() * 1000))
    await wire.say("frame", (1, encode_frame(EventsBody([event]))))
    assert (await wire.heard("ack"))["seq"] == 1
    assert (await hub.call("GET", "/devices"))["items"][0]["status"] == "online"


async def test_unreadable_frame_is_acknowledged_and_the_link_stays(agent: Agent) -> None:
    wire = await agent.greet()
    await wire.heard("welcome")
    await wire.say("frame", (1, b"\x01\x00noise"))
    await wire.say("frame", (2, encode_frame(EventsBody([]))))
    async with asyncio.timeout(DEADLINE_S):
        while (await wire.heard("ack"))["seq"] < 2:
            pass
    assert not wire.ended


async def test_frame_that_comes_too_early_names_the_one_expected(agent: Agent) -> None:
    wire = await agent.greet()
    await wire.heard("welcome")
    await wire.say("frame", (5, encode_frame(EventsBody([]))))
    assert (await wire.heard("nack"))["expected"] == 1


@pytest.mark.parametrize(
    ("event", "data", "word"),
    [
        ("frame", (1, b"\x01\x00"), "before hello"),
        ("levels", {"tsMs": 1}, "before hello"),
        ("hello", {"nonce": 3}, "hello:"),
        ("hello", None, "hello:"),
        ("hello", hello(epoch="short", config_revision=0), "epoch"),
    ],
)
async def test_agent_that_breaks_the_protocol_is_told_and_cut(
    agent: Agent, event: str, data: object, word: str
) -> None:
    wire = await agent.link()
    await wire.say(event, data)
    fenced = await wire.heard("fenced")
    assert (fenced["code"], fenced["retry"]) == ("protocol", True)
    assert word in fenced["message"]
    await wire.until_cut()


async def test_agent_of_a_protocol_we_do_not_speak_is_told_which_to_update(agent: Agent) -> None:
    wire = await agent.greet(protocols=[7])
    fenced = await wire.heard("fenced")
    assert (fenced["code"], fenced["retry"]) == ("protocol", False)
    assert "speaks protocol 7, this hub 1" in fenced["message"]


async def test_second_link_of_one_identity_fences_the_first(agent: Agent) -> None:
    first = await agent.greet()
    await first.heard("welcome")
    second = await agent.greet()
    await second.heard("welcome")
    assert (await first.heard("fenced"))["code"] == "fenced"
    await first.until_cut()
    assert not second.ended


async def test_revoked_agent_is_told_why_once_cut_and_not_let_in_again(hub: Hub, agent: Agent) -> None:
    wire = await agent.greet()
    await wire.heard("welcome")
    await hub.call("DELETE", f"/agents/{agent.agent_id}")
    fenced = await wire.heard("fenced")
    assert (fenced["code"], fenced["retry"]) == ("revoked", False)
    await wire.until_cut()
    with pytest.raises(SocketConnectionError):
        await agent.link()
    assert agent.links[-1].refusal["data"] == {"code": "revoked", "retry": False}


async def test_token_is_good_for_one_connection(agent: Agent) -> None:
    token = agent.token()
    await agent.link(token)
    with pytest.raises(SocketConnectionError):
        await agent.link(token)


async def test_stranger_with_a_key_of_its_own_is_refused(agent: Agent) -> None:
    stranger = Agent(agent.hub, agent.agent_id, agent.hub_id, Ed25519PrivateKey.generate(), agent.sealing)
    with pytest.raises(SocketConnectionError):
        await stranger.link()


async def test_command_goes_to_the_device_s_agent_and_over_its_next_link_too(hub: Hub, agent: Agent) -> None:
    first = await agent.greet()
    await first.heard("welcome")
    await hub.call("POST", "/devices", name="core1", address="127.0.0.9", site="default")
    device_id = (await hub.call("GET", "/devices"))["items"][0]["id"]
    asked = asyncio.create_task(hub.call("POST", f"/devices/{device_id}/traceroute"))
    command = await first.heard("command")
    assert (command["kind"], command["args"]) == ("traceroute", {"deviceId": device_id})
    await first.sio.disconnect()
    second = await agent.greet()
    assert await second.heard("command") == command
    body = {"address": "127.0.0.9", "reached": False, "hops": []}
    await second.say("result", {"id": command["id"], "ok": True, "reason": None, "body": body})
    assert await asked == body


async def test_result_that_is_none_breaks_the_protocol(agent: Agent) -> None:
    wire = await agent.greet()
    await wire.heard("welcome")
    await wire.say("result", {"id": 7})
    assert "result:" in (await wire.heard("fenced"))["message"]
