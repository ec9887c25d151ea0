"""Socket.IO clients as HTTP answers show them."""

import msgspec


class ClientView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One connection. `last_event` None: nothing was sent yet."""

    sid: str
    user: str
    role: str
    address: str
    tab: str | None
    transport: str
    rooms: list[str]
    since: str
    queued_bytes: int
    last_event: str | None


class ClientCount(msgspec.Struct, frozen=True, rename="camel"):
    """How many clients are connected."""

    connected_clients: int


class UserConnected(msgspec.Struct, frozen=True):
    """Whether a user has a connection."""

    connected: bool
