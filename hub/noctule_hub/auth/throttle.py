"""How often somebody may try to sign in or join: pure decisions, `now_ms` passed in; who asks obeys them."""

import ipaddress
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from noctule_hub.core.accounts import Backoff

MAX_ENTRIES: Final = 10_000
# Failures that cost nothing: per pair of user and address, per address over all users (offices share one), and per
# user over all addresses that it never signed in from.
FREE_TRIES_PAIR: Final = 5
FREE_TRIES_ADDRESS: Final = 30
FREE_TRIES_USER: Final = 20
MAX_WAIT_MS: Final = 300_000
FORGET_MS: Final = 900_000
# Past this a doubled wait is beyond the maximum anyway.
MAX_DOUBLINGS: Final = 16


def address_key(address: str) -> str:
    """Return what an address counts as: itself, or its /64 for IPv6, where one host has all of that."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


@dataclass(slots=True)
class _Tries:
    failures: int
    last_ms: int
    blocked_until_ms: int


@dataclass(frozen=True, slots=True)
class _Counter:
    key: tuple[str, str]
    free: int


class LoginThrottle:
    """Counts failed sign-ins per user and address, per address, and per user over all addresses strange to it.

    After the free tries each failure doubles the wait, 1 s to 5 min; 15 min without one forgets them. A user is never
    locked out from where it signed in before, however many others try its name. Full table: the entry least recently
    touched goes, counted in `evicted`.

    What is worth keeping over a restart is `backoff`, which changes only when a wait begins: not with each try.
    """

    def __init__(self, *, max_entries: int = MAX_ENTRIES) -> None:
        self._tries: OrderedDict[tuple[str, str], _Tries] = OrderedDict()
        self._max_entries = max_entries
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._tries)

    def admit(
        self, username: str, address: str, now_ms: int, *, known: bool = False, kept: Backoff | None = None
    ) -> float | None:
        """Book a try and return None, or return the seconds to wait and book nothing.

        `known`: the user signed in from this address before. `kept` is what the store has of the user's failures.
        The try is booked as failed at once, so that many in parallel do not slip through; `succeeded` takes it back.
        """
        whole = _whole(username)
        if kept is not None and whole not in self._tries:
            self._tries[whole] = _Tries(kept.failures, kept.last_ms, kept.blocked_until_ms)
        counters = _counters(username, address, known=known)
        waits = [
            tries.blocked_until_ms - now_ms for counter in counters if (tries := self._current(counter.key, now_ms))
        ]
        # A clock that was set back must not make a wait longer than any wait is.
        longest = min(max(waits, default=0), MAX_WAIT_MS)
        if longest > 0:
            return longest / 1000
        for counter in counters:
            self._book(counter, now_ms)
        while len(self._tries) > self._max_entries:
            self._tries.popitem(last=False)
            self.evicted += 1
        return None

    def backoff(self, username: str, address: str, now_ms: int) -> Backoff | None:
        """Return what is to be kept after a failure from an address strange to the user; None: no wait began."""
        whole = self._tries.get(_whole(username))
        pair = self._tries.get(_pair(username, address))
        if whole is None:
            return None
        until_ms = max(whole.blocked_until_ms, pair.blocked_until_ms if pair else 0)
        return Backoff(whole.failures, whole.last_ms, until_ms) if until_ms > now_ms else None

    def succeeded(self, username: str, address: str, *, known: bool = False) -> None:
        """Forget the failures of this user at this address; the address itself gets back only this one try.

        A sign-in from a known address says nothing of the strangers that try the same name: those stay counted.
        """
        self._tries.pop(_pair(username, address), None)
        if not known:
            self._tries.pop(_whole(username), None)
        tries = self._tries.get(("", address_key(address)))
        if tries is not None:
            tries.failures -= 1
            tries.blocked_until_ms = 0

    def take_back(self, username: str, address: str, *, known: bool = False) -> None:
        """Take one booked try back, because it came to no verdict."""
        for counter in _counters(username, address, known=known):
            tries = self._tries.get(counter.key)
            if tries is not None:
                tries.failures -= 1
                tries.blocked_until_ms = 0 if tries.failures < counter.free else tries.blocked_until_ms

    def _book(self, counter: _Counter, now_ms: int) -> None:
        tries = self._current(counter.key, now_ms) or _Tries(0, now_ms, 0)
        tries.failures += 1
        tries.last_ms = now_ms
        over = tries.failures - counter.free
        if over >= 0:
            tries.blocked_until_ms = now_ms + min(1000 << min(over, MAX_DOUBLINGS), MAX_WAIT_MS)
        self._tries[counter.key] = tries
        self._tries.move_to_end(counter.key)

    def _current(self, key: tuple[str, str], now_ms: int) -> _Tries | None:
        tries = self._tries.get(key)
        if tries is not None and now_ms - tries.last_ms > FORGET_MS:
            del self._tries[key]
            return None
        return tries


def is_known(address: str, addresses: Iterable[str]) -> bool:
    """Return whether an address counts as one of `addresses`."""
    key = address_key(address)
    return any(address_key(one) == key for one in addresses)


def _pair(username: str, address: str) -> tuple[str, str]:
    return username.casefold()[:64], address_key(address)


def _whole(username: str) -> tuple[str, str]:
    return username.casefold()[:64], "*"


def _counters(username: str, address: str, *, known: bool) -> tuple[_Counter, ...]:
    of_address = _Counter(("", address_key(address)), FREE_TRIES_ADDRESS)
    of_pair = _Counter(_pair(username, address), FREE_TRIES_PAIR)
    if known:
        return (of_pair, of_address)
    return (of_pair, of_address, _Counter(_whole(username), FREE_TRIES_USER))


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_ms: int


class AddressLimit:
    """A token bucket per address: `burst` requests at once, then one each `refill_ms`.

    Full table: the address least recently seen goes, counted in `evicted`; refusals are counted in `refused`.
    """

    def __init__(self, *, burst: int, refill_ms: float, max_entries: int = MAX_ENTRIES) -> None:
        self._burst = burst
        self._refill_ms = refill_ms
        self._max_entries = max_entries
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self.evicted = 0
        self.refused = 0

    def admit(self, address: str, now_ms: int) -> float | None:
        """Take one request from the address's bucket: None when it may go on, else the seconds to wait."""
        key = address_key(address)
        bucket = self._buckets.setdefault(key, _Bucket(float(self._burst), now_ms))
        self._buckets.move_to_end(key)
        passed_ms = max(0, now_ms - bucket.filled_ms)
        bucket.tokens = min(float(self._burst), bucket.tokens + passed_ms / self._refill_ms)
        bucket.filled_ms = now_ms
        while len(self._buckets) > self._max_entries:
            self._buckets.popitem(last=False)
            self.evicted += 1
        if bucket.tokens < 1:
            self.refused += 1
            return (1 - bucket.tokens) * self._refill_ms / 1000
        bucket.tokens -= 1
        return None
