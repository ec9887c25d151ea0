"""What the engine takes: everything that may change the hub's present, one type each, in the order of arrival."""

import asyncio
from dataclasses import dataclass

from noctule_shared.frames import BadFrame, FrameBody
from noctule_shared.link import Levels


@dataclass(frozen=True, slots=True)
class FrameInput:
    """A frame as received, decoded or found unreadable."""

    agent_id: int
    epoch: str
    seq: int
    raw: bytes
    body: FrameBody | BadFrame


@dataclass(frozen=True, slots=True)
class HelloInput:
    """An agent's hello; `answer` gets the seq from which the hub wants frames."""

    agent_id: int
    epoch: str
    next_seq: int
    levels: Levels
    reason: str
    answer: asyncio.Future[int]


@dataclass(frozen=True, slots=True)
class LevelsInput:
    """An agent's periodic snapshot of present levels."""

    agent_id: int
    levels: Levels


@dataclass(frozen=True, slots=True)
class LinkLostInput:
    """An agent's link is down."""

    agent_id: int


@dataclass(frozen=True, slots=True)
class FencedInput:
    """The older of two links of one agent was cut."""

    agent_id: int


@dataclass(frozen=True, slots=True)
class RevokedInput:
    """An agent was revoked; `done` is set once that is committed."""

    agent_id: int
    done: asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class ReconfiguredInput:
    """Sites, devices or agents were changed in the store; `done` is set once the engine works by them."""

    done: asyncio.Future[None]


Input = FrameInput | HelloInput | LevelsInput | LinkLostInput | FencedInput | RevokedInput | ReconfiguredInput
