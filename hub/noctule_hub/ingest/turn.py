"""One batch of inputs decided: what to commit, and what to answer once that is durable.

Synchronous and without I/O; the waiting, the committing and the telling are the engine's.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from noctule_shared.frames import BadFrame
from noctule_shared.link import Levels

from noctule_hub.core.alerting.care import observe_assignees, observe_care
from noctule_hub.core.alerting.flap_watch import observe_flap_rules
from noctule_hub.core.alerting.level_findings import observe_unmeasured
from noctule_hub.core.alerting.measured import observe_measurements
from noctule_hub.core.alerting.past import begin_backlog
from noctule_hub.core.clocks import observe_clock
from noctule_hub.core.coverage import observe_maintenance
from noctule_hub.core.cursor import Arrival, arrival, greet
from noctule_hub.core.intake import take_frame
from noctule_hub.core.inventory import judge_past
from noctule_hub.core.judgement import RECONCILED, RESYNC, observe_configuration, observe_levels
from noctule_hub.core.presence import (
    observe_agent_rules,
    observe_contest,
    observe_fence,
    observe_link,
    observe_new_epoch,
    observe_revocation,
    observe_time,
    observe_word,
)
from noctule_hub.core.world import Draft, World
from noctule_hub.ingest.inputs import (
    CareInput,
    CommitmentsInput,
    DelaysInput,
    FencedInput,
    FrameInput,
    HelloInput,
    Input,
    LevelsInput,
    LinkLostInput,
    ReconfiguredInput,
    RevokedInput,
    StorageInput,
)
from noctule_hub.ingest.surveys import take_survey

# Levels that come so soon after a hello belong to it: those of many devices come in parts.
SETTLING_MS: Final = 30_000

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(slots=True)
class EngineCounters:
    """What the engine did since its start."""

    frames: int = 0
    duplicates: int = 0
    rejected: int = 0
    foreign: int = 0
    failed_inputs: int = 0
    failed_judgements: int = 0
    commits: int = 0
    failed_commits: int = 0
    samples: int = 0
    rejected_by_reason: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Turn:
    """What a batch decided. Acks, expected seqs and answers hold only once `draft` is durable.

    `position` is then the seq of its last event, 0 for none. `hub_went_back`: an agent has proof of acknowledgements
    that this hub does not remember.
    """

    draft: Draft
    acks: dict[int, int] = field(default_factory=dict)
    expected: dict[int, int] = field(default_factory=dict)
    answers: list[Callable[[], None]] = field(default_factory=list)
    taken: int = 0
    duplicates: int = 0
    rejected: int = 0
    foreign: int = 0
    position: int = 0
    hub_went_back: bool = False
    rejected_by_reason: Counter[str] = field(default_factory=Counter)


def decide(
    world: World, batch: list[Input], counters: EngineCounters, *, now_ms: int, behind_ms: int = 0, ticking: bool
) -> Turn:
    """Return the turn of a batch, its draft in `world`.

    An input whose decision fails (a programming error) is set aside alone, logged and counted: a frame is rejected,
    a question is answered with the error; everything else is decided again without it. When it is the judgement of
    what was measured that fails, all of it is taken, and alerts nobody.
    """
    items = list(batch)
    judging = True
    while True:
        turn = Turn(Draft(world, now_ms, behind_ms=behind_ms))
        at = 0
        try:
            for at, item in enumerate(items):  # noqa: B007  names the culprit below
                _take(turn, item)
            at = len(items)
            if judging:
                judging = False
                observe_measurements(turn.draft)
            at += 1
            if ticking:
                observe_time(turn.draft)
                observe_unmeasured(turn.draft)
        except Exception as error:
            world.drop()
            if at > len(items):
                raise
            if at == len(items):
                counters.failed_judgements += 1
                log.exception("measurements could not be judged, alerts about them are as they were")
                continue
            counters.failed_inputs += 1
            log.exception("input %s could not be decided", type(items[at]).__name__)
            items[at : at + 1] = set_aside(items[at], error)
        else:
            counters.frames += turn.taken
            counters.duplicates += turn.duplicates
            counters.rejected += turn.rejected
            counters.rejected_by_reason.update(turn.rejected_by_reason)
            counters.foreign += turn.foreign
            return turn


def _take(turn: Turn, item: Input) -> None:
    draft = turn.draft
    match item:
        case FrameInput():
            observe_word(draft, item.agent_id)
            _take_frame(turn, item)
        case HelloInput():
            _take_hello(turn, item)
        case LevelsInput():
            observe_word(draft, item.agent_id)
            _take_clock(draft, item)
            _take_levels(draft, item.agent_id, item.levels)
        case LinkLostInput():
            observe_link(draft, item.agent_id, connected=False, reason="link lost")
        case FencedInput():
            observed = observe_contest if item.contested else observe_fence
            observed(draft, item.agent_id, item.reason)
        case RevokedInput():
            observe_revocation(draft, item.agent_id)
            turn.answers.append(lambda: _resolve(item.done, None))
        case ReconfiguredInput():
            observe_maintenance(draft)
            observe_configuration(draft)
            observe_agent_rules(draft)
            observe_assignees(draft)
            observe_flap_rules(draft)
            turn.answers.append(lambda: _resolve(item.done, None))
        case CareInput():
            # What it is refused for may itself be decided in this batch, and holds once that is durable.
            found = observe_care(draft, item.alert_ids, item.care, item.by)
            turn.answers.append(lambda: _resolve(item.done, found))
        case StorageInput() | CommitmentsInput() | DelaysInput():
            take_survey(draft, item)


def _take_frame(turn: Turn, item: FrameInput) -> None:
    world = turn.draft.world
    cursor = world.cursors.get(item.agent_id)
    match arrival(cursor, item.epoch, item.seq):
        case Arrival.EXPECTED if cursor is not None:
            take_frame(turn.draft, cursor, item.raw, item.body)
            turn.taken += 1
            if isinstance(item.body, BadFrame):
                turn.rejected += 1
                turn.rejected_by_reason[item.body.reason] += 1
            turn.acks[item.agent_id] = (world.cursors.get(item.agent_id) or cursor).next_seq - 1
            turn.expected.pop(item.agent_id, None)
        case Arrival.DUPLICATE if cursor is not None:
            turn.duplicates += 1
            turn.acks[item.agent_id] = cursor.next_seq - 1
        case Arrival.AHEAD if cursor is not None:
            turn.expected[item.agent_id] = cursor.next_seq
        case _:
            turn.foreign += 1


def _take_hello(turn: Turn, item: HelloInput) -> None:
    draft, agent_id = turn.draft, item.agent_id
    # The welcome tells where the hub stands: an answer to frames of the link before would confuse this one.
    turn.acks.pop(agent_id, None)
    turn.expected.pop(agent_id, None)
    present, known = draft.world.cursors.get(agent_id), draft.world.cursor_of(agent_id, item.epoch)
    greeting = greet(present, known, agent_id, epoch=item.epoch, now_ms=draft.now_ms)
    expected_seq = greeting.cursor.next_seq
    turn.hub_went_back |= item.acked_seq >= expected_seq
    draft.world.begin_epoch(greeting.cursor)
    if greeting.lost_from_ms is not None:
        observe_new_epoch(draft, agent_id, item.lost_from_ms or greeting.lost_from_ms, item.epoch_reason)
    backlog = max(0, item.next_seq - expected_seq)
    observe_link(draft, agent_id, connected=True, reason=item.reason, backlog=backlog, beats=item.beats)
    _take_clock(draft, item)
    # Present levels first; what the agent made before them is history when it comes.
    begin_backlog(draft, agent_id)
    draft.world.horizons.set(agent_id, item.levels.next_seq)
    observe_levels(draft, agent_id, item.levels, RESYNC)
    if not draft.world.is_history(agent_id, expected_seq):
        judge_past(draft, agent_id)
    turn.answers.append(lambda: _resolve(item.answer, expected_seq))


def _take_clock(draft: Draft, item: HelloInput | LevelsInput) -> None:
    if item.clock is not None:
        observe_clock(draft, item.agent_id, item.clock.skew_ms, item.clock.at_ms)


def _take_levels(draft: Draft, agent_id: int, levels: Levels) -> None:
    world = draft.world
    cursor = world.cursors.get(agent_id)
    draft.seen_agents[agent_id] = draft.now_ms
    if cursor is None:
        return
    if cursor.next_seq >= levels.next_seq:
        link = world.links.get(agent_id)
        settling = link is not None and draft.now_ms - link.since_ms < SETTLING_MS
        observe_levels(draft, agent_id, levels, RESYNC if settling else RECONCILED)
    elif world.is_history(agent_id, cursor.next_seq):
        # A backlog drains: the present does not wait for it, and all before these levels is history too.
        begin_backlog(draft, agent_id)
        world.horizons.set(agent_id, max(levels.next_seq, world.horizons.get(agent_id) or 0))
        observe_levels(draft, agent_id, levels, RESYNC)
    # Else they are only just ahead of the journal, and would overtake the events that explain them.


def set_aside(item: Input, error: Exception) -> list[Input]:
    """Return what stands in for an input whose decision failed."""
    match item:
        case FrameInput() if not isinstance(item.body, BadFrame):
            return [replace(item, body=BadFrame("internal", f"deciding it failed: {type(error).__name__}"))]
        case HelloInput():
            _fail(item.answer, error)
        case RevokedInput() | ReconfiguredInput():
            _fail(item.done, error)
        case CareInput():
            _fail(item.done, error)
        case _:
            pass
    return []


def _resolve(future: asyncio.Future[T], value: T) -> None:
    if not future.done():
        future.set_result(value)


def _fail(future: asyncio.Future[T], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
