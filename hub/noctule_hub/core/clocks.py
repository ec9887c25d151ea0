"""Agents' clocks against the hub's: measured by what they say and when it came, and found wrong by rules about it.

A message under way makes a clock look late, never early. So of the last minute and a half the most advanced reading
counts: a stalled connection alarms nobody, and a clock that was set back is found within that time.
"""

from dataclasses import replace
from typing import Final

from noctule_hub.core.alerting.conditions import ClockSkew
from noctule_hub.core.alerting.evidence import Evidence, Sample
from noctule_hub.core.alerting.findings import find_by
from noctule_hub.core.alerting.machine import Finding
from noctule_hub.core.alerting.subjects import agent_subject
from noctule_hub.core.world import Draft

WINDOW_MS: Final = 90_000
MAX_READINGS: Final = 12
# What NTP corrects of itself in small steps is not worth a word.
SET_BACK_MS: Final = 5_000
WRONG: Final = "has its clock wrong"


def observe_clock(draft: Draft, agent_id: int, skew_ms: int, at_ms: int) -> None:
    """Take that an agent's clock minus the hub's was `skew_ms` when something of it came, at `at_ms`."""
    world = draft.world
    agent, link = world.agents.get(agent_id), world.links.get(agent_id)
    if agent is None or link is None:
        return
    kept = [reading for reading in link.skews if at_ms - WINDOW_MS < reading[0] <= at_ms]
    skews = (*kept, (at_ms, skew_ms))[-MAX_READINGS:]
    least_delayed_ms = max(skew for _, skew in skews)
    world.links.set(agent_id, replace(link, skews=skews, skew_ms=least_delayed_ms))
    skew_s = least_delayed_ms / 1000
    reason = f"its clock is {abs(skew_s):.1f} s {'ahead of' if skew_s > 0 else 'behind'} the hub's"
    if skew_s > 0 and draft.behind_ms >= SET_BACK_MS:
        reason = f"its clock is {skew_s:.1f} s ahead of the hub's, which was set back by {draft.behind_ms / 1000:.1f} s"
    for rule in world.rules.of(ClockSkew):
        if isinstance(rule.condition, ClockSkew):
            condition = rule.condition
            evidence = Evidence(
                quantity="skewS",
                threshold=condition.skew_s,
                clear=condition.clear_s,
                samples=tuple(Sample(seen_ms, skew / 1000) for seen_ms, skew in skews),
            )
            holds = _holds(condition, abs(skew_s))
            find_by(draft, rule, Finding(ClockSkew, agent_subject(agent, WRONG), holds, reason, draft.now_ms, evidence))


def _holds(condition: ClockSkew, off_s: float) -> bool | None:
    if off_s >= condition.skew_s:
        return True
    return False if off_s < condition.clear_s else None
