"""`noctule-agent check-config`: say whether agent.toml can be used, and what it comes to."""

from pathlib import Path

import click
import msgspec

from noctule_agent.cli.options import data_dir_option, json_option
from noctule_agent.config import CONFIG_KEYS, AgentConfig, find_config


@click.command("check-config")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@data_dir_option
@json_option
def check_config(file: Path | None, data_dir: Path | None, *, as_json: bool) -> None:
    """Check FILE, or the agent.toml that `run` would use, and print the settings."""
    config = find_config(file, data_dir)
    values = {key: _plain(config, key) for key in CONFIG_KEYS}
    if as_json:
        click.echo(msgspec.json.encode(values))
        return
    for key, value in values.items():
        click.echo(f"{key} = {msgspec.json.encode(value).decode()}")


def _plain(config: AgentConfig, key: str) -> str | int | float | bool | list[str]:
    value = getattr(config, key.replace(".", "_"))
    if isinstance(value, tuple):
        return [str(item) for item in value]
    return value if isinstance(value, int | float) else str(value)
