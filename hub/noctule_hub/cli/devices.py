"""`noctule device`: register devices, look at them, change and remove them."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from noctule_hub.api.views import DeviceView, InterfaceView
from noctule_hub.cli.client import HubClient, call, decode
from noctule_hub.cli.errors import CommandError
from noctule_hub.cli.output import bit_rate, json_option, milliseconds, print_json, print_table, say, short_time
from noctule_hub.cli.secret_input import read_secret, read_v3_file, read_variable
from noctule_hub.cli.thresholds import HELP, parse_thresholds, shown_thresholds

Command = TypeVar("Command", bound=Callable[..., Any])

_SETTINGS = (
    click.option(
        "--reachability", type=click.Choice(["icmp", "snmp", "both"]), help="Which axis decides that it is offline."
    ),
    click.option("--icmp-interval", type=float, metavar="S", help="Seconds between pings.  [default: 10]"),
    click.option("--icmp-count", type=int, help="Packets of one round.  [default: 5]"),
    click.option(
        "--icmp-spacing", type=float, metavar="S", help="Seconds between packets. [0.2, or what the interval allows]"
    ),
    click.option(
        "--icmp-timeout", type=float, metavar="S", help="Seconds to wait for a reply. [1, or half the interval]"
    ),
    click.option("--threshold", "thresholds", multiple=True, metavar="NAME=VALUE", help=HELP),
    click.option("--snmp-version", type=click.Choice(["1", "2c", "3"]), help="SNMP version; 3 takes --v3-file."),
    click.option("--snmp-port", type=int, help="SNMP port.  [default: 161]"),
    click.option("--interval", "snmp_interval", type=float, metavar="S", help="Seconds between SNMP polls. [30]"),
    click.option("--snmp-max-requests", type=float, metavar="N", help="SNMP requests each second at most."),
    click.option("--community-file", metavar="FILE", help="File with the community, - for standard input."),
    click.option("--community-env", metavar="VAR", help="Environment variable with the community."),
    click.option(
        "--v3-file",
        metavar="FILE",
        help="TOML with user, auth_protocol, auth_secret, priv_protocol, priv_secret, context.",
    ),
    click.option("--tag", "tags", multiple=True, help="A tag; may be given several times."),
)


def _settings(command: Command) -> Command:
    for option in reversed(_SETTINGS):
        command = option(command)
    return command


@click.group("device")
def device_group() -> None:
    """Devices that are watched."""


@device_group.command("add")
@click.argument("name")
@click.argument("address")
@click.option("--site", required=True, help="Site at which the device is.")
@click.option("--agent", help="Agent that polls it.  [default: the site's]")
@_settings
@json_option
def device_add(name: str, address: str, site: str, agent: str | None, *, as_json: bool, **options: Any) -> None:  # noqa: ANN401  click's options
    """Register the device NAME at ADDRESS."""
    body: dict[str, Any] = {"name": name, "address": address, "site": site, "tags": list(options["tags"])}
    if agent is not None:
        body["agent"] = agent
    if options["reachability"]:
        body["reachability"] = options["reachability"]
    icmp = _icmp_options(options)
    if icmp:
        body["icmp"] = icmp
    if _wants_snmp(options) or options["reachability"] in {"snmp", "both"}:
        version = options["snmp_version"] or ("3" if options["v3_file"] else "2c")
        body["snmp"] = {"version": version} | _snmp_options(options) | _credentials(options, version, ask=True)
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
    """Show DEVICE (id or name) and its interfaces."""

    async def read(client: HubClient) -> tuple[DeviceView, list[InterfaceView]]:
        found = await _find(client, device)
        return found, await client.items(f"devices/{found.id}/interfaces", InterfaceView)

    found, interfaces = call(read)
    if as_json:
        print_json({"device": found, "interfaces": interfaces})
        return
    snmp = f"version {found.snmp.version}, port {found.snmp.port}, {found.snmp.interval_s:g} s" if found.snmp else "-"
    facts = (
        ("id", str(found.id)),
        ("address", found.address),
        ("site", found.site_name),
        ("agent", found.agent_name or "-"),
        ("status", f"{found.status} ({found.status_reason}) since {short_time(found.status_since)}"),
        ("reachability", found.reachability),
        ("icmp", f"{found.icmp.count} packets each {found.icmp.interval_s:g} s" if found.icmp else "-"),
        ("snmp", snmp),
        ("thresholds", shown_thresholds(found)),
        ("rtt", milliseconds(found.latency.rtt_s if found.latency else None)),
        ("tags", ", ".join(found.tags) or "-"),
    )
    print_table(found.name, ("", ""), facts)
    rows = [
        (
            str(interface.id),
            interface.name,
            interface.if_alias,
            interface.if_oper_status,
            bit_rate(interface.speed_bps),
            bit_rate(interface.bandwidth.in_bps if interface.bandwidth else None),
            bit_rate(interface.bandwidth.out_bps if interface.bandwidth else None),
        )
        for interface in interfaces
    ]
    print_table("Interfaces", ("#id", "name", "alias", "state", "#speed", "#in", "#out"), rows)


@device_group.command("edit")
@click.argument("device")
@click.option("--name", help="New name.")
@click.option("--address", help="New address.")
@_settings
@click.option("--no-icmp", is_flag=True, help="Stop pinging it.")
@click.option("--no-snmp", is_flag=True, help="Stop polling it by SNMP and forget its secret.")
@click.option("--no-tags", is_flag=True, help="Take all tags away.")
@json_option
def device_edit(device: str, *, as_json: bool, **options: Any) -> None:  # noqa: ANN401  click's options
    """Change DEVICE (id or name); what is not named stays."""
    if (options["no_snmp"] and _wants_snmp(options)) or (options["no_icmp"] and _icmp_options(options)):
        raise click.UsageError("--no-snmp and --no-icmp go with no settings of the same kind")

    async def edit(client: HubClient) -> DeviceView:
        found = await _find(client, device)
        body = {"revision": found.revision} | _changes(found, options)
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
    found = call(lambda client: _find(client, device))
    if not yes and sys.stdin.isatty():
        click.confirm(f"Remove {found.name} ({found.address})?", abort=True, err=True)
    call(lambda client: client.send("DELETE", f"devices/{found.id}"))
    if as_json:
        print_json({"removed": found.id})
    else:
        say(f"Device {found.name} ({found.id}) is removed.")


async def _find(client: HubClient, wanted: str) -> DeviceView:
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


def _changes(device: DeviceView, options: dict[str, Any]) -> dict[str, Any]:
    changes = {key: options[key] for key in ("name", "address", "reachability") if options[key]}
    if options["tags"] or options["no_tags"]:
        changes["tags"] = list(options["tags"])
    icmp = _icmp_options(options)
    if options["no_icmp"]:
        changes["icmp"] = None
    elif icmp:
        before = msgspec.to_builtins(device.icmp) if device.icmp else {}
        own = before.get("thresholds", {}) | icmp.get("thresholds", {})
        changes["icmp"] = before | icmp | ({"thresholds": own} if own else {})
    if options["no_snmp"]:
        changes["snmp"] = None
    elif _wants_snmp(options):
        old = device.snmp
        version = options["snmp_version"] or ("3" if options["v3_file"] else old.version if old else "2c")
        kept = msgspec.to_builtins(old) if old else {}
        needed = old is None or (old.version == "3") != (version == "3")
        credentials = _credentials(options, version, ask=needed)
        changes["snmp"] = kept | {"version": version} | _snmp_options(options) | credentials
    return changes


def _wants_snmp(options: dict[str, Any]) -> bool:
    keys = (
        "snmp_version",
        "snmp_port",
        "snmp_interval",
        "snmp_max_requests",
        "community_file",
        "community_env",
        "v3_file",
    )
    return any(options[key] is not None for key in keys) or bool(parse_thresholds(options["thresholds"]).snmp)


def _icmp_options(options: dict[str, Any]) -> dict[str, Any]:
    named = {
        "intervalS": options["icmp_interval"],
        "count": options["icmp_count"],
        "spacingS": options["icmp_spacing"],
        "timeoutS": options["icmp_timeout"],
        "thresholds": parse_thresholds(options["thresholds"]).icmp or None,
    }
    return {key: value for key, value in named.items() if value is not None}


def _snmp_options(options: dict[str, Any]) -> dict[str, Any]:
    named = {
        "port": options["snmp_port"],
        "intervalS": options["snmp_interval"],
        "maxRequestsPerS": options["snmp_max_requests"],
    }
    own = parse_thresholds(options["thresholds"]).snmp
    return {key: value for key, value in named.items() if value is not None} | own


def _credentials(options: dict[str, Any], version: str, *, ask: bool) -> dict[str, Any]:
    file, env, v3_file = options["community_file"], options["community_env"], options["v3_file"]
    if len([source for source in (file, env, v3_file) if source is not None]) > 1:
        raise click.UsageError("give one of --community-file, --community-env and --v3-file")
    if version == "3":
        if v3_file is None and (ask or file is not None or env is not None):
            raise click.UsageError("SNMP version 3 needs --v3-file FILE")
        return {"v3": read_v3_file(v3_file)} if v3_file is not None else {}
    if v3_file is not None:
        raise click.UsageError(f"--v3-file belongs to SNMP version 3, not {version}")
    if env is not None:
        return {"community": read_variable(env)}
    if file is None and not ask:
        return {}
    return {"community": read_secret(file, env=None, prompt="Community", file_option="--community-file")}
