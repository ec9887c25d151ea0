"""Noctule's own CSV: a header with names of columns, one device a line, secrets only by the name of their entry."""

import csv
import difflib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.imports.credentials import named
from noctule_hub.cli.imports.rows import Fault, Parsed, Row, Secret, Snmp
from noctule_hub.cli.imports.source import check_count

COLUMNS: Final = (
    "name", "address", "site", "agent", "reachability", "icmp_interval", "snmp_version", "snmp_port",
    "snmp_interval", "credentials", "role", "tags", "parents", "note",
)  # fmt: skip
NEEDED: Final = ("name", "address")
SECRET_COLUMNS: Final = frozenset({"community", "snmp_community", "password", "secret", "auth_secret", "priv_secret"})
DELIMITERS: Final = ",;\t"
# Between the tags and parents of one cell.
BETWEEN: Final = "|"
_SNMP_REACHABILITY: Final = frozenset({"snmp", "both"})


@dataclass(slots=True)
class _Line:
    """The cells of a line by their columns, and what of them cannot be used."""

    place: str
    cells: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)

    def text(self, column: str) -> str:
        """Return a cell, empty where there is none."""
        return self.cells.get(column, "")

    def number(self, column: str) -> float | None:
        """Return a cell's number, None where there is none."""
        text = self.text(column)
        try:
            return float(text) if text else None
        except ValueError:
            self.refuse(column, f"{text[:40]!r} is no number")
            return None

    def several(self, column: str) -> tuple[str, ...] | None:
        """Return the parts of a cell, None where it is empty."""
        text = self.text(column)
        return tuple(part.strip() for part in text.split(BETWEEN) if part.strip()) if text else None

    def refuse(self, column: str | None, message: str) -> None:
        """Take that a cell, None: the whole line, cannot be used."""
        self.faults.append(Fault(self.place, self.text("name"), column, message))


def parse_csv(file: str, text: str, credentials: Mapping[str, Secret], community: Secret | None) -> Parsed:
    """Return what a CSV says; `community` is that of devices that name no credentials.

    Raises `CommandError` for a header that is not understood; a line that is not becomes a fault.
    """
    lines = records(file, text)
    _, header = next(lines)
    columns = [name.strip().lower().replace(" ", "_").replace("-", "_") for name in header]
    _check_header(file, columns)
    parsed, count = Parsed(), 0
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        check_count(file, count)
        found = {column: cell.strip() for column, cell in zip(columns, cells, strict=False)}
        line = _Line(str(number), found)
        if any(cell.strip() for cell in cells[len(columns) :]):
            # Which cell is of which column is not certain.
            line.refuse(None, f"has {len(cells)} cells, the header {len(columns)}; put text with commas in quotes")
        else:
            row = _row(line, credentials, community)
            (parsed.faulty if line.faults else parsed.rows).append(row)
        parsed.faults += line.faults
    return parsed


def records(file: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record of a CSV with the line that it begins in, the header first. Raises `CommandError`."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise CommandError(f"{file}:{line}: is no CSV: {error}") from None


def _check_header(file: str, columns: list[str]) -> None:
    if columns and columns[0][:1] in {"{", "["}:
        raise CommandError(f"{file}: looks like JSON; say whose it is: --format librenms or --format prometheus")
    for column in columns:
        if column in SECRET_COLUMNS:
            raise CommandError(
                f"{file}:1: a CSV holds no secrets: take the column {column!r} out, name an entry in a column "
                "credentials and give their file with --credentials FILE"
            )
        if column not in COLUMNS:
            near = difflib.get_close_matches(column, COLUMNS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(COLUMNS)}"
            raise CommandError(f"{file}:1: there is no column {column[:40]!r}; {hint}")
        if columns.count(column) > 1:
            raise CommandError(f"{file}:1: the column {column!r} is there twice")
    for column in NEEDED:
        if column not in columns:
            raise CommandError(f"{file}:1: the column {column!r} is missing; the first line names the columns")


def _row(line: _Line, credentials: Mapping[str, Secret], community: Secret | None) -> Row:
    """Return a line's row, and note all that cannot be used of it."""
    for column in NEEDED:
        if not line.text(column):
            line.refuse(column, "is empty")
    return Row(
        place=line.place,
        name=line.text("name"),
        address=line.text("address"),
        site=line.text("site") or None,
        agent=line.text("agent") or None,
        reachability=line.text("reachability").lower() or None,
        icmp_interval_s=line.number("icmp_interval"),
        snmp=_snmp(line, credentials, community),
        role=line.text("role") or None,
        tags=line.several("tags"),
        parents=line.several("parents"),
        note=line.text("note") or None,
    )


def _snmp(line: _Line, credentials: Mapping[str, Secret], community: Secret | None) -> Snmp | None:
    version = line.text("snmp_version").lower().removeprefix("v") or None
    port, interval_s = line.number("snmp_port"), line.number("snmp_interval")
    name = line.text("credentials")
    polled = line.text("reachability").lower() in _SNMP_REACHABILITY
    if not polled and not name and version is None and port is None and interval_s is None:
        return None
    if port is not None and not port.is_integer():
        line.refuse("snmp_port", "is no whole number")
        port = None
    secret = community if version != "3" else None
    if name:
        try:
            secret = named(credentials, name)
        except KeyError as error:
            line.refuse("credentials", error.args[0])
    return Snmp(version, None if port is None else int(port), interval_s, secret)
