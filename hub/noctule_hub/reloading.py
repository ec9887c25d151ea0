"""SIGHUP: hub.toml is read again, and a hub that runs works by it. A bad file changes nothing and is told."""

import logging
from collections.abc import Callable, Sequence

from noctule_hub.config import HubConfig
from noctule_hub.config.changes import compare
from noctule_hub.config.settings import HubSettings
from noctule_hub.errors import ConfigError
from noctule_hub.log import configure_logging
from noctule_hub.tls import ServerTls

log = logging.getLogger(__name__)

# Makes a part work by new settings that does not ask for them at each use.
Follower = Callable[[HubSettings], None]


class Reload:
    """Call it to reload. `reread` returns the settings as a start would read them. Counts reloads and failures."""

    def __init__(
        self,
        config: HubConfig,
        tls: ServerTls | None,
        followers: Sequence[Follower],
        clock_ms: Callable[[], int],
        reread: Callable[[], HubConfig] | None = None,
    ) -> None:
        self.reread = reread
        self.done = 0
        self.failed = 0
        self._config = config
        self._tls = tls
        self._followers = followers
        self._clock_ms = clock_ms

    def __call__(self) -> None:
        """Read hub.toml again and work by it; keep the present settings when it cannot be used."""
        if self.reread is None:
            return
        old = self._config.settings
        try:
            reloaded = compare(old, self.reread().settings)
            new = reloaded.settings
            if self._tls is not None and new.tls is not None:
                # Always: a renewed certificate comes in files of the same names.
                self._tls.replace(new.tls, now_ms=self._clock_ms())
        except ConfigError as error:
            self.failed += 1
            log.error("not reloaded, the hub goes on by its present settings: %s", error)  # noqa: TRY400  the message is for people
            return
        self.done += 1
        self._config.settings = new
        if (old.log_level, old.log_format) != (new.log_level, new.log_format):
            configure_logging(new.log_level, new.log_format)
        for follow in self._followers:
            follow(new)
        log.info("reloaded: %s", ", ".join(reloaded.changed) or "no setting has changed")
        if reloaded.restart:
            log.warning("%s: changed in hub.toml; this needs a restart of the hub", ", ".join(reloaded.restart))
