"""`noctule hub`: make a data folder and run a hub on it."""

import asyncio
from pathlib import Path

import click

from noctule_hub.api.users import check_username
from noctule_hub.cli.folder import check_folder, initialise
from noctule_hub.cli.output import json_option, print_json, say
from noctule_hub.config import HubConfig, load_config
from noctule_hub.log import configure_logging

_data_dir = click.option(
    "--data-dir",
    required=True,
    type=click.Path(readable=False, path_type=Path),
    help="Folder that holds all of the hub's data and keys.",
)


@click.group("hub")
def hub_group() -> None:
    """Make and run a hub on this machine."""


@hub_group.command("init")
@_data_dir
@click.option("--admin", "username", default="admin", show_default=True, help="Name of the first administrator.")
@json_option
def init_command(data_dir: Path, username: str, *, as_json: bool) -> None:
    """Make keys, database and the first administrator, whose password is printed this once."""
    sign_in = asyncio.run(initialise(data_dir, username=check_username(username)))
    if as_json:
        print_json({"adminUser": sign_in.username, "adminPassword": sign_in.password})
        return
    say(f"Initialised {data_dir}.")
    say(f"Sign in as {sign_in.username} with the password {sign_in.password}")
    say("It is shown this once. Start the hub with:")
    say(f"  noctule hub run --data-dir '{data_dir}'")


@hub_group.command("run")
@_data_dir
@click.option("--host", help="Address to listen on.  [default: hub.toml's, else 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on.  [default: hub.toml's, else 5000]")
@click.option(
    "--config",
    "config_file",
    type=click.Path(readable=False, path_type=Path),
    help="Settings.  [default: DATA/hub.toml where there is one]",
)
def run_command(data_dir: Path, host: str | None, port: int | None, config_file: Path | None) -> None:
    """Run the hub until it is stopped by Ctrl-C or SIGTERM."""
    check_folder(data_dir)
    config = load_config(data_dir, file=config_file, host=host, port=port)
    configure_logging(config.settings.log_level, config.settings.log_format)
    _serve(config)


def _serve(config: HubConfig) -> None:
    # Only a hub that runs needs the engine; the other commands start faster without it.
    from noctule_hub.app import serve  # noqa: PLC0415  see above

    try:
        asyncio.run(serve(config))
    except KeyboardInterrupt:
        return
