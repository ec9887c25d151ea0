"""Reachability by ICMP: rounds become levels of the icmp axis. What polls become is told in `snmp_reachability`.

A state machine as a table. A device is suspect after one round that was lost whole; fast retries decide whether it
is down. Loss alone makes it degraded. How much of each is a device's `IcmpThresholds`. Measuring, waiting and
telling the hub are left to the watches; `now_s` is the caller's monotonic clock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from noctule_shared.axes import IcmpLevel
from noctule_shared.thresholds import ICMP_THRESHOLDS, IcmpThresholds

from noctule_agent.core.cause import UNTOLD, Cause, step_cause

RETRY_PACKETS: Final = 3
RETRY_SPACING_S: Final = 0.1
RETRY_LENGTH_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Transition:
    """A level changed: from what, to what, and why in words. From down to down: why is another now."""

    old: str
    new: str
    reason: str


class Phase(StrEnum):
    """Where the icmp machine stands; `returning` and `suspect` are inner phases of a level that stays."""

    FRESH = "fresh"
    UP = "up"
    DEGRADED = "degraded"
    SUSPECT = "suspect"
    DOWN = "down"
    RETURNING = "returning"


class Outcome(StrEnum):
    """What a round says. `unclear`: the kernel dropped replies, so loss says nothing about the device."""

    REPLIED = "replied"
    LOST = "lost"
    UNCLEAR = "unclear"
    RETRY_REPLIED = "retry-replied"
    RETRY_LOST = "retry-lost"
    RETRY_UNCLEAR = "retry-unclear"


class Action(StrEnum):
    """What to do next: wait for the next due round or poll, or retry at once."""

    WAIT = "wait"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class _Seen:
    at_s: float
    sent: int
    received: int


@dataclass(frozen=True, slots=True)
class IcmpState:
    """The icmp axis of one device. `level` is what the hub is told; the rest is how it was found."""

    level: IcmpLevel = IcmpLevel.NONE
    phase: Phase = Phase.FRESH
    retries_lost: int = 0
    retries_unclear: int = 0
    good_rounds: int = 0
    observed_since_s: float = 0.0
    window: tuple[_Seen, ...] = field(default=())
    cause: Cause = UNTOLD


@dataclass(frozen=True, slots=True)
class IcmpDecision:
    """The state after a round, what changed (None: nothing) and what to do next."""

    state: IcmpState
    transition: Transition | None
    action: Action


def outcome(*, sent: int, received: int, kernel_drops: int, retry: bool) -> Outcome:
    """Return what a round says; `retry`: it was a fast retry.

    A round without a reply in which the agent's kernel dropped packets is unclear, not lost.
    """
    if received > 0:
        return Outcome.RETRY_REPLIED if retry else Outcome.REPLIED
    if sent == 0 or kernel_drops > 0:
        return Outcome.RETRY_UNCLEAR if retry else Outcome.UNCLEAR
    return Outcome.RETRY_LOST if retry else Outcome.LOST


def retry_timeout_s(timeout_s: float) -> float:
    """Return how long a fast retry waits after its last packet.

    Three packets in one second; a device whose own timeout is longer gets that.
    """
    return max(timeout_s, RETRY_LENGTH_S) - (RETRY_PACKETS - 1) * RETRY_SPACING_S


def resumed(state: IcmpState) -> IcmpState:
    """Return the state with which an ordinary round may begin: retries that were broken off decide nothing."""
    return replace(state, phase=_steady_phase(state.level)) if state.phase is Phase.SUSPECT else state


def step_icmp(
    state: IcmpState,
    *,
    sent: int,
    received: int,
    kernel_drops: int = 0,
    retry: bool = False,
    now_s: float,
    thresholds: IcmpThresholds = ICMP_THRESHOLDS,
    failure: str | None = None,
) -> IcmpDecision:
    """Return the state after one round that ended at `now_s`, with the transition and the next action.

    What makes a device down, up and degraded: `IcmpThresholds`. Packets of a round with kernel drops do not
    count as lost. `failure` is why nothing came back, such as `no-such-host`; None: no more is known than that. Of a
    device that is down it is told anew when it is another for as many rounds as take a device down.

    Raises ValueError when a retry's result comes in a phase that asked for none, or the other way round.
    """
    seen = outcome(sent=sent, received=received, kernel_drops=kernel_drops, retry=retry)
    then = _ICMP_TABLE.get((state.phase, seen))
    if then is None:
        raise ValueError(f"round {seen} is not possible in phase {state.phase}")
    if kernel_drops == 0:
        oldest_s = now_s - max(thresholds.degraded_window_s, thresholds.clear_window_s)
        kept = tuple(past for past in state.window if past.at_s > oldest_s)
        state = replace(state, window=(*kept, _Seen(now_s, sent, received)))
    decision = then(state, thresholds, now_s)
    transition, because = decision.transition, "" if failure is None else f": {failure}"
    if transition is not None:
        after = replace(decision.state, cause=Cause(failure))
        return replace(decision, state=after, transition=replace(transition, reason=f"{transition.reason}{because}"))
    if decision.state.phase is Phase.DOWN and seen is Outcome.LOST:
        cause, told_anew = step_cause(state.cause, failure, least=thresholds.retries)
        again = Transition(IcmpLevel.DOWN, IcmpLevel.DOWN, f"no reply{because}") if told_anew else None
        return replace(decision, state=replace(decision.state, cause=cause), transition=again)
    return decision


def _stay(state: IcmpState, _thresholds: IcmpThresholds, _now_s: float) -> IcmpDecision:
    return IcmpDecision(state, None, Action.WAIT)


def _first_reply(state: IcmpState, _thresholds: IcmpThresholds, now_s: float) -> IcmpDecision:
    return _enter_up(state, "first reply", now_s)


def _suspect(state: IcmpState, _thresholds: IcmpThresholds, _now_s: float) -> IcmpDecision:
    suspect = replace(state, phase=Phase.SUSPECT, retries_lost=0, retries_unclear=0)
    return IcmpDecision(suspect, None, Action.RETRY)


def _count_lost_retry(state: IcmpState, thresholds: IcmpThresholds, _now_s: float) -> IcmpDecision:
    lost = state.retries_lost + 1
    if lost < thresholds.retries:
        return IcmpDecision(replace(state, retries_lost=lost), None, Action.RETRY)
    down = IcmpState(level=IcmpLevel.DOWN, phase=Phase.DOWN)
    noun = "retry" if lost == 1 else "retries"
    return IcmpDecision(down, Transition(state.level, IcmpLevel.DOWN, f"{lost} fast {noun} lost"), Action.WAIT)


def _count_unclear_retry(state: IcmpState, thresholds: IcmpThresholds, _now_s: float) -> IcmpDecision:
    # Bounded: an agent that drops its own replies again and again waits for the next round instead.
    unclear = state.retries_unclear + 1
    if unclear < thresholds.retries:
        return IcmpDecision(replace(state, retries_unclear=unclear), None, Action.RETRY)
    return IcmpDecision(replace(state, phase=_steady_phase(state.level)), None, Action.WAIT)


def _trust_again(state: IcmpState, thresholds: IcmpThresholds, now_s: float) -> IcmpDecision:
    if state.level is IcmpLevel.NONE:
        return _first_reply(state, thresholds, now_s)
    return _judge_loss(replace(state, phase=_steady_phase(state.level)), thresholds, now_s)


def _stay_down(state: IcmpState, _thresholds: IcmpThresholds, _now_s: float) -> IcmpDecision:
    return IcmpDecision(replace(state, phase=Phase.DOWN, good_rounds=0), None, Action.WAIT)


def _count_good(state: IcmpState, thresholds: IcmpThresholds, now_s: float) -> IcmpDecision:
    good = state.good_rounds + 1
    if good < thresholds.good_rounds:
        return IcmpDecision(replace(state, phase=Phase.RETURNING, good_rounds=good), None, Action.WAIT)
    return _enter_up(state, f"{good} good round{'' if good == 1 else 's'}", now_s)


def _enter_up(state: IcmpState, reason: str, now_s: float) -> IcmpDecision:
    # What was lost while it was away says nothing about the link that came back.
    up = IcmpState(level=IcmpLevel.UP, phase=Phase.UP, observed_since_s=now_s)
    return IcmpDecision(up, Transition(state.level, IcmpLevel.UP, reason), Action.WAIT)


def _steady_phase(level: IcmpLevel) -> Phase:
    return {IcmpLevel.NONE: Phase.FRESH, IcmpLevel.UP: Phase.UP, IcmpLevel.DEGRADED: Phase.DEGRADED}[level]


def _judge_loss(state: IcmpState, thresholds: IcmpThresholds, now_s: float) -> IcmpDecision:
    if state.phase is Phase.UP:
        window_s = thresholds.degraded_window_s
        loss_ratio = _loss_ratio(state, now_s - window_s)
        if now_s - state.observed_since_s >= window_s and loss_ratio >= thresholds.degraded_loss_ratio:
            reason = f"loss {loss_ratio:.0%} over {window_s:g} s"
            degraded = replace(state, level=IcmpLevel.DEGRADED, phase=Phase.DEGRADED, observed_since_s=now_s)
            return IcmpDecision(degraded, Transition(IcmpLevel.UP, IcmpLevel.DEGRADED, reason), Action.WAIT)
    elif state.phase is Phase.DEGRADED and now_s - state.observed_since_s >= thresholds.clear_window_s:
        loss_ratio = _loss_ratio(state, now_s - thresholds.clear_window_s)
        if loss_ratio < thresholds.clear_loss_ratio:
            reason = f"loss below {thresholds.clear_loss_ratio:.0%} for {thresholds.clear_window_s:g} s"
            up = replace(state, level=IcmpLevel.UP, phase=Phase.UP, observed_since_s=now_s)
            return IcmpDecision(up, Transition(IcmpLevel.DEGRADED, IcmpLevel.UP, reason), Action.WAIT)
    return IcmpDecision(state, None, Action.WAIT)


def _loss_ratio(state: IcmpState, since_s: float) -> float:
    sent = sum(seen.sent for seen in state.window if seen.at_s > since_s)
    received = sum(seen.received for seen in state.window if seen.at_s > since_s)
    return (sent - received) / sent if sent else 0.0


# (phase, outcome) -> what follows. A pair that is not here cannot happen and raises.
_ICMP_TABLE: Final[dict[tuple[Phase, Outcome], Callable[[IcmpState, IcmpThresholds, float], IcmpDecision]]] = {
    (Phase.FRESH, Outcome.REPLIED): _first_reply,
    (Phase.FRESH, Outcome.LOST): _suspect,
    (Phase.FRESH, Outcome.UNCLEAR): _stay,
    (Phase.UP, Outcome.REPLIED): _judge_loss,
    (Phase.UP, Outcome.LOST): _suspect,
    (Phase.UP, Outcome.UNCLEAR): _stay,
    (Phase.DEGRADED, Outcome.REPLIED): _judge_loss,
    (Phase.DEGRADED, Outcome.LOST): _suspect,
    (Phase.DEGRADED, Outcome.UNCLEAR): _stay,
    (Phase.SUSPECT, Outcome.RETRY_REPLIED): _trust_again,
    (Phase.SUSPECT, Outcome.RETRY_LOST): _count_lost_retry,
    (Phase.SUSPECT, Outcome.RETRY_UNCLEAR): _count_unclear_retry,
    (Phase.DOWN, Outcome.REPLIED): _count_good,
    (Phase.DOWN, Outcome.LOST): _stay_down,
    (Phase.DOWN, Outcome.UNCLEAR): _stay,
    (Phase.RETURNING, Outcome.REPLIED): _count_good,
    (Phase.RETURNING, Outcome.LOST): _stay_down,
    (Phase.RETURNING, Outcome.UNCLEAR): _stay,
}
