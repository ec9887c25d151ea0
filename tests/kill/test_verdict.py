"""What the kill test's verdict takes for lost, and what for no news."""

from pathlib import Path

from noctule_hub.core.records import EventRow
from noctule_shared.events import EventName

from tests.kill.export import Export, Told
from tests.kill.ledger import Kept, Key, Measured, Run
from tests.kill.verdict import Verdict, judge_holes

AGENT = 4
NOW_MS = 1_795_741_412_000


def life(*changes: tuple[int, str]) -> Run:
    """One life of a source that kept all these changes of a device, each a time and a level."""
    run = Run(AGENT, Path("source.ledger"))
    for seq, (ms, level) in enumerate(changes, 1):
        key = Key("axis", 20, 0, NOW_MS + ms)
        run.measured[key] = Measured(key, key.ts_ms, level)
        run.kept.append(Kept("epoch", seq, key.ts_ms, 1, [key], []))
    return run


def accusations(runs: list[Run], *told_ms: int) -> list[str]:
    """Return what is wrong when the hub told of those changes alone."""
    export, verdict = Export(agent_of={20: AGENT}), Verdict()
    for seq, ms in enumerate(told_ms, 1):
        at_ms = NOW_MS + ms
        row = EventRow(seq, EventName.DEVICE_STATUS, {}, ("devices",), at_ms, at_ms, 20, None, late=False)
        export.told.append(Told(Key("axis", 20, 0, at_ms), row))
    judge_holes(verdict, export, runs, forgetful=0)
    return verdict.wrong


def test_an_agent_that_starts_again_and_finds_what_the_hub_holds_tells_no_news() -> None:
    assert accusations([life((0, "up"), (10, "down"), (20, "up")), life((90, "up"), (95, "down"))], 0, 10, 20, 95) == []


def test_a_first_level_that_is_another_one_is_lost_when_nothing_tells_of_it() -> None:
    lost = accusations([life((0, "up"), (10, "down"), (20, "up")), life((90, "down"), (95, "up"))], 0, 10, 20, 95)
    assert f"axis.20.0.{NOW_MS + 90}" in lost[0]
    assert f"axis.20.0.{NOW_MS}" in accusations([life((0, "up"))])[0]


def test_a_change_in_a_life_is_lost_when_nothing_tells_of_it_whatever_the_hub_holds() -> None:
    lost = accusations([life((0, "up"), (10, "down"), (20, "up")), life((90, "up"), (95, "down"))], 0, 20, 95)
    assert f"axis.20.0.{NOW_MS + 10}" in lost[0]
