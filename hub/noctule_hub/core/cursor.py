"""Where the hub stands in an agent's frames, and what that makes of the next one. Pure decisions of the link."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from noctule_hub.core.commit import AgentCursor

# An epoch begins when an outbox is lost, or when a second agent has the same identity; more are nobody's any more.
MAX_FORMER_EPOCHS: Final = 8


class Arrival(Enum):
    """What a frame is to the cursor."""

    EXPECTED = "expected"
    DUPLICATE = "duplicate"
    AHEAD = "ahead"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Greeting:
    """The cursors after a hello: the one to go on with, and those of former epochs, oldest first.

    `replaced` is the cursor of an outbox in whose place a new one has come, None for no such thing.
    """

    cursor: AgentCursor
    former: tuple[AgentCursor, ...]
    replaced: AgentCursor | None = None


def arrival(cursor: AgentCursor | None, epoch: str, seq: int) -> Arrival:
    """Return what frame `seq` of `epoch` is: the next one, one already committed, too early, or of another epoch."""
    if cursor is None or cursor.epoch != epoch:
        return Arrival.FOREIGN
    if seq == cursor.next_seq:
        return Arrival.EXPECTED
    return Arrival.DUPLICATE if seq < cursor.next_seq else Arrival.AHEAD


def greet(cursor: AgentCursor | None, former: tuple[AgentCursor, ...], agent_id: int, *, epoch: str) -> Greeting:
    """Return the cursors for an agent that says hello with an outbox of `epoch`.

    An epoch that was seen before goes on where it stood: two agents with one identity bring theirs in turn, and no
    frame may take effect twice. A new one starts at frame 1; of what is no longer there the agent's gap frames tell.
    """
    if cursor is not None and cursor.epoch == epoch:
        return Greeting(cursor, former)
    left = tuple(other for other in former if other.epoch != epoch)
    if cursor is not None:
        left = (*left, cursor)[-MAX_FORMER_EPOCHS:]
    known = next((other for other in former if other.epoch == epoch), None)
    if known is not None:
        return Greeting(known, left)
    return Greeting(AgentCursor(agent_id, epoch, 1), left, replaced=cursor)
