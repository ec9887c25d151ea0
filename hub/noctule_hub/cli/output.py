"""What the command line prints: tables for people, one JSON document for programs, one line for an error.

Text from the network never steers the terminal: control characters are taken out of tables and escaped in JSON.
"""

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import click
import msgspec

from noctule_hub.cli.text import LEFT_BY_JSON, clean, columns_of, cut

if TYPE_CHECKING:
    from rich.table import Table

# No honest name is longer; `--json` has the whole of what a device says. On a terminal a cell folds into lines.
MAX_CELL_CHARS: Final = 1_000
MAX_TERMINAL_CELL_CHARS: Final = 200

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """Add `--json` to a command, as its parameter `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")(command)


def print_json(document: object) -> None:
    """Print one JSON document on stdout."""
    click.echo(_inert_json(msgspec.json.format(msgspec.json.encode(document), indent=2)))


def print_json_line(document: object) -> None:
    """Print one JSON document in one line, of several that follow each other on stdout."""
    click.echo(_inert_json(msgspec.json.encode(document)))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> "Table":
    """Return a table; columns that begin with `#` hold numbers and stand to the right; none with a name, no header."""
    from rich.table import Table  # noqa: PLC0415  only a command that prints a table pays for its import
    from rich.text import Text  # noqa: PLC0415  likewise

    longest = MAX_TERMINAL_CELL_CHARS if sys.stdout.isatty() else MAX_CELL_CHARS

    def inert(cell: str) -> Text:
        return Text(cut(clean(cell), longest))

    built = Table(
        title=inert(title),
        title_justify="left",
        header_style="bold",
        box=None,
        pad_edge=False,
        show_header=any(columns),
    )
    for column in columns:
        justify: Literal["left", "right"] = "right" if column.startswith("#") else "left"
        built.add_column(column.removeprefix("#"), justify=justify, overflow="fold")
    for row in rows:
        built.add_row(*map(inert, row))
    return built


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table on stdout: folded into a terminal's width, without a terminal as wide as its text."""
    cells = list(rows)
    lines = list(_plain_lines(title, columns, cells))
    if sys.stdout.isatty():
        if max(map(columns_of, lines)) > shutil.get_terminal_size().columns:
            from rich.console import Console  # noqa: PLC0415  as in `table`

            Console().print(table(title, columns, cells))
            return
        if any(columns):
            lines[1] = click.style(lines[1], bold=True)
    click.echo("\n".join(lines))


def _plain_lines(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table without a style: a hundred times quicker than one that a terminal's width binds."""
    inert = [[cut(clean(cell), MAX_CELL_CHARS) for cell in row] for row in rows]
    names = [column.removeprefix("#") for column in columns]
    lines = [names, *inert] if any(names) else inert
    widths = [max(map(columns_of, cells)) for cells in zip(*lines, strict=True)]
    yield cut(clean(title), MAX_CELL_CHARS)
    for line in lines:
        padded = (
            f"{' ' * (width - columns_of(cell))}{cell}"
            if column.startswith("#")
            else f"{cell}{' ' * (width - columns_of(cell))}"
            for cell, width, column in zip(line, widths, columns, strict=True)
        )
        yield "  ".join(padded).rstrip()


def _inert_json(encoded: bytes) -> str:
    return LEFT_BY_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", encoded.decode())


def say(line: str) -> None:
    """Print a line for a person on stdout."""
    click.echo(clean(line))


def short_time(iso: str | None) -> str:
    """Return an ISO time in local time to the second, `-` for None."""
    if iso is None:
        return "-"
    return f"{datetime.fromisoformat(iso).astimezone():%Y-%m-%d %H:%M:%S}"


def milliseconds(seconds: float | None) -> str:
    """Return a delay as text, `-` for unknown."""
    return "-" if seconds is None else f"{seconds * 1000:.1f} ms"


def bit_rate(bps: float | None) -> str:
    """Return a rate as text with a decimal prefix, `-` for unknown."""
    if bps is None:
        return "-"
    for factor, unit in ((1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s")):
        if bps >= factor:
            return f"{bps / factor:.1f} {unit}"
    return f"{bps:.0f} bit/s"
