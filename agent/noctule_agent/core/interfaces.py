"""Interfaces: rows of ifTable and ifXTable become an inventory with stable identities.

Pure; walking is left to `probes.snmp.inventory`. Which text, speed and counter width to believe is decided
here, from what real devices were seen to answer.
"""

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from noctule_shared.axes import IF_STATUS_BY_NUMBER, Duplex, IfStatus
from noctule_shared.interface_filter import DEFAULT_FILTER
from noctule_shared.observations import Inventory, InventoryInterface, SystemGroup

from noctule_agent.core.interface_choice import InterfaceChoice

OTHER: Final = 1  # IANAifType
ABSENT_WALKS_BEFORE_REMOVAL: Final = 3
SATURATED_IF_SPEED: Final = 2**32 - 1
MAX_TEXT_CHARACTERS: Final = 255
# 100 Tbit/s in Mbit/s: above it ifHighSpeed was written in bit/s (seen: D-Link DES-3028, Cambium PMP 450m).
MAX_HIGH_SPEED: Final = 1_000_000
_MEGA: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class InterfaceRow:
    """One row of ifTable and ifXTable as read; None: the instance does not exist or has an impossible value.

    Texts are octets as the device sent them. `high_octets` and `low_octets`: whether the 64-bit and the
    32-bit octet counters exist.
    """

    if_index: int
    if_name: bytes | None = None
    if_descr: bytes | None = None
    if_alias: bytes | None = None
    if_type: int | None = None
    if_speed: int | None = None
    if_high_speed: int | None = None
    if_admin_status: int | None = None
    if_oper_status: int | None = None
    high_octets: bool = False
    low_octets: bool = False


def clean_text(octets: bytes | None) -> str:
    """Return a device's text as it is safe to show: cut at the first NUL, control characters blank, trimmed.

    Octets that are not UTF-8 become U+FFFD; None becomes "". At most 255 characters are kept.
    """
    if octets is None:
        return ""
    return inert_text(octets.split(b"\0", 1)[0].decode("utf-8", "replace"), MAX_TEXT_CHARACTERS)


def inert_text(text: str, max_characters: int) -> str:
    """Return text as it is safe to show: control characters blank, trimmed, at most `max_characters` long."""
    shown = text
    if not text.isprintable():
        shown = "".join(character if character.isprintable() else " " for character in text)
    return shown.strip()[:max_characters].rstrip()


def speed_bps(if_speed: int | None, if_high_speed: int | None) -> int | None:
    """Return the effective speed in bit/s (RFC 2863 section 3.1.7), None when unknown.

    ifHighSpeed is in 1,000,000 bit/s and wins, unless it is 0 or was evidently written in bit/s; ifSpeed
    saturates at 4,294,967,295, which then says only "more than that" and is unknown; 0 is unknown.
    """
    high = if_high_speed or 0
    low = if_speed or 0
    if 0 < high <= MAX_HIGH_SPEED:
        # ifHighSpeed is rounded to the megabit: below 10 Mbit/s ifSpeed is the exact one.
        exact = 0 < low < 10 * _MEGA and abs(low - high * _MEGA) <= _MEGA // 2
        return low if exact else high * _MEGA
    if 0 < low < SATURATED_IF_SPEED:
        return low
    return high if high > MAX_HIGH_SPEED else None


def oper_status(number: int | None) -> IfStatus:
    """Return the word for ifOperStatus; a missing or impossible number is `unknown`."""
    return IF_STATUS_BY_NUMBER.get(number or 0, IfStatus.UNKNOWN)


def change_ms(now_ms: int, uptime_ticks: int | None, last_change_ticks: int | None, *, not_before_ms: int) -> int:
    """Return when an interface changed, by its ifLastChange: now - (sysUpTime - ifLastChange) / 100 (RFC 2863).

    Now when the device does not say, or says the impossible; never before `not_before_ms`, when it was seen otherwise.
    """
    if not uptime_ticks or not last_change_ticks or last_change_ticks > uptime_ticks:
        return now_ms
    return min(now_ms, max(now_ms - (uptime_ticks - last_change_ticks) * 10, not_before_ms))


def admin_status(number: int | None) -> IfStatus:
    """Return the word for ifAdminStatus, which knows only up, down and testing; else `unknown`."""
    status = oper_status(number)
    return status if status in {IfStatus.UP, IfStatus.DOWN, IfStatus.TESTING} else IfStatus.UNKNOWN


def identities(names: Mapping[int, tuple[str, str]]) -> dict[int, str]:
    """Return the identity of each ifIndex from its (ifName, ifDescr).

    ifName when it is not empty and unique on the device, else ifDescr likewise, else `ifIndex N`. A name that
    another row already took as its identity is not taken again, nor is one that looks like the last form.
    """
    name_counts = Tally(name for name, _ in names.values())
    descr_counts = Tally(descr for _, descr in names.values())
    by_name = {index: name for index, (name, _) in names.items() if _usable(name) and name_counts[name] == 1}
    taken = set(by_name.values())
    found: dict[int, str] = {}
    for index, (_, descr) in names.items():
        if index in by_name:
            found[index] = by_name[index]
        elif _usable(descr) and descr_counts[descr] == 1 and descr not in taken:
            found[index] = descr
        else:
            found[index] = f"ifIndex {index}"
    return found


def _usable(text: str) -> bool:
    return bool(text) and not text.startswith("ifIndex ")


def counter_bits(row: InterfaceRow) -> int | None:
    """Return 64 or 32, decided by which octet counters exist; None when neither does."""
    if row.high_octets:
        return 64
    return 32 if row.low_octets else None


_DEFAULT_CHOICE: Final = InterfaceChoice(DEFAULT_FILTER)


def inventory(rows: Sequence[InterfaceRow], choice: InterfaceChoice = _DEFAULT_CHOICE) -> list[InventoryInterface]:
    """Return the interfaces of a device, sorted by ifIndex, from the union of its two tables' rows.

    Those that `choice` takes are polled, if they count octets at all.
    """
    rows = sorted(rows, key=lambda row: row.if_index)
    texts = {row.if_index: (clean_text(row.if_name), clean_text(row.if_descr)) for row in rows}
    names = identities(texts)
    return [
        InventoryInterface(
            if_index=row.if_index,
            identity=names[row.if_index],
            if_name=texts[row.if_index][0],
            if_descr=texts[row.if_index][1],
            if_alias=(alias := clean_text(row.if_alias)),
            if_type=row.if_type if row.if_type is not None else OTHER,
            speed_bps=speed_bps(row.if_speed, row.if_high_speed),
            if_admin_status=admin_status(row.if_admin_status),
            if_oper_status=oper_status(row.if_oper_status),
            counter_bits=counter_bits(row),
            polled=counter_bits(row) is not None and choice.takes(row.if_type, (*texts[row.if_index], alias)),
        )
        for row in rows
    ]


def with_duplex(rows: Sequence[InventoryInterface], found: Mapping[int, Duplex]) -> list[InventoryInterface]:
    """Return interfaces with the duplex that was found of them, by ifIndex; what was not found is unknown."""
    return [msgspec.structs.replace(row, duplex=found.get(row.if_index)) for row in rows]


def same_inventory(old: Inventory, new: Inventory) -> bool:
    """Return whether two inventories of a device say the same, apart from statuses, times and revision.

    Statuses travel as events of their own, and sysUpTime always moves.
    """
    return (_system(old), old.neighbours) == (_system(new), new.neighbours) and [
        _attributes(row) for row in old.interfaces
    ] == [_attributes(row) for row in new.interfaces]


def keep_absent(
    known: Sequence[InventoryInterface], absent_walks: Mapping[str, int], fresh: Sequence[InventoryInterface]
) -> tuple[list[InventoryInterface], dict[str, int]]:
    """Return the interfaces after a complete walk, and for how many walks each identity has been absent.

    A row that is missing from one walk is unknown, not gone: it is kept until 3 walks in a row came without
    it, unless another interface took its ifIndex meanwhile.
    """
    identities_now = {row.identity for row in fresh}
    indexes_now = {row.if_index for row in fresh}
    kept: list[InventoryInterface] = []
    absent: dict[str, int] = {}
    for row in known:
        if row.identity in identities_now or row.if_index in indexes_now:
            continue
        walks = absent_walks.get(row.identity, 0) + 1
        if walks < ABSENT_WALKS_BEFORE_REMOVAL:
            absent[row.identity] = walks
            kept.append(row)
    return sorted([*fresh, *kept], key=lambda row: row.if_index), absent


def _attributes(row: InventoryInterface) -> InventoryInterface:
    return msgspec.structs.replace(row, if_admin_status=IfStatus.UNKNOWN, if_oper_status=IfStatus.UNKNOWN)


def _system(inventory_: Inventory) -> SystemGroup | None:
    if inventory_.system is None:
        return None
    return msgspec.structs.replace(inventory_.system, sys_up_time_ticks=None)
