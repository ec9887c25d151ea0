"""`noctule-agent probe`: say what answers at an address, and why a device does not."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import click
import msgspec
from noctule_shared.link import SnmpCredentials, SnmpVersion

from noctule_agent.cli.credentials import (
    community_from_env,
    community_from_file,
    credential_options,
    v3_user_from_file,
)
from noctule_agent.cli.options import json_option
from noctule_agent.diagnosis import diagnose
from noctule_agent.log import inert
from noctule_agent.probes.snmp.backend import Backend
from noctule_agent.reports import Diagnosis, IcmpReport, InterfaceReport, Question, SnmpReport

DEFAULT_COMMUNITY = "public"


@click.command()
@click.argument("address")
@click.option("--port", type=click.IntRange(1, 65535), default=161, show_default=True, help="UDP port of SNMP.")
@credential_options(multiple=False, default=DEFAULT_COMMUNITY)
@click.option("--version", type=click.Choice([version.value for version in SnmpVersion]), help="SNMP version.")
@click.option(
    "--backend",
    type=click.Choice([backend.value for backend in Backend]),
    default=Backend.AUTO.value,
    show_default=True,
    help="Library that speaks SNMP.",
)
@click.option("--count", type=click.IntRange(1, 100), default=5, show_default=True, help="Number of echoes.")
@json_option
def probe(  # noqa: PLR0917  click passes options by name
    address: str,
    port: int,
    community_env: str | None,
    community_file: Path | None,
    v3_file: Path | None,
    version: str | None,
    backend: str,
    count: int,
    as_json: bool,  # noqa: FBT001  click passes options by name
) -> None:
    """Ask ADDRESS by ICMP and SNMP; say what answers and why a device does not.

    A v3 user that is refused is tried with parts of it and other protocols, to say what would fit; the device may
    log each as a failed authentication.

    Exit status 0 when it answered either way, 1 when not, 2 for a usage error.
    """
    if not address or "/" in address:
        raise click.BadParameter(f"{address[:80]!r} is not one address or name", param_hint="ADDRESS")
    if sum(source is not None for source in (community_env, community_file, v3_file)) > 1:
        raise click.UsageError("give one of --community-env, --community-file and --v3-file")
    chosen = _version(version, v3_file)
    credentials = _credentials(community_env, community_file, v3_file)
    if credentials.context and backend == Backend.GUFO.value:
        raise click.UsageError("--backend gufo knows no v3 contexts; use --backend auto or pysnmp")
    question = Question(address, port, chosen, credentials, Backend(backend), count)
    found = asyncio.run(diagnose(question))
    if as_json:
        click.echo(msgspec.json.encode(_document(found)).decode())
    else:
        click.echo(_text(found))
    sys.exit(0 if found.answered else 1)


def _version(version: str | None, v3_file: Path | None) -> SnmpVersion:
    chosen = SnmpVersion(version) if version else SnmpVersion.V3 if v3_file is not None else SnmpVersion.V2C
    if (chosen is SnmpVersion.V3) != (v3_file is not None):
        raise click.UsageError("--version 3 and --v3-file belong together; v1 and v2c take a community")
    return chosen


def _credentials(community_env: str | None, community_file: Path | None, v3_file: Path | None) -> SnmpCredentials:
    if community_env is not None:
        return community_from_env(community_env)
    if community_file is not None:
        return community_from_file(community_file)
    return SnmpCredentials(community=DEFAULT_COMMUNITY) if v3_file is None else v3_user_from_file(v3_file)


def _document(found: Diagnosis) -> dict[str, Any]:
    """Return the document that other programs rely on: exactly the keys that were promised."""
    document: dict[str, Any] = msgspec.to_builtins(found)
    del document["advice"], document["icmp"]["reason"], document["snmp"]["detail"]
    return document


def _text(found: Diagnosis) -> str:
    lines = [f"{found.address}", _icmp_line(found.icmp), _snmp_line(found.snmp)]
    if found.interfaces:
        up = sum(1 for row in found.interfaces if row.if_oper_status == "up")
        lines += ["", f"{len(found.interfaces)} interfaces, {up} up"]
        lines += [_interface_line(row) for row in found.interfaces]
    if found.advice:
        lines.append("")
        lines += [f"-> {inert(sentence)}" for sentence in found.advice]
    return "\n".join(lines)


def _icmp_line(icmp: IcmpReport) -> str:
    if icmp.sent == 0:
        return "  icmp  not measured"
    line = f"  icmp  {icmp.received} of {icmp.sent} echoes came back"
    rtt = icmp.rtt_s
    if rtt.min is None or rtt.median is None or rtt.max is None or rtt.mdev is None:
        return line
    parts = (("min", rtt.min), ("median", rtt.median), ("max", rtt.max), ("mdev", rtt.mdev))
    return f"{line}, rtt {', '.join(f'{name} {value * 1000:.3f}' for name, value in parts)} ms"


def _snmp_line(snmp: SnmpReport) -> str:
    if not snmp.ok:
        return f"  snmp  no answer with version {snmp.version.value}: {snmp.reason}"
    name = inert(snmp.sys_name or "(no sysName)")
    uptime = ""
    if snmp.sys_up_time_ticks is not None:
        days, rest_s = divmod(snmp.sys_up_time_ticks // 100, 86_400)
        uptime = f", up {days} d {rest_s // 3600:02d}:{rest_s % 3600 // 60:02d}"
    return f"  snmp  v{snmp.version.value}, {name}{uptime}\n        {inert(snmp.sys_descr or '')}"


def _interface_line(row: InterfaceReport) -> str:
    speed = "" if row.speed_bps is None else f"{row.speed_bps / 1e6:g} Mbit/s"
    bits = "" if row.counter_bits is None else f"{row.counter_bits}-bit"
    return (
        f"  {row.if_index:>10}  {inert(row.name)[:40]:<40}  {row.if_oper_status.value:<14}  {speed:>14}  "
        f"{bits:<6}  {inert(row.if_alias)[:40]}"
    ).rstrip()
