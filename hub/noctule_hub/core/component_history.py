"""What a component of the status page was over days: from what its devices were, by the same rules as its present.

Nothing of a device itself comes out of here. Which devices those are, and who may see it, is left to others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from noctule_shared.events import ComponentState, DeviceStatus

from noctule_hub.core.availability import StatusChange
from noctule_hub.core.status_page import component_state

LETTERS: Final[Mapping[ComponentState, str]] = {
    ComponentState.OPERATIONAL: "+",
    ComponentState.DEGRADED: "d",
    ComponentState.OUTAGE: "x",
    ComponentState.MAINTENANCE: "m",
    ComponentState.UNKNOWN: "?",
}
# A disturbance is seen however short it was, the worst first; what is none shows by how long it lasted.
_DISTURBED: Final = (ComponentState.OUTAGE, ComponentState.DEGRADED)
_UP: Final = frozenset({ComponentState.OPERATIONAL, ComponentState.DEGRADED})
# What works for less than this between two disturbances was not mended; what lasts for less than a minute is a blip
# that a list of what customers noticed is better without. The bar shows it.
MEND_MS: Final = 5 * 60_000
BLIP_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class ComponentSpan:
    """A component was `state` in `[from_ms, to_ms)`."""

    from_ms: int
    to_ms: int
    state: ComponentState


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a component: what it shows, and for how long it was out or degraded."""

    day: date
    state: ComponentState
    outage_ms: int
    degraded_ms: int


@dataclass(frozen=True, slots=True)
class Disturbance:
    """A component was in trouble from `from_ms` on; `state` is the worst of it. `to_ms` None: it still is."""

    from_ms: int
    to_ms: int | None
    state: ComponentState


@dataclass(frozen=True, slots=True)
class ComponentHistory:
    """A component's days, the oldest first, and its disturbances, the newest first.

    `ratio` is up / (up + out): degraded is up; unknown and maintenance are no part of it. None: there was nothing else.
    """

    days: tuple[Day, ...]
    ratio: float | None
    disturbances: tuple[Disturbance, ...]


def component_spans(changes: Iterable[Sequence[StatusChange]], *, from_ms: int, to_ms: int) -> list[ComponentSpan]:
    """Return what a component was in `[from_ms, to_ms)` without hole or overlap.

    `changes` are those of each of its devices, in the order of observation. A device counts from its first change on:
    one that was added yesterday makes nothing of the day before unknown.
    """
    steps: list[tuple[int, int, DeviceStatus]] = sorted(
        (max(from_ms, change.at_ms), number, change.status)
        for number, of_device in enumerate(changes)
        for change in _effective(of_device, from_ms, to_ms)
    )
    now: dict[int, DeviceStatus] = {}
    statuses: Counter[DeviceStatus] = Counter()
    found: list[ComponentSpan] = []
    at_ms = from_ms
    for step_ms, number, status in steps:
        _extend(found, at_ms, step_ms, component_state(statuses))
        at_ms = step_ms
        if number in now:
            statuses[now[number]] -= 1
        now[number] = status
        statuses[status] += 1
    _extend(found, at_ms, to_ms, component_state(statuses))
    return found


def component_history(spans: Sequence[ComponentSpan], midnights: Sequence[tuple[date, int]]) -> ComponentHistory:
    """Return the days and disturbances of spans that end now. `midnights`: each day with when it begins, in order."""
    lasted: Counter[ComponentState] = Counter()
    days: list[Counter[ComponentState]] = [Counter() for _ in midnights]
    day = 0
    for span in spans:
        lasted[span.state] += span.to_ms - span.from_ms
        while day + 1 < len(midnights) and midnights[day + 1][1] <= span.from_ms:
            day += 1
        last = day
        while last < len(midnights) and midnights[last][1] < span.to_ms:
            ends_ms = midnights[last + 1][1] if last + 1 < len(midnights) else span.to_ms
            days[last][span.state] += max(0, min(span.to_ms, ends_ms) - max(span.from_ms, midnights[last][1]))
            last += 1
    up, out = sum(lasted[state] for state in _UP), lasted[ComponentState.OUTAGE]
    return ComponentHistory(
        days=tuple(
            Day(begun, _shown(states), states[ComponentState.OUTAGE], states[ComponentState.DEGRADED])
            for (begun, _), states in zip(midnights, days, strict=True)
        ),
        ratio=up / (up + out) if up + out else None,
        disturbances=tuple(_disturbances(spans)),
    )


def last_days(today: date, count: int) -> list[date]:
    """Return `count` days up to today, the oldest first."""
    return [today - timedelta(days=back) for back in reversed(range(count))]


def _effective(of_device: Sequence[StatusChange], from_ms: int, to_ms: int) -> list[StatusChange]:
    """Return what of a device's changes counts: those within, and the last one before."""
    within = [change for change in of_device if from_ms <= change.at_ms < to_ms]
    before = [change for change in of_device if change.at_ms < from_ms]
    return before[-1:] + within


def _extend(found: list[ComponentSpan], from_ms: int, to_ms: int, state: ComponentState) -> None:
    if from_ms >= to_ms:
        return
    if found and found[-1].state is state:
        found[-1] = replace(found[-1], to_ms=to_ms)
    else:
        found.append(ComponentSpan(from_ms, to_ms, state))


def _shown(states: Mapping[ComponentState, int]) -> ComponentState:
    for state in _DISTURBED:
        if states.get(state, 0):
            return state
    return max(
        (state for state, lasted_ms in states.items() if lasted_ms),
        key=lambda state: states[state],
        default=ComponentState.UNKNOWN,
    )


def _disturbances(spans: Sequence[ComponentSpan]) -> list[Disturbance]:
    """Return the disturbances of spans that end now, the newest first."""
    found: list[Disturbance] = []
    now_ms = spans[-1].to_ms if spans else 0
    for span in spans:
        if span.state not in _DISTURBED:
            continue
        last = found[-1] if found else None
        if last is not None and span.from_ms - (last.to_ms or 0) < MEND_MS:
            worst = min(last.state, span.state, key=_DISTURBED.index)
            found[-1] = Disturbance(last.from_ms, span.to_ms, worst)
        else:
            found.append(Disturbance(span.from_ms, span.to_ms, span.state))
    listed = [one for one in found if (one.to_ms or 0) - one.from_ms >= BLIP_MS or one.to_ms == now_ms]
    return [replace(one, to_ms=None) if one.to_ms == now_ms else one for one in reversed(listed)]
