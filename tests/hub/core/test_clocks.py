"""An agent's clock that is off is found, a message that was long under way is not taken for one."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from noctule_hub.core.alerting.rules import SEEDED
from noctule_hub.core.clocks import observe_clock
from noctule_hub.core.presence import observe_link, observe_revocation, observe_time
from noctule_hub.core.world import Draft, World
from noctule_shared.events import EventName

NOW_MS = 1_795_000_000_000
Drafted = Callable[[int], Draft]


@pytest.fixture(autouse=True)
def _enabled(configure: Callable[..., None], drafted: Drafted) -> None:
    configure(rules=[replace(row, enabled=True) for row in SEEDED])
    observe_link(drafted(0), 1, connected=True, reason="agent 0.1.0", beats=False)


def beat(drafted: Drafted, after_ms: int, skew_ms: int) -> list[tuple[str, str]]:
    """Return what a reading tells of alerts, with the second that passes after it."""
    draft = drafted(after_ms)
    observe_clock(draft, 1, skew_ms, NOW_MS + after_ms)
    observe_time(draft)
    return [
        (row.data["state"], row.data["reason"])
        for row in draft.events
        if row.name in {EventName.ALERT_NEW, EventName.ALERT_UPDATE}
    ]


def beats(drafted: Drafted, *skews_ms: int, from_ms: int = 0) -> list[tuple[str, str]]:
    """Return what readings 10 s apart tell."""
    found = []
    for turn, skew_ms in enumerate(skews_ms):
        found += beat(drafted, from_ms + 10_000 * turn, skew_ms)
    return found


@pytest.mark.parametrize(("skew_ms", "words"), [(12_300, "12.3 s ahead of"), (-7_000, "7.0 s behind")])
def test_a_clock_that_is_off_for_a_minute_alerts_with_how_much(drafted: Drafted, skew_ms: int, words: str) -> None:
    assert beats(drafted, *[skew_ms] * 6) == []
    assert beat(drafted, 60_000, skew_ms) == [("firing", f"its clock is {words} the hub's")]


def test_where_the_hubs_clock_was_set_back_the_alert_says_so(drafted: Drafted) -> None:
    told = []
    for after_ms in range(0, 70_000, 10_000):
        draft = drafted(after_ms)
        draft.behind_ms = 3_600_000
        observe_clock(draft, 1, 3_600_040, NOW_MS + after_ms)
        told += [row.data["reason"] for row in draft.events if row.name is EventName.ALERT_NEW]
    assert told == ["its clock is 3600.0 s ahead of the hub's, which was set back by 3600.0 s"]


def test_it_ends_only_below_the_lower_figure(drafted: Drafted, world: World) -> None:
    beats(drafted, *[6_000] * 8)
    alert = world.alerts.get("clock-skew:agent:1")
    assert alert is not None
    assert (alert.title, alert.evidence is not None) == ("Agent north-agent has its clock wrong", True)
    assert beats(drafted, *[3_000] * 20, from_ms=200_000) == []
    ended = beats(drafted, *[1_500] * 12, from_ms=500_000)
    assert ended == [("resolved", "its clock is 1.5 s ahead of the hub's")]


def test_what_was_long_under_way_is_no_clock_that_is_behind(drafted: Drafted) -> None:
    # A connection that stalls for half a minute, again and again.
    assert beats(drafted, *[-20, -30_000, -20_000, -10_000, -30, -15] * 10) == []


def test_a_clock_that_was_set_back_is_found_within_a_minute_and_a_half(drafted: Drafted, world: World) -> None:
    beats(drafted, *[0] * 10, *[-60_000] * 9)
    assert world.alerts.get("clock-skew:agent:1") is not None


def test_a_revoked_agents_clock_matters_to_nobody(drafted: Drafted, world: World) -> None:
    beats(drafted, *[60_000] * 8)
    observe_revocation(drafted(90_000), 1)
    assert world.alerts.get("clock-skew:agent:1") is None


def test_the_readings_are_bounded(drafted: Drafted, world: World) -> None:
    for turn in range(100):
        beat(drafted, turn, turn)
    link = world.links.get(1)
    assert link is not None
    assert (len(link.skews), link.skew_ms) == (12, 99)
