"""`[sockets]`: what Socket.IO clients may ask of the hub. `realtime.gate` and `realtime.admission` obey them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from noctule_hub.config.table import Table


class Compression(StrEnum):
    """Which messages are compressed for a client that offers it: none, long ones, or nearly all."""

    OFF = "off"
    AUTO = "auto"
    ON = "on"


# How it was written before there were three ways.
_COMPRESSION_WAS: Final = {False: Compression.OFF, True: Compression.ON}


@dataclass(frozen=True, slots=True)
class SocketSettings:
    """Limits of Socket.IO; addresses are those of clients, or an IPv6 client's /64. 0 handshakes a minute: no limit.

    A session is a connection, agents' too, over whichever transport. `anonymous_per_address` and `sessions_per_user`
    count clients of the default namespace. Messages are those that one client sends; anonymous ones get a quarter.
    """

    handshakes_per_minute: int = 600
    handshake_burst: int = 300
    sessions_per_address: int = 1_000
    anonymous_per_address: int = 200
    sessions_per_user: int = 100
    messages_per_second: int = 100
    message_burst: int = 1_000
    compression: Compression = Compression.AUTO


def read_sockets(table: Table) -> SocketSettings:
    """Return the settings of `[sockets]`. Raises `ConfigError`."""
    defaults = SocketSettings()
    return SocketSettings(
        handshakes_per_minute=table.whole(
            "handshakes_per_minute", defaults.handshakes_per_minute, least=0, most=1_000_000
        ),
        handshake_burst=table.whole("handshake_burst", defaults.handshake_burst, least=1, most=100_000),
        sessions_per_address=table.whole("sessions_per_address", defaults.sessions_per_address, least=1, most=100_000),
        anonymous_per_address=table.whole(
            "anonymous_per_address", defaults.anonymous_per_address, least=0, most=100_000
        ),
        sessions_per_user=table.whole("sessions_per_user", defaults.sessions_per_user, least=1, most=100_000),
        messages_per_second=table.whole("messages_per_second", defaults.messages_per_second, least=4, most=100_000),
        message_burst=table.whole("message_burst", defaults.message_burst, least=40, most=1_000_000),
        compression=table.word(Compression, "compression", defaults.compression, flags=_COMPRESSION_WAS),
    )
