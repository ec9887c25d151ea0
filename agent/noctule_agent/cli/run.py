"""`noctule-agent run`: measure and deliver until stopped."""

import asyncio
from dataclasses import replace
from pathlib import Path

import click

from noctule_agent.cli.options import config_option, data_dir_option
from noctule_agent.config import find_config
from noctule_agent.log import set_up_logging
from noctule_agent.runtime import run_agent


@click.command("run")
@data_dir_option
@config_option
def run(data_dir: Path | None, config_file: Path | None) -> None:
    """Poll this agent's devices and deliver to the hub, until SIGTERM or Ctrl-C."""
    config = find_config(config_file, data_dir)
    config = replace(config, data_dir=config.data_dir.expanduser().absolute())
    set_up_logging(config.log_level, config.log_format)
    asyncio.run(run_agent(config))
