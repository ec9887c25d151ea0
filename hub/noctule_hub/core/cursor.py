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
    """The cursor after a hello. `lost_from_ms`: since when frames of a former epoch may be lost; None: none are.

    0: of the former epoch nothing was ever told.
    """

    cursor: AgentCursor
    lost_from_ms: int | None = None


def arrival(cursor: AgentCursor | None, epoch: str, seq: int) -> Arrival:
    """Return what frame `seq` of `epoch` is: the next one, one already committed, too early, or of another epoch."""
    if cursor is None or cursor.epoch != epoch:
        return Arrival.FOREIGN
    if seq == cursor.next_seq:
        return Arrival.EXPECTED
    return Arrival.DUPLICATE if seq < cursor.next_seq else Arrival.AHEAD


def greet(
    present: AgentCursor | None, known: AgentCursor | None, agent_id: int, *, epoch: str, now_ms: int
) -> Greeting:
    """Return the cursor for an agent that says hello with frames of `epoch`.

    `present` is its cursor so far, `known` the one of this epoch. What the hub lacks of an epoch it asks for from the
    first frame on: the agent sends it, or tells of the hole what it still knows. An epoch that nobody knows means that
    the agent gave up its former outbox, and what the hub had not yet got of it.
    """
    moved_ms = now_ms if present is None else max(now_ms, present.moved_ms + 1)
    if known is not None:
        return Greeting(known if known == present else replace(known, moved_ms=moved_ms))
    if present is None:
        return Greeting(AgentCursor(agent_id, epoch, 1, moved_ms))
    # Should this outbox be lost before its first frame, what is missing begins where the one before it ended.
    return Greeting(AgentCursor(agent_id, epoch, 1, moved_ms, present.told_ms), lost_from_ms=present.told_ms)
