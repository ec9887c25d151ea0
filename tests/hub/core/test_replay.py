import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_hub.core.log_classes import LogClass
from noctule_hub.core.principal import Principal, Role
from noctule_hub.core.records import EventRow
from noctule_hub.core.replay import (
    MAX_REPLAYED_LOGS,
    PAGE_ROWS,
    Recoverable,
    Recovery,
    Span,
    Unrecoverable,
    UnrecoverableReason,
    cursor_after_page,
    decide_log_recovery,
    decide_recovery,
    is_caught_up,
    next_span,
    reaching,
    snapshot_url,
    with_logs,
    within,
)
from noctule_shared.events import EventName, LogPosition

EPOCH = "0123456789abcdef"
VIEWER = Principal("user:3", Role.VIEWER, "vera", user_id=3)


def row(seq: int, *rooms: str) -> EventRow:
    return EventRow(seq, EventName.DEVICE_STATUS, {}, rooms, 0, 0, None, None, late=False)


@pytest.mark.parametrize(
    ("since", "outcome"),
    [
        (None, Unrecoverable(UnrecoverableReason.NO_POSITION)),
        (LogPosition("f" * 16, 50), Unrecoverable(UnrecoverableReason.OTHER_EPOCH)),
        (LogPosition(EPOCH, 9), Unrecoverable(UnrecoverableReason.TOO_OLD)),
        (LogPosition(EPOCH, 10), Recoverable(10)),
        (LogPosition(EPOCH, 100), Recoverable(100)),
        (LogPosition(EPOCH, 101), Unrecoverable(UnrecoverableReason.AHEAD)),
    ],
)
def test_position_is_recoverable_when_every_row_above_it_is_kept(
    since: LogPosition | None, outcome: Recoverable | Unrecoverable
) -> None:
    assert decide_recovery(since, epoch=EPOCH, floor=10, head=100) == outcome


@pytest.mark.parametrize(
    ("covered_from", "rooms", "due"),
    [
        ({"devices": 6}, ("devices",), True),
        ({"devices": 7}, ("devices",), False),
        ({"devices": 9, "site:4": 3}, ("devices", "site:4"), True),
        ({"device:1": 0}, ("devices", "site:4"), False),
        ({"payments": 0}, ("payments",), False),
        ({}, ("devices",), False),
        ({"devices": 0}, (), False),
    ],
)
def test_row_7_is_due_by_a_room_that_covers_it_and_may_be_joined(
    covered_from: dict[str, int], rooms: tuple[str, ...], *, due: bool
) -> None:
    assert bool(reaching(VIEWER, covered_from, row(7, *rooms))) is due


def test_full_page_moves_the_cursor_to_its_last_row_and_no_further() -> None:
    page = [row(seq) for seq in range(11, 11 + PAGE_ROWS)]
    assert cursor_after_page(page, cursor=10, position=10_000) == 10 + PAGE_ROWS


def test_short_page_held_everything_up_to_the_position_before_it() -> None:
    assert cursor_after_page([row(12)], cursor=10, position=20) == 20
    assert cursor_after_page([], cursor=10, position=20) == 20


def test_rows_committed_after_the_position_move_the_cursor_ahead_of_it() -> None:
    assert cursor_after_page([row(25)], cursor=10, position=20) == 25
    assert is_caught_up(cursor=25, position=20)
    assert not is_caught_up(cursor=19, position=20)


# No deadline: a busy machine takes longer over a large log, and that proves nothing.
@given(st.sets(st.integers(1, 3_000)), st.integers(0, 3_000), st.integers(0, 3_000))
def test_paging_visits_every_row_once_in_order_and_ends(seqs: set[int], since: int, position: int) -> None:
    """Whatever holes the log has, and wherever the broadcaster stands."""
    kept = sorted(seqs)
    cursor, visited, pages = since, [], 0
    while not is_caught_up(cursor=cursor, position=position):
        page = [row(seq) for seq in kept if seq > cursor][:PAGE_ROWS]
        visited += [event.seq for event in page]
        cursor = cursor_after_page(page, cursor=cursor, position=position)
        pages += 1
        assert pages <= len(kept) // PAGE_ROWS + 1
    assert visited == sorted(set(visited))
    assert {seq for seq in kept if since < seq <= position} <= set(visited)
    assert visited == [seq for seq in kept if since < seq <= cursor]


@pytest.mark.parametrize(
    ("room", "url"),
    [
        ("devices", "/api/v1/devices"),
        ("device:7", "/api/v1/devices/7"),
        ("alerts", "/api/v1/alerts?state=active"),
        ("agents", "/api/v1/agents"),
        ("payments", "/api/v1/payments"),
        ("customer:4", "/api/v1/customers/4"),
        ("logs", "/api/v1/logs"),
        ("nowhere", None),
    ],
)
def test_room_names_where_its_present_state_is_read(room: str, url: str | None) -> None:
    assert snapshot_url(VIEWER, room) == url


def test_a_customer_reads_the_state_of_its_room_as_its_own() -> None:
    customer = Principal("user:5", Role.CUSTOMER, "carl", user_id=5, customer_id=4)
    assert snapshot_url(customer, "customer:4") == "/api/v1/me/services"


@pytest.mark.parametrize(
    ("cursor", "missed", "reason"),
    [
        (49, 0, UnrecoverableReason.TOO_OLD),
        (50, 0, None),
        (50, MAX_REPLAYED_LOGS, None),
        (50, MAX_REPLAYED_LOGS + 1, UnrecoverableReason.TOO_MANY),
    ],
)
def test_network_logs_are_replayed_all_or_not_at_all(
    cursor: int, missed: int, reason: UnrecoverableReason | None
) -> None:
    assert decide_log_recovery(cursor, floor=50, missed=missed) == reason


def test_lost_network_logs_leave_states_recoverable() -> None:
    lost = UnrecoverableReason.TOO_OLD
    for rooms in (["devices", "logs"], ["device:7"]):
        assert with_logs(Recoverable(7), lost, rooms) == Recovery(Recoverable(7), lost)
    assert with_logs(Recoverable(7), lost, ["logs"]) == Recovery(Unrecoverable(lost), lost)
    assert with_logs(Recoverable(7), None, ["logs"]) == Recovery(Recoverable(7))


EVENTS, BOTH = frozenset({LogClass.EVENTS}), frozenset(LogClass)


@pytest.mark.parametrize(
    ("covered_logs", "span"),
    [
        ({"devices": 3, "site:4": 3}, Span(EVENTS)),
        ({"devices": 3, "logs": 3}, Span(BOTH)),
        ({"devices": 3, "logs": 90}, Span(EVENTS, 90)),
        ({"device:7": 90, "logs": 40, "devices": 3}, Span(EVENTS, 40)),
        ({"device:7": 10, "logs": 40}, Span(BOTH)),
        ({"logs": 90}, Span(frozenset(), 90)),
        ({}, Span(frozenset())),
    ],
)
def test_network_logs_are_read_only_where_some_are_due(covered_logs: dict[str, int], span: Span) -> None:
    assert next_span(10, covered_logs) == span


def test_span_ends_where_network_logs_begin_to_count() -> None:
    page = [row(11), row(20), row(21)]
    assert within(Span(EVENTS, 20), page, cursor=30) == (page[:2], 20)
    assert within(Span(EVENTS, 20), page[:1], cursor=15) == (page[:1], 15)
    assert within(Span(BOTH), page, cursor=30) == (page, 30)
