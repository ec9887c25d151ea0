"""What the command line prints: tables for people, one JSON document for programs, one line for an error.

Text from the network never steers the terminal: control characters are taken out of tables and escaped in JSON.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import click
import msgspec
from noctule_shared.errors import NoctuleError, Refused
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Those of them that JSON itself would let through.
_LEFT_BY_JSON: Final = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
MAX_PLAIN_WIDTH: Final = 10_000

Command = TypeVar("Command", bound=Callable[..., Any])


class ErrorsAsLines(click.Group):
    """A group whose commands' errors come out as one line on stderr, exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  click's own signature
        """Run the command; `NoctuleError` and what the system refuses become a `ClickException`."""
        try:
            return super().invoke(ctx)
        except Refused as refusal:
            field = f"{refusal.field}: " if refusal.field else ""
            raise click.ClickException(clean(f"{field}{refusal.message}")) from refusal
        except NoctuleError as error:
            raise click.ClickException(clean(str(error))) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            raise click.ClickException(clean(f"{error.filename or 'system'}: {error.strerror or error}")) from error


def json_option(command: Command) -> Command:
    """Add `--json` to a command, as its parameter `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")(command)


def clean(text: str) -> str:
    """Return text without what could steer a terminal: control characters, also C1, and marks of direction."""
    return _CONTROLS.sub("", text)


def print_json(document: object) -> None:
    """Print one JSON document on stdout."""
    text = json.dumps(msgspec.to_builtins(document), indent=2, ensure_ascii=False)
    click.echo(_LEFT_BY_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def print_json_line(document: object) -> None:
    """Print one JSON document on one line of stdout, for commands that print many."""
    text = json.dumps(msgspec.to_builtins(document), ensure_ascii=False)
    click.echo(_LEFT_BY_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table; columns that begin with `#` hold numbers and stand to the right; none with a name, no header."""
    built = Table(
        title=title, title_justify="left", header_style="bold", box=None, pad_edge=False, show_header=any(columns)
    )
    for column in columns:
        built.add_column(column.removeprefix("#"), justify="right" if column.startswith("#") else "left")
    for row in rows:
        built.add_row(*(Text(clean(cell)) for cell in row))
    return built


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table on stdout; without a terminal it is as wide as its text, so that nothing is cut."""
    built, console = table(title, columns, rows), Console()
    if not sys.stdout.isatty():
        wanted = Measurement.get(console, console.options.update(max_width=MAX_PLAIN_WIDTH), built).maximum
        console = Console(width=max(wanted, 1))
    console.print(built)


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
