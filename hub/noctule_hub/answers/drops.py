"""What the hub refused or threw away, as HTTP answers show it."""

import msgspec


class DropView(msgspec.Struct, frozen=True, rename="camel"):
    """Of one kind and reason: how many since the start of the hub, and how many of them in the last hour."""

    kind: str
    reason: str
    last_hour: int
    total: int


class DropList(msgspec.Struct, frozen=True, rename="camel"):
    """What was refused or thrown away since `since`, the start of the hub; what never was is left out."""

    since: str
    items: list[DropView]
