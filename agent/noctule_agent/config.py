"""agent.toml: what a person may set on a site server. Devices come from the hub, not from here.

All keys are optional; `examples/agent.toml` lists each at its default. Keys are checked once, here.
"""

import difflib
import ipaddress
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

from noctule_agent.core.budget import AGENT_REQUESTS_PER_S, DEVICES_AT_ONCE, SnmpLimits
from noctule_agent.core.discovery import Network
from noctule_agent.core.outbox import DEFAULT_MAX_AGE_H, DEFAULT_MAX_BYTES
from noctule_agent.errors import ConfigError
from noctule_agent.log import LogFormat, LogLevel

DEFAULT_DATA_DIR: Final = Path("/var/lib/noctule-agent")
SYSTEM_CONFIG: Final = Path("/etc/noctule/agent.toml")
CONFIG_NAME: Final = "agent.toml"
# Below this one flush of a large site would not fit; a day's default is far above.
MIN_OUTBOX_BYTES: Final = 8 * 1024 * 1024
MAX_CONFIG_BYTES: Final = 1024 * 1024
MAX_PORT: Final = 65_535
# Far above what one agent can send, and what it can have.
MAX_REQUESTS_PER_S: Final = 1_000_000
MAX_DEVICES_AT_ONCE: Final = 50_000

_E = TypeVar("_E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """The settings of an agent. `canaries`: addresses that tell it whether its own way out works.

    `allowed_networks`: where the hub may have it probe and discover; empty: nowhere but its own devices.
    `logs_*`: where traps and syslog are received; port 0: not at all.
    `metrics_port` 0: no metrics are served.
    """

    data_dir: Path = DEFAULT_DATA_DIR
    log_level: LogLevel = LogLevel.INFO
    log_format: LogFormat = LogFormat.TEXT
    outbox_max_bytes: int = DEFAULT_MAX_BYTES
    outbox_max_age_h: float = DEFAULT_MAX_AGE_H
    icmp_enabled: bool = True
    snmp_max_requests_per_s: float = AGENT_REQUESTS_PER_S
    snmp_max_devices_at_once: int = DEVICES_AT_ONCE
    canaries: tuple[str, ...] = ()
    allowed_networks: tuple[Network, ...] = ()
    logs_address: str = "::"
    logs_trap_port: int = 0
    logs_syslog_udp_port: int = 0
    logs_syslog_tcp_port: int = 0
    logs_accept_unknown: bool = False
    metrics_address: str = "127.0.0.1"
    metrics_port: int = 0

    @property
    def snmp_limits(self) -> SnmpLimits:
        """What all devices share of SNMP requests."""
        return SnmpLimits(self.snmp_max_requests_per_s, self.snmp_max_devices_at_once)


def load_config(path: Path) -> AgentConfig:
    """Return the settings of a file. Raises `ConfigError` naming file, key, value and the nearest valid key."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > MAX_CONFIG_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_CONFIG_BYTES} bytes; this is not an agent.toml")
    try:
        return parse_config(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def parse_config(text: str) -> AgentConfig:
    """Return the settings of a TOML text. Raises `ConfigError` or tomllib.TOMLDecodeError."""
    config = AgentConfig()
    for key, value in _flatten(tomllib.loads(text), "").items():
        if key not in _KEYS:
            raise ConfigError(_unknown(key, value))
        field, check = _KEYS[key]
        try:
            config = replace(config, **{field: check(value)})
        except ValueError as error:
            raise ConfigError(f"{key} = {_shown(value)}: {error}") from error
    return config


def find_config(named: Path | None, data_dir: Path | None) -> AgentConfig:
    """Return the settings of `named`, else of agent.toml in the data folder, else of /etc, else the defaults.

    `data_dir` (None: not given) overrides the file's. Raises `ConfigError`.
    """
    candidates = [named] if named else [(data_dir or DEFAULT_DATA_DIR) / CONFIG_NAME, SYSTEM_CONFIG]
    config = AgentConfig()
    for path in candidates:
        if path == named or path.is_file():
            config = load_config(path)
            break
    return replace(config, data_dir=data_dir) if data_dir else config


def _flatten(table: Mapping[str, object], prefix: str) -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in table.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and path not in _KEYS:
            if path not in _SECTIONS:
                raise ConfigError(_unknown(path, value))
            flat |= _flatten(value, f"{path}.")
        else:
            flat[path] = value
    return flat


def _unknown(key: str, value: object) -> str:
    near = difflib.get_close_matches(key, [*_KEYS, *_SECTIONS], n=1, cutoff=0.5)
    by_leaf = [known for known in _KEYS if known.rpartition(".")[2] == key.rpartition(".")[2]]
    hint = by_leaf[:1] or near
    advice = f"did you mean {hint[0]}?" if hint else f"known keys: {', '.join(_KEYS)}"
    return f"unknown key {key} = {_shown(value)}; {advice}"


def _shown(value: object) -> str:
    return (repr(value) if isinstance(value, str) else str(value))[:80]


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a text in quotes")
    return value


def _path(value: object) -> Path:
    path = Path(_text(value)).expanduser()
    if not path.is_absolute():
        raise ValueError("must be an absolute path")
    return path


def _one_of(words: type[_E]) -> Callable[[object], _E]:
    def check(value: object) -> _E:
        if value not in list(words):
            near = difflib.get_close_matches(str(value), list(words), n=1)
            hint = f"; did you mean {str(near[0])!r}?" if near else ""
            raise ValueError(f"must be one of {', '.join(repr(word.value) for word in words)}{hint}")
        return words(str(value))

    return check


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004  the caller words all refusals alike
    return value


def _outbox_bytes(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < MIN_OUTBOX_BYTES:
        raise ValueError(f"must be a whole number of bytes, at least {MIN_OUTBOX_BYTES}")
    return value


def _hours(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 24 * 365:
        raise ValueError("must be a number of hours above 0, at most a year (8760)")
    return float(value)


def _requests_per_s(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 1 <= value <= MAX_REQUESTS_PER_S:
        raise ValueError(f"must be a number of requests per second from 1 to {MAX_REQUESTS_PER_S}")
    return float(value)


def _devices_at_once(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_DEVICES_AT_ONCE:
        raise ValueError(f"must be a whole number of devices from 1 to {MAX_DEVICES_AT_ONCE}")
    return value


def _port(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_PORT:
        raise ValueError(f"must be a port from 1 to {MAX_PORT}, or 0 for none")
    return value


def _address(value: object) -> str:
    return str(ipaddress.ip_address(_text(value)))


def _loopback(value: object) -> str:
    address = ipaddress.ip_address(_text(value))
    if not address.is_loopback:
        raise ValueError("must be a loopback address such as 127.0.0.1 or ::1, since whoever reaches it may read it")
    return str(address)


def _addresses(value: object) -> tuple[str, ...]:
    return tuple(str(ipaddress.ip_address(text)) for text in _texts(value))


def _networks(value: object) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in _texts(value))


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("must be a list of texts in quotes")  # noqa: TRY004  the caller words all refusals alike
    return [_text(item) for item in value]


_KEYS: Final[Mapping[str, tuple[str, Callable[[object], Any]]]] = {
    "data_dir": ("data_dir", _path),
    "log_level": ("log_level", _one_of(LogLevel)),
    "log_format": ("log_format", _one_of(LogFormat)),
    "outbox.max_bytes": ("outbox_max_bytes", _outbox_bytes),
    "outbox.max_age_h": ("outbox_max_age_h", _hours),
    "icmp.enabled": ("icmp_enabled", _flag),
    "snmp.max_requests_per_s": ("snmp_max_requests_per_s", _requests_per_s),
    "snmp.max_devices_at_once": ("snmp_max_devices_at_once", _devices_at_once),
    "canaries": ("canaries", _addresses),
    "allowed_networks": ("allowed_networks", _networks),
    "logs.address": ("logs_address", _address),
    "logs.trap_port": ("logs_trap_port", _port),
    "logs.syslog_udp_port": ("logs_syslog_udp_port", _port),
    "logs.syslog_tcp_port": ("logs_syslog_tcp_port", _port),
    "logs.accept_unknown": ("logs_accept_unknown", _flag),
    "metrics.address": ("metrics_address", _loopback),
    "metrics.port": ("metrics_port", _port),
}
_SECTIONS: Final = frozenset(key.rpartition(".")[0] for key in _KEYS if "." in key)
CONFIG_KEYS: Final = tuple(_KEYS)
