"""`noctule log`: what devices say by themselves, followed, searched and exported."""

import asyncio
import sys
from pathlib import Path
from typing import Any, Final

import click
from noctule_shared.times import ms_from_iso

from noctule_hub.answers.logs import ExportFormat, LogPage, LogView
from noctule_hub.cli.client import HubClient, call, decode, until_interrupted
from noctule_hub.cli.log_export import export_to
from noctule_hub.cli.log_options import filter_options, query_of
from noctule_hub.cli.output import json_option, print_json, print_json_line, say, short_time

POLL_S: Final = 1.0
PAGE_ITEMS: Final = 1_000
MAX_SHOWN_CHARS: Final = 2_048


@click.group("log")
def log_group() -> None:
    """Network logs: syslog, traps, and changes of devices' inventories."""


@log_group.command("tail")
@click.option("-n", "count", type=click.IntRange(1, PAGE_ITEMS), default=20, show_default=True, help="How many.")
@click.option("-f", "--follow", is_flag=True, help="Then print each new one until Ctrl-C.")
@filter_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def log_tail(count: int, *, follow: bool, as_json: bool, **options: Any) -> None:  # noqa: ANN401  click's options
    """Print the newest network logs, oldest of them first."""

    def show(logs: list[LogView]) -> None:
        for log in logs:
            if as_json:
                print_json_line(log)
            else:
                say(log_line(log))

    async def tail(client: HubClient) -> None:
        query = await query_of(client, options)
        newest = decode(await client.get("logs", limit=count, **query), LogPage).items[::-1]
        show(newest)
        if not follow:
            return
        # What is filtered out moves no cursor: the newest that there is does.
        last = newest[-1].seq if newest else await _head(client)
        while True:
            page = decode(await client.get("logs", order="oldest", cursor=last, limit=PAGE_ITEMS, **query), LogPage)
            show(page.items)
            last = page.items[-1].seq if page.items else last
            sys.stdout.flush()
            if page.next_cursor is None:
                await asyncio.sleep(POLL_S)

    until_interrupted(tail)


@log_group.command("search")
@click.option("--limit", type=click.IntRange(1, PAGE_ITEMS), default=100, show_default=True, help="At most so many.")
@click.option("--oldest", is_flag=True, help="Oldest first; newest first without it.")
@filter_options
@json_option
def log_search(limit: int, *, oldest: bool, as_json: bool, **options: Any) -> None:  # noqa: ANN401  click's options
    """Print network logs that meet all filters."""

    async def search(client: HubClient) -> LogPage:
        query = await query_of(client, options)
        return decode(await client.get("logs", limit=limit, order="oldest" if oldest else "newest", **query), LogPage)

    page = call(search)
    if as_json:
        print_json(page)
        return
    for log in page.items:
        say(log_line(log))
    if page.next_cursor is not None:
        click.echo(f"There are more; --limit goes to {PAGE_ITEMS}, `noctule log export` takes all.", err=True)


@log_group.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice([word.value for word in ExportFormat]),
    help="ndjson or csv. [default: by FILE's ending, else ndjson]",
)
@click.option("--oldest", is_flag=True, help="Oldest first; newest first without it.")
@click.option("--force", is_flag=True, help="Replace FILE when it is there.")
@filter_options
@json_option
def log_export(
    file: Path,
    form: str | None,
    *,
    oldest: bool,
    force: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's options
) -> None:
    """Write all network logs that meet the filters to FILE, - for stdout. FILE is written whole or not at all."""
    if as_json and file == Path("-"):
        raise click.UsageError("--json prints to stdout what became of FILE; it goes with no FILE -")
    chosen = ExportFormat(form or ("csv" if file.suffix == ".csv" else "ndjson"))

    async def export(client: HubClient) -> None:
        query = await query_of(client, options) | {"order": "oldest" if oldest else "newest"}
        end = await export_to(client, file, chosen, query, force=force)
        if as_json:
            print_json({"file": str(file), **end})
        elif file != Path("-"):
            say(f"{file}: {end['bytes']} bytes")
        if not end["complete"]:
            click.echo("More rows meet the filters than an export may hold: narrow them, by --until say.", err=True)

    call(export)


async def _head(client: HubClient) -> int:
    """Return the seq of the newest network log of all, 0 for none."""
    newest = decode(await client.get("logs", limit=1), LogPage).items
    return newest[0].seq if newest else 0


def log_line(log: LogView) -> str:
    """Return a network log as one line."""
    origin = "/".join(part for part in (log.source, log.facility) if part)
    late = "" if not log.late else f" (late by {_span(ms_from_iso(log.committed_at) - ms_from_iso(log.timestamp))})"
    who = log.device_name or log.address or "-"
    message = log.message
    if len(message) > MAX_SHOWN_CHARS:
        message = f"{message[:MAX_SHOWN_CHARS]}... ({len(message)} characters)"
    return f"{short_time(log.timestamp)} {log.severity_name or '-':<13} {who} {origin}{late}: {message}"


def _span(span_ms: int) -> str:
    seconds = span_ms // 1000
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"  # noqa: PLR2004  as people say it
