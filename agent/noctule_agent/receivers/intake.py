"""The one way from what devices send to events: known senders, bounded rates, everything dropped counted by reason."""

import time
from collections import Counter as Tally
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

from noctule_shared.observations import AgentEvent, LogSource, NetworkLogged

from noctule_agent.collector import CollectorStats
from noctule_agent.core.admission import Admission, Allowance, Verdict
from noctule_agent.receivers.senders import Sender, Senders

# A 48-port switch that loses its power tells of every port at once. Decoding a trap takes 1 to 3 ms of this process.
ALLOWANCES: Final = {
    LogSource.TRAP: (Allowance(per_s=20, burst=200), Allowance(per_s=100, burst=500)),
    LogSource.SYSLOG: (Allowance(per_s=50, burst=500), Allowance(per_s=500, burst=5_000)),
}
# All senders that are no devices share this, whatever addresses they forge.
UNKNOWN_ALLOWANCE: Final = Allowance(per_s=10, burst=100)
# Unknown addresses that are named in the status, so that a person sees which device to register.
MAX_NAMED_UNKNOWN: Final = 20
MAX_COUNTED_UNKNOWN: Final = 1_000


class Drop(StrEnum):
    """Why something that was sent brought no event; the receivers have further reasons of their own."""

    UNKNOWN_SENDER = "unknown-sender"
    SENDER_LIMIT = "sender-limit"
    TOTAL_LIMIT = "total-limit"
    BACKLOG = "backlog"


class EventStore(Protocol):
    """The part of the collector that the receivers need."""

    def event(self, event: AgentEvent) -> None:
        """Take one event."""
        ...

    async def keep_events(self) -> bool:
        """Keep the events taken so far; return whether none is left in memory."""
        ...

    @property
    def stats(self) -> CollectorStats:
        """What was taken and what was dropped since the start."""
        ...


class HintTaker(Protocol):
    """Who looks when a trap says that something changed; `monitor.Monitor` in earnest."""

    def link_changed(self, device_id: int, if_index: int) -> None:
        """Read that row of the device at once and again later."""
        ...

    def started(self, device_id: int) -> None:
        """See whether the device answers again."""
        ...


class LogIntake:
    """Admits messages and books them. `has_room` False: what the hub has yet to get is so much that logs stand back."""

    def __init__(
        self,
        store: EventStore,
        senders: Senders,
        *,
        accept_unknown: bool,
        has_room: Callable[[], bool],
        clock_s: Callable[[], float] = time.monotonic,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.taken: Tally[LogSource] = Tally()
        self.dropped: Tally[tuple[LogSource, str]] = Tally()
        self.clock_s = clock_s
        self._store = store
        self._senders = senders
        self._accept_unknown = accept_unknown
        self._has_room = has_room
        self._now_ms = now_ms
        self._admissions = {source: Admission(*allowances) for source, allowances in ALLOWANCES.items()}
        self._unknown = Admission(UNKNOWN_ALLOWANCE, UNKNOWN_ALLOWANCE)
        self._unknown_addresses: Tally[str] = Tally()

    def knows(self, address: str) -> bool:
        """Return whether messages from an address are taken at all."""
        return self._accept_unknown or self._senders.find(address) is not None

    def admit(self, source: LogSource, address: str) -> Sender | None:
        """Return who sent a message that is to be read, None when it is dropped (counted)."""
        sender = self._senders.find(address)
        if sender is None:
            self.note_unknown(address)
            if not self._accept_unknown:
                self.drop(source, Drop.UNKNOWN_SENDER)
                return None
        admission = self._unknown if sender is None else self._admissions[source]
        verdict = admission.ask(None if sender is None else address, self.clock_s())
        if verdict is not Verdict.TAKEN:
            self.drop(source, Drop(verdict.value))
            return None
        if not self._has_room():
            self.drop(source, Drop.BACKLOG)
            return None
        return sender or Sender(address)

    def book(self, source: LogSource, sender: Sender, severity: int, facility: str | None, message: str) -> None:
        """Make an event of an admitted message, observed now: devices' own clocks are not believed."""
        self.taken[source] += 1
        self._store.event(
            NetworkLogged(
                device_id=sender.device_id,
                source=source,
                address=sender.address,
                severity=severity,
                facility=facility,
                message=message,
                ts_ms=self._now_ms(),
            )
        )

    def drop(self, source: LogSource, reason: str) -> None:
        """Count one dropped message."""
        self.dropped[source, reason] += 1

    def note_unknown(self, address: str) -> None:
        """Count a message or connection of an address that is no device's."""
        if address in self._unknown_addresses or len(self._unknown_addresses) < MAX_COUNTED_UNKNOWN:
            self._unknown_addresses[address] += 1

    def stats(self) -> dict[str, float]:
        """Return how many messages became events, by source, and the unknown addresses that sent most, at most 20."""
        taken: dict[str, float] = {f"{source} messages": self.taken[source] for source in LogSource}
        named = self._unknown_addresses.most_common(MAX_NAMED_UNKNOWN)
        return taken | {f"unknown sender {address}": count for address, count in named}

    def drops(self) -> dict[str, int]:
        """Return counters of what was dropped, such as `syslogUnknownSender`."""
        return {
            source.value + "".join(word.capitalize() for word in reason.split("-")): count
            for (source, reason), count in sorted(self.dropped.items())
        }
