"""A file's rows made ready for the hub: nothing twice, parents first, in batches that one request holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final

import msgspec

from noctule_hub.cli.imports.rows import Fault, JsonObject, Row, body_of

MAX_BATCH_ROWS: Final = 1_000
# Under the 1 MB that the hub takes, with room for what stands around the rows.
MAX_BATCH_BYTES: Final = 900_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one request, and their bodies."""

    rows: list[Row]
    bodies: list[JsonObject]


def doubles(rows: Sequence[Row]) -> list[Fault]:
    """Return a fault for each row whose name, or address and port, an earlier row of the same site has."""
    faults: list[Fault] = []
    names: dict[tuple[str, str], str] = {}
    addresses: dict[tuple[str, str, int | None], str] = {}
    for row in rows:
        site = (row.site or "").casefold()
        port = None if row.snmp is None else row.snmp.port or 161
        name_at = names.setdefault((site, row.name.casefold()), row.place)
        address_at = addresses.setdefault((site, row.address.casefold(), port), row.place)
        if name_at != row.place:
            faults.append(Fault(row.place, row.name, "name", f"is that of {name_at} too; give each its own"))
        elif address_at != row.place:
            faults.append(Fault(row.place, row.name, "address", f"is that of {address_at} too; is it one device?"))
    return faults


def ordered(rows: Sequence[Row]) -> tuple[list[Row], list[Fault]]:
    """Return rows so that parents come before who stands behind them, and a fault for each row of a circle."""
    inside = _Inside(rows)
    graph = {position: inside.parents(row) for position, row in enumerate(rows)}
    try:
        return [rows[position] for position in TopologicalSorter(graph).static_order()], []
    except CycleError as error:
        circle = sorted(set(error.args[1]))
        way = ", ".join(rows[position].name for position in circle)
        faults = [
            Fault(rows[position].place, rows[position].name, "parents", f"stand behind each other in a circle: {way}")
            for position in circle
        ]
        return list(rows), faults


def span_batches(rows: Sequence[Row]) -> bool:
    """Return whether the rows take several batches and some stand behind others."""
    return len(rows) > MAX_BATCH_ROWS and any(row.parents for row in rows)


def batches(rows: Sequence[Row], *, known: frozenset[str] | None = None) -> Iterator[Batch]:
    """Yield ordered rows in batches.

    `known` are the hub's devices by casefolded name, for a dry run: parents in other batches that are not among them
    yet are left unsaid; that they are in the file is certain here. None: not a dry run, all before is there.
    """
    inside = _Inside(rows)
    begin = 0
    while begin < len(rows):
        bodies: list[JsonObject] = []
        size, end = 0, begin
        while end < len(rows) and end - begin < MAX_BATCH_ROWS:
            body = body_of(rows[end], rows[end].parents)
            length = len(msgspec.json.encode(body)) + 1
            if bodies and size + length > MAX_BATCH_BYTES:
                break
            size += length
            bodies.append(body)
            end += 1
        if known is not None:
            for row, body in zip(rows[begin:end], bodies, strict=True):
                if row.parents is not None:
                    body["parents"] = inside.unless_elsewhere(row, begin, end, known)
        yield Batch(list(rows[begin:end]), bodies)
        begin = end


class _Inside:
    """Which rows of a file a parent's name may mean: of the same site, else the only one of that name."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._in_site: dict[tuple[str, str], int] = {}
        self._anywhere: dict[str, list[int]] = {}
        for position, row in enumerate(rows):
            self._in_site.setdefault(((row.site or "").casefold(), row.name.casefold()), position)
            self._anywhere.setdefault(row.name.casefold(), []).append(position)

    def parents(self, row: Row) -> list[int]:
        """Return the positions of a row's parents that are in the file."""
        found = [self._position(row, name) for name in row.parents or ()]
        return [position for position in found if position is not None]

    def unless_elsewhere(self, row: Row, begin: int, end: int, known: frozenset[str]) -> list[str]:
        """Return a row's parents without those that are not known and stand outside of these positions."""
        found = {name: self._position(row, name) for name in row.parents or ()}
        return [
            name
            for name, position in found.items()
            if position is None or begin <= position < end or name.casefold() in known
        ]

    def _position(self, row: Row, name: str) -> int | None:
        own = self._in_site.get(((row.site or "").casefold(), name.casefold()))
        if own is not None:
            return own
        others = self._anywhere.get(name.casefold(), [])
        return others[0] if len(others) == 1 else None
