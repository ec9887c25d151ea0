"""The hub's side of the agent link: Socket.IO namespace `/agent`. Decisions and durability are the engine's.

One link per agent: a second one fences the first. Every message is checked where it enters; an agent that does not
keep to the protocol is told so once and cut, and nobody else notices.
"""

import logging
from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec
import socketio  # type: ignore[import-untyped]
from noctule_shared.errors import Refused
from noctule_shared.frames import BadFrame, decode_frame
from noctule_shared.link import (
    HUB_PROOF_PREFIX,
    NAMESPACE,
    SUPPORTED_PROTOCOLS,
    Ack,
    ConfigApplied,
    Credit,
    Fenced,
    Levels,
    Message,
    Nack,
    Welcome,
)
from noctule_shared.updates import LatencyItem
from socketio.exceptions import ConnectionRefusedError as SocketRefusedError  # type: ignore[import-untyped]

from noctule_hub.auth.agents import AgentRevoked, AgentTokens
from noctule_hub.auth.keys import Keys
from noctule_hub.core.credit import LIVE_FRAMES
from noctule_hub.core.rates import ChangedRates
from noctule_hub.core.records import Agent
from noctule_hub.ingest.commands import Commands
from noctule_hub.ingest.devices import DeviceLists
from noctule_hub.ingest.engine import Engine
from noctule_hub.ingest.inputs import FencedInput, FrameInput, LinkLostInput, hello_input, levels_input
from noctule_hub.ingest.roster import Roster
from noctule_hub.ingest.session import Link, ProtocolBreachError, checked, checked_frame, checked_hello
from noctule_hub.store.protocol import Store

log = logging.getLogger(__name__)

# One agent may overshoot its credit by what was on the way when it shrank, not more.
MAX_QUEUED_FRAMES: Final = 4 * LIVE_FRAMES
REVOKED: Final = Fenced("revoked", "this agent was revoked on the hub", retry=False)


class Ticks(Protocol):
    """Where fresh measurements wait for the next tick."""

    def offer(self, latencies: list[LatencyItem], rates: ChangedRates) -> None:
        """Take what was measured and committed."""
        ...


class AgentLinks(socketio.AsyncNamespace):  # type: ignore[misc]  # the library is untyped
    """All agents' links. Implements the engine's `Outlet`."""

    def __init__(
        self,
        *,
        engine: Engine,
        store: Store,
        tokens: AgentTokens,
        keys: Keys,
        ticks: Ticks,
        clock_ms: Callable[[], int],
    ) -> None:
        super().__init__(NAMESPACE)
        self._engine = engine
        self._lists = DeviceLists(store, keys)
        self._tokens = tokens
        self._keys = keys
        self._ticks = ticks
        self._clock_ms = clock_ms
        self._roster = Roster()
        self.commands = Commands(self._send, self._roster.of, clock_ms)
        self._paused = False

    # --- Socket.IO events, named on_<event> as the library wants it

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        """Let an agent in that signed its token just now."""
        token = auth.get("token") if isinstance(auth, dict) else None
        if not isinstance(token, str):
            raise SocketRefusedError("an agent connects with auth.token", {"code": "unauthorised", "retry": True})
        try:
            agent = await self._tokens.verify(token)
        except AgentRevoked as error:
            raise SocketRefusedError(error.message, {"code": "revoked", "retry": False}) from None
        except Refused as error:
            log.warning("agent refused: %s", error.message)
            raise SocketRefusedError(error.message, {"code": error.code.value, "retry": True}) from None
        refusal = self._roster.refusal(agent.id, self._clock_ms())
        if refusal is not None:
            raise SocketRefusedError(refusal, {"code": "contested", "retry": True})
        self._roster.add(Link(sid, agent.id, agent.name, str(environ.get("REMOTE_ADDR", ""))))
        known = self._engine.world.agents.get(agent.id)
        if known is not None and known.signing_key != agent.signing_key:
            log.info("agent %s (%d) uses its new keys", agent.name, agent.id)
            await self.configuration_changed()

    async def on_disconnect(self, sid: str, *_reason: object) -> None:
        """Take that a link is down; silence is judged by the engine's clock."""
        link = self._roster.remove(sid)
        if link is not None:
            log.info("agent %s (%d): link lost", link.name, link.agent_id)
            self._engine.submit(LinkLostInput(link.agent_id))
            await self._grant()

    async def on_hello(self, sid: str, *args: object) -> None:
        """Answer with the proof of who we are and where we stand in this agent's frames."""
        await self._guarded(sid, self._hello, args[0] if args else None)

    async def on_frame(self, sid: str, *args: object) -> None:
        """Queue a frame for the engine."""
        await self._guarded(sid, self._frame, args)

    async def on_levels(self, sid: str, *args: object) -> None:
        """Queue a snapshot of present levels."""
        await self._guarded(sid, self._levels, args[0] if args else None)

    async def on_config_applied(self, sid: str, *args: object) -> None:
        """Take that the agent works by a revision of its device list."""
        await self._guarded(sid, self._config_applied, args[0] if args else None)

    async def on_result(self, sid: str, *args: object) -> None:
        """Take the result of a command."""
        await self._guarded(sid, self.commands.heard, args[0] if args else None)

    async def trigger_event(self, event: str, *args: Any) -> object:  # noqa: ANN401  the library's signature
        """Map the wire's names, which have dashes, to methods."""
        return await super().trigger_event(event.replace("-", "_"), *args)

    # --- the engine's Outlet

    async def acknowledge(self, agent_id: int, seq: int) -> None:
        """Tell an agent that all its frames up to `seq` are durable."""
        link = self._roster.of(agent_id)
        if link is not None:
            link.in_flight = 0
            await self._send(link, Message.ACK, Ack(seq))
            if link.drains_to and seq + 1 >= link.drains_to:
                link.drains_to = 0
                log.info("agent %s (%d): its backlog is delivered", link.name, link.agent_id)
                await self._grant()

    async def expect(self, agent_id: int, seq: int) -> None:
        """Tell an agent that a frame came too early."""
        link = self._roster.of(agent_id)
        if link is not None:
            link.in_flight = 0
            await self._send(link, Message.NACK, Nack(seq))

    async def throttle(self, *, paused: bool) -> None:
        """Pause all agents, or let them go on."""
        self._paused = paused
        log.warning("the frame queue is %s", "full, agents are paused" if paused else "drained, agents go on")
        await self._grant()

    def measured(self, latencies: list[LatencyItem], rates: ChangedRates) -> None:
        """Offer fresh measurements to the next tick."""
        self._ticks.offer(latencies, rates)

    # --- what the rest of the hub asks

    async def configuration_changed(self) -> None:
        """Make the engine work by the changed configuration and send it to the agents it concerns."""
        await self._engine.reconfigure()
        for link in self._roster:
            agent = self._engine.world.agents.get(link.agent_id)
            if agent is not None and agent.config_revision != link.config_revision:
                await self._send_config(link, agent)

    async def agent_revoked(self, agent_id: int) -> None:
        """Cut a revoked agent's links, telling it why once."""
        await self._cut_all(agent_id, REVOKED)
        await self._engine.revoke(agent_id)
        # One that was let in just before the revocation was committed.
        await self._cut_all(agent_id, REVOKED)

    def connected(self) -> int:
        """Return how many agents have a link and said hello."""
        return len(self._roster)

    # --- messages, after the checks

    async def _guarded(self, sid: str, handle: Callable[[Link, Any], Any], data: object) -> None:
        link = self._roster.get(sid)
        if link is None:
            return
        try:
            await handle(link, data)
        except ProtocolBreachError as error:
            log.warning("agent %s (%d) is cut: %s", link.name, link.agent_id, error)
            await self._cut(link, Fenced("protocol", str(error), retry=error.retry))

    async def _hello(self, link: Link, data: object) -> None:
        hello = checked_hello(data)
        agent = self._engine.world.agents.get(link.agent_id)
        if agent is not None and agent.revoked_ms is not None:
            await self._cut(link, REVOKED)
            return
        now_ms = self._clock_ms()
        link.started_ms, link.epoch = hello.started_ms, hello.epoch
        if not await self._seat(link, now_ms):
            return
        answer = self._engine.new_future()
        self._engine.submit(hello_input(link, hello, answer, now_ms=now_ms))
        expected_seq = await answer
        if hello.next_seq - expected_seq > LIVE_FRAMES:
            link.drains_to = hello.next_seq
        link.credit_frames = self._roster.credit(link, paused=self._paused)
        protocol = max(SUPPORTED_PROTOCOLS & set(hello.protocols))
        signature = self._keys.sign(HUB_PROOF_PREFIX + f"{hello.nonce}{link.agent_id}".encode()).hex()
        digest = self._engine.world.digest_before(link.agent_id, hello.epoch, expected_seq)
        welcome = Welcome(protocol, signature, expected_seq, link.credit_frames, self._clock_ms(), digest)
        await self._send(link, Message.WELCOME, welcome)
        log.info("agent %s (%d): connected, frames from %d", link.name, link.agent_id, expected_seq)
        await self.commands.resume(link)
        await self._grant()
        link.config_revision = hello.config_revision
        agent = self._engine.world.agents.get(link.agent_id)
        if agent is not None and agent.config_revision != hello.config_revision:
            await self._send_config(link, agent)

    async def _frame(self, link: Link, args: tuple[object, ...]) -> None:
        if link.epoch is None:
            raise ProtocolBreachError("frame before hello")
        seq, raw = checked_frame(args)
        if not self._roster.is_current(link):
            return
        link.in_flight += 1
        if link.in_flight > MAX_QUEUED_FRAMES:
            raise ProtocolBreachError(f"more than {MAX_QUEUED_FRAMES} frames without acknowledgement")
        try:
            body = decode_frame(raw)
        except BadFrame as error:
            log.warning("agent %s (%d): frame %d rejected: %s", link.name, link.agent_id, seq, error)
            self._engine.submit(FrameInput(link.agent_id, link.epoch, seq, raw, error))
            return
        self._engine.submit(FrameInput(link.agent_id, link.epoch, seq, raw, body))

    async def _levels(self, link: Link, data: object) -> None:
        if link.epoch is None:
            raise ProtocolBreachError("levels before hello")
        levels = checked(Levels, data)
        if self._roster.is_current(link):
            self._engine.submit(levels_input(link, levels, now_ms=self._clock_ms()))

    async def _config_applied(self, link: Link, data: object) -> None:
        revision = checked(ConfigApplied, data).revision
        log.info("agent %s (%d): works by device list %d", link.name, link.agent_id, revision)

    # --- sending

    async def _grant(self) -> None:
        """Tell the agents whose credit has changed."""
        for link in self._roster:
            frames = self._roster.credit(link, paused=self._paused)
            if link.credit_frames not in {None, frames}:
                link.credit_frames = frames
                await self._send(link, Message.CREDIT, Credit(frames))

    async def _send(self, link: Link, message: Message, body: msgspec.Struct) -> None:
        await self.emit(message.value, msgspec.to_builtins(body), to=link.sid)

    async def _send_config(self, link: Link, agent: Agent) -> None:
        base, link.config_revision = link.config_revision, agent.config_revision
        own = {device.id: device for device in self._engine.world.devices.values() if device.agent_id == agent.id}
        for page in await self._lists.pages(agent, own, base=base):
            await self._send(link, Message.CONFIG, page)

    async def _seat(self, link: Link, now_ms: int) -> bool:
        """Give a link its agent's place and cut the older one; returns False when both are cut."""
        displaced = self._roster.seat(link, now_ms)
        if displaced is None:
            return True
        if displaced.reason is None:
            await self.disconnect(displaced.link.sid)
            return True
        log.warning("agent %s (%d): %s", link.name, link.agent_id, displaced.reason)
        word = Fenced("contested" if displaced.contested else "fenced", displaced.reason, retry=True)
        self._engine.submit(FencedInput(link.agent_id, displaced.reason, contested=displaced.contested))
        await self._cut(displaced.link, word)
        if displaced.contested:
            self._engine.submit(LinkLostInput(link.agent_id))
            await self._cut(link, word)
        return not displaced.contested

    async def _cut_all(self, agent_id: int, word: Fenced) -> None:
        for link in self._roster.expel(agent_id):
            await self._cut(link, word)

    async def _cut(self, link: Link, word: Fenced) -> None:
        await self._send(link, Message.FENCED, word)
        await self.disconnect(link.sid)
