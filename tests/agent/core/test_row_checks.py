"""When rows are read, over a made-up clock."""

from noctule_agent.core.row_checks import AGAIN_AFTER_S, MAX_ROWS, RowChecks


def test_named_row_is_read_at_once_and_again_after_two_minutes_and_no_more() -> None:
    checks = RowChecks()
    checks.hint(3, 100.0)
    assert checks.take_due(100.0) == [3]
    assert checks.next_due_s() == 100.0 + AGAIN_AFTER_S
    assert checks.take_due(219.9) == []
    assert checks.take_due(220.0) == [3]
    assert (checks.next_due_s(), checks.take_due(9_999.0)) == (None, [])


def test_rows_that_are_named_together_are_read_together() -> None:
    checks = RowChecks()
    for row in (3, 1, 2):
        checks.hint(row, 5.0)
    assert checks.take_due(5.0) == [3, 1, 2]


def test_flapping_row_is_read_once_a_second_and_its_last_word_is_checked() -> None:
    checks = RowChecks()
    reads = []
    for tenth in range(31):
        now_s = tenth / 10
        checks.hint(3, now_s)
        reads += [now_s for _ in checks.take_due(now_s)]
    assert reads == [0.0, 1.0, 2.0, 3.0]
    assert checks.next_due_s() == 3.0 + AGAIN_AFTER_S


def test_row_that_is_named_while_it_is_read_is_read_again() -> None:
    checks = RowChecks()
    checks.hint(3, 0.0)
    assert checks.take_due(0.0) == [3]
    checks.hint(3, 0.1)
    assert checks.next_due_s() == 1.0


def test_rows_of_a_device_are_bounded_and_what_is_beyond_is_counted() -> None:
    checks = RowChecks()
    for row in range(MAX_ROWS + 7):
        checks.hint(row, 0.0)
    assert len(checks.take_due(0.0)) == MAX_ROWS
    assert checks.dropped == 7
