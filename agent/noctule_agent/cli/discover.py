"""`noctule-agent discover`: find what answers in a subnet."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from noctule_shared.errors import Refused
from noctule_shared.link import SnmpVersion

from noctule_agent.cli.credentials import (
    community_from_env,
    community_from_file,
    credential_options,
    v3_user_from_file,
)
from noctule_agent.cli.options import json_option
from noctule_agent.core.discovery import parse_network
from noctule_agent.discovery import discover as sweep
from noctule_agent.discovery_report import (
    DEFAULT_ADDRESSES_PER_S,
    DEFAULT_LIMIT_S,
    MAX_ADDRESSES_PER_S,
    MAX_LIMIT_S,
    Discovery,
    DiscoveryOrder,
    FoundAddress,
    NamedCredentials,
    Progress,
)
from noctule_agent.log import inert
from noctule_agent.probes.icmp import EchoEngine, NoPermission
from noctule_agent.probes.snmp.port_probe import PortState

_ORDER: Final = f"{__name__}.order"
_SOURCES: Final = ("community_env", "community_file", "v3_file")
_MAX_CELL: Final = 40


class _InOrder(click.Command):
    """Keeps the order in which options of different names were given: credentials are offered in it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _, _, given = self.make_parser(ctx).parse_args(list(args))
        ctx.meta[_ORDER] = [parameter.name for parameter in given if parameter.name in _SOURCES]
        return super().parse_args(ctx, args)


@click.command("discover", cls=_InOrder)
@click.argument("network", metavar="CIDR")
@click.option("--port", type=click.IntRange(1, 65535), default=161, show_default=True, help="UDP port of SNMP.")
@credential_options(multiple=True, default="SNMP is not asked")
@click.option(
    "--version",
    type=click.Choice([SnmpVersion.V1.value, SnmpVersion.V2C.value]),
    default=SnmpVersion.V2C.value,
    show_default=True,
    help="SNMP version of the communities.",
)
@click.option(
    "--rate",
    type=click.FloatRange(1, MAX_ADDRESSES_PER_S),
    default=DEFAULT_ADDRESSES_PER_S,
    show_default=True,
    help="Addresses to begin a second; above 300 the kernel's table of neighbours may overflow on an own link.",
)
@click.option(
    "--limit",
    type=click.FloatRange(1, MAX_LIMIT_S),
    default=DEFAULT_LIMIT_S,
    show_default=True,
    help="Seconds after which to stop with what was found.",
)
@json_option
@click.pass_context
def discover(  # noqa: PLR0917  click passes options by name
    ctx: click.Context,
    network: str,
    port: int,
    community_env: tuple[str, ...],
    community_file: tuple[Path, ...],
    v3_file: tuple[Path, ...],
    version: str,
    rate: float,
    limit: float,
    as_json: bool,  # noqa: FBT001  click passes options by name
) -> None:
    """Ping all addresses of CIDR (at most 1,024) and ask those that answer who they are.

    Credentials are sent to every address that answers, in the order given, until one fits; at most five may be
    named. Without any, only what their UDP port does is looked at.

    Exit status 0 when the sweep was completed, 1 when not, 2 for a usage error.
    """
    named = iter(community_env), iter(community_file), iter(v3_file)
    sources = dict(zip(_SOURCES, named, strict=True))
    credentials = tuple(_named(name, next(sources[name]), SnmpVersion(version)) for name in ctx.meta[_ORDER])
    try:
        order = DiscoveryOrder(parse_network(network), credentials, port, rate, limit)
    except Refused as refused:
        raise click.UsageError(refused.message) from refused
    with _progress() as progress:
        found = asyncio.run(_discover(order, progress))
    click.echo(msgspec.json.encode(found).decode() if as_json else _text(found))
    if not found.complete or (found.send_error and not found.found):
        raise click.exceptions.Exit(1)


def _named(source: str, value: Any, version: SnmpVersion) -> NamedCredentials:  # noqa: ANN401  text or path by its source
    """Return credentials by their source's name, which is what the findings call them."""
    name = f"{source.replace('_', '-')} {value}"
    if source == "v3_file":
        return NamedCredentials(name, SnmpVersion.V3, v3_user_from_file(value))
    read = community_from_env if source == "community_env" else community_from_file
    return NamedCredentials(name, version, read(value))


async def _discover(order: DiscoveryOrder, progress: Callable[[Progress], None] | None) -> Discovery:
    engine = None
    try:
        engine = EchoEngine.open()
    except NoPermission:
        if not order.credentials:
            raise
    try:
        return await sweep(order, engine, progress=progress)
    finally:
        if engine is not None:
            engine.close()


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[Progress], None] | None]:
    """Yield what draws a bar on a terminal; None where stderr is none."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, file=sys.stderr, label="sweeping", item_show_func=_shown) as bar:

        def draw(progress: Progress) -> None:
            bar.length = progress.addresses
            bar.update(progress.swept - bar.pos, f"{progress.found} found")

        yield draw


def _shown(found: str | None) -> str:
    return found or ""


def _text(found: Discovery) -> str:
    rows = [("ADDRESS", "RTT MS", "SNMP", "NAME", "DESCRIPTION"), *map(_row, found.found)]
    lines = _table(rows) if found.found else []
    by_snmp = sum(1 for one in found.found if one.snmp is not None and one.snmp.ok)
    lines.append(
        f"{len(found.found)} of {found.addresses} addresses in {found.network} answered, {by_snmp} of them by SNMP; "
        f"{found.duration_s:.1f} s"
    )
    if not found.icmp:
        lines.append("-> ICMP is not permitted here, so only SNMP was asked; see: noctule-agent doctor")
    if found.send_error:
        lines.append(f"-> This machine could not send all echoes: {inert(found.send_error)}")
    if not found.complete:
        lines.append(f"-> Stopped by --limit when {found.swept} addresses were asked to the end")
    return "\n".join(lines)


def _row(found: FoundAddress) -> tuple[str, ...]:
    rtt = "" if found.rtt_s is None else f"{found.rtt_s * 1000:.3f}"
    snmp = found.snmp
    name, descr = ("", "") if snmp is None else (snmp.sys_name or "", snmp.sys_descr or "")
    return found.address, rtt, _snmp_cell(found), inert(name)[:_MAX_CELL], inert(descr)[:_MAX_CELL]


def _snmp_cell(found: FoundAddress) -> str:
    snmp = found.snmp
    if snmp is None:
        return "not asked"
    if snmp.ok and snmp.version is not None:
        return f"v{snmp.version.value}, {inert(snmp.credential or '')}"
    if snmp.reason is not None:
        return snmp.reason.value
    return "speaks v3" if snmp.port is PortState.SPEAKS_V3 else snmp.port.value


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if column == 1 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
