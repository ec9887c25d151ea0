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
            blocked = False
            try:
                await session.run()
            except Fenced as error:
                if not error.retry:
                    self._change(LinkState.FENCED, str(error))
                    raise
                self._lost(LinkState.REFUSED, str(error))
            except HubNotTrusted as error:
                self._lost(LinkState.REFUSED, str(error))
            except (LinkLost, HubUnreachable, OutboxUnavailable, Refused) as error:
                blocked = isinstance(error, LinkLost | WebSocketBlocked)
                self._lost(LinkState.UNREACHABLE, str(error))
            except Exception as error:  # noqa: BLE001  the link's loop boundary: a fault must not end the measuring
                _log.exception("the session with %s failed", self._identity.enrolment.hub_url)
                self.fault_count += 1
                self._lost(LinkState.UNREACHABLE, f"fault in the session: {type(error).__name__}")
            finally:
                self._session = None
            whole_list = session.needs_whole_list
            self.transport = self._next_transport(session, blocked=blocked)
            stable = session.welcomed_s is not None and time.monotonic() - session.welcomed_s >= STABLE_S
            attempt = 0 if stable else attempt + 1
            await asyncio.sleep(self._backoff(attempt, self._rng))

    @staticmethod
    def _next_transport(session: Session, *, blocked: bool) -> Transport:
        """Return long-polling after a WebSocket that reached a hub and came to no welcome, else a WebSocket."""
        if blocked and session.welcomed_s is None and session.transport is Transport.WEBSOCKET:
            return Transport.POLLING
        return Transport.WEBSOCKET

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
