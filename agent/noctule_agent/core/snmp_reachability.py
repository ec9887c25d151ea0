"""Reachability by SNMP: polls become levels of the snmp axis. What echoes become is told in `reachability`."""

from dataclasses import dataclass, replace
from typing import Final

from noctule_shared.axes import SnmpLevel
from noctule_shared.thresholds import FAILED_POLLS

from noctule_agent.core.cause import UNTOLD, Cause, step_cause
from noctule_agent.core.reachability import Transition

SNMP_BACKOFF_S: Final = (15.0, 30.0, 60.0, 120.0)
# Failed polls are repeated after this share of the interval, so that three of them fit 1.4 intervals.
SNMP_RETRY_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True)
class SnmpState:
    """The snmp axis of one device and how many polls in a row have failed."""

    level: SnmpLevel = SnmpLevel.NONE
    failures: int = 0
    cause: Cause = UNTOLD


@dataclass(frozen=True, slots=True)
class SnmpDecision:
    """The state after a poll, what changed, and what to do next.

    `retry_after_s` None: poll again at the next due time; else only see whether it answers, after so long.
    """

    state: SnmpState
    transition: Transition | None
    retry_after_s: float | None


def step_snmp(
    state: SnmpState, *, failure: str | None, interval_s: float, decides: bool, failed_polls: int = FAILED_POLLS
) -> SnmpDecision:
    """Return the state after one poll with all its retries; `failure` is its reason, None when it succeeded.

    Down after `failed_polls` failed polls in a row, 3 of which follow each other within 1.4 intervals; up after
    one good poll. Of a device that is down the failure is told anew when it is another for as many polls in a row.
    Such a device is asked again after 15, 30, 60, then every 120 s, but at least each interval where this axis
    `decides` whether it is offline.
    """
    if failure is None:
        up = SnmpState(SnmpLevel.UP, 0)
        if state.level is SnmpLevel.UP:
            return SnmpDecision(up, None, None)
        reason = "first answer" if state.level is SnmpLevel.NONE else "answered again"
        return SnmpDecision(up, Transition(state.level, SnmpLevel.UP, reason), None)
    failures = state.failures + 1
    if state.level is SnmpLevel.DOWN or failures >= failed_polls:
        backoff_s = SNMP_BACKOFF_S[min(max(0, failures - failed_polls), len(SNMP_BACKOFF_S) - 1)]
        retry_after_s = min(backoff_s, interval_s) if decides else backoff_s
        cause, told_anew = Cause(failure), True
        if state.level is SnmpLevel.DOWN:
            cause, told_anew = step_cause(state.cause, failure, least=failed_polls)
        reason = f"{failures} polls failed: {failure}"
        transition = Transition(state.level, SnmpLevel.DOWN, reason) if told_anew else None
        return SnmpDecision(SnmpState(SnmpLevel.DOWN, failures, cause), transition, retry_after_s)
    return SnmpDecision(replace(state, failures=failures), None, SNMP_RETRY_SHARE * interval_s)
