"""Settings of what the hub sends to notification channels."""

import ipaddress
from dataclasses import dataclass
from typing import Final

from noctule_hub.config.table import Table
from noctule_hub.core.client_address import Network

MAX_ALLOWED_NETWORKS: Final = 64


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """`allow_networks` may be sent to although they are this machine's or otherwise refused."""

    allow_networks: tuple[Network, ...] = ()


def read_notify(table: Table) -> NotifySettings:
    """Return the table `[notify]`. Raises `ConfigError`."""
    return NotifySettings(
        table.texts(
            "allow_networks",
            most=MAX_ALLOWED_NETWORKS,
            wanted="addresses or networks",
            each='an address or a network such as "127.0.0.1" or "169.254.7.0/24"',
            parse=ipaddress.ip_network,
        )
    )
