"""The options of `noctule device add` and `edit`, and the bodies of requests that they become."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec
from noctule_shared.interface_filter import InterfaceFilter

from noctule_hub.answers.devices import DeviceView
from noctule_hub.cli import complete
from noctule_hub.cli.secret_input import read_secret, read_v3_file, read_variable
from noctule_hub.cli.thresholds import HELP, parse_thresholds

Command = TypeVar("Command", bound=Callable[..., Any])

# Said of a list of interfaces: nothing is on it.
NONE = "none"

_SETTINGS = (
    click.option(
        "--reachability",
        type=click.Choice(["icmp", "snmp", "both"]),
        help="When it is offline: when pings are not answered, SNMP is not, or neither is. With snmp it is pinged only "
        "when an --icmp option is given.",
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
    click.option(
        "--skip-type",
        "skip_types",
        multiple=True,
        metavar="N",
        help="Poll no interfaces of this ifType (IANAifType number); several times, or none.  "
        "[default: loopbacks, consoles, voice channels]",
    ),
    click.option(
        "--skip-interface",
        "skip_names",
        multiple=True,
        metavar="GLOB",
        help="Poll no interfaces with such an ifName, ifDescr or ifAlias; several times, or none.",
    ),
    click.option(
        "--only-interface",
        "only_names",
        multiple=True,
        metavar="GLOB",
        help="Poll only interfaces with such an ifName, ifDescr or ifAlias; several times, or none.",
    ),
    click.option("--role", metavar="WORD", help="What it does in the network: core, access, cpe, a word of your own."),
    click.option("--tag", "tags", multiple=True, help="A tag; may be given several times."),
    click.option(
        "--parent",
        "parents",
        multiple=True,
        shell_complete=complete.devices,
        metavar="DEVICE",
        help="Device (id or name) through which it is reached; several where the way is redundant.",
    ),
    click.option("--note", help="The NOC's own text about it."),
)


def settings(command: Command) -> Command:
    """Give a command the options of a device's settings."""
    for option in reversed(_SETTINGS):
        command = option(command)
    return command


def changes(device: DeviceView, options: dict[str, Any]) -> dict[str, Any]:
    """Return what a change of `device` has to say."""
    found = {key: options[key] for key in ("name", "address", "site", "agent", "reachability") if options[key]}
    if options["note"] is not None:
        found["note"] = options["note"]
    if options["role"] is not None:
        found["role"] = options["role"]
    if options["tags"] or options["no_tags"]:
        found["tags"] = list(options["tags"])
    icmp = icmp_options(options)
    if options["no_icmp"]:
        found["icmp"] = None
    elif icmp:
        before = msgspec.to_builtins(device.icmp) if device.icmp else {}
        own = before.get("thresholds", {}) | icmp.get("thresholds", {})
        found["icmp"] = before | icmp | ({"thresholds": own} if own else {})
    if options["no_snmp"]:
        found["snmp"] = None
    elif wants_snmp(options):
        old = device.snmp
        version = options["snmp_version"] or ("3" if options["v3_file"] else old.version if old else "2c")
        kept = msgspec.to_builtins(old) if old else {}
        needed = old is None or (old.version == "3") != (version == "3")
        credentials = credentials_of(options, version, ask=needed)
        found["snmp"] = (
            kept | {"version": version} | snmp_options(options, old.interfaces if old else None) | credentials
        )
    return found


def wants_snmp(options: dict[str, Any]) -> bool:
    """Return whether anything was said of SNMP."""
    keys = (
        "snmp_version",
        "snmp_port",
        "snmp_interval",
        "snmp_max_requests",
        "community_file",
        "community_env",
        "v3_file",
    )
    lists = ("skip_types", "skip_names", "only_names")
    said = any(options[key] is not None for key in keys) or any(options[key] for key in lists)
    return said or bool(parse_thresholds(options["thresholds"]).snmp)


def icmp_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return what was said of pinging."""
    named = {
        "intervalS": options["icmp_interval"],
        "count": options["icmp_count"],
        "spacingS": options["icmp_spacing"],
        "timeoutS": options["icmp_timeout"],
        "thresholds": parse_thresholds(options["thresholds"]).icmp or None,
    }
    return {key: value for key, value in named.items() if value is not None}


def snmp_options(options: dict[str, Any], before: InterfaceFilter | None = None) -> dict[str, Any]:
    """Return what was said of polling; a list of the interfaces' filter that was not named is as `before`."""
    named = {
        "port": options["snmp_port"],
        "intervalS": options["snmp_interval"],
        "maxRequestsPerS": options["snmp_max_requests"],
    }
    found: dict[str, Any] = {key: value for key, value in named.items() if value is not None}
    found |= parse_thresholds(options["thresholds"]).snmp
    lists = {
        "skipTypes": [_if_type(word) for word in _entries(options["skip_types"])],
        "skipNames": _entries(options["skip_names"]),
        "onlyNames": _entries(options["only_names"]),
    }
    said = {
        key: entries
        for (key, entries), option in zip(lists.items(), ("skip_types", "skip_names", "only_names"), strict=True)
        if options[option]
    }
    if said:
        kept = (
            {"skipTypes": before.skip_types, "skipNames": before.skip_names, "onlyNames": before.only_names}
            if before is not None
            else {}
        )
        found["interfaces"] = kept | said
    return found


def _entries(words: tuple[str, ...]) -> list[str]:
    """Return what was listed; the word `none` alone is an empty list."""
    return [] if words == (NONE,) else list(words)


def _if_type(word: str) -> int:
    if not (word.isascii() and word.isdecimal()):
        raise click.UsageError(f"--skip-type takes numbers of IANAifType such as 53, or {NONE}; not {word!r}")
    return int(word)


def credentials_of(options: dict[str, Any], version: str, *, ask: bool) -> dict[str, Any]:
    """Return what opens the device, asked for where nothing was said and `ask`. Raises `click.UsageError`."""
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
