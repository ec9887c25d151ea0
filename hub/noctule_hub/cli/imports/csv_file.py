"""Noctule's own CSV: a header with names of columns, one device a line, secrets only by the name of their entry."""

import csv
import difflib
import io
from collections.abc import Iterator, Mapping
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


class _CellError(Exception):
    """A cell that cannot be used: its column, empty for the whole line, and why."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def parse_csv(file: str, text: str, credentials: Mapping[str, Secret], community: Secret | None) -> Parsed:
    """Return what a CSV says; `community` is that of devices that name no credentials.

    Raises `CommandError` for a header that is not understood; a line that is not becomes a fault.
    """
    lines = records(file, text)
    _, header = next(lines)
    columns = [name.strip().lower().replace(" ", "_").replace("-", "_") for name in header]
    _check_header(file, columns)
    parsed = Parsed()
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        check_count(file, len(parsed.rows) + len(parsed.faults) + 1)
        found = {column: cell.strip() for column, cell in zip(columns, cells, strict=False)}
        name = found.get("name", "")
        try:
            _check_length(cells, columns)
            parsed.rows.append(_row(str(line), found, credentials, community))
        except _CellError as error:
            parsed.faults.append(Fault(str(line), name, error.column or None, str(error)))
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


def _check_length(cells: list[str], columns: list[str]) -> None:
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise _CellError("", f"has {len(cells)} cells, the header {len(columns)}; put text with commas in quotes")


def _row(line: str, cells: Mapping[str, str], credentials: Mapping[str, Secret], community: Secret | None) -> Row:
    for column in NEEDED:
        if not cells.get(column):
            raise _CellError(column, "is empty")
    return Row(
        place=line,
        name=cells["name"],
        address=cells["address"],
        site=cells.get("site") or None,
        agent=cells.get("agent") or None,
        reachability=cells.get("reachability", "").lower() or None,
        icmp_interval_s=_number(cells, "icmp_interval"),
        snmp=_snmp(cells, credentials, community),
        role=cells.get("role") or None,
        tags=_several(cells, "tags"),
        parents=_several(cells, "parents"),
        note=cells.get("note") or None,
    )


def _snmp(cells: Mapping[str, str], credentials: Mapping[str, Secret], community: Secret | None) -> Snmp | None:
    version = cells.get("snmp_version", "").lower().removeprefix("v") or None
    port, interval_s = _number(cells, "snmp_port"), _number(cells, "snmp_interval")
    name = cells.get("credentials")
    polled = cells.get("reachability", "").lower() in _SNMP_REACHABILITY
    if not polled and not name and version is None and port is None and interval_s is None:
        return None
    if port is not None and not port.is_integer():
        raise _CellError("snmp_port", "is no whole number")
    secret = community if version != "3" else None
    if name:
        try:
            secret = named(credentials, name)
        except KeyError as error:
            raise _CellError("credentials", error.args[0]) from None
    return Snmp(version, None if port is None else int(port), interval_s, secret)


def _number(cells: Mapping[str, str], column: str) -> float | None:
    text = cells.get(column)
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise _CellError(column, f"{text[:40]!r} is no number") from None


def _several(cells: Mapping[str, str], column: str) -> tuple[str, ...] | None:
    text = cells.get(column)
    if not text:
        return None
    return tuple(part.strip() for part in text.split(BETWEEN) if part.strip())
