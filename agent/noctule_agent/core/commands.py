"""Decides which commands of a hub are obeyed: once each, in time, a few at once, and only where the agent may.

Pure; what a command does is left to `noctule_agent.commands`. `now_s` is the caller's monotonic clock.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from noctule_shared.commands import COMMANDS_AT_ONCE, CommandFailure
from noctule_shared.link import Result

from noctule_agent.core.discovery import Network

# Results are kept until their deadline is over, which makes each command take effect once. Full: nothing new begins.
MAX_KEPT: Final = 64
# The longest sweep takes an hour; a deadline beyond that is a clock that is wrong.
MAX_REMAINING_S: Final = 3_600.0
MAX_ID_CHARS: Final = 64
# Links that ask for the result of one command at a time.
MAX_WAITING: Final = 8


@dataclass(frozen=True, slots=True)
class Begin:
    """Carry it out, until `ends_s` at the latest."""

    ends_s: float


@dataclass(frozen=True, slots=True)
class Wait:
    """It is being carried out already: give its result."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """It was carried out: give its result again."""

    result: Result


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do not carry it out, and why."""

    reason: CommandFailure
    message: str


Admission = Begin | Wait | Repeat | Refuse


@dataclass(slots=True)
class _Entry:
    ends_s: float
    takes_place: bool
    result: Result | None = None
    waiting: int = 1


class CommandBook:
    """The commands that run and those whose deadline is still to come."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}

    @property
    def running(self) -> int:
        """How many commands take a place now."""
        return sum(1 for entry in self._entries.values() if entry.takes_place and entry.result is None)

    def admit(self, command_id: str, *, remaining_s: float, now_s: float, takes_place: bool) -> Admission:
        """Decide on a command that is worth something for `remaining_s` more; `takes_place` False: done at once."""
        self._forget(now_s)
        known = self._entries.get(command_id)
        if known is not None:
            return self._again(known)
        if not 0 < len(command_id) <= MAX_ID_CHARS:
            return Refuse(CommandFailure.INVALID, f"a command's id has 1 to {MAX_ID_CHARS} characters")
        if remaining_s <= 0:
            return Refuse(CommandFailure.EXPIRED, f"it came {-remaining_s:.1f} s after its deadline")
        if takes_place and self.running >= COMMANDS_AT_ONCE:
            return Refuse(CommandFailure.BUSY, f"{COMMANDS_AT_ONCE} commands run already; try again shortly")
        if len(self._entries) >= MAX_KEPT:
            return Refuse(CommandFailure.BUSY, f"{MAX_KEPT} commands came shortly before; try again later")
        ends_s = now_s + min(remaining_s, MAX_REMAINING_S)
        self._entries[command_id] = _Entry(ends_s, takes_place)
        return Begin(ends_s)

    def settle(self, command_id: str, result: Result) -> None:
        """Keep the result of a command that was begun."""
        self._entries[command_id].result = result

    def _again(self, known: _Entry) -> Admission:
        if known.result is not None:
            return Repeat(known.result)
        if known.waiting >= MAX_WAITING:
            return Refuse(CommandFailure.BUSY, "its result is asked for too often")
        known.waiting += 1
        return Wait()

    def _forget(self, now_s: float) -> None:
        over = [key for key, entry in self._entries.items() if entry.result is not None and entry.ends_s <= now_s]
        for key in over:
            del self._entries[key]


def address_allowed(address: str, allowed: Sequence[Network]) -> bool:
    """Return whether a numeric address lies in one of the networks; False for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in allowed)


def network_allowed(network: Network, allowed: Sequence[Network]) -> bool:
    """Return whether a network lies within one of those allowed."""
    for outer in allowed:
        match network, outer:
            case (ipaddress.IPv4Network(), ipaddress.IPv4Network()) | (
                ipaddress.IPv6Network(),
                ipaddress.IPv6Network(),
            ):
                if outer.prefixlen <= network.prefixlen and network.network_address in outer:
                    return True
            case _:
                pass
    return False
