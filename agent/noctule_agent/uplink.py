"""Keeps a session with the hub going for as long as the agent runs; says once when it is lost and when it is back."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from noctule_shared.errors import Refused

from noctule_agent.agent_side import AgentSide
from noctule_agent.core.backoff import full_jitter_s
from noctule_agent.errors import (
    Fenced,
    HubNotTrusted,
    HubUnreachable,
    LinkLost,
    OutboxUnavailable,
    WebSocketBlocked,
)
from noctule_agent.link_connection import LinkIdentity, Transport
from noctule_agent.outbox import Outbox
from noctule_agent.session import Session

# A link that lasted this long was a good one: the next pause starts short again.
STABLE_S: Final = 10.0
SKEW_WARNING_MS: Final = 5_000
MAX_SWALLOWED: Final = 3

_log = logging.getLogger(__name__)


class LinkState(StrEnum):
    """How the link to the hub stands. `refused`: the hub answers but lets us not in, or is not the trusted one."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    FENCED = "fenced"


class Uplink:
    """Delivers the outbox to the hub over one session after another.

    `clock_skew_ms`: the hub's clock minus ours at the last welcome, None before the first.
    """

    def __init__(
        self,
        identity: LinkIdentity,
        outbox: Outbox,
        agent: AgentSide,
        *,
        rng: Callable[[], float] = random.random,
        backoff: Callable[[int, Callable[[], float]], float] = full_jitter_s,
    ) -> None:
        self.state = LinkState.CONNECTING
        self.reason: str | None = None
        self.since_ms = _now_ms()
        self.clock_skew_ms: int | None = None
        self.session_count = 0
        self.fault_count = 0
        self._identity = identity
        self._outbox = outbox
        self._agent = agent
        self._rng = rng
        self._backoff = backoff
        self._session: Session | None = None
        self._skew_warned = False
        self.transport = Transport.WEBSOCKET
        self._swallowed = 0

    @property
    def in_flight(self) -> int:
        """How many frames are sent and not acknowledged."""
        return self._session.in_flight if self._session else 0

    @property
    def credit_frames(self) -> int | None:
        """How many unacknowledged frames the hub allows, None while there is no link."""
        connected = self.state is LinkState.CONNECTED and self._session is not None
        return self._session.credit_frames if connected and self._session else None

    async def run(self) -> None:
        """Keep connected until cancelled. Raises `Fenced` when the hub wants this agent gone for good."""
        attempt = 0
        whole_list = False
        while True:
            self._session = session = Session(
                self._identity,
                self._outbox,
                self._agent,
                skew_ms=self.clock_skew_ms or 0,
                whole_list=whole_list,
                transport=self.transport,
                on_welcome=self._connected,
            )
            error: Exception | None = None
            try:
                await session.run()
            except Fenced as fenced:
                if not fenced.retry:
                    self._change(LinkState.FENCED, str(fenced))
                    raise
                self._lost(LinkState.REFUSED, str(fenced))
            except HubNotTrusted as distrust:
                self._lost(LinkState.REFUSED, str(distrust))
            except (LinkLost, HubUnreachable, OutboxUnavailable, Refused) as lost:
                error = lost
                self._lost(LinkState.UNREACHABLE, str(lost))
            except Exception as fault:  # noqa: BLE001  the link's loop boundary: a fault must not end the measuring
                _log.exception("the session with %s failed", self._identity.enrolment.hub_url)
                self.fault_count += 1
                self._lost(LinkState.UNREACHABLE, f"fault in the session: {type(fault).__name__}")
            finally:
                self._session = None
            whole_list = session.needs_whole_list
            self.transport = self._next_transport(session, error)
            stable = session.welcomed_s is not None and time.monotonic() - session.welcomed_s >= STABLE_S
            attempt = 0 if stable else attempt + 1
            await asyncio.sleep(self._backoff(attempt, self._rng))

    def _next_transport(self, session: Session, error: Exception | None) -> Transport:
        """Return long-polling when WebSockets do not get through, else a WebSocket.

        They do not when the upgrade is refused, or when some in a row were cut or swallowed before the welcome; a
        single one is an accident.
        """
        if session.welcomed_s is not None or session.transport is Transport.POLLING or not isinstance(error, LinkLost):
            self._swallowed = 0
        else:
            self._swallowed += 1
        if session.transport is Transport.POLLING:
            return Transport.WEBSOCKET
        blocked = isinstance(error, WebSocketBlocked) or self._swallowed >= MAX_SWALLOWED
        return Transport.POLLING if blocked else Transport.WEBSOCKET

    def _connected(self, session: Session) -> None:
        self.clock_skew_ms = session.skew_ms
        self.session_count += 1
        backlog = self._outbox.counts.backlog_frames
        self._change(LinkState.CONNECTED, None)
        _log.info(
            "connected to %s by %s as agent %d (%s)%s",
            self._identity.enrolment.hub_url, session.transport.value,
            self._identity.enrolment.agent_id, self._identity.enrolment.name,
            f"; {backlog} frames to deliver" if backlog else "",
        )  # fmt: skip
        self._agent.welcomed(hub_went_back=session.hub_went_back)
        skewed = abs(session.skew_ms) > SKEW_WARNING_MS
        if skewed and not self._skew_warned:
            _log.warning("this machine's clock is %.1f s off the hub's; set it by NTP", -session.skew_ms / 1000)
        self._skew_warned = skewed

    def _lost(self, state: LinkState, reason: str) -> None:
        first = self.state is not state
        self._change(state, reason)
        if first:
            what = "hub unreachable" if state is LinkState.UNREACHABLE else "no link to the hub"
            kept = self._outbox.counts.backlog_frames
            _log.warning("%s: %s; measurements are kept (%d frames)", what, reason, kept)
        else:
            _log.debug("still no link to the hub: %s", reason)

    def _change(self, state: LinkState, reason: str | None) -> None:
        if state is not self.state:
            self.since_ms = _now_ms()
        self.state, self.reason = state, reason


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
