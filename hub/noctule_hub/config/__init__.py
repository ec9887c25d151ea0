"""The hub's settings: hub.toml and the command line's options as frozen records; a bad one names where and what.

Each area of settings is a module with a record and a function that reads its table; `table` reads one key.
"""

from noctule_hub.config.files import FILE_NAME, MAX_CONFIG_BYTES, load_config, settings_from_table
from noctule_hub.config.limits import LimitSettings
from noctule_hub.config.logs import LogFormat, LogLevel
from noctule_hub.config.settings import HubConfig, HubSettings
from noctule_hub.config.sockets import Compression, SocketSettings
from noctule_hub.config.web import ProxyHeaders, TlsFiles

__all__ = [
    "FILE_NAME",
    "MAX_CONFIG_BYTES",
    "Compression",
    "HubConfig",
    "HubSettings",
    "LimitSettings",
    "LogFormat",
    "LogLevel",
    "ProxyHeaders",
    "SocketSettings",
    "TlsFiles",
    "load_config",
    "settings_from_table",
]
