"""SNMP notifications: what a trap or inform says in words, how severe it is, and what it hints at.

Pure; decoding is left to `receivers.notifications`. A trap is a hint: whoever gets one looks for himself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from noctule_shared.axes import IF_STATUS_BY_NUMBER
from noctule_shared.observations import MAX_LOG_CHARACTERS

from noctule_agent.core.interfaces import inert_text

Value = int | bytes | str
SYS_UP_TIME: Final = "1.3.6.1.2.1.1.3.0"
SNMP_TRAP_OID: Final = "1.3.6.1.6.3.1.1.4.1.0"
SNMP_TRAPS: Final = "1.3.6.1.6.3.1.1.5"
COLD_START: Final = f"{SNMP_TRAPS}.1"
WARM_START: Final = f"{SNMP_TRAPS}.2"
LINK_DOWN: Final = f"{SNMP_TRAPS}.3"
LINK_UP: Final = f"{SNMP_TRAPS}.4"
# generic-trap of RFC 1157: 0..5 are the notifications of RFC 3418, 6 is the enterprise's own.
ENTERPRISE_SPECIFIC: Final = 6
# Ports come up one by one after a boot; the polls see them all.
IGNORE_LINKS_AFTER_BOOT_TICKS: Final = 5 * 60 * 100
MAX_VALUE_CHARACTERS: Final = 255
MAX_SHOWN_BINDINGS: Final = 32
_WARNING, _NOTICE = 4, 5  # severities of RFC 5424

_NAMES: Final[Mapping[str, tuple[str, int]]] = {
    COLD_START: ("coldStart", _NOTICE),
    WARM_START: ("warmStart", _NOTICE),
    LINK_DOWN: ("linkDown", _WARNING),
    LINK_UP: ("linkUp", _NOTICE),
    f"{SNMP_TRAPS}.5": ("authenticationFailure", _WARNING),
    f"{SNMP_TRAPS}.6": ("egpNeighborLoss", _WARNING),
}
_COLUMNS: Final[Mapping[str, str]] = {
    "1.3.6.1.2.1.2.2.1.1": "ifIndex",
    "1.3.6.1.2.1.2.2.1.2": "ifDescr",
    "1.3.6.1.2.1.2.2.1.3": "ifType",
    "1.3.6.1.2.1.2.2.1.7": "ifAdminStatus",
    "1.3.6.1.2.1.2.2.1.8": "ifOperStatus",
    "1.3.6.1.2.1.31.1.1.1.1": "ifName",
    "1.3.6.1.2.1.31.1.1.1.18": "ifAlias",
}
_SCALARS: Final[Mapping[str, str]] = {
    "1.3.6.1.2.1.1.5.0": "sysName",
    "1.3.6.1.6.3.18.1.3.0": "snmpTrapAddress",
    "1.3.6.1.6.3.18.1.4.0": "snmpTrapCommunity",
    "1.3.6.1.6.3.1.1.4.3.0": "snmpTrapEnterprise",
}
# A community opens a device: it is nobody's to read in a log.
_HIDDEN: Final = frozenset({SYS_UP_TIME, SNMP_TRAP_OID, "1.3.6.1.6.3.18.1.4.0"})
_IF_INDEX: Final = "1.3.6.1.2.1.2.2.1.1"


class Hint(StrEnum):
    """What a notification suggests to look at: nothing, one interface's row, or the whole device."""

    NONE = "none"
    LINK = "link"
    START = "start"


@dataclass(frozen=True, slots=True)
class Notification:
    """A trap or inform as it was sent, of any version. `uptime_ticks` None: it did not say.

    `request_id` None: a trap; else an inform, which the sender repeats until it is acknowledged.
    """

    trap_oid: str
    uptime_ticks: int | None
    bindings: Sequence[tuple[str, Value | None]]
    request_id: int | None = None


@dataclass(frozen=True, slots=True)
class TrapReport:
    """What a notification means. `if_index` is the row that it names, None when it names none."""

    message: str
    severity: int
    hint: Hint
    if_index: int | None


def v1_trap_oid(enterprise: str, generic: int, specific: int) -> str:
    """Return snmpTrapOID.0 of an SNMPv1 trap (RFC 3584 section 3.1)."""
    if 0 <= generic < ENTERPRISE_SPECIFIC:
        return f"{SNMP_TRAPS}.{generic + 1}"
    return f"{enterprise}.0.{specific}"


def notification(bindings: Sequence[tuple[str, Value | None]], *, request_id: int | None) -> Notification | None:
    """Return the notification in the variable bindings of a v2 PDU; None when it names no trap.

    sysUpTime.0 and snmpTrapOID.0 come first by RFC 3416 section 4.2.6; they are taken wherever they stand.
    """
    values = dict(reversed(bindings))
    trap_oid, uptime = values.get(SNMP_TRAP_OID), values.get(SYS_UP_TIME)
    if not isinstance(trap_oid, str) or not trap_oid:
        return None
    return Notification(trap_oid, uptime if isinstance(uptime, int) else None, bindings, request_id)


def interpret(sent: Notification) -> TrapReport:
    """Return what a notification says and hints at.

    Links that come and go in the first 5 min after a boot, by the notification's own sysUpTime, hint at nothing.
    """
    name, severity = _NAMES.get(sent.trap_oid, (f"trap {sent.trap_oid}", _NOTICE))
    if_index = _if_index(sent.bindings)
    hint = Hint.NONE
    if sent.trap_oid in {LINK_DOWN, LINK_UP} and if_index is not None:
        booted = sent.uptime_ticks is not None and sent.uptime_ticks < IGNORE_LINKS_AFTER_BOOT_TICKS
        hint = Hint.NONE if booted else Hint.LINK
    elif sent.trap_oid in {COLD_START, WARM_START}:
        hint = Hint.START
    shown = [pair for pair in sent.bindings if pair[0] not in _HIDDEN]
    words = [f"{_label(oid)} {_shown(oid, value)}" for oid, value in shown[:MAX_SHOWN_BINDINGS]]
    if len(shown) > MAX_SHOWN_BINDINGS:
        words.append(f"and {len(shown) - MAX_SHOWN_BINDINGS} more")
    message = f"{name}: {', '.join(words)}" if words else name
    return TrapReport(inert_text(message, MAX_LOG_CHARACTERS), severity, hint, if_index)


def _if_index(bindings: Sequence[tuple[str, Value | None]]) -> int | None:
    """Return the ifIndex that the bindings name: ifIndex itself, else the instance of another ifTable column."""
    for oid, value in bindings:
        if oid.rpartition(".")[0] == _IF_INDEX and isinstance(value, int) and value >= 0:
            return value
    for oid, _ in bindings:
        column, _, instance = oid.rpartition(".")
        if column in _COLUMNS and instance.isdecimal():
            return int(instance)
    return None


def _label(oid: str) -> str:
    column, _, instance = oid.rpartition(".")
    if column in _COLUMNS:
        return _COLUMNS[column] if column == _IF_INDEX else f"{_COLUMNS[column]}.{instance}"
    return _SCALARS.get(oid, oid)


def _shown(oid: str, value: Value | None) -> str:
    if value is None:
        return "(no value)"
    if isinstance(value, int) and _COLUMNS.get(oid.rpartition(".")[0], "").endswith("Status"):
        return str(IF_STATUS_BY_NUMBER.get(value, value))
    if isinstance(value, bytes):
        text = value.rstrip(b"\0").decode("utf-8", "replace")
        readable = "\ufffd" not in text and all(letter.isprintable() or letter in "\r\n\t" for letter in text)
        shown = text if readable else f"0x{value[:MAX_VALUE_CHARACTERS].hex()}"
        return inert_text(shown, MAX_VALUE_CHARACTERS)
    return str(value)[:MAX_VALUE_CHARACTERS]
