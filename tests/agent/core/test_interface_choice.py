"""Interfaces are polled by type and by name: globs on ifName, ifDescr and ifAlias."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.interface_choice import InterfaceChoice
from noctule_shared.interface_filter import DEFAULT_FILTER, MAX_PATTERN_CHARS, MAX_PATTERNS, InterfaceFilter

NAMES = ("Gi1/0/7", "GigabitEthernet1/0/7", "CUST: Berlin")


@pytest.mark.parametrize(
    ("if_type", "taken"), [(6, True), (24, False), (33, False), (103, False), (1, True), (53, True), (None, True)]
)
def test_by_default_only_types_without_traffic_are_left_out(if_type: int | None, *, taken: bool) -> None:
    assert InterfaceChoice(DEFAULT_FILTER).takes(if_type, NAMES) is taken


@pytest.mark.parametrize(
    ("chosen", "taken"),
    [
        (InterfaceFilter(skip_types=(6,)), False),
        (InterfaceFilter(skip_types=()), True),
        (InterfaceFilter(skip_names=("gi1/0/*",)), False),
        (InterfaceFilter(skip_names=("Gi1/0",)), True),
        (InterfaceFilter(skip_names=("Gi1/0/[1-6]", "*9")), True),
        (InterfaceFilter(skip_names=("Te*", "*ethernet1/0/?")), False),
        (InterfaceFilter(only_names=("cust:*",)), True),
        (InterfaceFilter(only_names=("Te*", "xe-*")), False),
        (InterfaceFilter(only_names=("Gi*",), skip_names=("*berlin",)), False),
        (InterfaceFilter(only_names=("Gi*",), skip_types=(6,)), False),
    ],
    ids=str,
)
def test_interface_must_be_asked_for_and_not_left_out(chosen: InterfaceFilter, *, taken: bool) -> None:
    assert InterfaceChoice(chosen).takes(6, NAMES) is taken


def test_name_that_a_device_does_not_give_matches_nothing() -> None:
    assert InterfaceChoice(InterfaceFilter(skip_names=("*",))).takes(6, ("", "", ""))


@given(
    st.lists(st.text("*?[]!-ab", min_size=1, max_size=MAX_PATTERN_CHARS), min_size=1, max_size=MAX_PATTERNS),
    st.text("ab[]*", max_size=255),
)
def test_no_glob_is_refused_or_keeps_the_agent_busy(patterns: list[str], name: str) -> None:
    chosen = InterfaceFilter(skip_names=tuple(patterns))
    assert InterfaceChoice(chosen).takes(6, (name,)) in {True, False}


def test_most_stars_on_the_longest_name_are_matched_at_once() -> None:
    # With backtracking this would outlast the universe, and so the test's own deadline.
    stars = ("*a" * (MAX_PATTERN_CHARS // 2 - 1) + "b",) * MAX_PATTERNS
    assert InterfaceChoice(InterfaceFilter(skip_names=stars)).takes(6, ("a" * 255,))
