"""How many messages are taken from whom: token buckets per sender and for all together, in bounded tables.

Pure; the clock is the caller's. What is done with a refusal is left to `receivers.intake`.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# Senders that are remembered at once; beyond it the one that was quiet longest begins anew, with a full bucket.
MAX_SENDERS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a bucket lets through: `per_s` in the long run, `burst` at once."""

    per_s: float
    burst: float


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_s: float


class Verdict(StrEnum):
    """Whether a message is taken, or which allowance is used up."""

    TAKEN = "taken"
    SENDER_LIMIT = "sender-limit"
    TOTAL_LIMIT = "total-limit"


class Admission:
    """Token buckets: one of each sender, and one of all."""

    def __init__(self, sender: Allowance, total: Allowance) -> None:
        self._sender = sender
        self._total = total
        self._senders: OrderedDict[Hashable, _Bucket] = OrderedDict()
        self._all = _Bucket(total.burst, 0.0)

    def ask(self, sender: Hashable, now_s: float) -> Verdict:
        """Decide about one message at `now_s` of a monotonic clock. A refused message uses nothing up."""
        bucket = self._senders.get(sender)
        if bucket is None:
            bucket = self._senders[sender] = _Bucket(self._sender.burst, now_s)
            if len(self._senders) > MAX_SENDERS:
                self._senders.popitem(last=False)
        self._senders.move_to_end(sender)
        _refill(bucket, self._sender, now_s)
        _refill(self._all, self._total, now_s)
        if bucket.tokens < 1:
            return Verdict.SENDER_LIMIT
        if self._all.tokens < 1:
            return Verdict.TOTAL_LIMIT
        bucket.tokens -= 1
        self._all.tokens -= 1
        return Verdict.TAKEN


def _refill(bucket: _Bucket, allowance: Allowance, now_s: float) -> None:
    passed_s = max(0.0, now_s - bucket.at_s)
    bucket.tokens = min(allowance.burst, bucket.tokens + passed_s * allowance.per_s)
    bucket.at_s = max(bucket.at_s, now_s)
