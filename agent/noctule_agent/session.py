"""One connection to the hub: proof of identity, frames within credit, levels, device list.

A session ends only by raising; when to try again is `uplink.py`'s, what may be sent next `core/window.py`'s.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import msgspec
from noctule_shared.frames import plain_frame
from noctule_shared.link import (
    HEARTBEAT_S,
    LEVELS_INTERVAL_S,
    PROTOCOL,
    SHUFFLED_SINCE,
    SUPPORTED_PROTOCOLS,
    Ack,
    Command,
    ConfigApplied,
    ConfigPage,
    Credit,
    Hello,
    Levels,
    Message,
    Nack,
    Welcome,
)
from noctule_shared.link import Fenced as FencedMessage

from noctule_agent import __version__
from noctule_agent.agent_side import AgentSide
from noctule_agent.core.window import SendWindow
from noctule_agent.devices import Pages
from noctule_agent.errors import Fenced, LinkLost, sole_cause
from noctule_agent.hub_proof import check_proof
from noctule_agent.link_connection import DISCONNECTED, LinkConnection, LinkIdentity, Transport
from noctule_agent.outbox import Outbox
from noctule_agent.told_levels import ToldLevels

WELCOME_TIMEOUT_S: Final = 10.0
WATCH_INTERVAL_S: Final = 2.0
READ_FRAMES: Final = 64
READ_BYTES: Final = 1024 * 1024
# With more frames than this to deliver, what happens now would reach the hub long after: its levels go ahead.
DRAINING_FRAMES: Final = 16
DRAIN_LEVELS_S: Final = 1.0
# Long-polling costs both sides more: a link of that kind is given up after a while to try the better one.
POLLING_S: Final = 300.0

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class Session:
    """A single use connection; `run` raises `LinkLost`, `HubUnreachable`, `HubNotTrusted` or `Fenced`."""

    def __init__(
        self,
        identity: LinkIdentity,
        outbox: Outbox,
        agent: AgentSide,
        *,
        skew_ms: int = 0,
        whole_list: bool = False,
        transport: Transport = Transport.WEBSOCKET,
        on_welcome: Callable[["Session"], None] = lambda _session: None,
    ) -> None:
        self.skew_ms = skew_ms
        self.needs_whole_list = False
        self.hub_went_back = False
        self.welcomed_s: float | None = None
        self._identity = identity
        self._outbox = outbox
        self._agent = agent
        self._whole_list = whole_list
        self._on_welcome = on_welcome
        self.transport = transport
        self._connection = LinkConnection(transport)
        self._window = SendWindow(expected_seq=1, credit_frames=0)
        self._pages = Pages(agent.device_list)
        self._progress_s = time.monotonic()
        self._epoch = outbox.epoch
        self._told = ToldLevels(agent, outbox)
        self._hub_protocol = PROTOCOL

    @property
    def in_flight(self) -> int:
        """How many frames are sent and not acknowledged."""
        return self._window.in_flight

    @property
    def credit_frames(self) -> int:
        """How many unacknowledged frames the hub allows."""
        return self._window.credit_frames

    async def run(self) -> None:
        """Connect, prove, and serve until the link ends; always raises."""
        async with self._connection:
            await self._connection.connect(self._identity, skew_ms=self.skew_ms)
            await self._greet()
            self.welcomed_s = time.monotonic()
            self._on_welcome(self)
            await self._serve()

    async def _greet(self) -> None:
        nonce = secrets.token_hex(16)
        counts = self._outbox.counts
        sent_ms = time.time_ns() // 1_000_000
        self._epoch = counts.epoch
        first, *others = self._told.whole()
        hello = Hello(
            protocols=sorted(SUPPORTED_PROTOCOLS),
            version=__version__,
            nonce=nonce,
            epoch=counts.epoch,
            first_seq=counts.first_seq,
            next_seq=counts.next_seq,
            clock_ms=sent_ms,
            started_ms=self._identity.started_ms,
            config_revision=0 if self._whole_list else self._agent.device_list.revision,
            levels=first,
            epoch_reason=counts.epoch_reason,
            lost_from_ms=counts.lost_from_ms,
            acked_seq=self._outbox.acked_seq,
        )
        await self._connection.emit(Message.HELLO, msgspec.to_builtins(hello))
        welcome = await self._await_welcome()
        received_ms = time.time_ns() // 1_000_000
        enrolment = self._identity.enrolment
        check_proof(bytes.fromhex(enrolment.hub_key), welcome.signature, nonce=nonce, agent_id=enrolment.agent_id)
        if welcome.protocol not in SUPPORTED_PROTOCOLS:
            raise LinkLost(f"the hub speaks link protocol {welcome.protocol}; install the agent of the hub's version")
        self._hub_protocol = welcome.protocol
        self.skew_ms = welcome.clock_ms - (sent_ms + received_ms) // 2
        await self._tell(others)
        await self._align(welcome.expected_seq, welcome.last_digest)
        self._window = SendWindow(expected_seq=welcome.expected_seq, credit_frames=max(0, welcome.credit_frames))

    async def _await_welcome(self) -> Welcome:
        try:
            async with asyncio.timeout(WELCOME_TIMEOUT_S):
                name, data = await self._connection.receive()
        except TimeoutError:
            raise LinkLost(f"the hub did not welcome this agent within {WELCOME_TIMEOUT_S:.0f} s") from None
        if name == Message.WELCOME:
            return _read(data, Welcome)
        self._handle_end(name, data)
        raise LinkLost(f"the hub sent {name} before its welcome")

    async def _align(self, expected_seq: int, last_digest: str) -> None:
        """Bring the outbox in line with what the hub has committed of this epoch, the last of it with `last_digest`."""
        next_seq = self._outbox.counts.next_seq
        if expected_seq < 1:
            raise LinkLost(f"the hub expects frame {expected_seq}; frames count from 1")
        reason = None
        if expected_seq > next_seq:
            reason = "its file was set back behind what the hub has"
        elif last_digest and await self._outbox.digest(expected_seq - 1) not in {None, last_digest}:
            reason = "its file was set back, and went on with other frames than the hub has"
        if reason is not None:
            at_hub, here = expected_seq - 1, next_seq - 1
            _log.warning("outbox with frames to %d, hub with %d: %s; a new epoch begins", here, at_hub, reason)
            await self._outbox.restart_epoch(reason)
            raise LinkLost("the outbox began a new epoch")
        if expected_seq <= self._outbox.acked_seq:
            _log.warning(
                "the hub has gone back from frame %d to %d (restored from a backup); sending again what is kept",
                self._outbox.acked_seq, expected_seq - 1,
            )  # fmt: skip
            self.hub_went_back = True
            await self._outbox.rewind(expected_seq)
        self._outbox.acked(expected_seq - 1)

    async def _serve(self) -> None:
        self._progress_s = time.monotonic()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._take_messages(tasks))
                tasks.create_task(self._send_frames())
                tasks.create_task(self._send_levels())
                tasks.create_task(self._watch())
        except BaseExceptionGroup as group:
            cause = sole_cause(group)
            if cause is None:
                raise
            raise cause from None

    async def _take_messages(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            name, data = await self._connection.receive()
            match name:
                case Message.ACK:
                    delivered = self._window.on_ack(_read(data, Ack).seq)
                    if delivered is not None:
                        self._outbox.acked(delivered)
                        self._made_progress()
                case Message.NACK:
                    if self._window.on_nack(_read(data, Nack).expected):
                        self._made_progress()
                case Message.CREDIT:
                    self._window.on_credit(_read(data, Credit).frames)
                    self._outbox.changed.set()
                case Message.CONFIG:
                    await self._take_page(_read(data, ConfigPage))
                case Message.COMMAND:
                    tasks.create_task(self._answer(_read(data, Command)))
                case _:
                    self._handle_end(name, data)

    def _made_progress(self) -> None:
        self._progress_s = time.monotonic()
        self._outbox.changed.set()

    def _handle_end(self, name: str, data: object) -> None:
        """Raise for the messages that end a link; others are of a newer hub and mean nothing here."""
        if name == Message.FENCED:
            fenced = _read(data, FencedMessage)
            raise Fenced(fenced.code, fenced.message, retry=fenced.retry)
        if name == DISCONNECTED:
            raise LinkLost(f"the link was cut ({data or 'no reason given'})")

    async def _take_page(self, page: ConfigPage) -> None:
        try:
            devices = self._pages.take(page)
        except LinkLost:
            self.needs_whole_list = True
            raise
        if devices is not None:
            await self._agent.apply_devices(devices)
            await self._connection.emit(Message.CONFIG_APPLIED, msgspec.to_builtins(ConfigApplied(devices.revision)))

    async def _answer(self, command: Command) -> None:
        result = await self._agent.obey(command, skew_ms=self.skew_ms)
        await self._connection.emit(Message.RESULT, msgspec.to_builtins(result))

    async def _send_frames(self) -> None:
        """Send what the window allows, in order, each time the outbox or the window changes."""
        changed = self._outbox.changed
        while True:
            changed.clear()
            if self._outbox.epoch != self._epoch:
                raise LinkLost("the outbox began a new epoch")
            generation = self._window.generation
            if self._window.room:
                frames = await self._outbox.read(
                    self._window.next_seq, limit=min(self._window.room, READ_FRAMES), max_bytes=READ_BYTES
                )
                for frame in frames:
                    if self._window.generation != generation or not self._window.room:
                        break
                    if not self._window.in_flight:
                        self._progress_s = time.monotonic()
                    self._window.sent(frame.seq, frame.seq_to)
                    body = frame.body if self._hub_protocol >= SHUFFLED_SINCE else plain_frame(frame.body)
                    await self._connection.emit(Message.FRAME, (frame.seq, body))
                if frames or self._window.generation != generation:
                    continue
            await changed.wait()

    async def _send_levels(self) -> None:
        """Send all levels each minute, what changed of them each second while a backlog drains, else heartbeats."""
        whole_due_s = time.monotonic() + LEVELS_INTERVAL_S
        beat_due_s = time.monotonic() + HEARTBEAT_S
        while True:
            await asyncio.sleep(DRAIN_LEVELS_S)
            parts: list[Levels] = []
            if time.monotonic() >= whole_due_s:
                whole_due_s = time.monotonic() + LEVELS_INTERVAL_S
                parts = self._told.whole()
            elif self._outbox.counts.next_seq - self._window.acked_seq > DRAINING_FRAMES:
                changed = self._told.changed()
                parts = [] if changed is None else [changed]
            if time.monotonic() >= beat_due_s:
                beat_due_s = time.monotonic() + HEARTBEAT_S
                parts = parts or [self._told.heartbeat()]
            await self._tell(parts)

    async def _tell(self, parts: Sequence[Levels]) -> None:
        for levels in parts:
            await self._connection.emit(Message.LEVELS, msgspec.to_builtins(levels))

    async def _watch(self) -> None:
        timeout_s = self._identity.ack_timeout_s
        while True:
            await asyncio.sleep(min(WATCH_INTERVAL_S, timeout_s / 4))
            if self._window.in_flight and time.monotonic() - self._progress_s > timeout_s:
                raise LinkLost(f"the hub acknowledged nothing for {timeout_s:.0f} s")
            if self.transport is Transport.POLLING and time.monotonic() - (self.welcomed_s or 0.0) > POLLING_S:
                raise LinkLost("it is time to try a WebSocket again")


def _read(data: object, kind: type[_T]) -> _T:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise LinkLost(f"the hub sent a malformed {kind.__name__.lower()}: {error}") from error
