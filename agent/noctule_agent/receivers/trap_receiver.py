"""Receives SNMP traps and informs: decoded, booked as network logs, and passed on as hints.

An inform is acknowledged when its event is on disk. Repeated meanwhile or afterwards, it is acknowledged and not booked
again.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from noctule_shared.observations import LogSource

from noctule_agent.core.traps import Hint, Notification, interpret
from noctule_agent.receivers.intake import EventStore, HintTaker, LogIntake
from noctule_agent.receivers.notifications import (
    MAX_NOTIFICATION_BYTES,
    VERSION_1,
    VERSION_2C,
    VERSION_3,
    Outcome,
    Refusal,
    read_community_message,
    version_of,
)
from noctule_agent.receivers.senders import Sender
from noctule_agent.receivers.sockets import TRAP_BATCH, DatagramListener
from noctule_agent.receivers.usm import UsmReader

# Informs that are remembered: senders repeat for some 30 s, at 100 a second.
MAX_INFORMS: Final = 4096
KEEP_AGAIN_AFTER_S: Final = 1.0
LOG_EVERY_ERRORS: Final = 100

log = logging.getLogger(__name__)

InformKey = tuple[str, int, int, str]


@dataclass(slots=True)
class _Inform:
    """An inform that was booked. `reply` waits to be sent, None: it was; `lost_before`: events lost until then."""

    reply: bytes | None
    lost_before: int
    kept: bool = False


class TrapReceiver:
    """One UDP port for notifications of all versions. `make_usm` builds the v3 reader, in a thread."""

    def __init__(
        self, intake: LogIntake, store: EventStore, hints: HintTaker, *, make_usm: Callable[[], UsmReader]
    ) -> None:
        self.repeated = 0
        self.errors = 0
        self.listener: DatagramListener | None = None
        self._intake = intake
        self._store = store
        self._hints = hints
        self._make_usm = make_usm
        self._usm: UsmReader | None = None
        self._informs: OrderedDict[InformKey, _Inform] = OrderedDict()
        self._to_keep = asyncio.Event()

    async def open(self, address: str, port: int) -> DatagramListener:
        """Listen on a port, 0 for any. Raises OSError."""
        self.listener = DatagramListener(address, port, self._on_datagram, batch=TRAP_BATCH)
        return self.listener

    async def prepare_v3(self) -> None:
        """Build the v3 reader, which takes half a second; until then v3 notifications are refused."""
        if self._usm is None:
            self._usm = await asyncio.to_thread(self._make_usm)

    async def acknowledge(self) -> None:
        """Acknowledge informs as their events are on disk, until cancelled."""
        while True:
            await self._to_keep.wait()
            self._to_keep.clear()
            waiting = [(key, inform) for key, inform in self._informs.items() if not inform.kept]
            if not waiting:
                continue
            if not await self._store.keep_events():
                # The disk is full: the sender repeats, and is told when there is room again.
                await asyncio.sleep(KEEP_AGAIN_AFTER_S)
                self._to_keep.set()
                continue
            for key, inform in waiting:
                if self._store.stats.dropped_events != inform.lost_before:
                    # One of the events that were lost may be this one's: let the sender repeat it.
                    self._informs.pop(key, None)
                    continue
                inform.kept = True
                self._reply(key, inform)

    def _on_datagram(self, octets: bytes, address: str, port: int) -> None:
        try:
            self._take(octets, address, port)
        except Exception:
            self.errors += 1
            if self.errors % LOG_EVERY_ERRORS == 1:
                log.exception("reading a notification from %s failed (%d times)", address, self.errors)

    def _take(self, octets: bytes, address: str, port: int) -> None:
        sender = self._intake.admit(LogSource.TRAP, address)
        if sender is None:
            return
        outcome = self._read(octets, sender, port)
        for answer in outcome.answers:
            self._send(answer, address, port)
        if outcome.refusal is not None:
            self._intake.drop(LogSource.TRAP, outcome.refusal)
        sent = outcome.notification
        if sent is None or (sent.request_id is not None and self._is_repeated(sent, outcome.reply, address, port)):
            return
        self._book(sent, sender)
        if sent.request_id is not None:
            self._to_keep.set()

    def _read(self, octets: bytes, sender: Sender, port: int) -> Outcome:
        if len(octets) > MAX_NOTIFICATION_BYTES:
            return Outcome(refusal=Refusal.TOO_LARGE)
        version = version_of(octets)
        if version in {VERSION_1, VERSION_2C}:
            return read_community_message(octets, version)
        if version != VERSION_3:
            return Outcome(refusal=Refusal.MALFORMED)
        if self._usm is None:
            return Outcome(refusal=Refusal.UNAUTHENTICATED)
        return self._usm.read(octets, (sender.address, port), sender.users, self._intake.clock_s())

    def _is_repeated(self, sent: Notification, reply: bytes | None, address: str, port: int) -> bool:
        """Remember an inform, or acknowledge it again when it is known; return whether it was known."""
        key = (address, port, sent.request_id or 0, sent.trap_oid)
        known = self._informs.get(key)
        if known is None:
            if len(self._informs) >= MAX_INFORMS:
                self._informs.popitem(last=False)
            self._informs[key] = _Inform(reply, self._store.stats.dropped_events)
            return False
        self.repeated += 1
        known.reply = reply
        if known.kept:
            self._reply(key, known)
        return True

    def _book(self, sent: Notification, sender: Sender) -> None:
        report = interpret(sent)
        self._intake.book(LogSource.TRAP, sender, report.severity, None, report.message)
        for device_id in sender.device_ids:
            if report.hint is Hint.LINK and report.if_index is not None:
                self._hints.link_changed(device_id, report.if_index)
            elif report.hint is Hint.START:
                self._hints.started(device_id)

    def _reply(self, key: InformKey, inform: _Inform) -> None:
        if inform.reply is not None:
            self._send(inform.reply, key[0], key[1])
            inform.reply = None

    def _send(self, octets: bytes, address: str, port: int) -> None:
        if self.listener is not None:
            self.listener.send(octets, address, port)
