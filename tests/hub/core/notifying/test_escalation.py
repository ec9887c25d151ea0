"""When steps are taken: from the alert's first ring, once, whatever the hub was doing meanwhile."""

from dataclasses import replace
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.notifying.escalation import NOT_YET, Escalation, advance, seen_as
from noctule_hub.core.notifying.policies import PolicyFields
from noctule_shared.events import AlertEvent
from noctule_shared.silences import SilenceRef
from noctule_shared.times import iso_from_ms

from tests.hub.core.notifying.samples import ACKNOWLEDGED, ALERT, fields

STEPS = fields((0, (1,)), (900, (2,)), (3600, (3,)))
REPEATED = replace(STEPS, repeat_s=1800)
RUNG = Escalation(ALERT, 1, rang_ms=0)


@pytest.mark.parametrize(
    ("policy", "taken_s", "told_s", "now_s", "steps", "next_s"),
    [
        (STEPS, NOT_YET, None, 0, (0,), 900),
        (STEPS, 0, 0, 899, (), 900),
        (STEPS, 0, 0, 900, (900,), 3600),
        (STEPS, 0, 0, 5000, (900, 3600), None),
        (STEPS, 3600, 3600, 90_000, (), None),
        (REPEATED, 900, 900, 3600, (3600,), 5400),
        (REPEATED, 3600, 3600, 5399, (), 5400),
        (REPEATED, 3600, 3600, 5400, (0, 900, 3600), 7200),
        # A hub that was away over ten repeats sends one, and the next one comes after a whole interval.
        (REPEATED, 3600, 3600, 21_600, (0, 900, 3600), 23_400),
        # A step that was put in afterwards is taken at once, one that was taken is not taken again.
        (fields((0, (1,)), (300, (2,)), (900, (3,))), 900, 900, 1000, (), None),
        (fields((0, (1,)), (1200, (2,))), 900, 900, 1500, (1200,), None),
        # A clock that was set back holds nothing back.
        (STEPS, NOT_YET, None, -500, (0,), 900),
    ],
)
def test_steps_count_from_the_first_ring(
    policy: PolicyFields, taken_s: int, told_s: int | None, now_s: int, *, steps: tuple[int, ...], next_s: int | None
) -> None:
    before = replace(RUNG, taken_s=taken_s, told_ms=None if told_s is None else told_s * 1000)
    taken = advance(before, policy, now_s * 1000)
    assert tuple(step.after_s for step in taken.steps) == steps
    assert taken.after.next_ms == (None if next_s is None else next_s * 1000)
    assert taken.after.occasions == (1 if steps else 0)


def test_what_is_held_or_never_rang_has_no_step() -> None:
    for held in (replace(RUNG, alert=ACKNOWLEDGED), replace(RUNG, rang_ms=None)):
        taken = advance(replace(held, next_ms=5), REPEATED, 10**9)
        assert (taken.steps, taken.after.next_ms) == ((), None)


@st.composite
def policies(draw: st.DrawFn) -> PolicyFields:
    times = draw(st.lists(st.integers(0, 5_000), min_size=1, max_size=6, unique=True))
    repeat_s = draw(st.none() | st.integers(300, 5_000))
    return fields(*((after_s, (number,)) for number, after_s in enumerate(sorted(times))), repeat_s=repeat_s)


looks = st.lists(st.tuples(st.integers(0, 4_000), st.booleans()), max_size=40)


@given(policies(), looks)
def test_every_step_is_taken_once_in_order_however_seldom_the_hub_looks(
    policy: PolicyFields, looks: list[tuple[int, bool]]
) -> None:
    now_ms, escalation, taken, told = 0, RUNG, list[int](), list[int]()
    for later_s, held in looks:
        now_ms += later_s * 1000
        escalation = replace(escalation, alert=ACKNOWLEDGED if held else ALERT)
        result = advance(escalation, policy, now_ms)
        assert not (held and result.steps)
        # To be decided again at the same moment, as after a restart, does nothing more.
        assert advance(result.after, policy, now_ms).steps == ()
        if result.steps:
            told.append(now_ms)
        if not result.repeats:
            taken += [step.after_s for step in result.steps]
        assert result.after.next_ms is None or result.after.next_ms > now_ms
        escalation = result.after
    assert taken == [step.after_s for step in policy.steps][: len(taken)]
    if looks and not looks[-1][1]:
        assert set(taken) == {step.after_s for step in policy.steps if step.after_s * 1000 <= now_ms}
    if policy.repeat_s is not None:
        repeats = [at_ms for at_ms in told if at_ms >= policy.steps[-1].after_s * 1000]
        assert all(later - earlier >= policy.repeat_s * 1000 for earlier, later in pairwise(repeats))


@given(policies(), st.integers(0, 50_000))
def test_the_next_time_is_when_the_next_step_is_due(policy: PolicyFields, now_s: int) -> None:
    after = advance(RUNG, policy, now_s * 1000).after
    if after.next_ms is not None:
        assert advance(after, policy, after.next_ms - 1).steps == ()
        assert advance(after, policy, after.next_ms).steps


SILENCED = msgspec.structs.replace(ALERT, silenced_by=SilenceRef(1, "new card"))
WORKED_ON = msgspec.structs.replace(ALERT, inhibited_by="it is under maintenance: new power")
BEHIND = msgspec.structs.replace(ALERT, inhibited_by="behind core1 (offline)")
FOR_A_WHILE = msgspec.structs.replace(ACKNOWLEDGED, acknowledged_until=iso_from_ms(5_000))


@pytest.mark.parametrize(
    ("seen", "reminds"),
    [
        ([SILENCED, ALERT], True),
        ([WORKED_ON, ALERT], True),
        # The network held it back, or somebody gave it back by hand: nobody waits to hear of it again.
        ([BEHIND, ALERT], False),
        ([ACKNOWLEDGED, ALERT], False),
        ([FOR_A_WHILE, ALERT], True),
        # What was over while something else held it is told when nothing does any more.
        ([SILENCED, BEHIND, ALERT], True),
        ([SILENCED, WORKED_ON, BEHIND, ALERT, ALERT], True),
        # Unless somebody took care of it meanwhile.
        ([SILENCED, ACKNOWLEDGED, ALERT], False),
        ([SILENCED, SILENCED], False),
    ],
)
def test_who_was_told_is_reminded_once_when_the_time_is_over_that_people_kept_it_quiet(
    seen: list[AlertEvent], *, reminds: bool
) -> None:
    told = replace(RUNG, taken_s=0, told_ms=0)
    for alert in seen:
        told = seen_as(told, alert, 6_000)
    taken = advance(told, STEPS, 6_000)
    assert ([step.after_s for step in taken.steps], taken.repeats) == (([0], True) if reminds else ([], False))
    assert advance(taken.after, STEPS, 7_000).steps == ()
    # With what fell due meanwhile.
    later = advance(told, STEPS, 1_000_000)
    held = seen[-1] is SILENCED
    assert [step.after_s for step in later.steps] == ([] if held else [0, 900] if reminds else [900])


def test_an_acknowledgement_that_is_taken_back_before_its_time_reminds_nobody() -> None:
    told = seen_as(replace(RUNG, alert=FOR_A_WHILE, taken_s=0, told_ms=0), ALERT, 4_999)
    assert advance(told, STEPS, 4_999).steps == ()
