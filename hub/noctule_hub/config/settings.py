"""All settings of a hub as one record, and what a running hub works by."""

from dataclasses import dataclass, field
from pathlib import Path

from noctule_hub.config.external import AuthSettings, read_auth
from noctule_hub.config.limits import LimitSettings, read_limits
from noctule_hub.config.logs import LogFormat, LogLevel
from noctule_hub.config.measurements import read_retention
from noctule_hub.config.notify import NotifySettings, read_notify
from noctule_hub.config.retention import EventSettings, NetworkLogSettings, read_events, read_network_logs
from noctule_hub.config.sockets import SocketSettings, read_sockets
from noctule_hub.config.table import Table
from noctule_hub.config.web import (
    ProxyHeaders,
    TlsFiles,
    read_host,
    read_origins,
    read_port,
    read_proxies,
    read_public_url,
    read_tls,
)
from noctule_hub.core.client_address import Network
from noctule_hub.core.retention import DEFAULT_RETENTION, Retention


@dataclass(frozen=True, slots=True)
class HubSettings:
    """What hub.toml may hold, at the defaults. `examples/hub.toml` explains each key.

    `public_origins` are the origins (`https://noc.example.net`) of pages that may call this hub besides its own,
    `public_url` is the one that people open (None: that which requests are sent to), `tls` None means plain HTTP.
    """

    host: str = "127.0.0.1"
    port: int = 5000
    public_url: str | None = None
    public_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()
    proxy_headers: ProxyHeaders = ProxyHeaders.X_FORWARDED
    tls: TlsFiles | None = None
    log_level: LogLevel = LogLevel.INFO
    log_format: LogFormat = LogFormat.TEXT
    access_log: bool = False
    limits: LimitSettings = field(default_factory=LimitSettings)
    sockets: SocketSettings = field(default_factory=SocketSettings)
    auth: AuthSettings = field(default_factory=AuthSettings)
    events: EventSettings = field(default_factory=EventSettings)
    logs: NetworkLogSettings = field(default_factory=NetworkLogSettings)
    retention: Retention = DEFAULT_RETENTION
    notify: NotifySettings = field(default_factory=NotifySettings)

    @property
    def known_origins(self) -> tuple[str, ...]:
        """The origins of pages that may call this hub, whatever name a proxy passes on as its own."""
        return self.public_origins if self.public_url is None else (*self.public_origins, self.public_url)


def read_settings(table: Table) -> HubSettings:
    """Return the settings of a whole hub.toml. Raises `ConfigError`."""
    defaults = HubSettings()
    return HubSettings(
        host=read_host(table, defaults.host),
        port=read_port(table, defaults.port),
        public_url=read_public_url(table),
        public_origins=read_origins(table),
        trusted_proxies=read_proxies(table),
        proxy_headers=table.word(ProxyHeaders, "proxy_headers", defaults.proxy_headers),
        tls=read_tls(table),
        log_level=table.word(LogLevel, "log_level", defaults.log_level),
        log_format=table.word(LogFormat, "log_format", defaults.log_format),
        access_log=table.flag("access_log", default=defaults.access_log),
        limits=table.table("limits", read_limits),
        sockets=table.table("sockets", read_sockets),
        auth=table.table("auth", read_auth),
        events=table.table("events", read_events),
        logs=table.table("logs", read_network_logs),
        retention=table.table("retention", read_retention),
        notify=table.table("notify", read_notify),
    )


@dataclass(slots=True)
class HubConfig:
    """Everything that a hub is started with.

    A reload puts new `settings` here: who works by them asks at each use and keeps no copy.
    """

    data_dir: Path
    settings: HubSettings = HubSettings()

    @property
    def url(self) -> str:
        """The address to open in a browser on this machine."""
        return self.url_at(self.settings.port)

    def url_at(self, port: int) -> str:
        """Return the address to open on this machine when the hub listens on `port`."""
        host = self.settings.host
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104  compared, not bound
        scheme = "http" if self.settings.tls is None else "https"
        return f"{scheme}://{shown}:{port}"
