"""What the rest of the hub asks of agents: one call with one answer. Who carries it there is left to `ingest`."""

from typing import Protocol, TypeVar

import msgspec
from noctule_shared.link import CommandKind

Body = TypeVar("Body", bound=msgspec.Struct)


class AsksAgents(Protocol):
    """Who sends commands to agents: `ingest.commands.Commands`."""

    async def ask(
        self, agent_id: int, kind: CommandKind, args: msgspec.Struct, answer: type[Body], *, timeout_s: float
    ) -> Body:
        """Return what an agent answers to a command within `timeout_s`; it is carried out at most once.

        Raises `Refused`: busy when the agent has no link, does not answer in time or cannot do it now, forbidden
        when its own configuration forbids it, invalid, too-large.
        """
        ...
