"""The hub's settings: hub.toml and the command line's options as one frozen record; files are read here alone."""

import difflib
import tomllib
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from noctule_hub.errors import ConfigError

MAX_CONFIG_BYTES: Final = 256 * 1024
MAX_PUBLIC_ORIGINS: Final = 32
FILE_NAME: Final = "hub.toml"

Word = TypeVar("Word", bound=StrEnum)


class LogLevel(StrEnum):
    """The least severe records that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """`text` for people, `json` for programs; both one line per record."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class HubSettings:
    """What hub.toml may hold, at the defaults. `examples/hub.toml` explains each key.

    `public_origins` are the origins (`https://noc.example.net`) of pages that may call this hub besides its own.
    """

    host: str = "127.0.0.1"
    port: int = 5000
    public_origins: tuple[str, ...] = ()
    log_level: LogLevel = LogLevel.INFO
    log_format: LogFormat = LogFormat.TEXT


@dataclass(frozen=True, slots=True)
class HubConfig:
    """Everything that a hub is started with."""

    data_dir: Path
    settings: HubSettings = HubSettings()

    @property
    def keys_dir(self) -> Path:
        """Where the hub's keys lie, mode 0700."""
        return self.data_dir / "keys"

    @property
    def url(self) -> str:
        """The address to open in a browser on this machine."""
        host = self.settings.host
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104  compared, not bound
        return f"http://{shown}:{self.settings.port}"


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


def settings_from_table(table: dict[str, object], *, source: str) -> HubSettings:
    """Return checked settings; `source` is the file's name for messages. Raises `ConfigError`."""
    known = [field.name for field in fields(HubSettings)]
    for key, value in table.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
            raise ConfigError(f"{source}: unknown key {key!r} (value {_shown(value)}); {hint}")
    defaults = HubSettings()
    return HubSettings(
        host=_host(table.get("host", defaults.host), source),
        port=_port(table.get("port", defaults.port), source),
        public_origins=_origins(table.get("public_origins", []), source),
        log_level=_word(LogLevel, "log_level", table.get("log_level", defaults.log_level.value), source),
        log_format=_word(LogFormat, "log_format", table.get("log_format", defaults.log_format.value), source),
    )


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


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004  a line of a terminal


def _bad(source: str, key: str, value: object, wanted: str) -> ConfigError:
    return ConfigError(f"{source}: {key} = {_shown(value)} is not {wanted}")


def _host(value: object, source: str) -> str:
    if not isinstance(value, str) or not value or not value.isprintable() or " " in value:
        raise _bad(source, "host", value, 'an address to listen on, such as "127.0.0.1" or "0.0.0.0"')
    return value


def _port(value: object, source: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 65_535:  # noqa: PLR2004  16 bits
        raise _bad(source, "port", value, "a port from 1 to 65535 (0: any free one)")
    return value


def _origins(value: object, source: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_PUBLIC_ORIGINS:
        raise _bad(source, "public_origins", value, f"a list of at most {MAX_PUBLIC_ORIGINS} origins")
    for index, origin in enumerate(value):
        parts = urlsplit(origin) if isinstance(origin, str) else None
        if parts is None or parts.scheme not in {"http", "https"} or origin != f"{parts.scheme}://{parts.netloc}":
            raise _bad(source, f"public_origins[{index}]", origin, 'an origin such as "https://noc.example.net"')
    return tuple(origin.lower() for origin in value)


def _word(kind: type[Word], key: str, value: object, source: str) -> Word:
    try:
        return kind(str(value))
    except ValueError as error:
        near = difflib.get_close_matches(str(value), list(kind), n=1)
        hint = f"; did you mean {str(near[0])!r}?" if near else ""
        raise ConfigError(
            f"{source}: {key} = {_shown(value)} is not one of {', '.join(kind)}{hint}",
        ) from error
