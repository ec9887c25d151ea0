"""The books of the echo engine: which probe belongs to which round, and what became of it.

No I/O and no clock: times are arguments. Only the engine's thread calls it; sending, receiving and waking
whoever awaits a round are left to `icmp`.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from noctule_agent.probes.echo_packet import EchoReply
from noctule_agent.probes.echo_round import EchoRound, echo_round

# Finished probes are remembered so long, and so many, to tell late and duplicate replies from forged ones.
REMEMBERED_S: Final = 30.0
MAX_REMEMBERED: Final = 131_072
MAX_TALLIED_ADDRESSES: Final = 16_384
# A kernel stamp lies between sending and now; this is left for the clocks' slewing.
STAMP_SLACK_S: Final = 0.001


@dataclass(slots=True)
class EchoStats:
    """Counters since the engine was opened, for `status` and the doctor."""

    sent: int = 0
    received: int = 0
    timeouts: int = 0
    late: int = 0
    duplicates: int = 0
    foreign: int = 0
    send_errors: int = 0
    kernel_drops: int = 0


@dataclass(slots=True, eq=False)
class OpenRound:
    """A round under way. `rtts_s` has a place for each packet in order of sending, None until it is answered."""

    address: str
    target: tuple[Any, ...]
    v6: bool
    spacing_s: float
    timeout_s: float
    nonce: bytes
    rtts_s: list[float | None]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[EchoRound]
    # Packets that are not settled yet, and those of them that are not even sent.
    open_probes: int
    unsent: int
    tries: int = 0
    started_s: float = 0.0
    probes: list["Probe"] = field(default_factory=list)
    drops_at_start: int = 0
    send_error: str | None = None
    cancelled: bool = False

    @property
    def position(self) -> int:
        """Return which packet is sent next, from 0."""
        return len(self.rtts_s) - self.unsent


class Probe(msgspec.Struct, eq=False):
    """One packet on its way. Finished when it was answered or its time is over."""

    number: int
    round: OpenRound
    position: int
    sent_real_ns: int
    sent_mono_s: float
    answered: bool = False
    expired: bool = False


@dataclass(slots=True)
class _Tally:
    late: int = 0
    duplicates: int = 0


class EchoLedger:
    """Books probes and replies. `drops` gives the kernel's drops of a family, `deliver` takes finished rounds."""

    def __init__(self, *, drops: Callable[[bool], int], deliver: Callable[[OpenRound, EchoRound], None]) -> None:
        self.stats = EchoStats()
        self.rounds: set[OpenRound] = set()
        self.waiting = 0
        self._drops = drops
        self._deliver = deliver
        self._probes: OrderedDict[int, Probe] = OrderedDict()
        self._tallies: OrderedDict[str, _Tally] = OrderedDict()

    def open(self, echo: OpenRound, now_s: float) -> None:
        """Begin a round."""
        self.rounds.add(echo)
        echo.started_s = now_s
        echo.drops_at_start = self._drops(echo.v6)

    def book_sent(self, probe: Probe) -> None:
        """Book a packet that the kernel took."""
        self.stats.sent += 1
        self.waiting += 1
        echo = probe.round
        echo.unsent -= 1
        echo.tries = 0
        echo.probes.append(probe)
        self._probes[probe.number] = probe
        if len(self._probes) > MAX_REMEMBERED:
            _, oldest = self._probes.popitem(last=False)
            self.expire(oldest)

    def book_refused(self, echo: OpenRound, reason: str) -> None:
        """Book a packet that the kernel refused to send."""
        self.stats.send_errors += 1
        echo.send_error = reason
        echo.unsent -= 1
        echo.tries = 0
        self._settle(echo, 1)

    def cancel(self, echo: OpenRound) -> None:
        """Book that what is not sent yet never will be."""
        packets, echo.unsent = echo.unsent, 0
        self._settle(echo, packets)

    def time_out(self, echo: OpenRound) -> None:
        """Book that the time of a round's last packet is over, and with it that of all others."""
        for probe in list(echo.probes):
            self.expire(probe)

    def book_reply(
        self, reply: EchoReply | None, *, identifier: int, source: str, stamp_ns: int | None, now_s: float
    ) -> None:
        """Book what came in: a reply in time, late, a second time, or nothing of ours."""
        probe = self._probes.get(reply.number) if reply is not None else None
        if (
            reply is None
            or probe is None
            or reply.identifier != identifier
            or reply.nonce != probe.round.nonce
            or source != probe.round.target[0]
        ):
            self.stats.foreign += 1
            return
        rtt_s = _rtt_s(probe, stamp_ns, now_s)
        if probe.answered:
            self.stats.duplicates += 1
            self._tally(probe.round.address).duplicates += 1
        elif probe.expired or rtt_s > probe.round.timeout_s:
            probe.answered = True
            self.stats.late += 1
            self._tally(probe.round.address).late += 1
            self.expire(probe)
        else:
            probe.answered = True
            self.waiting -= 1
            self.stats.received += 1
            probe.round.rtts_s[probe.position] = rtt_s
            self._settle(probe.round, 1)

    def expire(self, probe: Probe) -> None:
        """Book that a probe's time is over; a late reply may still come. Without effect on a finished one."""
        in_time = probe.answered and probe.round.rtts_s[probe.position] is not None
        if probe.expired or in_time:
            return
        probe.expired = True
        self.waiting -= 1
        self.stats.timeouts += 1
        self._settle(probe.round, 1)

    def forget(self, now_s: float) -> None:
        """Forget finished probes of more than 30 s ago. They are in order of sending, so only the front is read."""
        while self._probes:
            first = next(iter(self._probes.values()))
            if first.sent_mono_s > now_s - REMEMBERED_S or not (first.answered or first.expired):
                return
            del self._probes[first.number]

    def _settle(self, echo: OpenRound, packets: int) -> None:
        """Book that so many more packets of a round are settled; the last one ends the round."""
        echo.open_probes -= packets
        if echo.open_probes > 0:
            return
        self.rounds.discard(echo)
        # Probes are remembered for a while, and no longer hold each other through their round.
        echo.probes.clear()
        drops = max(0, self._drops(echo.v6) - echo.drops_at_start)
        tally = self._tallies.pop(echo.address, None) or _Tally()
        self._deliver(
            echo,
            echo_round(
                echo.address,
                tuple(echo.rtts_s),
                duplicates=tally.duplicates,
                late=tally.late,
                kernel_drops=drops,
                send_error=echo.send_error,
            ),
        )

    def _tally(self, address: str) -> _Tally:
        tally = self._tallies.setdefault(address, _Tally())
        if len(self._tallies) > MAX_TALLIED_ADDRESSES:
            self._tallies.popitem(last=False)
        return tally


def _rtt_s(probe: Probe, stamp_ns: int | None, now_s: float) -> float:
    """Return the delay by the kernel's stamp, or by the monotonic clock when the wall clock was stepped."""
    elapsed_s = now_s - probe.sent_mono_s
    if stamp_ns is None:
        return elapsed_s
    rtt_s = (stamp_ns - probe.sent_real_ns) * 1e-9
    return rtt_s if 0 <= rtt_s <= elapsed_s + STAMP_SLACK_S else elapsed_s
