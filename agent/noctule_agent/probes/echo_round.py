"""The result of one round of echoes, with the statistics that people compare.

Pure; measuring is left to `icmp`.
"""

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EchoRound:
    """One round of echo requests to one address.

    `rtt_s` holds the round-trip delays (RFC 2681) of the replies in time, sorted; `rtt_in_order_s` the same in
    order of sending, None for a packet without a reply in time. `duplicates` and `late` count second replies,
    and replies after their timeout, that came for this address since its last round ended. `kernel_drops`
    counts packets that this machine's kernel threw away meanwhile: when it is not 0, loss may be our own.
    `send_error` says why the kernel refused to send, None when it never did; refused packets count as sent.
    """

    address: str
    sent: int
    received: int
    rtt_s: tuple[float, ...]
    rtt_in_order_s: tuple[float | None, ...]
    duplicates: int = 0
    late: int = 0
    kernel_drops: int = 0
    send_error: str | None = None

    @property
    def accounted(self) -> int:
        """Of how many packets it is known what became of them: the answered alone where replies were dropped here."""
        return self.received if self.kernel_drops else self.sent

    @property
    def loss_ratio(self) -> float | None:
        """Return the share of packets without a reply in time, 0 to 1; None when none was sent."""
        return (self.sent - self.received) / self.sent if self.sent else None

    @property
    def min_s(self) -> float | None:
        """Return the shortest round-trip delay in seconds, None when nothing came back."""
        return self.rtt_s[0] if self.rtt_s else None

    @property
    def p25_s(self) -> float | None:
        """Return the lower quartile of the round-trip delays in seconds (see `quantile`), None when nothing came."""
        return quantile(self.rtt_s, 0.25) if self.rtt_s else None

    @property
    def median_s(self) -> float | None:
        """Return the median round-trip delay in seconds, None when nothing came back."""
        return statistics.median(self.rtt_s) if self.rtt_s else None

    @property
    def p75_s(self) -> float | None:
        """Return the upper quartile of the round-trip delays in seconds (see `quantile`), None when nothing came."""
        return quantile(self.rtt_s, 0.75) if self.rtt_s else None

    @property
    def mean_s(self) -> float | None:
        """Return the mean round-trip delay in seconds, None when nothing came back."""
        return math.fsum(self.rtt_s) / len(self.rtt_s) if self.rtt_s else None

    @property
    def max_s(self) -> float | None:
        """Return the longest round-trip delay in seconds, None when nothing came back."""
        return self.rtt_s[-1] if self.rtt_s else None

    @property
    def mdev_s(self) -> float | None:
        """Return ping's mean deviation in seconds, sqrt(mean(rtt^2) - mean(rtt)^2), None when nothing came back.

        Computed as the population's standard deviation, which is the same and loses no digits.
        """
        return statistics.pstdev(self.rtt_s) if self.rtt_s else None

    @property
    def ipdv_s(self) -> float | None:
        """Return the mean absolute delay variation of successive packets in seconds (RFC 3393, on round trips).

        The mean of |D| of RFC 3550 section 6.4.1, unsmoothed. Pairs of which one was lost are left out; None when
        no pair is left.
        """
        pairs = itertools.pairwise(self.rtt_in_order_s)
        steps = [abs(second - first) for first, second in pairs if first is not None and second is not None]
        return math.fsum(steps) / len(steps) if steps else None


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the quantile of sorted values at `share`, 0 to 1: type 7 of Hyndman and Fan (1996), numpy's default.

    Of 5 values the quantiles at 0, 0.25, 0.5, 0.75 and 1 are the values themselves. Raises IndexError without values.
    """
    position = share * (len(ordered) - 1)
    below = int(position)
    rest = position - below
    return ordered[below] + rest * (ordered[below + 1] - ordered[below]) if rest else ordered[below]


def echo_round(
    address: str,
    rtt_in_order_s: tuple[float | None, ...],
    *,
    duplicates: int = 0,
    late: int = 0,
    kernel_drops: int = 0,
    send_error: str | None = None,
) -> EchoRound:
    """Return the round in which each packet sent had the delay in `rtt_in_order_s`, None for a lost one."""
    replies = tuple(sorted(rtt for rtt in rtt_in_order_s if rtt is not None))
    return EchoRound(
        address, len(rtt_in_order_s), len(replies), replies, rtt_in_order_s, duplicates, late, kernel_drops, send_error
    )
