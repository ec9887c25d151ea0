"""`noctule maintenance`: plan work on devices, see when it is, end it."""

from collections.abc import Sequence
from typing import Any, Final

import click

from noctule_hub.answers.maintenance import MaintenanceView, SpanView
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.devices import find_device
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.names import Names, names_of
from noctule_hub.cli.output import json_option, print_json, print_table, say, short_time
from noctule_hub.cli.schedule_options import once_of, recurring_of, schedule_options
from noctule_hub.cli.sites import find_site

SHOWN_OCCURRENCES: Final = 10


@click.group("maintenance")
def maintenance_group() -> None:
    """Work that is planned: meanwhile what it covers alarms nobody."""


@maintenance_group.command("add")
@click.argument("name")
@click.option("--device", "devices", multiple=True, help="Device (id or name) that it covers.  [several]")
@click.option("--site", "sites", multiple=True, help="Site (id or name), all of whose devices it covers.  [several]")
@click.option("--tag", "tags", multiple=True, help="Tag, all devices with which it covers.  [several]")
@click.option("--note", default="", help="What is done, for colleagues.")
@schedule_options
@json_option
def maintenance_add(
    name: str,
    *,
    devices: tuple[str, ...],
    sites: tuple[str, ...],
    tags: tuple[str, ...],
    note: str,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's options
) -> None:
    """Plan the maintenance NAME: once (--from, --for or --until), or again and again (--every, --at, --for).

    For example: noctule maintenance add "new power" --site hq --from 2026-12-01T02:00+01:00 --for 2h
    """
    if not (devices or sites or tags):
        raise click.UsageError("say what it covers: --device, --site or --tag")
    body: dict[str, Any] = {"name": name, "note": note, "tags": list(tags)}
    if options["every"]:
        body["recurring"] = recurring_of(options)
    else:
        body["once"] = once_of(options)

    async def add(client: HubClient) -> MaintenanceView:
        body["deviceIds"] = [(await find_device(client, device)).id for device in devices]
        body["siteIds"] = [(await find_site(client, site)).id for site in sites]
        return decode(await client.send("POST", "maintenance", body), MaintenanceView)

    window = call(add)
    if as_json:
        print_json(window)
    else:
        say(f"Maintenance {window.name} has id {window.id}; it {_when(window)}.")


@maintenance_group.command("list")
@click.option("--all", "with_past", is_flag=True, help="Also those that are over for good.")
@json_option
def maintenance_list(*, with_past: bool, as_json: bool) -> None:
    """List maintenance that runs or is to come."""

    async def read(client: HubClient) -> tuple[list[MaintenanceView], Names]:
        found = await client.items("maintenance", MaintenanceView)
        if not with_past:
            found = [window for window in found if window.running or window.next]
        return found, Names() if as_json else await _names(client, found)

    windows, names = call(read)
    if as_json:
        print_json({"items": windows})
        return
    rows = [(str(window.id), window.name, _covers(window, names), _when(window), _recurs(window)) for window in windows]
    print_table("Maintenance", ("#id", "name", "covers", "when", "recurs"), rows)


@maintenance_group.command("show")
@click.argument("window")
@json_option
def maintenance_show(window: str, *, as_json: bool) -> None:
    """Show the maintenance WINDOW (id or name) and when it runs next."""

    async def read(client: HubClient) -> tuple[MaintenanceView, list[SpanView], Names]:
        found = await _find(client, window)
        spans = await client.items(f"maintenance/{found.id}/occurrences", SpanView)
        return found, spans, Names() if as_json else await _names(client, [found])

    found, spans, names = call(read)
    if as_json:
        print_json({"window": found, "occurrences": spans})
        return
    rows = [
        ("id", str(found.id)),
        ("name", found.name),
        ("note", found.note or "-"),
        ("covers", _covers(found, names)),
        ("recurs", _recurs(found)),
        ("now", _when(found)),
    ]
    print_table("Maintenance", ("", ""), rows)
    coming = [(short_time(span.starts_at), short_time(span.ends_at)) for span in spans[:SHOWN_OCCURRENCES]]
    print_table("Within 30 days", ("from", "to"), coming)


@maintenance_group.command("end")
@click.argument("window")
@json_option
def maintenance_end(window: str, *, as_json: bool) -> None:
    """End what runs of the maintenance WINDOW (id or name) now; what recurs comes again."""

    async def end(client: HubClient) -> MaintenanceView:
        found = await _find(client, window)
        return decode(await client.send("POST", f"maintenance/{found.id}/end"), MaintenanceView)

    ended = call(end)
    if as_json:
        print_json(ended)
    else:
        say(f"Maintenance {ended.name} ({ended.id}) is ended; it {_when(ended)}.")


@maintenance_group.command("remove")
@click.argument("window")
@json_option
def maintenance_remove(window: str, *, as_json: bool) -> None:
    """Remove the maintenance WINDOW (id or name)."""

    async def remove(client: HubClient) -> MaintenanceView:
        found = await _find(client, window)
        await client.send("DELETE", f"maintenance/{found.id}")
        return found

    removed = call(remove)
    if as_json:
        print_json({"removed": removed.id})
    else:
        say(f"Maintenance {removed.name} ({removed.id}) is removed.")


def _when(window: MaintenanceView) -> str:
    if window.running is not None:
        return f"runs until {short_time(window.running.ends_at)}"
    return "is over" if window.next is None else f"begins {short_time(window.next.starts_at)}"


async def _names(client: HubClient, windows: Sequence[MaintenanceView]) -> Names:
    return await names_of(
        client,
        device_ids=[one for window in windows for one in window.device_ids],
        site_ids=[one for window in windows for one in window.site_ids],
    )


def _covers(window: MaintenanceView, names: Names) -> str:
    devices, sites = names.about(device_ids=window.device_ids, site_ids=window.site_ids)
    parts = [
        f"{what} {', '.join(map(str, given))}"
        for what, given in (("devices", devices), ("sites", sites), ("tags", window.tags))
        if given
    ]
    return "; ".join(parts)


def _recurs(window: MaintenanceView) -> str:
    found = window.recurring
    if found is None:
        return "-"
    until = "" if found.last_date is None else f" until {found.last_date:%Y-%m-%d}"
    return f"{','.join(found.weekdays)} {found.start} {found.timezone}, {found.duration_s // 60} min{until}"


async def _find(client: HubClient, wanted: str) -> MaintenanceView:
    if wanted.isascii() and wanted.isdecimal():
        return decode(await client.get(f"maintenance/{wanted}"), MaintenanceView)
    windows = await client.items("maintenance", MaintenanceView)
    named = [window for window in windows if window.name.casefold() == wanted.casefold()]
    if len(named) > 1:
        ids = ", ".join(str(window.id) for window in named)
        raise CommandError(f"{wanted!r} is the name of several maintenance windows: {ids}; name it by id")
    if not named:
        raise CommandError(f"there is no maintenance {wanted!r}; see: noctule maintenance list --all")
    return named[0]
