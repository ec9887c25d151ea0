"""`noctule device edit-many`: one change for many devices, and what became of each that it did not suit."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from noctule_hub.answers.devices import DeviceView
from noctule_hub.answers.imports import BulkAnswer, BulkOutcome, BulkRowView
from noctule_hub.cli import complete
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.devices import find_device
from noctule_hub.cli.output import json_option, print_json, print_table, say
from noctule_hub.cli.thresholds import HELP, parse_thresholds

# What the hub takes at once.
BATCH: Final = 1_000


@click.command("edit-many")
@click.argument("devices", nargs=-1, shell_complete=complete.devices)
@click.option("--of-site", shell_complete=complete.sites, help="Also all devices of this site.")
@click.option("--with-role", help="Also all devices of this role; with --of-site those of both.")
@click.option("--with-tag", help="Also all devices with this tag; with the others those of all that is said.")
@click.option("--role", help="What they do in the network; an empty word takes it away.")
@click.option("--add-tag", "add_tags", multiple=True, help="Put this tag on; may be given several times.")
@click.option("--remove-tag", "remove_tags", multiple=True, help="Take this tag away; may be given several times.")
@click.option("--site", shell_complete=complete.sites, help="Move them to this site, to its agent unless named.")
@click.option("--agent", shell_complete=complete.agents, help="Have this agent poll them from now on.")
@click.option("--icmp-interval", type=float, metavar="S", help="Seconds between pings.")
@click.option("--interval", "snmp_interval", type=float, metavar="S", help="Seconds between SNMP polls.")
@click.option("--threshold", "thresholds", multiple=True, metavar="NAME=VALUE", help=HELP)
@json_option
def edit_many(
    devices: tuple[str, ...],
    *,
    of_site: str | None,
    with_role: str | None,
    with_tag: str | None,
    as_json: bool,
    **options: Any,  # noqa: ANN401  click's options
) -> None:
    """Change all DEVICES (ids or names) alike; what is not named stays, and what does not suit one is told."""
    wanted = {"site": of_site, "role": with_role, "tag": with_tag}
    if not devices and not any(wanted.values()):
        raise click.UsageError("name devices, or choose them with --of-site, --with-role or --with-tag")
    change = _change(options)

    async def edit(client: HubClient) -> tuple[list[DeviceView], list[BulkRowView]]:
        chosen = await _chosen(client, devices, {name: value for name, value in wanted.items() if value})
        rows: list[BulkRowView] = []
        for first in range(0, len(chosen), BATCH):
            ids = [device.id for device in chosen[first : first + BATCH]]
            rows += decode(await client.send("POST", "devices/bulk", {"ids": ids, "change": change}), BulkAnswer).rows
        return chosen, rows

    chosen, rows = call(edit)
    if as_json:
        print_json({"rows": rows})
        return
    names = {device.id: device.name for device in chosen}
    refused = [row for row in rows if row.outcome is BulkOutcome.REFUSED]
    if refused:
        table = [(str(row.device_id), names[row.device_id], row.field or "", row.message or "") for row in refused]
        print_table("Refused", ("#id", "name", "field", "why"), table)
    changed = sum(row.outcome is BulkOutcome.CHANGED for row in rows)
    say(f"Of {len(rows)} devices {changed} are changed, {len(refused)} refused; the others were like that already.")


def _change(options: dict[str, Any]) -> dict[str, Any]:
    thresholds = parse_thresholds(options["thresholds"])
    icmp: dict[str, Any] = {} if options["icmp_interval"] is None else {"intervalS": options["icmp_interval"]}
    if thresholds.icmp:
        icmp["thresholds"] = thresholds.icmp
    snmp = ({} if options["snmp_interval"] is None else {"intervalS": options["snmp_interval"]}) | thresholds.snmp
    said = {
        "addTags": list(options["add_tags"]),
        "removeTags": list(options["remove_tags"]),
        "site": options["site"],
        "agent": options["agent"],
        "icmp": icmp,
        "snmp": snmp,
    }
    change = {key: value for key, value in said.items() if value}
    if options["role"] is not None:
        change["role"] = options["role"]
    if not change:
        raise click.UsageError(
            "say what changes: --role, --add-tag, --remove-tag, --site, --agent, an interval or --threshold"
        )
    return change


async def _chosen(client: HubClient, names: Sequence[str], query: Mapping[str, str]) -> list[DeviceView]:
    """Return the devices that are named and those that are chosen, each once."""
    found = [await find_device(client, name) for name in names]
    if query:
        found += await client.items("devices", DeviceView, **query)
    return list({device.id: device for device in found}.values())
