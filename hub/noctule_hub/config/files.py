"""Reads hub.toml; the only place where it is opened. What its keys mean is the settings' own."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from noctule_hub.config.settings import HubConfig, HubSettings, read_settings
from noctule_hub.config.table import Table
from noctule_hub.errors import ConfigError

MAX_CONFIG_BYTES: Final = 256 * 1024
FILE_NAME: Final = "hub.toml"


def load_config(
    data_dir: Path, *, file: Path | None = None, host: str | None = None, port: int | None = None
) -> HubConfig:
    """Return the settings of `file` (None: DATA/hub.toml where there is one) with the given options on top.

    Raises `ConfigError`.
    """
    default_file = data_dir / FILE_NAME
    if file is None and default_file.is_file():
        file = default_file
    table = _read_toml(file) if file is not None else {}
    if host is not None:
        table["host"] = host
    if port is not None:
        table["port"] = port
    return HubConfig(data_dir, settings_from_table(table, source=str(file) if file else "command line"))


def settings_from_table(table: Mapping[str, object], *, source: str) -> HubSettings:
    """Return checked settings; `source` is the file's name for messages. Raises `ConfigError`."""
    return Table(table, source=source).read(read_settings)


def _read_toml(file: Path) -> dict[str, object]:
    try:
        with file.open("rb") as stream:
            text = stream.read(MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    if len(text) > MAX_CONFIG_BYTES:
        raise ConfigError(f"{file}: larger than {MAX_CONFIG_BYTES} bytes; this is not a hub.toml")
    try:
        return tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from error
