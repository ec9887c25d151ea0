"""`noctule device import`: the devices of a file, checked whole before the first is registered."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import click
import msgspec
from noctule_shared.errors import Refused

from noctule_hub.answers.devices import DeviceView
from noctule_hub.answers.imports import ImportAnswer, RowOutcome
from noctule_hub.cli import complete
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.imports.batches import batches, doubles, ordered, span_batches
from noctule_hub.cli.imports.credentials import read_credentials
from noctule_hub.cli.imports.csv_file import parse_csv
from noctule_hub.cli.imports.librenms import parse_librenms
from noctule_hub.cli.imports.prometheus import parse_prometheus
from noctule_hub.cli.imports.report import Line, faulty, left_out, print_report, report_of, told
from noctule_hub.cli.imports.rows import Fault, Parsed, Row, Secret
from noctule_hub.cli.imports.source import read_text
from noctule_hub.cli.output import json_option, print_json
from noctule_hub.cli.progress import Progress
from noctule_hub.cli.secret_input import read_secret

_NUMBERS: Final = re.compile(r"\d+", re.ASCII)
FORMATS: Final = ("csv", "librenms", "prometheus")


@click.command("import")
@click.argument("file")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True, help="Whose file it is."
)
@click.option("--site", shell_complete=complete.sites, help="Site of devices for which the file names none.")
@click.option("--update", is_flag=True, help="Change devices that are there already; else they are skipped.")
@click.option("--dry-run", is_flag=True, help="Say what would become of each device, and change nothing.")
@click.option("--credentials", metavar="FILE", help="TOML, mode 0600, with tables of credentials that the file names.")
@click.option("--community-file", metavar="FILE", help="File with the community of devices that name no credentials.")
@json_option
def import_devices(
    file: str,
    form: str,
    site: str | None,
    credentials: str | None,
    community_file: str | None,
    *,
    update: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Register the devices of FILE (-: standard input), all or none.

    A device is known again by site and name, else by its address: none is doubled. csv: the columns name, address,
    site, agent, reachability, icmp_interval, snmp_version, snmp_port, snmp_interval, credentials, role, tags, parents,
    note, the first two needed, several tags or parents with | between. librenms: its /api/v0/devices as JSON, or its
    table devices as CSV. prometheus: a file_sd target file as JSON.
    """
    parsed = _parse(file, form, credentials, community_file)
    places = _in_file(parsed)
    rows, half = _at(site, parsed.rows), _at(site, parsed.faulty)
    faults = [*parsed.faults, *doubles(rows)]
    faults += [
        Fault(row.place, row.name, "site", "is not named; name one for all with --site")
        for row in (*rows, *half)
        if not row.site
    ]
    good, circles = ordered(_without(rows, faults))
    faults += circles
    good, half = _without(good, faults), [*half, *_without(rows, _without(rows, faults))]
    if not places:
        raise CommandError(f"{file}: holds no devices")
    found = call(lambda client: _checked_and_loaded(client, good, half, update=update, dry_run=dry_run))
    lines = faulty(faults, found.half) + [left_out(left) for left in parsed.left]
    report = report_of(file, lines + found.lines, places, applied=found.applied)
    if as_json:
        print_json(report)
    else:
        print_report(report, update=update)
    if report.refused:
        raise click.exceptions.Exit(1)


class _Found(msgspec.Struct):
    """What the hub says of rows, of half ones by their places, and whether it keeps them."""

    lines: list[Line]
    half: dict[str, Line]
    applied: bool = False


async def _checked_and_loaded(
    client: HubClient, rows: Sequence[Row], half: Sequence[Row], *, update: bool, dry_run: bool
) -> _Found:
    """Have the hub check all rows; when it refuses none, none is `half`, and it is no dry run, have it keep them."""
    known: frozenset[str] = frozenset()
    if span_batches(rows):
        known = frozenset(device.name.casefold() for device in await client.items("devices", DeviceView))
    others: dict[str, Line] = {}
    # Behind whom these stand is not looked at: that may be a row that is faulty, too.
    for batch in batches([replace(row, parents=None) for row in half]):
        answer = await _send(client, batch.bodies, update=update, dry_run=True)
        others |= {row.place: told(row, view) for row, view in zip(batch.rows, answer.rows, strict=True)}
    with Progress(len(rows), "Checking") as progress:
        lines: list[Line] = []
        for batch in batches(rows, known=known):
            answer = await _send(client, batch.bodies, update=update, dry_run=True)
            lines += [told(row, view) for row, view in zip(batch.rows, answer.rows, strict=True)]
            progress.advance(len(batch.rows))
    if dry_run or half or any(line.outcome is RowOutcome.REFUSED for line in lines):
        return _Found(lines, others)
    with Progress(len(rows), "Importing") as progress:
        lines = []
        for batch in batches(rows):
            try:
                answer = await _send(client, batch.bodies, update=update, dry_run=False)
            except Refused as refusal:
                raise CommandError(
                    f"the hub changed meanwhile: {refusal.field}: {refusal.message}; {len(lines)} of {len(rows)} "
                    "devices are done. Import the file again: what is there is left as it is"
                ) from refusal
            lines += [told(row, view) for row, view in zip(batch.rows, answer.rows, strict=True)]
            progress.advance(len(batch.rows))
    return _Found(lines, {}, applied=True)


async def _send(client: HubClient, bodies: Sequence[object], *, update: bool, dry_run: bool) -> ImportAnswer:
    query = {"dryRun": "true"} if dry_run else {}
    body = {"devices": bodies, "update": update}
    return decode(await client.send("POST", "devices/import", body, query=query), ImportAnswer)


def _parse(file: str, form: str, credentials: str | None, community_file: str | None) -> Parsed:
    known = read_credentials(credentials) if credentials is not None else {}
    community = None
    if community_file is not None:
        if community_file == file == "-":
            raise click.UsageError("standard input is either the devices or the community")
        text = read_secret(community_file, env=None, prompt="Community", file_option="--community-file")
        community = Secret(None, {"community": text})
    text = read_text(file)
    match form:
        case "librenms":
            return parse_librenms(file, text, community)
        case "prometheus":
            return parse_prometheus(file, text, known, community)
        case _:
            return parse_csv(file, text, known, community)


def _at(site: str | None, rows: Sequence[Row]) -> list[Row]:
    """Return rows with `site` as that of those that name none."""
    return [row if row.site is not None or site is None else replace(row, site=site) for row in rows]


def _without(rows: Sequence[Row], others: Sequence[Fault | Row]) -> list[Row]:
    places = {other.place for other in others}
    return [row for row in rows if row.place not in places]


def _in_file(parsed: Parsed) -> list[str]:
    """Return all places in the file's order, which is that of the numbers in them."""
    places = [
        *(row.place for row in parsed.rows),
        *(fault.place for fault in parsed.faults),
        *(left.place for left in parsed.left),
    ]
    return sorted(places, key=lambda place: [int(number) for number in _NUMBERS.findall(place)])
