"""A small hub for tests of the agent: enrolment over HTTP and the `/agent` namespace over real Socket.IO.

It keeps frames as the real one must (in order, each once) and misbehaves on request. What the real hub does
with a frame is not its business.
"""

import asyncio
import base64
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
import msgspec
import socketio  # type: ignore[import-untyped]  # the library has no types
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from noctule_agent.hub_proof import fingerprint
from noctule_shared.enrolment import JoinAnswer, JoinRequest, ProveAnswer, ProveRequest
from noctule_shared.frames import HOLE_DIGEST, BadFrame, EventsBody, decode_frame, frame_digest
from noctule_shared.join_token import JoinToken
from noctule_shared.link import HUB_PROOF_PREFIX, NAMESPACE, PROTOCOL, SEAL_INFO, Hello, SnmpCredentials, Welcome
from noctule_shared.observations import Gap

SECRET = "s" * 48
AGENT_ID = 7


def seal(credentials: SnmpCredentials, device_id: int, public_key: bytes) -> str:
    ephemeral = X25519PrivateKey.generate()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public_key))
    key = HKDF(SHA256(), length=32, salt=None, info=SEAL_INFO).derive(shared)
    box = AESGCM(key).encrypt(bytes(12), msgspec.json.encode(credentials), str(device_id).encode())
    return base64.b64encode(ephemeral.public_key().public_bytes_raw() + box).decode()


@dataclass
class FakeHub:
    """What it received, and what it should do wrong. `accepted` holds (seq, body) in the order of acceptance."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    accepted: list[tuple[int, bytes]] = field(default_factory=list)
    next_seq: int = 1
    epoch: str | None = None
    credit: int = 4
    hellos: list[Hello] = field(default_factory=list)
    received: list[tuple[str, Any]] = field(default_factory=list)
    signing_key: str = ""
    sealing_key: str = ""
    duplicates: int = 0
    # Called with (sid, seq) before a frame is taken; True: it is handled.
    interfere: Callable[[str, int], bool] = lambda _sid, _seq: False
    lose_acks: bool = False
    forge_welcome: bool = False
    protocol: int = PROTOCOL
    # So many hellos are answered by a cut.
    swallow_hellos: int = 0
    refuse_with: dict[str, Any] | None = None
    refuse_join: tuple[int, dict[str, Any]] | None = None
    sids: list[str] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""
    tls: ssl.SSLContext | None = None

    async def start(self) -> None:
        self.sio = socketio.AsyncServer(async_mode="aiohttp", ping_interval=10, ping_timeout=5, async_handlers=False)
        self.sio.on("connect", self._on_connect, namespace=NAMESPACE)
        self.sio.on("hello", self._on_hello, namespace=NAMESPACE)
        self.sio.on("frame", self._on_frame, namespace=NAMESPACE)
        for name in ("levels", "config-applied", "result"):
            self.sio.on(name, self._keeper(name), namespace=NAMESPACE)
        app = web.Application()
        app.router.add_post("/api/v1/agents/prove", self._prove)
        app.router.add_post("/api/v1/agents/join", self._join)
        self.sio.attach(app)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", self._port(), ssl_context=self.tls)
        await site.start()
        host, port = self.runner.addresses[0][:2]
        self.url = f"{'https' if self.tls else 'http'}://{host}:{port}"

    def _port(self) -> int:
        return int(self.url.rpartition(":")[2]) if self.url else 0

    async def stop(self) -> None:
        await self.sio.shutdown()
        await self.runner.cleanup()

    def token(self) -> JoinToken:
        return JoinToken(3, SECRET, fingerprint(self.key.public_key().public_bytes_raw()))

    async def until(self, reached: Callable[[], bool], deadline_s: float = 10.0) -> None:
        """Wait until `reached` is true; whatever happens here wakes it."""
        async with asyncio.timeout(deadline_s):
            while not reached():
                self.changed.clear()
                await self.changed.wait()

    async def emit(self, name: str, data: dict[str, Any]) -> None:
        await self.sio.emit(name, data, to=self.sids[-1], namespace=NAMESPACE)

    async def cut(self, sid: str) -> None:
        await self.sio.disconnect(sid, namespace=NAMESPACE)

    def _prove_text(self, nonce: str, agent_id: int) -> str:
        return self.key.sign(HUB_PROOF_PREFIX + nonce.encode() + str(agent_id).encode()).hex()

    async def _prove(self, request: web.Request) -> web.Response:
        nonce = msgspec.json.decode(await request.read(), type=ProveRequest).nonce
        answer = ProveAnswer(self.key.public_key().public_bytes_raw().hex(), self._prove_text(nonce, 0))
        return web.Response(body=msgspec.json.encode(answer), content_type="application/json")

    async def _join(self, request: web.Request) -> web.Response:
        body = msgspec.json.decode(await request.read(), type=JoinRequest)
        if self.refuse_join is not None:
            status, problem = self.refuse_join
            return web.json_response(problem, status=status, content_type="application/problem+json")
        assert (body.token_id, body.secret) == (3, SECRET)
        self.signing_key, self.sealing_key = body.signing_key, body.sealing_key
        answer = JoinAnswer(AGENT_ID, body.name, "north", "hub-1")
        return web.Response(body=msgspec.json.encode(answer), status=201, content_type="application/json")

    async def _on_connect(self, sid: str, _environ: object, auth: dict[str, str]) -> None:
        if self.refuse_with is not None:
            self.changed.set()
            raise socketio.exceptions.ConnectionRefusedError(self.refuse_with["message"], self.refuse_with)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.signing_key))
        claims = jwt.decode(
            auth["token"],
            key,
            algorithms=["EdDSA"],
            audience="hub-1",
            options={"require": ["exp", "iat", "jti"]},
            leeway=10,
        )
        assert claims["sub"] == claims["iss"] == f"agent:{AGENT_ID}"
        assert jwt.get_unverified_header(auth["token"])["typ"] == "agent+jwt"
        self.sids.append(sid)

    async def _on_hello(self, sid: str, data: object) -> None:
        hello = msgspec.convert(data, Hello)
        if self.swallow_hellos:
            self.swallow_hellos -= 1
            await self.cut(sid)
            return
        self.hellos.append(hello)
        if self.epoch != hello.epoch:
            self.epoch, self.next_seq = hello.epoch, 1
        signature = self._prove_text(hello.nonce, AGENT_ID + self.forge_welcome)
        welcome = Welcome(
            self.protocol, signature, self.next_seq, self.credit, hello.clock_ms + 2000, self._last_digest()
        )
        await self.sio.emit("welcome", msgspec.to_builtins(welcome), to=sid, namespace=NAMESPACE)
        self.changed.set()

    def _last_digest(self) -> str:
        last = self.accepted[-1] if self.accepted else None
        if last is None or _seq_after(*last) != self.next_seq:
            return ""
        return frame_digest(last[1]) if self.next_seq == last[0] + 1 else HOLE_DIGEST

    async def _on_frame(self, sid: str, seq: int, body: bytes) -> None:
        if self.interfere(sid, seq):
            return
        if seq > self.next_seq:
            await self.sio.emit("nack", {"expected": self.next_seq}, to=sid, namespace=NAMESPACE)
            return
        if seq < self.next_seq:
            self.duplicates += 1
        else:
            self.accepted.append((seq, body))
            self.next_seq = _seq_after(seq, body)
        if not self.lose_acks:
            await self.sio.emit("ack", {"seq": self.next_seq - 1}, to=sid, namespace=NAMESPACE)
        self.changed.set()

    def _keeper(self, name: str) -> Callable[[str, object], Any]:
        async def keep(_sid: str, data: object) -> None:
            self.received.append((name, data))
            self.changed.set()

        return keep


def _seq_after(seq: int, body: bytes) -> int:
    try:
        decoded = decode_frame(body)
    except BadFrame:
        return seq + 1
    if isinstance(decoded, EventsBody) and decoded.events and isinstance(decoded.events[0], Gap):
        return max(seq, decoded.events[0].seq_to) + 1
    return seq + 1
