"""`noctule device`: register devices, look at them, change and remove them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import click
from noctule_shared.events import DeviceStatus

from noctule_hub.answers.devices import DeviceView, InterfaceView, NeighbourView, SystemView
from noctule_hub.cli import complete
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.confirm import confirm
from noctule_hub.cli.device_options import changes, credentials_of, icmp_options, settings, snmp_options, wants_snmp
from noctule_hub.cli.device_tables import Shown, print_device, rates
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.groups import Later, LazyGroup
from noctule_hub.cli.output import json_option, milliseconds, print_json, print_table, say
from noctule_hub.cli.text import clean

# The hub's own limit: no device has a longer name.
MAX_NAME_CHARS: Final = 100

COMMANDS: Final = {
    "edit-many": Later("device_bulk:edit_many", "Change all DEVICES (ids or names) alike."),
    "import": Later("device_import:import_devices", "Register the devices of FILE (-: standard input), all or none."),
    "parents": Later("device_parents:parents_group", "Behind which devices others stand."),
    "test": Later("device_test:test_device", "Have its agent ask DEVICE (id or name) by ICMP and SNMP."),
}


@click.group("device", cls=LazyGroup, later=COMMANDS)
def device_group() -> None:
    """Devices that are watched."""


@device_group.command("add")
@click.argument("name")
@click.argument("address")
@click.option("--site", required=True, shell_complete=complete.sites, help="Site at which the device is.")
@click.option("--agent", shell_complete=complete.agents, help="Agent that polls it.  [default: the site's]")
@settings
@json_option
def device_add(name: str, address: str, site: str, agent: str | None, *, as_json: bool, **options: Any) -> None:  # noqa: ANN401  click's options
    """Register the device NAME at ADDRESS."""
    body: dict[str, Any] = {"name": name, "address": address, "site": site, "tags": list(options["tags"])}
    if agent is not None:
        body["agent"] = agent
    if options["reachability"]:
        body["reachability"] = options["reachability"]
    icmp = icmp_options(options)
    if icmp:
        body["icmp"] = icmp
    if wants_snmp(options) or options["reachability"] in {"snmp", "both"}:
        version = options["snmp_version"] or ("3" if options["v3_file"] else "2c")
        body["snmp"] = {"version": version} | snmp_options(options) | credentials_of(options, version, ask=True)
    if options["role"] is not None:
        body["role"] = options["role"]
    if options["note"] is not None:
        body["note"] = options["note"]

    async def add(client: HubClient) -> DeviceView:
        parents = await find_parents(client, options["parents"])
        return decode(await client.send("POST", "devices", body | parents), DeviceView)

    device = call(add)
    if as_json:
        print_json(device)
        return
    polled = f"agent {device.agent_name} polls it" if device.agent_name else "no agent polls it yet"
    say(f"Device {device.name} has id {device.id}; {polled}.")


@device_group.command("list")
@click.argument("text", required=False)
@click.option("--site", shell_complete=complete.sites, help="Only devices of this site.")
@click.option("--role", help="Only devices that do this in the network.")
@click.option("--tag", help="Only devices with this tag.")
@click.option("--status", type=click.Choice([str(status) for status in DeviceStatus]), help="Only devices with this.")
@json_option
def device_list(text: str | None, *, as_json: bool, **options: str | None) -> None:
    """List devices with their present state, or those only with TEXT in name, address or note."""
    query = {name: value for name, value in {"text": text, **options}.items() if value is not None}
    devices = call(lambda client: client.items("devices", DeviceView, **query))
    if as_json:
        print_json({"items": devices})
        return
    now = datetime.now(UTC)
    rows = [
        (
            str(device.id),
            device.name,
            device.address,
            device.site_name,
            device.status,
            device.status_reason,
            milliseconds(device.latency.rtt_s if device.latency else None),
            *rates(device, device.bandwidth, now),
        )
        for device in devices
    ]
    print_table("Devices", ("#id", "name", "address", "site", "status", "reason", "#rtt", "#in", "#out"), rows)


@device_group.command("show")
@click.argument("device", shell_complete=complete.devices)
@json_option
def device_show(device: str, *, as_json: bool) -> None:
    """Show DEVICE (id or name), what it says of itself, its interfaces and what it hears by LLDP."""

    async def read(client: HubClient) -> Shown:
        found = await find_device(client, device)
        path = f"devices/{found.id}"
        return Shown(
            device=found,
            parents=[await find_device(client, str(parent)) for parent in found.parents],
            system=decode(await client.get(f"{path}/system"), SystemView),
            interfaces=await client.items(f"{path}/interfaces", InterfaceView),
            neighbours=await client.items(f"{path}/neighbours", NeighbourView),
        )

    shown = call(read)
    if as_json:
        print_json(shown)
    else:
        print_device(shown, datetime.now(UTC))


@device_group.command("edit")
@click.argument("device", shell_complete=complete.devices)
@click.option("--name", help="New name.")
@click.option("--address", help="New address.")
@click.option("--site", shell_complete=complete.sites, help="Move it to this site, to the site's agent unless named.")
@click.option("--agent", shell_complete=complete.agents, help="Have this agent poll it from now on.")
@settings
@click.option("--no-icmp", is_flag=True, help="Stop pinging it.")
@click.option("--no-snmp", is_flag=True, help="Stop polling it by SNMP and forget its secret.")
@click.option("--no-tags", is_flag=True, help="Take all tags away.")
@click.option("--no-parents", is_flag=True, help="Let it stand behind nothing any more.")
@json_option
def device_edit(device: str, *, as_json: bool, **options: Any) -> None:  # noqa: ANN401  click's options
    """Change DEVICE (id or name); what is not named stays."""
    if (options["no_snmp"] and wants_snmp(options)) or (options["no_icmp"] and icmp_options(options)):
        raise click.UsageError("--no-snmp and --no-icmp go with no settings of the same kind")
    if (options["no_parents"] and options["parents"]) or (options["no_tags"] and options["tags"]):
        raise click.UsageError("--no-parents and --no-tags go with no --parent and --tag")

    async def edit(client: HubClient) -> DeviceView:
        found = await find_device(client, device)
        parents = {"parents": []} if options["no_parents"] else await find_parents(client, options["parents"])
        body = {"revision": found.revision} | changes(found, options) | parents
        return decode(await client.send("PATCH", f"devices/{found.id}", body), DeviceView)

    changed = call(edit)
    if as_json:
        print_json(changed)
    else:
        say(f"Device {changed.name} ({changed.id}) is changed.")


@device_group.command("remove")
@click.argument("device", shell_complete=complete.devices)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def device_remove(device: str, *, yes: bool, as_json: bool) -> None:
    """Stop watching DEVICE (id or name) and take it off the lists."""
    found = call(lambda client: find_device(client, device))
    confirm(clean(f"Remove {found.name} ({found.address}) of {found.site_name}?"), yes=yes)
    call(lambda client: client.send("DELETE", f"devices/{found.id}"))
    if as_json:
        print_json({"removed": found.id})
    else:
        say(f"Device {found.name} ({found.id}) is removed.")


async def find_device(client: HubClient, wanted: str) -> DeviceView:
    """Return a device by id or name. Raises `CommandError` when there is none or the name is that of several."""
    if wanted.isascii() and wanted.isdecimal():
        return decode(await client.get(f"devices/{wanted}"), DeviceView)
    alike = await client.items("devices", DeviceView, text=wanted[:MAX_NAME_CHARS])
    named = [device for device in alike if device.name.casefold() == wanted.casefold()]
    if len(named) > 1:
        ids = ", ".join(f"{device.id} at {device.site_name}" for device in named)
        raise CommandError(f"{wanted!r} is the name of several devices: {ids}; name it by id")
    if not named:
        raise CommandError(f"there is no device {wanted!r}; see: noctule device list")
    return named[0]


async def find_parents(client: HubClient, names: Sequence[str]) -> dict[str, list[int]]:
    """Return the part of a device's body that says behind which devices it stands; nothing when none is named."""
    if not names:
        return {}
    return {"parents": [(await find_device(client, name)).id for name in names]}
