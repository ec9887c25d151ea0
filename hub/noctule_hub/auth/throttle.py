"""How often somebody may try to sign in or join: pure decisions, `now_ms` passed in; who asks obeys them."""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

MAX_ENTRIES: Final = 10_000
# Failures that cost nothing, per pair of user and address, and per address over all users (offices share one).
FREE_TRIES_PAIR: Final = 5
FREE_TRIES_ADDRESS: Final = 30
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


class LoginThrottle:
    """Counts failed sign-ins per user and address, and per address.

    After the free tries each failure doubles the wait, 1 s to 5 min; 15 min without one forgets them. A user is
    never locked out for other addresses. Full table: the entry least recently touched goes, counted in `evicted`.
    """

    def __init__(self, *, max_entries: int = MAX_ENTRIES) -> None:
        self._tries: OrderedDict[tuple[str, str], _Tries] = OrderedDict()
        self._max_entries = max_entries
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._tries)

    def admit(self, username: str, address: str, now_ms: int) -> float | None:
        """Book a try and return None, or return the seconds to wait and book nothing.

        The try is booked as failed at once, so that many in parallel do not slip through; `succeeded` takes it back.
        """
        keys = self._keys(username, address)
        waits = [tries.blocked_until_ms - now_ms for key, _ in keys if (tries := self._current(key, now_ms))]
        if waits and max(waits) > 0:
            return max(waits) / 1000
        for key, free in keys:
            tries = self._current(key, now_ms) or _Tries(0, now_ms, 0)
            tries.failures += 1
            tries.last_ms = now_ms
            over = tries.failures - free
            if over >= 0:
                tries.blocked_until_ms = now_ms + min(1000 << min(over, MAX_DOUBLINGS), MAX_WAIT_MS)
            self._tries[key] = tries
            self._tries.move_to_end(key)
        while len(self._tries) > self._max_entries:
            self._tries.popitem(last=False)
            self.evicted += 1
        return None

    def succeeded(self, username: str, address: str) -> None:
        """Forget the failures of this user at this address; the address itself gets back only this one try."""
        (pair, _), (whole, _) = self._keys(username, address)
        self._tries.pop(pair, None)
        tries = self._tries.get(whole)
        if tries is not None:
            tries.failures -= 1
            tries.blocked_until_ms = 0

    def _keys(self, username: str, address: str) -> tuple[tuple[tuple[str, str], int], tuple[tuple[str, str], int]]:
        origin = address_key(address)
        pair = (username.casefold()[:64], origin)
        return (pair, FREE_TRIES_PAIR), (("", origin), FREE_TRIES_ADDRESS)

    def _current(self, key: tuple[str, str], now_ms: int) -> _Tries | None:
        tries = self._tries.get(key)
        if tries is not None and now_ms - tries.last_ms > FORGET_MS:
            del self._tries[key]
            return None
        return tries


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_ms: int


class AddressLimit:
    """A token bucket per address: `burst` requests at once, then one each `refill_ms`.

    Full table: the address least recently seen goes, counted in `evicted`; refusals are counted in `refused`.
    """

    def __init__(self, *, burst: int, refill_ms: int, max_entries: int = MAX_ENTRIES) -> None:
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
