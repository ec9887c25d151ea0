"""When the next step of a policy is taken for one alert: pure, from times alone, the same after any restart.

An alert is followed from when it rings until it ends. Its steps count from when it rang first. Nothing is taken while
somebody takes care of it or something keeps it quiet; what fell due meanwhile is taken once afterwards. Who was told
before people kept it quiet is reminded when the time is over until which they did.
"""

from dataclasses import dataclass, replace
from typing import Final

from noctule_shared.events import AlertEvent, AlertState
from noctule_shared.times import ms_from_iso

from noctule_hub.core.alerting.inhibition import is_quiet_by_people
from noctule_hub.core.notifying.policies import PolicyFields, Step

NOT_YET: Final = -1


@dataclass(frozen=True, slots=True)
class Escalation:
    """How far one alert has come. `seq` is that of its newest event.

    `rang_ms` None: it was kept quiet from its beginning. `taken_s`: the steps up to this time are taken, `NOT_YET`:
    none. `told_ms` is when the newest was, `occasions` how many times something was; `next_ms` None: nothing is due by
    time alone. `reminds`: the time is over until which people kept it quiet, and nobody was told since.
    """

    alert: AlertEvent
    seq: int
    rang_ms: int | None = None
    taken_s: int = NOT_YET
    told_ms: int | None = None
    occasions: int = 0
    next_ms: int | None = None
    reminds: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What is done now: `steps` for the first time, or with `repeats` some or all of them once more."""

    after: Escalation
    steps: tuple[Step, ...] = ()
    repeats: bool = False


def is_held(alert: AlertEvent) -> bool:
    """Return whether an alert rings nobody now: it has ended, is quiet, or somebody takes care of it."""
    quiet = alert.inhibited_by is not None or alert.silenced_by is not None
    return alert.state is not AlertState.FIRING or quiet or alert.acknowledged_by is not None


def seen_as(escalation: Escalation, alert: AlertEvent, now_ms: int) -> Escalation:
    """Return an escalation with its alert as that is now."""
    reminds = escalation.reminds or _is_over(escalation.alert, alert, now_ms)
    return replace(escalation, alert=alert, reminds=reminds and alert.acknowledged_by is None)


def _is_over(old: AlertEvent, new: AlertEvent, now_ms: int) -> bool:
    """Return whether a silence, a maintenance, a suspension or the time of an acknowledgement has ended."""
    until = old.acknowledged_until if new.acknowledged_by is None else None
    lapsed = until is not None and ms_from_iso(until, field="until") <= now_ms
    return lapsed or (_is_quiet_by_people(old) and not _is_quiet_by_people(new))


def _is_quiet_by_people(alert: AlertEvent) -> bool:
    return alert.silenced_by is not None or is_quiet_by_people(alert.inhibited_by)


def advance(escalation: Escalation, policy: PolicyFields, now_ms: int) -> Taken:
    """Return what is due at `now_ms`, and when something is next.

    A hub that was away over several steps takes them together, and repeats once, however often it would have.
    """
    if is_held(escalation.alert) or escalation.rang_ms is None:
        return Taken(replace(escalation, next_ms=None))
    rung_ms = now_ms - escalation.rang_ms
    due = tuple(step for step in policy.steps if escalation.taken_s < step.after_s and step.after_s * 1000 <= rung_ms)
    # A clock that was set back does not hold the first step back.
    if not due and escalation.taken_s == NOT_YET and policy.steps[0].after_s == 0:
        due = policy.steps[:1]
    told = tuple(step for step in policy.steps if step.after_s <= escalation.taken_s)
    escalation, reminds = replace(escalation, reminds=False), escalation.reminds and bool(told)
    if due or reminds:
        taken_s = due[-1].after_s if due else escalation.taken_s
        taken = replace(escalation, taken_s=taken_s, told_ms=now_ms, occasions=escalation.occasions + 1)
        steps = (*told, *due) if reminds else due
        return Taken(replace(taken, next_ms=_next_ms(taken, policy)), steps, repeats=reminds)
    next_ms = _next_ms(escalation, policy)
    if _is_through(escalation, policy) and next_ms is not None and next_ms <= now_ms:
        taken = replace(escalation, told_ms=now_ms, occasions=escalation.occasions + 1)
        return Taken(replace(taken, next_ms=_next_ms(taken, policy)), policy.steps, repeats=True)
    return Taken(replace(escalation, next_ms=next_ms))


def _is_through(escalation: Escalation, policy: PolicyFields) -> bool:
    return escalation.taken_s >= policy.steps[-1].after_s


def _next_ms(escalation: Escalation, policy: PolicyFields) -> int | None:
    assert escalation.rang_ms is not None  # noqa: S101  asked by `advance`
    for step in policy.steps:
        if step.after_s > escalation.taken_s:
            return escalation.rang_ms + step.after_s * 1000
    if policy.repeat_s is None or escalation.told_ms is None:
        return None
    return escalation.told_ms + policy.repeat_s * 1000
