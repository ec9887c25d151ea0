"""How many unacknowledged frames an agent may have on the way: what paces a backlog without holding up the others.

An agent gets its grant anew with each group commit, so the grant is a rate: 16 frames each 200 ms.
"""

from typing import Final

# 16 frames of at most 256 kB for an agent that only sends what it measures now.
LIVE_FRAMES: Final = 16
# What all agents with a backlog have on the way together; each has at least one frame.
BACKLOG_FRAMES: Final = 64


def grant(*, drains: bool, draining: int, paused: bool) -> int:
    """Return the credit of an agent; `draining` is how many agents have a backlog, 0 pauses it."""
    if paused:
        return 0
    return max(1, min(LIVE_FRAMES, BACKLOG_FRAMES // max(1, draining))) if drains else LIVE_FRAMES
