"""What is different between two inventories of one device, in words for people and bounded in number.

Pure. Statuses are events of their own; which inventory is the first one is known to `inventory`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from noctule_shared.axes import IfStatus

from noctule_hub.core.quantities import bit_rate
from noctule_hub.core.records import Interface

# Told one by one; a device that was rebuilt or renumbered whole is told in one more line.
MAX_TOLD: Final = 20


class SyslogSeverity(IntEnum):
    """The numbers of RFC 5424 that changes have."""

    WARNING = 4
    NOTICE = 5
    INFORMATIONAL = 6


class ChangeKind(StrEnum):
    """What became of an interface, or of a device; `several` stands for those that are not told one by one."""

    REBOOTED = "rebooted"
    REMOVED = "interface-removed"
    APPEARED = "interface-appeared"
    RENAMED = "interface-renamed"
    SPEED = "interface-speed"
    DUPLEX = "interface-duplex"
    ALIAS = "interface-alias"
    RENUMBERED = "interface-renumbered"
    SEVERAL = "several"


SEVERITIES: Final = {
    ChangeKind.REBOOTED: SyslogSeverity.WARNING,
    ChangeKind.REMOVED: SyslogSeverity.WARNING,
    ChangeKind.APPEARED: SyslogSeverity.NOTICE,
    ChangeKind.RENAMED: SyslogSeverity.NOTICE,
    ChangeKind.SPEED: SyslogSeverity.NOTICE,
    ChangeKind.DUPLEX: SyslogSeverity.NOTICE,
    ChangeKind.ALIAS: SyslogSeverity.INFORMATIONAL,
    ChangeKind.RENUMBERED: SyslogSeverity.INFORMATIONAL,
    ChangeKind.SEVERAL: SyslogSeverity.NOTICE,
}
_IMPORTANCE: Final = {kind: number for number, kind in enumerate(ChangeKind)}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one interface; `interface_id` None: of several, or of the device."""

    kind: ChangeKind
    interface_id: int | None
    message: str


def changes(before: Iterable[Interface], after: Iterable[Interface]) -> list[Change]:
    """Return what changed between the interfaces that were present and those that are, the gravest first.

    An interface that is gone while a new one of its ifType has its ifIndex was renamed. A speed and a duplex
    count only when both are known and the port is up: many devices give a port that is down another one. At most
    `MAX_TOLD` are told, the rest as one.
    """
    old = {row.id: row for row in before}
    new = {row.id: row for row in after}
    gone = {row.if_index: row for row in old.values() if row.id not in new}
    found: list[Change] = []
    for row in new.values():
        known = old.get(row.id)
        if known is not None:
            found += _differences(known, row)
            continue
        renamed = gone.get(row.if_index)
        if renamed is not None and renamed.if_type == row.if_type:
            del gone[row.if_index]
            message = f"interface {renamed.identity} is called {row.identity} now"
            found.append(Change(ChangeKind.RENAMED, row.id, message))
        else:
            found.append(Change(ChangeKind.APPEARED, row.id, f"interface {_words(row)} appeared"))
    found += [Change(ChangeKind.REMOVED, row.id, f"interface {_words(row)} is gone") for row in gone.values()]
    return _bounded(sorted(found, key=lambda change: _IMPORTANCE[change.kind]))


def _differences(old: Interface, new: Interface) -> list[Change]:
    found: list[Change] = []
    if old.if_index != new.if_index:
        message = f"interface {new.identity} has ifIndex {new.if_index}, before {old.if_index}"
        found.append(Change(ChangeKind.RENUMBERED, new.id, message))
    if old.if_alias != new.if_alias:
        message = f"interface {new.identity} is described as {new.if_alias!r}, before {old.if_alias!r}"
        found.append(Change(ChangeKind.ALIAS, new.id, message))
    known = old.speed_bps is not None and new.speed_bps is not None
    if known and old.speed_bps != new.speed_bps and new.if_oper_status is IfStatus.UP:
        message = f"interface {new.identity} runs at {_speed(new.speed_bps)}, before {_speed(old.speed_bps)}"
        found.append(Change(ChangeKind.SPEED, new.id, message))
    known = old.duplex is not None and new.duplex is not None
    if known and old.duplex is not new.duplex and new.if_oper_status is IfStatus.UP:
        message = f"interface {new.identity} runs at {new.duplex} duplex, before {old.duplex}"
        found.append(Change(ChangeKind.DUPLEX, new.id, message))
    return found


def _bounded(found: Sequence[Change]) -> list[Change]:
    if len(found) <= MAX_TOLD:
        return list(found)
    told, rest = found[: MAX_TOLD - 1], found[MAX_TOLD - 1 :]
    counts = Counter(change.kind for change in rest)
    words = ", ".join(f"{counts[kind]} {kind.removeprefix('interface-')}" for kind in ChangeKind if counts[kind])
    return [*told, Change(ChangeKind.SEVERAL, None, f"{len(rest)} more changes of interfaces: {words}")]


def _words(row: Interface) -> str:
    return f"{row.identity} ({row.if_alias})" if row.if_alias else row.identity


def _speed(speed_bps: int | None) -> str:
    return "an unknown speed" if speed_bps is None else bit_rate(speed_bps)
