"""Syslog messages: RFC 5424, RFC 3164 and what real devices make of it become text, severity and facility.

Pure, and never raises: what follows no standard is text all the same, as RFC 3164 section 4.3 asks. Framing on TCP is
left to `syslog_stream`. Times that devices write are not used: half of them have no year, no zone and no clock.
"""

import re
from dataclasses import dataclass
from typing import Final

from noctule_shared.observations import MAX_LOG_CHARACTERS

from noctule_agent.core.interfaces import inert_text

# SyslogFacility of RFC 5427, by number.
FACILITIES: Final = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "audit", "console", "cron2", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
# RFC 3164 section 4.3.3: a message without a priority is user.notice.
DEFAULT_PRIORITY: Final = 13
MAX_PRIORITY: Final = 191
# Beyond it nothing is read; RFC 5425 has receivers take 8,192.
MAX_MESSAGE_BYTES: Final = 8192

_PRIORITY: Final = re.compile(rb"<([0-9]{1,3})>")
_RFC5424_HEADER: Final = re.compile(
    r"[1-9][0-9]{0,2} +(?:-|[0-9]{4}-[0-9]{2}-[0-9]{2}T\S+) +\S+ +(?P<app>\S+) +(?P<pid>\S+) +(?P<id>\S+)"
    r" +(?P<rest>[-\[].*)",
    re.DOTALL,
)
_BOM: Final = "\ufeff"
# `Nov 26 10:00:00`, with year and milliseconds where devices write them (Cisco also `*Mar  1 00:00:12.345 UTC:`).
_BSD_TIME: Final = (
    r"(?:[0-9]{4} )?[*.]?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}[0-9]{1,2},?(?: [0-9]{4})? "
    r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?: [0-9]{4}\b)?(?: [A-Z][A-Za-z]{1,4}(?=:))?"
)
_ISO_TIME: Final = (
    r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?:Z|[+-][0-9:]{4,5})?"
)
_TIME: Final = re.compile(rf"(?:{_BSD_TIME}|{_ISO_TIME})(?: ?:)? *")
# Cisco numbers its messages: `<189>123: sw1: *Mar 1 ...`; NX-OS keeps the colon and writes no number.
_SEQUENCE: Final = re.compile(r"[0-9]{0,10}: ")
# A host name is only one when a tag follows it: `sw1 sshd[7]: text`, not `link down on: port 3`.
_HOST: Final = re.compile(
    rf"[0-9A-Za-z][0-9A-Za-z._:-]{{0,254}}?(?: ?:)? +(?=%|{_BSD_TIME}|[0-9A-Za-z_./()-]{{1,48}}(?:\[[^\]]{{0,32}}\])?:)"
)


@dataclass(frozen=True, slots=True)
class SyslogMessage:
    """What a message says. `text` is one line of at most 2,048 characters without control characters."""

    severity: int
    facility: str
    text: str


def parse_syslog(datagram: bytes) -> SyslogMessage:
    """Return the message in a datagram or frame; any bytes are one.

    Host name and time are left out: the address says who sent it, and it is told when it came.
    """
    octets = datagram[:MAX_MESSAGE_BYTES]
    priority = DEFAULT_PRIORITY
    match = _PRIORITY.match(octets)
    if match is not None and int(match[1]) <= MAX_PRIORITY:
        priority = int(match[1])
        octets = octets[match.end() :]
    text = octets.rstrip(b"\0\r\n ").decode("utf-8", "replace").removeprefix(_BOM)
    structured = _RFC5424_HEADER.fullmatch(text)
    shown = _without_bsd_header(text) if structured is None else _from_rfc5424(structured)
    return SyslogMessage(
        severity=priority & 7, facility=FACILITIES[priority >> 3], text=inert_text(shown, MAX_LOG_CHARACTERS)
    )


def _from_rfc5424(match: re.Match[str]) -> str:
    """Return `app[pid] msgid: text [structured data]`, without what is nil."""
    data, text = _split_structured_data(match["rest"])
    app, pid, msg_id = (("" if match[name] == "-" else match[name]) for name in ("app", "pid", "id"))
    tag = f"{app}[{pid}]" if pid else app
    head = " ".join(word for word in (tag, msg_id) if word)
    body = " ".join(part for part in (text.removeprefix(_BOM), data) if part)
    return f"{head}: {body}" if head else body


def _split_structured_data(rest: str) -> tuple[str, str]:
    """Return structured data ("" for none) and the message behind it; broken structured data is message."""
    if not rest.startswith("["):
        return "", rest.removeprefix("-").removeprefix(" ")
    at, quoted = 1, False
    while at < len(rest):
        character = rest[at]
        if quoted and character == "\\":
            at += 1
        elif character == '"':
            quoted = not quoted
        elif character == "]" and not quoted and rest[at + 1 : at + 2] != "[":
            if rest[at + 1 : at + 2] not in {"", " "}:
                break
            return rest[: at + 1], rest[at + 2 :]
        at += 1
    return "", rest


def _without_bsd_header(text: str) -> str:
    """Return the text behind time and host, in whatever order and with whatever punctuation a device writes them."""
    rest = text
    for pattern in (_SEQUENCE, _TIME, _HOST, _SEQUENCE, _TIME):
        match = pattern.match(rest)
        if match is not None and match.end() < len(rest):
            rest = rest[match.end() :]
    return rest
