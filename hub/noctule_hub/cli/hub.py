"""`noctule hub`: make a data folder, run a hub on it, and look after both.

What is heavy is imported where it is used: help and completion are quick without it.
"""

import asyncio
import importlib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import click

from noctule_hub.cli.backup import backup_command, restore_command
from noctule_hub.cli.doctor import doctor_command
from noctule_hub.cli.options import data_dir_option
from noctule_hub.cli.output import json_option, print_json, say
from noctule_hub.cli.rotation import rotate_command


@click.group("hub")
def hub_group() -> None:
    """Make and run a hub on this machine."""


@hub_group.command("init")
@data_dir_option
@click.option("--admin", "username", default="admin", show_default=True, help="Name of the first administrator.")
@json_option
def init_command(data_dir: Path, username: str, *, as_json: bool) -> None:
    """Make keys, database and the first administrator, whose password is printed this once."""
    from noctule_hub.api.users import check_username  # noqa: PLC0415  see above
    from noctule_hub.cli.folder import initialise  # noqa: PLC0415  see above

    sign_in = asyncio.run(initialise(data_dir, username=check_username(username)))
    if as_json:
        print_json({"adminUser": sign_in.username, "adminPassword": sign_in.password})
        return
    say(f"Initialised {data_dir}.")
    say(f"Sign in as {sign_in.username} with the password {sign_in.password}")
    say("It is shown this once. Start the hub with:")
    say(f"  noctule hub run --data-dir '{data_dir}'")


@hub_group.command("run")
@data_dir_option
@click.option("--host", help="Address to listen on.  [default: hub.toml's, else 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on.  [default: hub.toml's, else 5000]")
@click.option(
    "--config",
    "config_file",
    type=click.Path(readable=False, path_type=Path),
    help="Settings.  [default: DATA/hub.toml where there is one]",
)
def run_command(data_dir: Path, host: str | None, port: int | None, config_file: Path | None) -> None:
    """Run the hub until it is stopped by Ctrl-C or SIGTERM; SIGHUP makes it read its settings again."""
    from noctule_hub.cli.folder import check_folder  # noqa: PLC0415  see above
    from noctule_hub.config import load_config  # noqa: PLC0415  see above
    from noctule_hub.log import configure_logging  # noqa: PLC0415  see above
    from noctule_hub.process import serve  # noqa: PLC0415  see above

    check_folder(data_dir)
    reread = partial(load_config, data_dir, file=config_file, host=host, port=port)
    config = reread()
    configure_logging(config.settings.log_level, config.settings.log_format)
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=_faster_loop()) as runner:
        runner.run(serve(config, reread))


def _faster_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's where it is installed (`noctule-hub[uvloop]`), None: asyncio's own."""
    try:
        uvloop = importlib.import_module("uvloop")
    except ImportError:
        return None
    made: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return made


for command in (backup_command, restore_command, doctor_command, rotate_command):
    hub_group.add_command(command)
