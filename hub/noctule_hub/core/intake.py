"""One frame's way into a draft: checked against the agent, turned into decisions, its cursor moved.

What cannot be used is rejected with a reason and shown as a gap; it never stops the cursor.
"""

from typing import Final, assert_never

from noctule_shared.axes import Axis, CanaryLevel, IcmpLevel, SnmpLevel
from noctule_shared.frames import (
    HOLE_DIGEST,
    BadFrame,
    EventsBody,
    FrameBody,
    MeasurementsBody,
    frame_class,
    frame_digest,
)
from noctule_shared.observations import (
    AgentEvent,
    AxisChanged,
    Gap,
    InterfaceChanged,
    Inventory,
    NetworkLogged,
    Rebooted,
)

from noctule_hub.core.announcements import LATE_AFTER_MS
from noctule_hub.core.commit import AgentCursor, FrameRow, GapRow, RejectedFrame
from noctule_hub.core.inventory import judge_past, observe_interface, observe_inventory
from noctule_hub.core.judgement import observe_axis
from noctule_hub.core.measurements import observed_span, resolve
from noctule_hub.core.network_log import observe_log
from noctule_hub.core.reboots import observe_reboot
from noctule_hub.core.world import Draft

LEVELS: Final = {
    Axis.ICMP: frozenset(IcmpLevel),
    Axis.SNMP: frozenset(SnmpLevel),
    Axis.CANARY: frozenset(CanaryLevel),
}


# An observation from further ahead comes from a broken clock; taken, it would outlast everything true.
MAX_AHEAD_MS: Final = 600_000


def take_frame(draft: Draft, cursor: AgentCursor, raw: bytes, body: FrameBody | BadFrame) -> None:
    """Take the frame that `cursor` expects: journal, decisions, and the cursor one further."""
    if isinstance(body, BadFrame):
        reject_frame(draft, cursor, raw, body.reason, str(body))
        _advance(draft, cursor, cursor.next_seq + 1, cursor.told_ms, frame_digest(raw))
        return
    history = draft.world.is_history(cursor.agent_id, cursor.next_seq)
    row = FrameRow(cursor.agent_id, cursor.epoch, cursor.next_seq, draft.now_ms, frame_class(body), raw)
    draft.frames.append(row)
    next_seq, digest = cursor.next_seq + 1, frame_digest(raw)
    if isinstance(body, EventsBody):
        if len(body.events) == 1 and isinstance(gap := body.events[0], Gap) and gap.seq_to >= cursor.next_seq:
            next_seq, digest = gap.seq_to + 1, HOLE_DIGEST
        left_out = sum(not take_event(draft, cursor.agent_id, event, history=history) for event in body.events)
    else:
        tables, left_out = resolve(draft.world, cursor.agent_id, body, before_ms=draft.steady_ms + MAX_AHEAD_MS)
        draft.tables.extend(tables)
        fresh_ms = draft.now_ms - LATE_AFTER_MS
        draft.live_tables.extend(rows for rows in tables if not history or rows.columns["ts_ms"].max() >= fresh_ms)
    span = _span(body)
    # A row from the future is from a broken clock: nobody has been told of anything later.
    oldest_ms, told_ms = (cursor.told_ms,) * 2 if span is None else (min(at_ms, draft.steady_ms) for at_ms in span)
    if left_out:
        reason = f"{left_out} rows left out: not this agent's, of no known interface, or from a broken clock"
        draft.gaps.append(GapRow(cursor.agent_id, oldest_ms, told_ms, left_out, reason))
    _advance(draft, cursor, next_seq, told_ms, digest)


def take_event(draft: Draft, agent_id: int, event: AgentEvent, *, history: bool = False) -> bool:
    """Take one event; returns False when it names what is not the agent's, no axis knows, or is from the future.

    `history`: it is from before the levels that the agent told, which make the present.
    """
    if not isinstance(event, Gap) and event.ts_ms > draft.steady_ms + MAX_AHEAD_MS:
        return False
    match event:
        case AxisChanged():
            known = event.new in LEVELS[event.axis] and event.old in LEVELS[event.axis]
            taken = known and observe_axis(draft, agent_id, event, history=history)
        case InterfaceChanged():
            taken = observe_interface(draft, agent_id, event, history=history)
        case Inventory():
            taken = observe_inventory(draft, agent_id, event, history=history)
        case Rebooted():
            taken = observe_reboot(draft, agent_id, event, history=history)
        case NetworkLogged():
            taken = observe_log(draft, agent_id, event)
        case Gap():
            draft.gaps.append(GapRow(agent_id, event.from_ms, event.to_ms, event.samples, event.reason))
            taken = True
        case _:
            assert_never(event)
    return taken


def reject_frame(draft: Draft, cursor: AgentCursor, raw: bytes, reason: str, message: str) -> None:
    """Keep a frame that can never be used, and show it as a gap of unknown size."""
    draft.rejected.append(
        RejectedFrame(cursor.agent_id, cursor.epoch, cursor.next_seq, draft.now_ms, reason, message, raw)
    )
    from_ms = min(cursor.told_ms or draft.now_ms, draft.now_ms)
    draft.gaps.append(GapRow(cursor.agent_id, from_ms, draft.now_ms, None, f"frame rejected: {message}"))


def _span(body: FrameBody) -> tuple[int, int] | None:
    """Return when the oldest and the newest row of a frame were observed, None for a frame without rows."""
    times = observed_span(body) if isinstance(body, MeasurementsBody) else _event_times(body)
    return (min(times), max(times)) if times else None


def _event_times(body: EventsBody) -> list[int]:
    return [
        at_ms
        for event in body.events
        for at_ms in ((event.from_ms, event.to_ms) if isinstance(event, Gap) else (event.ts_ms,))
    ]


def _advance(draft: Draft, cursor: AgentCursor, next_seq: int, told_ms: int, digest: str) -> None:
    world, agent_id = draft.world, cursor.agent_id
    moved_ms = max(draft.now_ms, cursor.moved_ms)
    world.cursors.set(agent_id, AgentCursor(agent_id, cursor.epoch, next_seq, moved_ms, told_ms, digest))
    draft.seen_agents[agent_id] = draft.now_ms
    if world.is_history(agent_id, cursor.next_seq) and not world.is_history(agent_id, next_seq):
        judge_past(draft, agent_id)
