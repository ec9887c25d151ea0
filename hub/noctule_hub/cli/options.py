"""Options and kinds of values that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

PASSPHRASE_ENV: Final = "NOCTULE_PASSPHRASE"  # noqa: S105  a variable's name

Command = TypeVar("Command", bound=Callable[..., Any])


class Id(click.IntRange):
    """A whole number from 1 on; what is none is refused as no id."""

    name = "id"


ID: Final = Id(min=1)
data_dir_type: Final = click.Path(readable=False, path_type=Path)


def data_dir_option(command: Command) -> Command:
    """Add `--data-dir`, which must be given."""
    return click.option(
        "--data-dir", required=True, type=data_dir_type, help="Folder that holds all of the hub's data and keys."
    )(command)


def passphrase_option(command: Command) -> Command:
    """Add `--passphrase-file`, read by `secret_input.read_secret`."""
    return click.option(
        "--passphrase-file",
        help=f"File with the passphrase of the keys, - for standard input; or set {PASSPHRASE_ENV}.",
    )(command)
