"""Which commands are obeyed: each once, in time, a few at once, inside the networks that are allowed."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.commands import (
    MAX_KEPT,
    MAX_REMAINING_S,
    MAX_WAITING,
    Begin,
    CommandBook,
    Refuse,
    Repeat,
    Wait,
    address_allowed,
    network_allowed,
)
from noctule_agent.core.discovery import Network
from noctule_shared.commands import COMMANDS_AT_ONCE, CommandFailure
from noctule_shared.link import Result


def done(command_id: str) -> Result:
    return Result(command_id, ok=True, reason=None, body={"n": 1})


def reason(admission: object) -> CommandFailure:
    assert isinstance(admission, Refuse)
    assert admission.message
    return admission.reason


def test_command_that_comes_again_waits_for_the_same_result_and_then_gets_it() -> None:
    book = CommandBook()
    assert book.admit("a", remaining_s=10, now_s=0, takes_place=True) == Begin(10)
    assert book.admit("a", remaining_s=9, now_s=1, takes_place=True) == Wait()
    book.settle("a", done("a"))
    assert book.admit("a", remaining_s=8, now_s=2, takes_place=True) == Repeat(done("a"))


def test_four_run_at_once_and_a_focus_takes_no_place() -> None:
    book = CommandBook()
    for number in range(COMMANDS_AT_ONCE):
        assert isinstance(book.admit(f"c{number}", remaining_s=10, now_s=0, takes_place=True), Begin)
    assert reason(book.admit("more", remaining_s=10, now_s=0, takes_place=True)) is CommandFailure.BUSY
    assert isinstance(book.admit("focus", remaining_s=10, now_s=0, takes_place=False), Begin)
    book.settle("c0", done("c0"))
    assert isinstance(book.admit("more", remaining_s=10, now_s=0, takes_place=True), Begin)


@pytest.mark.parametrize("late_s", [0.0, -0.001, -1e9])
def test_command_after_its_deadline_is_not_begun(late_s: float) -> None:
    book = CommandBook()
    assert reason(book.admit("a", remaining_s=late_s, now_s=5, takes_place=True)) is CommandFailure.EXPIRED


def test_result_is_kept_until_the_deadline_and_then_makes_room() -> None:
    book = CommandBook()
    for number in range(MAX_KEPT):
        book.admit(f"c{number}", remaining_s=10 + number, now_s=0, takes_place=True)
        book.settle(f"c{number}", done(f"c{number}"))
    assert reason(book.admit("new", remaining_s=10, now_s=9.9, takes_place=True)) is CommandFailure.BUSY
    assert isinstance(book.admit("c0", remaining_s=0.1, now_s=9.9, takes_place=True), Repeat)
    assert isinstance(book.admit("new", remaining_s=10, now_s=10, takes_place=True), Begin)


def test_command_that_runs_over_its_deadline_is_not_forgotten() -> None:
    book = CommandBook()
    book.admit("a", remaining_s=1, now_s=0, takes_place=True)
    assert book.admit("a", remaining_s=1, now_s=99, takes_place=True) == Wait()


def test_deadline_of_a_clock_that_is_wrong_is_cut_to_an_hour() -> None:
    assert CommandBook().admit("a", remaining_s=1e9, now_s=7, takes_place=True) == Begin(7 + MAX_REMAINING_S)


@pytest.mark.parametrize("command_id", ["", "x" * 65])
def test_id_that_is_none_is_refused(command_id: str) -> None:
    found = CommandBook().admit(command_id, remaining_s=9, now_s=0, takes_place=True)
    assert reason(found) is CommandFailure.INVALID


def test_one_result_is_not_asked_for_without_end() -> None:
    book = CommandBook()
    answers = [book.admit("a", remaining_s=9, now_s=0, takes_place=True) for _ in range(MAX_WAITING + 1)]
    assert answers[-2] == Wait()
    assert reason(answers[-1]) is CommandFailure.BUSY


@given(
    st.lists(
        st.tuples(st.integers(0, 100), st.floats(-2, 50), st.booleans(), st.booleans(), st.floats(0, 5)), max_size=300
    )
)
def test_no_command_is_begun_twice_before_its_deadline_nor_more_than_four_at_once(
    steps: list[tuple[int, float, bool, bool, float]],
) -> None:
    book, now_s, ends, running = CommandBook(), 0.0, dict[str, float](), set[str]()
    for number, remaining_s, takes_place, settle, passed_s in steps:
        now_s += passed_s
        command_id = str(number)
        if isinstance(
            found := book.admit(command_id, remaining_s=remaining_s, now_s=now_s, takes_place=takes_place), Begin
        ):
            assert ends.get(command_id, -1.0) <= now_s
            assert command_id not in running
            ends[command_id] = found.ends_s
            if settle:
                book.settle(command_id, done(command_id))
            else:
                running.add(command_id)
        assert book.running <= COMMANDS_AT_ONCE


ALLOWED: list[Network] = [ipaddress.ip_network(text) for text in ("192.0.2.0/24", "10.0.0.8/32", "2001:db8::/64")]


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("192.0.2.255", True),
        ("192.0.3.0", False),
        ("10.0.0.8", True),
        ("10.0.0.9", False),
        ("2001:db8::1", True),
        ("2001:db8:1::1", False),
        ("::ffff:192.0.2.1", False),
        ("router.example.net", False),
        ("", False),
    ],
)
def test_address_is_allowed_inside_the_networks_alone(address: str, *, allowed: bool) -> None:
    assert address_allowed(address, ALLOWED) is allowed
    assert not address_allowed(address, [])


@pytest.mark.parametrize(
    ("network", "allowed"),
    [
        ("192.0.2.0/24", True),
        ("192.0.2.128/25", True),
        ("192.0.2.0/23", False),
        ("0.0.0.0/0", False),
        ("10.0.0.8/32", True),
        ("10.0.0.8/31", False),
        ("2001:db8::/120", True),
        ("::/0", False),
    ],
)
def test_network_is_allowed_when_it_lies_inside_one(network: str, *, allowed: bool) -> None:
    assert network_allowed(ipaddress.ip_network(network), ALLOWED) is allowed
