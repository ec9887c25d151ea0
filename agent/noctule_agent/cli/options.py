"""Options that several commands share, spelt and explained once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from noctule_agent.config import DEFAULT_DATA_DIR

_F = TypeVar("_F", bound=Callable[..., Any])


def data_dir_option(function: _F) -> _F:
    """Add `--data-dir`; None when it is not given."""
    return click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of keys, enrolment, device list and outbox.  "
        f"[default: data_dir of agent.toml, {DEFAULT_DATA_DIR}]",
    )(function)


def config_option(function: _F) -> _F:
    """Add `--config`; None when it is not given."""
    return click.option(
        "--config",
        "config_file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Settings.  [default: agent.toml in the data folder, else /etc/noctule/agent.toml]",
    )(function)


def json_option(function: _F) -> _F:
    """Add `--json`: one JSON document on stdout and nothing else."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(function)
