"""Which interfaces' counters may rest: those of a port that is down and counted nothing the last time.

Pure. Statuses are asked for at every poll, so a port that comes up is seen at once; reading its counters in that same
poll is left to `probes.snmp.poller`.
"""

from typing import Final

from noctule_shared.axes import IfStatus

# How long the counters of an idle port are left alone. Short enough for bins of 5 minutes, and for a device whose
# status is stuck at down to be caught counting.
REST_S: Final = 300.0
_DOWN: Final = frozenset({IfStatus.DOWN, IfStatus.NOT_PRESENT, IfStatus.LOWER_LAYER_DOWN})


def is_down(admin: IfStatus, oper: IfStatus) -> bool:
    """Return whether a port cannot carry traffic by its own word; `unknown` and `dormant` are no such word."""
    return admin is IfStatus.DOWN or oper in _DOWN


def counters_due(admin: IfStatus, oper: IfStatus, *, idle: bool, since_s: float, interval_s: float) -> bool:
    """Return whether an interface's counters are read in this poll.

    `idle`: the last reading counted no octet since the one before. `since_s` is the age of the last reading,
    `interval_s` the polling interval: the poll nearest to the end of the rest reads.
    """
    return not (idle and is_down(admin, oper)) or since_s >= REST_S - interval_s / 2
