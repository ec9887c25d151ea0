"""How unsteady a device or an interface is, as a score that its changes raise and that time lowers again.

Pure. Interfaces go by Zino's penalty, devices by Icinga's share of changes among the last results. Which changes
count, and what follows, is left to `flap_watch`.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from noctule_shared.events import AlertState

from noctule_hub.core.alerting.conditions import (
    About,
    ConditionKind,
    DeviceFlapping,
    DeviceOffline,
    InterfaceDown,
    InterfaceFlapping,
)
from noctule_hub.core.alerting.evidence import Evidence
from noctule_hub.core.alerting.rules import Rules
from noctule_hub.core.records import Alert

# Zino: the first change makes 2, each further one doubles, so that the 6th quick one passes 35.
PENALTY_FACTOR: Final = 2.0
PENALTY_CAP: Final = 256.0
PENALTY_START: Final = 35.0
# The logarithm of a penalty halves in this time.
HALF_LIFE_MS: Final = 300_000
# Zino holds a port for flapping until 1.5, after 17 to 19 quiet minutes. That is too long for one that ends down: from
# 8 it is 5 (after 6 quick changes, 2^6 to 2^3) to 7 minutes (from the cap), and then three more changes, not one, make
# it flap again. One that changes every 94 s begins to flap, and ends when it takes more than 124 s.
PENALTY_END: Final = 8.0
PENALTY_REST: Final = 1.5

# Icinga: of the last 20 results, the newest weighing most; in percent.
RESULTS: Final = 20
WEIGHTS: Final = tuple(1.2 - 0.4 * age / (RESULTS - 1) for age in range(RESULTS))
SHARE_START: Final = 30.0
SHARE_END: Final = 25.0
# A change is a result, and so is each span of this length without one (of one round where rounds are rarer). Icinga
# looks once a minute; 20 rounds of 10 s would cover 3 minutes, in which a device that falls every third looks steady.
CHECK_MS: Final = 30_000
# Not one change.
SHARE_REST: Final = 1.0
_WINDOW: Final = (1 << RESULTS) - 1

# With this begins why something does not ring.
FLAPPING: Final = "is flapping"
# What does not ring while an object flaps.
_FLAPPING_OF: Final[Mapping[ConditionKind, ConditionKind]] = {
    DeviceOffline: DeviceFlapping,
    InterfaceDown: InterfaceFlapping,
}

FlapKey = tuple[About, int]


@dataclass(frozen=True, slots=True)
class Flaps:
    """A device or an interface that changed of late.

    `score` is as of its last change at `at_ms`. `results` are a device's last 20 as bits, the newest lowest, 1: it
    changed. `changes` have been counted since `began_ms`. It flaps since `since_ms`, None: it does not. At `due_ms`
    it stops flapping or is at rest, if it does not change before.
    """

    about: About
    object_id: int
    score: float
    results: int
    at_ms: int
    changes: int
    began_ms: int
    since_ms: int | None
    due_ms: int

    @property
    def key(self) -> FlapKey:
        """What tells it from all others."""
        return self.about, self.object_id


def changed(flaps: Flaps | None, key: FlapKey, at_ms: int, *, check_ms: int = CHECK_MS) -> Flaps:
    """Return an object that changed at `at_ms`; `flaps` None: it was at rest. `check_ms` is a device's.

    A change that is told after a younger one counts at the time of that one.
    """
    about, object_id = key
    since_ms, changes, began_ms = None, 1, at_ms
    score, results = PENALTY_FACTOR, 1
    if flaps is not None:
        at_ms = max(at_ms, flaps.at_ms)
        since_ms, changes, began_ms = flaps.since_ms, flaps.changes + 1, flaps.began_ms
        # The check that is due right now is the one that found the change.
        results = (_results_at(flaps, at_ms - 1, check_ms) << 1 | 1) & _WINDOW
        score = min(max(1.0, score_at(flaps, at_ms)) * PENALTY_FACTOR, PENALTY_CAP)
    if about is About.DEVICE:
        score = share(results)
    else:
        results = 0
    if since_ms is None and score > limits(about)[0]:
        since_ms = at_ms
    lasting_ms = _lasting_ms(about, score, results, flaps=since_ms is not None, check_ms=check_ms)
    return Flaps(about, object_id, score, results, at_ms, changes, began_ms, since_ms, at_ms + lasting_ms)


def taken_back(flaps: Flaps, *, check_ms: int = CHECK_MS) -> Flaps:
    """Return a device without its last change, which was no one of its own."""
    results = flaps.results & ~1
    since_ms = None if flaps.since_ms == flaps.at_ms else flaps.since_ms
    found = replace(flaps, results=results, score=share(results), changes=max(0, flaps.changes - 1), since_ms=since_ms)
    return _dated(found, check_ms)


def steadied(flaps: Flaps, at_ms: int, *, check_ms: int = CHECK_MS) -> Flaps | None:
    """Return an object that did not change until `at_ms`, maybe not flapping any more; None: it is at rest."""
    score = score_at(flaps, at_ms, check_ms=check_ms)
    if score < (SHARE_REST if flaps.about is About.DEVICE else PENALTY_REST):
        return None
    ended = flaps.since_ms is not None and score < limits(flaps.about)[1]
    return _dated(replace(flaps, since_ms=None) if ended else flaps, check_ms)


def score_at(flaps: Flaps, at_ms: int, *, check_ms: int = CHECK_MS) -> float:
    """Return the score at a time at or after its last change."""
    if flaps.about is About.DEVICE:
        return share(_results_at(flaps, at_ms, check_ms))
    elapsed = max(0, at_ms - flaps.at_ms) / HALF_LIFE_MS
    return float(flaps.score ** (0.5**elapsed))


def share(results: int) -> float:
    """Return the weighted share of changes among the last 20 results, 0..100."""
    return 100 * sum(WEIGHTS[age] for age in range(RESULTS) if results >> age & 1) / RESULTS


def limits(about: About) -> tuple[float, float]:
    """Return above which score such an object flaps, and below which it does not any more."""
    return (SHARE_START, SHARE_END) if about is About.DEVICE else (PENALTY_START, PENALTY_END)


def evidence(about: About, score: float) -> Evidence:
    """Return what an alert about flapping keeps."""
    start, end = limits(about)
    return Evidence(quantity="flapScore", threshold=start, clear=end, score=round(score, 1))


def held_back(alert: Alert, rules: Rules, open_alert: Callable[[str], Alert | None]) -> str | None:
    """Return why an alert does not ring when its object flaps and an alert about that stands instead, else None."""
    rule = rules.by_name.get(alert.rule)
    kind = None if rule is None else _FLAPPING_OF.get(type(rule.condition))
    if kind is None:
        return None
    subject = alert.key.removeprefix(f"{alert.rule}:")
    for by in rules.of(kind):
        flapping = open_alert(f"{by.name}:{subject}")
        if flapping is not None and flapping.state is AlertState.FIRING:
            score = None if flapping.evidence is None else flapping.evidence.score
            return FLAPPING if score is None else f"{FLAPPING} (score {score:.0f})"
    return None


def _results_at(flaps: Flaps, at_ms: int, check_ms: int) -> int:
    quiet = max(0, at_ms - flaps.at_ms) // check_ms
    return 0 if quiet >= RESULTS else flaps.results << quiet & _WINDOW


def _dated(flaps: Flaps, check_ms: int) -> Flaps:
    """Return it with the time at which it ends to flap, or is at rest."""
    flapping = flaps.since_ms is not None
    lasting_ms = _lasting_ms(flaps.about, flaps.score, flaps.results, flaps=flapping, check_ms=check_ms)
    return replace(flaps, due_ms=flaps.at_ms + lasting_ms)


def _lasting_ms(about: About, score: float, results: int, *, flaps: bool, check_ms: int) -> int:
    """Return for how long after its last change an object goes on to flap, or (when it does not) is not at rest."""
    if about is About.DEVICE:
        lowest = SHARE_END if flaps else SHARE_REST
        return next((n for n in range(RESULTS) if share(results << n & _WINDOW) < lowest), RESULTS) * check_ms
    lowest = PENALTY_END if flaps else PENALTY_REST
    if score < lowest:
        return 0
    # A millisecond more: at its due time the score is below, whatever was rounded.
    return math.ceil(math.log2(math.log(score) / math.log(lowest)) * HALF_LIFE_MS) + 1
