"""What notifications say and hint at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.traps import (
    COLD_START,
    LINK_DOWN,
    LINK_UP,
    MAX_SHOWN_BINDINGS,
    SNMP_TRAP_OID,
    SYS_UP_TIME,
    WARM_START,
    Hint,
    Notification,
    Value,
    interpret,
    notification,
    v1_trap_oid,
)
from noctule_shared.observations import MAX_LOG_CHARACTERS

HOUR_TICKS = 360_000
IF_INDEX = "1.3.6.1.2.1.2.2.1.1"
IF_OPER_STATUS = "1.3.6.1.2.1.2.2.1.8"
IF_DESCR = "1.3.6.1.2.1.2.2.1.2"


def sent(oid: str, *bindings: tuple[str, Value | None], uptime_ticks: int | None = HOUR_TICKS) -> Notification:
    return Notification(oid, uptime_ticks, bindings)


@pytest.mark.parametrize(
    ("generic", "specific", "oid"),
    [
        (0, 0, COLD_START),
        (1, 0, WARM_START),
        (2, 7, LINK_DOWN),
        (3, 0, LINK_UP),
        (4, 0, "1.3.6.1.6.3.1.1.5.5"),
        (5, 0, "1.3.6.1.6.3.1.1.5.6"),
        (6, 12, "1.3.6.1.4.1.9.1.0.12"),
    ],
)
def test_v1_traps_are_named_as_rfc_3584_maps_them(generic: int, specific: int, oid: str) -> None:
    assert v1_trap_oid("1.3.6.1.4.1.9.1", generic, specific) == oid


def test_link_trap_says_and_hints_which_row() -> None:
    statuses = (("1.3.6.1.2.1.2.2.1.7.3", 1), (f"{IF_OPER_STATUS}.3", 2))
    report = interpret(sent(LINK_DOWN, (f"{IF_INDEX}.3", 3), *statuses, (f"{IF_DESCR}.3", b"ge-0/0/3")))
    assert report.message == "linkDown: ifIndex 3, ifAdminStatus.3 up, ifOperStatus.3 down, ifDescr.3 ge-0/0/3"
    assert (report.severity, report.hint, report.if_index) == (4, Hint.LINK, 3)


def test_row_is_found_by_the_instance_where_ifindex_itself_is_missing() -> None:
    assert interpret(sent(LINK_UP, (f"{IF_DESCR}.12", b"eth12"))).if_index == 12


def test_link_trap_without_a_row_hints_at_nothing() -> None:
    assert interpret(sent(LINK_UP)).hint is Hint.NONE


@pytest.mark.parametrize(("uptime_ticks", "hint"), [(29_999, Hint.NONE), (30_000, Hint.LINK), (None, Hint.LINK)])
def test_links_that_come_up_in_the_first_five_minutes_after_a_boot_hint_at_nothing(
    uptime_ticks: int | None, hint: Hint
) -> None:
    assert interpret(sent(LINK_UP, (f"{IF_INDEX}.1", 1), uptime_ticks=uptime_ticks)).hint is hint


@pytest.mark.parametrize("oid", [COLD_START, WARM_START])
def test_start_hints_at_the_device_and_not_less_because_it_is_young(oid: str) -> None:
    assert interpret(sent(oid, uptime_ticks=12)).hint is Hint.START


def test_enterprise_trap_is_told_by_its_number_and_its_values() -> None:
    report = interpret(
        sent(
            "1.3.6.1.4.1.9.9.43.2.0.1",
            (SYS_UP_TIME, 5),
            (SNMP_TRAP_OID, "1.3.6.1.4.1.9.9.43.2.0.1"),
            ("1.3.6.1.4.1.9.1.0", b"a\x1b[2Jb\0"),
            ("1.3.6.1.4.1.9.2.0", b"\xff\x01"),
            ("1.3.6.1.4.1.9.3.0", None),
            ("1.3.6.1.2.1.1.5.0", b"core1"),
            ("1.3.6.1.4.1.9.4.0", "10.0.0.1"),
        )
    )
    assert report.message == (
        "trap 1.3.6.1.4.1.9.9.43.2.0.1: 1.3.6.1.4.1.9.1.0 0x611b5b324a6200, 1.3.6.1.4.1.9.2.0 0xff01, "
        "1.3.6.1.4.1.9.3.0 (no value), sysName core1, 1.3.6.1.4.1.9.4.0 10.0.0.1"
    )
    assert (report.severity, report.hint) == (5, Hint.NONE)


def test_community_of_a_proxied_trap_is_not_told() -> None:
    assert "secret" not in interpret(sent(COLD_START, ("1.3.6.1.6.3.18.1.4.0", b"secret"))).message


def test_more_values_than_are_shown_are_counted() -> None:
    report = interpret(sent(COLD_START, *((f"1.2.{number}", number) for number in range(MAX_SHOWN_BINDINGS + 5))))
    assert report.message.endswith(", and 5 more")


def test_bindings_that_name_no_trap_are_no_notification() -> None:
    assert notification([(SYS_UP_TIME, 5)], request_id=None) is None
    assert notification([(SNMP_TRAP_OID, 7)], request_id=None) is None


def test_missing_uptime_is_none_not_zero() -> None:
    found = notification([(SNMP_TRAP_OID, COLD_START)], request_id=3)
    assert found is not None
    assert (found.uptime_ticks, found.request_id) == (None, 3)


OIDS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=12).map(lambda parts: ".".join(map(str, parts)))
KNOWN = st.sampled_from([f"{IF_INDEX}.1", f"{IF_OPER_STATUS}.9", f"{IF_DESCR}.0", SYS_UP_TIME, SNMP_TRAP_OID, "1.3"])
VALUES = st.none() | st.integers(-(2**31), 2**64) | st.binary(max_size=400) | st.text(max_size=40)


@given(OIDS | st.sampled_from([LINK_DOWN, COLD_START]), st.lists(st.tuples(OIDS | KNOWN, VALUES), max_size=50))
def test_any_notification_is_one_line_that_is_safe_to_show(oid: str, bindings: list[tuple[str, Value | None]]) -> None:
    report = interpret(Notification(oid, None, bindings))
    assert report.message.isprintable()
    assert 0 < len(report.message) <= MAX_LOG_CHARACTERS
    assert (report.hint is Hint.LINK) <= (report.if_index is not None)
