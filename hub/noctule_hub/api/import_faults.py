"""All that is wrong with one row of an import: what is faulty is left out, and the rest looked at."""

from typing import Any, Final

import msgspec
from msgspec import UNSET
from noctule_shared.errors import Refused

from noctule_hub.api.bodies import decode
from noctule_hub.api.import_rows import ImportRow

# Of one row; whoever mends these learns of the others.
MAX_FAULTS: Final = 10
# What stands for a needed field that is faulty while the others are looked at; such a row is never written.
_STAND_INS: Final = {"name": "-", "address": "192.0.2.1", "site": "-"}


class Faults:
    """The faults of one row, in the order in which they were found: one of each column, those of SNMP each."""

    def __init__(self) -> None:
        self._found: list[Refused] = []
        self._columns: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._found)

    def __contains__(self, column: str) -> bool:
        """Return whether something is wrong with a column already."""
        return column in self._columns

    @property
    def refusals(self) -> tuple[Refused, ...]:
        """All of them, `MAX_FAULTS` at most."""
        return tuple(self._found[:MAX_FAULTS])

    def note(self, *refusals: Refused, again: bool = False) -> None:
        """Take what is wrong, unless its column is told already; `again`: one part of it is told beside another."""
        for refusal in refusals:
            if again or column_of(refusal) not in self._columns:
                self._found.append(refusal)
        self._columns.update(map(column_of, refusals))


def column_of(refusal: Refused) -> str:
    """Return the field of a row that a refusal is about, empty for all of it."""
    return (refusal.field or "").partition(".")[0].partition("[")[0]


def read_row(raw: bytes) -> tuple[ImportRow | None, Faults]:
    """Return a row without what cannot be read of it, and that; None: nothing of it can be."""
    faults, document = Faults(), msgspec.json.decode(raw)
    for _ in range(MAX_FAULTS):
        try:
            return decode(msgspec.json.encode(document), ImportRow), faults
        except Refused as refusal:
            faults.note(refusal, again=True)
            if not _leave_out(document, refusal.field or ""):
                return None, faults
    return None, faults


def mended(row: ImportRow, refusal: Refused) -> ImportRow | None:
    """Return a row without what was refused of it, None: it would be refused again."""
    changes: dict[str, Any]
    match column_of(refusal):
        case "name" | "address" as column:
            changes = {column: _STAND_INS[column]}
        case "icmp" | "reachability":
            changes = {"icmp_interval_s": UNSET, "reachability": UNSET}
        case "snmp":
            changes = {"snmp": None, "reachability": UNSET}
        case "role" | "tags" | "parents" | "note" as column:
            changes = {column: UNSET}
        case _:
            return None
    new = msgspec.structs.replace(row, **changes)
    return None if new == row else new


def _leave_out(document: object, path: str) -> bool:
    """Take a field out of a row as it was sent, a list whole; returns whether there was anything to take out."""
    *way, last = path.partition("[")[0].split(".")
    holder = document
    for part in way:
        holder = holder.get(part) if isinstance(holder, dict) else None
    if not isinstance(holder, dict):
        return False
    if not way and last in _STAND_INS:
        holder[last] = _STAND_INS[last]
        return True
    if last in holder:
        del holder[last]
        return True
    # What is missing in an object is not there to be left out: the object is.
    return bool(way) and _leave_out(document, ".".join(way))
