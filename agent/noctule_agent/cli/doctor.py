"""`noctule-agent doctor`: check the machine and name the fixes."""

import asyncio
from pathlib import Path

import click
import msgspec

from noctule_agent.cli.options import config_option, data_dir_option, json_option
from noctule_agent.config import find_config
from noctule_agent.doctor import examine
from noctule_agent.log import inert


@click.command("doctor")
@data_dir_option
@config_option
@json_option
def doctor(data_dir: Path | None, config_file: Path | None, *, as_json: bool) -> None:
    """Check permissions, buffers, limits, clock, data folder, enrolment and hub, and measure what this machine can do.

    Takes about three seconds, two of them at full load; nothing but the check of the hub leaves the machine. Exit
    status 1 when something failed; warnings are no failure.
    """
    found = asyncio.run(examine(find_config(config_file, data_dir)))
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        for finding in found.checks:
            click.echo(f"{finding.verdict.value:<8} {finding.name:<10} {inert(finding.message)}")
            if finding.fix:
                click.echo(f"{'':<19} fix: {inert(finding.fix)}")
    if not found.ok:
        raise click.exceptions.Exit(1)
