"""What the kernel says of its clock."""

import ctypes

import pytest
from noctule_agent import clock
from noctule_agent.clock import clock_state


def test_the_kernel_is_asked_and_its_answer_is_consistent() -> None:
    found = clock_state()
    assert 0 < found.resolution_s < 1
    assert (found.max_error_s is None) == (found.synchronised is not True)


@pytest.mark.parametrize(
    ("returned", "status", "expected"), [(0, 0, True), (0, 0x40, False), (5, 0, False), (-1, 0, None)]
)
def test_states_of_adjtimex_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
    returned: int,
    status: int,
    expected: bool | None,  # noqa: FBT001  a table's column
) -> None:
    class Library:
        def adjtimex(self, reference: object) -> int:
            timex = getattr(reference, "_obj")  # noqa: B009  what byref points to has no public name
            timex.status, timex.maxerror = status, 2500
            return returned

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Library())
    found = clock_state()
    assert found.synchronised is expected
    assert found.max_error_s == (0.0025 if expected else None)


def test_without_adjtimex_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert clock.clock_state().synchronised is None
