"""How an alert names the silence that keeps it from ringing."""

import msgspec


class SilenceRef(msgspec.Struct, frozen=True, rename="camel"):
    """The silence that keeps an alert from ringing, and why somebody made it."""

    id: int
    comment: str
