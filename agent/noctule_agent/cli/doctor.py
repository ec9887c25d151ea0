"""`noctule-agent doctor`: check the machine and name the fixes."""

import asyncio
from pathlib import Path

import click
import msgspec

from noctule_agent.cli.options import config_option, data_dir_option, json_option
from noctule_agent.config import find_config
from noctule_agent.doctor import Verdict, examine
from noctule_agent.log import inert


@click.command("doctor")
@data_dir_option
@config_option
@json_option
def doctor(data_dir: Path | None, config_file: Path | None, *, as_json: bool) -> None:
    """Check permissions, limits, data folder, enrolment and hub. Exit status 1 when something fails."""
    findings = asyncio.run(examine(find_config(config_file, data_dir)))
    if as_json:
        click.echo(
            msgspec.json.encode({"ok": all(f.verdict is not Verdict.FAIL for f in findings), "checks": findings})
        )
    else:
        for finding in findings:
            click.echo(f"{finding.verdict.value:<5} {finding.name:<10} {inert(finding.message)}")
            if finding.fix:
                click.echo(f"{'':<16} fix: {inert(finding.fix)}")
    if any(finding.verdict is Verdict.FAIL for finding in findings):
        raise click.exceptions.Exit(1)
