"""Where the hub stands in an agent's frames, and what that makes of the next one. Pure decisions of the link."""

from dataclasses import dataclass, replace
from enum import Enum

from noctule_hub.core.commit import AgentCursor


class Arrival(Enum):
    """What a frame is to the cursor."""

    EXPECTED = "expected"
    DUPLICATE = "duplicate"
    AHEAD = "ahead"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Greeting:
    """The cursor after a hello; `lost_from`..`lost_to` are frames that nobody has any more (0: none)."""

    cursor: AgentCursor
    lost_from: int = 0
    lost_to: int = 0


def arrival(cursor: AgentCursor | None, epoch: str, seq: int) -> Arrival:
    """Return what frame `seq` of `epoch` is: the next one, one already committed, too early, or of another epoch."""
    if cursor is None or cursor.epoch != epoch:
        return Arrival.FOREIGN
    if seq == cursor.next_seq:
        return Arrival.EXPECTED
    return Arrival.DUPLICATE if seq < cursor.next_seq else Arrival.AHEAD


def greet(cursor: AgentCursor | None, agent_id: int, *, epoch: str, first_seq: int) -> Greeting:
    """Return the cursor for an agent that says hello with the oldest frame `first_seq` of `epoch` in its outbox.

    A new epoch starts at the oldest frame there is. In the known epoch, frames between the cursor and `first_seq`
    are lost for good (a hub restored from an old copy), and the cursor moves on.
    """
    if cursor is None or cursor.epoch != epoch:
        lost_to = first_seq - 1
        return Greeting(AgentCursor(agent_id, epoch, first_seq), 1 if lost_to > 0 else 0, lost_to)
    if first_seq > cursor.next_seq:
        return Greeting(replace(cursor, next_seq=first_seq), cursor.next_seq, first_seq - 1)
    return Greeting(cursor)
