"""`noctule device`: register devices, look at them, change and remove them."""

import sys
from typing import Any

import click

from noctule_hub.answers.devices import DeviceView, InterfaceView, NeighbourView, SystemView
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.device_options import changes, credentials_of, icmp_options, settings, snmp_options, wants_snmp
from noctule_hub.cli.device_tables import Shown, print_device
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.output import bit_rate, json_option, milliseconds, print_json, print_table, say


@click.group("device")
def device_group() -> None:
    """Devices that are watched."""


@device_group.command("add")
@click.argument("name")
@click.argument("address")
@click.option("--site", required=True, help="Site at which the device is.")
@click.option("--agent", help="Agent that polls it.  [default: the site's]")
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
    device = decode(call(lambda client: client.send("POST", "devices", body)), DeviceView)
    if as_json:
        print_json(device)
        return
    polled = f"agent {device.agent_name} polls it" if device.agent_name else "no agent polls it yet"
    say(f"Device {device.name} has id {device.id}; {polled}.")


@device_group.command("list")
@click.option("--site", help="Only devices of this site.")
@json_option
def device_list(site: str | None, *, as_json: bool) -> None:
    """List devices with their present state."""
    devices = call(lambda client: client.items("devices", DeviceView))
    if site is not None:
        devices = [device for device in devices if device.site_name.casefold() == site.casefold()]
    if as_json:
        print_json({"items": devices})
        return
    rows = [
        (
            str(device.id),
            device.name,
            device.address,
            device.site_name,
            device.status,
            device.status_reason,
            milliseconds(device.latency.rtt_s if device.latency else None),
            bit_rate(device.bandwidth.in_bps if device.bandwidth else None),
            bit_rate(device.bandwidth.out_bps if device.bandwidth else None),
        )
        for device in devices
    ]
    print_table("Devices", ("#id", "name", "address", "site", "status", "reason", "#rtt", "#in", "#out"), rows)


@device_group.command("show")
@click.argument("device")
@json_option
def device_show(device: str, *, as_json: bool) -> None:
    """Show DEVICE (id or name), what it says of itself, its interfaces and what it hears by LLDP."""

    async def read(client: HubClient) -> Shown:
        found = await find_device(client, device)
        path = f"devices/{found.id}"
        return Shown(
            device=found,
            system=decode(await client.get(f"{path}/system"), SystemView),
            interfaces=await client.items(f"{path}/interfaces", InterfaceView),
            neighbours=await client.items(f"{path}/neighbours", NeighbourView),
        )

    shown = call(read)
    if as_json:
        print_json(shown)
    else:
        print_device(shown)


@device_group.command("edit")
@click.argument("device")
@click.option("--name", help="New name.")
@click.option("--address", help="New address.")
@settings
@click.option("--no-icmp", is_flag=True, help="Stop pinging it.")
@click.option("--no-snmp", is_flag=True, help="Stop polling it by SNMP and forget its secret.")
@click.option("--no-tags", is_flag=True, help="Take all tags away.")
@json_option
def device_edit(device: str, *, as_json: bool, **options: Any) -> None:  # noqa: ANN401  click's options
    """Change DEVICE (id or name); what is not named stays."""
    if (options["no_snmp"] and wants_snmp(options)) or (options["no_icmp"] and icmp_options(options)):
        raise click.UsageError("--no-snmp and --no-icmp go with no settings of the same kind")

    async def edit(client: HubClient) -> DeviceView:
        found = await find_device(client, device)
        body = {"revision": found.revision} | changes(found, options)
        return decode(await client.send("PATCH", f"devices/{found.id}", body), DeviceView)

    changed = call(edit)
    if as_json:
        print_json(changed)
    else:
        say(f"Device {changed.name} ({changed.id}) is changed.")


@device_group.command("remove")
@click.argument("device")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def device_remove(device: str, *, yes: bool, as_json: bool) -> None:
    """Stop watching DEVICE (id or name) and take it off the lists."""
    found = call(lambda client: find_device(client, device))
    if not yes and sys.stdin.isatty():
        click.confirm(f"Remove {found.name} ({found.address})?", abort=True, err=True)
    call(lambda client: client.send("DELETE", f"devices/{found.id}"))
    if as_json:
        print_json({"removed": found.id})
    else:
        say(f"Device {found.name} ({found.id}) is removed.")


async def find_device(client: HubClient, wanted: str) -> DeviceView:
    """Return a device by id or name. Raises `CommandError` when there is none or the name is that of several."""
    if wanted.isascii() and wanted.isdecimal():
        return decode(await client.get(f"devices/{wanted}"), DeviceView)
    named = [
        device for device in await client.items("devices", DeviceView) if device.name.casefold() == wanted.casefold()
    ]
    if len(named) > 1:
        ids = ", ".join(f"{device.id} at {device.site_name}" for device in named)
        raise CommandError(f"{wanted!r} is the name of several devices: {ids}; name it by id")
    if not named:
        raise CommandError(f"there is no device {wanted!r}; see: noctule device list")
    return named[0]
