"""To what rules apply: selectors as a table, and what more members of one can do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.alerting.conditions import KINDS, InterfaceDown, check_condition, tag_of
from noctule_hub.core.alerting.rules import SEEDED, index_rules
from noctule_hub.core.alerting.selectors import EVERYTHING, Selector, Target

PORT = Target("Core-1", 7, 3, ("core", "east"), ("ge-0/0/1", "uplink to Berne"), 6, role="core")
AGENT = Target("north-agent", site_id=3)


@pytest.mark.parametrize(
    ("selector", "target", "matches"),
    [
        (EVERYTHING, PORT, True),
        (EVERYTHING, AGENT, True),
        (Selector(site_ids=(3,)), PORT, True),
        (Selector(site_ids=(3,)), AGENT, True),
        (Selector(site_ids=(4,)), PORT, False),
        (Selector(device_ids=(6, 7)), PORT, True),
        (Selector(device_ids=(6,)), PORT, False),
        (Selector(device_ids=(7,)), AGENT, False),
        (Selector(roles=("edge", "core")), PORT, True),
        (Selector(roles=("east",)), PORT, False),
        (Selector(roles=("core",)), AGENT, False),
        (Selector(tags=("west", "east")), PORT, True),
        (Selector(tags=("Core",)), PORT, False),
        (Selector(names=("core-*",)), PORT, True),
        (Selector(names=("edge-*", "CORE-?")), PORT, True),
        (Selector(names=("core",)), PORT, False),
        (Selector(names=("*agent",)), AGENT, True),
        (Selector(if_types=(6, 161)), PORT, True),
        (Selector(if_types=(161,)), PORT, False),
        (Selector(if_types=(6,)), AGENT, False),
        (Selector(interface_names=("ge-*",)), PORT, True),
        (Selector(interface_names=("UPLINK*",)), PORT, True),
        (Selector(interface_names=("*",)), AGENT, False),
        (Selector(site_ids=(3,), tags=("core",), names=("core*",)), PORT, True),
        (Selector(site_ids=(3,), tags=("west",), names=("core*",)), PORT, False),
    ],
)
def test_a_selector_wants_one_of_each_member_that_is_given(
    selector: Selector, target: Target, *, matches: bool
) -> None:
    assert selector.matches(target) is matches


ids = st.lists(st.integers(1, 3), max_size=2).map(tuple)
words = st.lists(st.sampled_from(["core", "east", "core*", "*"]), max_size=2).map(tuple)
selectors = st.builds(Selector, site_ids=ids, device_ids=ids, roles=words, tags=words, names=words)
targets = st.builds(
    Target,
    name=st.sampled_from(["core", "core1", "edge"]),
    device_id=st.integers(1, 3),
    site_id=st.integers(1, 3),
    tags=words,
    role=st.sampled_from(["", "core", "east"]),
)


@given(selector=selectors, target=targets, member=st.sampled_from(["site_ids", "device_ids", "tags", "names"]))
def test_leaving_a_member_out_never_takes_away_what_was_selected(
    selector: Selector, target: Target, member: str
) -> None:
    wider = Selector(
        **{name: getattr(selector, name) for name in ("site_ids", "device_ids", "tags", "names") if name != member}
    )
    assert wider.matches(target) or not selector.matches(target)


@given(target=targets)
def test_an_empty_selector_applies_to_all(target: Target) -> None:
    assert EVERYTHING.is_empty()
    assert EVERYTHING.matches(target)


def test_a_disabled_rule_applies_to_nothing() -> None:
    assert SEEDED[3].applies_to(PORT)
    assert not replace(SEEDED[3], enabled=False).applies_to(PORT)


def test_rules_are_found_by_name_and_by_condition() -> None:
    critical = replace(SEEDED[3], id=9, name="core-port")
    rules = index_rules([critical, *SEEDED])
    assert rules.by_name["core-port"] is critical
    assert [rule.id for rule in rules.of(InterfaceDown)] == [4, 9]
    assert index_rules([]).of(InterfaceDown) == ()


def test_a_new_hub_has_a_rule_of_every_kind_under_its_own_name() -> None:
    assert {(rule.name, type(rule.condition)) for rule in SEEDED} == {(tag_of(kind), kind) for kind in KINDS}


def test_a_seeded_rule_can_be_met_and_be_over() -> None:
    for rule in SEEDED:
        assert check_condition(rule.condition) == rule.condition
