"""How the packets of a round fit into its interval. Pure; what a client may ask for is checked by `api.icmp_input`."""

from dataclasses import dataclass
from typing import Final

from noctule_shared.link import IcmpConfig

from noctule_hub.core.records import IcmpSettings

MIN_SPACING_S: Final = 0.01
MIN_TIMEOUT_S: Final = 0.1
_DEFAULT: Final = IcmpConfig()


@dataclass(frozen=True, slots=True)
class IcmpTiming:
    """Packets `spacing_s` apart and `timeout_s` for the last one's reply: a round takes at most `length_s`."""

    spacing_s: float
    timeout_s: float
    length_s: float

    def fits(self, interval_s: float) -> bool:
        """Return whether a round is over before the next one is due."""
        # Spacing that was made to fit may miss by a rounding.
        return self.length_s <= interval_s * (1 + 1e-9)


def icmp_timing(icmp: IcmpSettings) -> IcmpTiming:
    """Return a device's timing; what it does not say is the default, shortened as its interval needs.

    A timeout of nobody's choice takes at most half of the interval, so that pinging each second needs no more
    settings than that.
    """
    timeout_s = icmp.timeout_s
    if timeout_s is None:
        room_s = icmp.interval_s / 2 if icmp.spacing_s is None else icmp.interval_s - icmp.count * icmp.spacing_s
        timeout_s = max(MIN_TIMEOUT_S, min(_DEFAULT.timeout_s, room_s))
    spacing_s = icmp.spacing_s
    if spacing_s is None:
        spacing_s = max(MIN_SPACING_S, min(_DEFAULT.spacing_s, (icmp.interval_s - timeout_s) / icmp.count))
    return IcmpTiming(spacing_s, timeout_s, icmp.count * spacing_s + timeout_s)
