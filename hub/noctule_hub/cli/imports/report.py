"""What became of a file's devices, told: each place in the file's order, sums, and refusals as lines of errors."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import click
import msgspec

from noctule_hub.answers.imports import ImportRowView, RowOutcome
from noctule_hub.cli.imports.rows import Fault, Left, Row
from noctule_hub.cli.output import print_table, say
from noctule_hub.cli.text import clean, cut

MAX_REFUSALS_SHOWN: Final = 50
MAX_MESSAGE_CHARS: Final = 300
# How a file's formats spell the fields of the hub's import.
_COLUMNS: Final[Mapping[str, str]] = {
    "icmpIntervalS": "icmp_interval",
    "snmp.version": "snmp_version",
    "snmp.port": "snmp_port",
    "snmp.intervalS": "snmp_interval",
    "snmp.community": "credentials",
    "snmp.v3": "credentials",
    "snmp": "credentials",
    "siteId": "site",
    "agentId": "agent",
}


class LineFault(msgspec.Struct, frozen=True):
    """One thing that is wrong with a device of the file; `column` None: with all of it."""

    column: str | None
    message: str


class Line(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One device of the file and what became of it; `place` is a line, or an entry's path.

    `faults` are all that is wrong with one that is refused, `column` and `message` the first of them.
    """

    place: str
    name: str
    outcome: RowOutcome
    device_id: int | None = None
    column: str | None = None
    message: str | None = None
    faults: list[LineFault] = []


class Report(msgspec.Struct, frozen=True, rename="camel"):
    """What became of a file; `applied` false: nothing has changed."""

    file: str
    applied: bool
    added: int
    changed: int
    unchanged: int
    skipped: int
    refused: int
    rows: list[Line]

    @property
    def total(self) -> int:
        """How many devices the file holds."""
        return len(self.rows)


def told(row: Row, view: ImportRowView) -> Line:
    """Return what the hub says of a row."""
    column = None if view.field is None else column_of(view.field)
    return Line(
        place=row.place,
        name=row.name,
        outcome=view.outcome,
        device_id=view.device_id,
        column=column,
        message=view.message,
        faults=[LineFault(fault.field and column_of(fault.field), fault.message) for fault in view.faults],
    )


def faulty(faults: Sequence[Fault], others: Mapping[str, Line]) -> list[Line]:
    """Return what is told of the places that cannot be used; `others` are what the hub says of the rest of them."""
    places: dict[str, list[Fault]] = {}
    for fault in faults:
        places.setdefault(fault.place, []).append(fault)
    return [_faulty(own, others.get(place)) for place, own in places.items()]


def _faulty(own: Sequence[Fault], other: Line | None) -> Line:
    found = [LineFault(fault.column, fault.message) for fault in own]
    columns = {fault.column for fault in own}
    # What was left out for a fault here is missing there.
    found += [] if other is None else [fault for fault in other.faults if fault.column not in columns]
    first = own[0]
    return Line(
        place=first.place,
        name=first.name,
        outcome=RowOutcome.REFUSED,
        column=first.column,
        message=first.message,
        faults=found,
    )


def left_out(left: Left) -> Line:
    """Return what is told of a device that is left out on purpose."""
    return Line(place=left.place, name=left.name, outcome=RowOutcome.SKIPPED, message=left.reason)


def report_of(file: str, lines: Sequence[Line], places: Sequence[str], *, applied: bool) -> Report:
    """Return a report with its lines in the order of `places`, which is the file's."""
    rank = {place: number for number, place in enumerate(places)}
    counts = Counter(line.outcome for line in lines)
    return Report(
        file,
        applied,
        counts[RowOutcome.ADDED],
        counts[RowOutcome.CHANGED],
        counts[RowOutcome.UNCHANGED],
        counts[RowOutcome.SKIPPED],
        counts[RowOutcome.REFUSED],
        sorted(lines, key=lambda line: rank.get(line.place, len(rank))),
    )


def print_report(report: Report, *, update: bool) -> None:
    """Print a report for people: of a dry run each line, of an import its sums; refusals on stderr."""
    if not report.applied and not report.refused:
        rows = [(line.place, line.name, line.outcome, line.message or "") for line in report.rows]
        print_table(report.file, ("#place", "name", "would be", "why"), rows)
    refusals = [(line, fault) for line in report.rows for fault in line.faults]
    for line, fault in refusals[:MAX_REFUSALS_SHOWN]:
        click.echo(clean(f"{report.file}:{_refusal(line, fault)}"), err=True)
    if len(refusals) > MAX_REFUSALS_SHOWN:
        click.echo(f"and {len(refusals) - MAX_REFUSALS_SHOWN} more; --json tells of all", err=True)
    say(_sums(report, update=update))


def column_of(field: str) -> str:
    """Return the column that a field of the hub's import comes from, by its longest known beginning."""
    parts = field.split(".")
    for length in range(len(parts), 0, -1):
        known = _COLUMNS.get(".".join(parts[:length]))
        if known is not None:
            return known
    return parts[0].partition("[")[0]


def _refusal(line: Line, fault: LineFault) -> str:
    column = f" {fault.column}:" if fault.column else ""
    name = f" ({cut(line.name, 60)})" if line.name else ""
    return f"{line.place}:{column} {cut(fault.message, MAX_MESSAGE_CHARS)}{name}"


def _sums(report: Report, *, update: bool) -> str:
    hint = "" if update or not report.skipped else " (--update changes those that are there)"
    sums = (
        f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.skipped} skipped{hint}, {report.refused} refused"
    )
    if report.applied:
        return f"{report.total} devices: {sums}."
    if report.refused:
        return f"{report.total} devices, nothing has changed: mend the file and try again. It would be {sums}."
    return f"{report.total} devices, nothing has changed: it would be {sums}."
