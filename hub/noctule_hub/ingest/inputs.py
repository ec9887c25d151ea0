"""What the engine takes: everything that may change the hub's present, one type each, in the order of arrival."""

import asyncio
from dataclasses import dataclass
from typing import Final

from noctule_shared.errors import Refused
from noctule_shared.frames import BadFrame, FrameBody
from noctule_shared.link import SUPPORTED_PROTOCOLS, Hello, Levels

from noctule_hub.core.alerting.care import Care
from noctule_hub.core.alerting.usual import DelayHistory
from noctule_hub.core.audit import Authorship
from noctule_hub.core.commitments import CommittedMonth
from noctule_hub.core.records import Alert
from noctule_hub.core.storage_space import StorageSpace
from noctule_hub.ingest.session import Link

# Agents of earlier protocols are silent only once their connection is lost.
HEARTBEAT_PROTOCOL: Final = 2


@dataclass(frozen=True, slots=True)
class FrameInput:
    """A frame as received, decoded or found unreadable."""

    agent_id: int
    epoch: str
    seq: int
    raw: bytes
    body: FrameBody | BadFrame


@dataclass(frozen=True, slots=True)
class ClockReading:
    """An agent's clock minus the hub's when its word came, at `at_ms`."""

    skew_ms: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class HelloInput:
    """An agent's hello; `answer` gets the seq from which the hub wants frames.

    `epoch_reason`, `lost_from_ms` and `acked_seq` as in `link.Hello`; `beats`: it sends heartbeats.
    """

    agent_id: int
    epoch: str
    next_seq: int
    levels: Levels
    reason: str
    answer: asyncio.Future[int]
    epoch_reason: str | None = None
    lost_from_ms: int | None = None
    acked_seq: int = 0
    clock: ClockReading | None = None
    beats: bool = False


@dataclass(frozen=True, slots=True)
class LevelsInput:
    """An agent's periodic snapshot of present levels."""

    agent_id: int
    levels: Levels
    clock: ClockReading | None = None


@dataclass(frozen=True, slots=True)
class LinkLostInput:
    """An agent's link is down."""

    agent_id: int


@dataclass(frozen=True, slots=True)
class FencedInput:
    """The older of two links of one agent was cut; `contested`: so often that none is let in for a while."""

    agent_id: int
    reason: str
    contested: bool = False


@dataclass(frozen=True, slots=True)
class RevokedInput:
    """An agent was revoked; `done` is set once that is committed."""

    agent_id: int
    done: asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class ReconfiguredInput:
    """Sites, devices or agents were changed in the store; `done` is set once the engine works by them."""

    done: asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class CareInput:
    """Who takes care of alerts; `done` gets of each how it is once that is committed, or why it is refused."""

    alert_ids: tuple[int, ...]
    care: Care
    by: Authorship
    done: asyncio.Future[list[Alert | Refused]]


@dataclass(frozen=True, slots=True)
class StorageInput:
    """How much room the hub's disk has."""

    space: StorageSpace


@dataclass(frozen=True, slots=True)
class CommitmentsInput:
    """Months of services with a committed rate, as far as they were read."""

    months: tuple[CommittedMonth, ...]


@dataclass(frozen=True, slots=True)
class DelaysInput:
    """What a store remembers of the delays of the last day, at a start of the hub."""

    history: DelayHistory


Survey = StorageInput | CommitmentsInput | DelaysInput

Input = (
    FrameInput
    | HelloInput
    | LevelsInput
    | LinkLostInput
    | FencedInput
    | RevokedInput
    | ReconfiguredInput
    | CareInput
    | Survey
)


def hello_input(link: Link, hello: Hello, answer: asyncio.Future[int], *, now_ms: int) -> HelloInput:
    """Return what an agent's hello at `now_ms` is to the engine."""
    return HelloInput(
        agent_id=link.agent_id,
        epoch=hello.epoch,
        next_seq=hello.next_seq,
        levels=hello.levels,
        reason=f"agent {hello.version} from {link.address}",
        answer=answer,
        epoch_reason=hello.epoch_reason,
        lost_from_ms=hello.lost_from_ms,
        acked_seq=hello.acked_seq,
        clock=ClockReading(hello.clock_ms - now_ms, now_ms),
        beats=max(SUPPORTED_PROTOCOLS & set(hello.protocols)) >= HEARTBEAT_PROTOCOL,
    )


def levels_input(link: Link, levels: Levels, *, now_ms: int) -> LevelsInput:
    """Return what an agent's levels, received at `now_ms`, are to the engine."""
    return LevelsInput(link.agent_id, levels, ClockReading(levels.ts_ms - now_ms, now_ms))
