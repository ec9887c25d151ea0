"""`noctule-agent rotate-keys`: new keys for an enrolled agent."""

import asyncio
from pathlib import Path

import click

from noctule_agent.cli.options import config_option, data_dir_option
from noctule_agent.config import find_config
from noctule_agent.rotation import rotate_keys as rotate


@click.command("rotate-keys")
@data_dir_option
@config_option
def rotate_keys(data_dir: Path | None, config_file: Path | None) -> None:
    """Replace the keys by which the hub knows this agent; stop the agent first, start it afterwards."""
    enrolment = asyncio.run(rotate(find_config(config_file, data_dir).data_dir.expanduser().absolute()))
    click.echo(f"{enrolment.name} (agent {enrolment.agent_id}) has new keys; {enrolment.hub_url} knows them.")
