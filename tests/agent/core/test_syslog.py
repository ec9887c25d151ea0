"""Messages as the two standards and real devices write them, and bytes that nobody would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noctule_agent.core.syslog import FACILITIES, MAX_MESSAGE_BYTES, SyslogMessage, parse_syslog
from noctule_shared.observations import MAX_LOG_CHARACTERS


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        # The examples of RFC 5424 section 6.5.
        (
            "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed for lonvick",
            "su ID47: 'su root' failed for lonvick",
        ),
        (
            "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
            "myproc[8710]: %% It's time to make the do-nuts.",
        ),
        (
            '<165>1 2003-10-11T22:14:15.003Z mymachine evntslog - ID47 [exampleSDID@32473 iut="3"] \ufeffAn entry',
            'evntslog ID47: An entry [exampleSDID@32473 iut="3"]',
        ),
        (
            '<165>1 2003-10-11T22:14:15.003Z mymachine evntslog - ID47 [a@1 iut="3"][b@1 class="high"]',
            'evntslog ID47: [a@1 iut="3"][b@1 class="high"]',
        ),
        ("<13>1 - - - - - - text alone", "text alone"),
        ("<13>1 - - - - - -", ""),
        (r'<13>1 - - app - - [x a="quoted \" and \] and ]"] text', r'app: text [x a="quoted \" and \] and ]"]'),
        ('<13>1 - - app - - [x a="never closed] text', 'app: [x a="never closed] text'),
        ("<13>1 - - app - - [x]glued", "app: [x]glued"),
        # RFC 3164 section 5.4.
        ("<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick", "su: 'su root' failed for lonvick"),
        ("Use the BFG!", "Use the BFG!"),
        (
            "<0>1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!",
            "TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!",
        ),
        # Linux's own, with and without host.
        ("<86>Nov  6 09:07:01 gw1 sshd[812]: Accepted publickey for op", "sshd[812]: Accepted publickey for op"),
        ("<86>Nov  6 09:07:01 sshd[812]: Accepted publickey", "sshd[812]: Accepted publickey"),
        # Cisco IOS: sequence number, clock not set, milliseconds and zone.
        (
            "<189>29: *Mar  1 00:00:12.345: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down",
            "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down",
        ),
        (
            "<189>29: sw1: Nov 26 10:00:00.123 UTC: %SYS-5-CONFIG_I: Configured from console",
            "%SYS-5-CONFIG_I: Configured from console",
        ),
        # Cisco ASA and NX-OS, Juniper, MikroTik, Huawei.
        ("<166>Nov 26 2026 10:00:00 asa1 : %ASA-6-302013: Built", "%ASA-6-302013: Built"),
        ("<189>: 2026 Nov 26 10:00:00.123 UTC: %ETHPORT-5-IF_UP: up", "%ETHPORT-5-IF_UP: up"),
        ("<28>Nov 26 10:00:00 mx1 rpd[1234]: RPD_BGP_NEIGHBOR: x", "rpd[1234]: RPD_BGP_NEIGHBOR: x"),
        ("<30>interface,info ether3 link down", "interface,info ether3 link down"),
        ("<190>2026-11-26 10:00:00 ne40 %%01IFNET/4/LINK_STATE(l)[1]: x", "%%01IFNET/4/LINK_STATE(l)[1]: x"),
        ("<14>2026-11-26T10:00:00.5+01:00 ap7 hostapd: wlan0: STA x", "hostapd: wlan0: STA x"),
        # What looks like a host may be text.
        ("<13>link down on: port 3", "link down on: port 3"),
        ("<13>Nov 26 10:00:00", "Nov 26 10:00:00"),
    ],
)  # fmt: skip
def test_text_is_what_stands_behind_time_and_host(sent: str, text: str) -> None:
    assert parse_syslog(sent.encode()).text == text


@pytest.mark.parametrize(
    ("sent", "severity", "facility"),
    [
        (b"<0>x", 0, "kern"),
        (b"<34>x", 2, "auth"),
        (b"<191>x", 7, "local7"),
        (b"x", 5, "user"),
        (b"<192>x", 5, "user"),
        (b"<1234>x", 5, "user"),
        (b"<>x", 5, "user"),
        (b"<-1>x", 5, "user"),
        (b"", 5, "user"),
    ],
)
def test_priority_is_severity_and_facility_and_user_notice_where_it_is_none(
    sent: bytes, severity: int, facility: str
) -> None:
    message = parse_syslog(sent)
    assert (message.severity, message.facility) == (severity, facility)


def test_impossible_priority_stays_in_the_text() -> None:
    assert parse_syslog(b"<192>x").text == "<192>x"


def test_control_characters_are_blank_and_bytes_that_are_no_text_are_marked() -> None:
    assert parse_syslog(b"<13>a\x1b[31mred\x07 \xff\xfe b\r\n\0") == SyslogMessage(
        5, "user", "a [31mred  \ufffd\ufffd b"
    )


def test_text_is_cut_to_its_limit() -> None:
    assert len(parse_syslog(b"<13>" + b"x" * 9000).text) == MAX_LOG_CHARACTERS


def _message(head: bytes, tail: bytes) -> bytes:
    return head + tail


ALMOST = st.builds(
    _message,
    st.sampled_from([b"<13>", b"<13>1 - - a b c ", b"<13>1 - - - - - [x ", b"<9>Oct 11 22:14:15 ", b"<9>12: host "]),
    st.binary(max_size=MAX_MESSAGE_BYTES + 9),
)


@given(st.binary() | ALMOST | st.text().map(str.encode))
def test_any_bytes_are_a_message_of_one_line_that_is_safe_to_show(sent: bytes) -> None:
    message = parse_syslog(sent)
    assert message.text.isprintable()
    assert message.text == message.text.strip()
    assert len(message.text) <= MAX_LOG_CHARACTERS
    assert 0 <= message.severity <= 7
    assert message.facility in FACILITIES


@given(st.integers(0, 191), st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=200))
def test_a_rfc5424_message_comes_back_whole(priority: int, text: str) -> None:
    message = parse_syslog(f"<{priority}>1 2026-11-26T10:00:00Z h app 7 id - {text}".encode())
    assert message == SyslogMessage(priority % 8, FACILITIES[priority // 8], f"app[7] id: {text}")
