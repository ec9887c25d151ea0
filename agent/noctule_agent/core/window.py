"""The sending side of the agent link as a state machine: what may be sent next, and what an answer means.

No I/O and no clock: the uplink reads frames from the outbox, sends them and reports here.
"""

from collections import deque
from dataclasses import dataclass

from noctule_agent.errors import LinkLost


@dataclass(frozen=True, slots=True)
class InFlight:
    """A frame on its way; `seq_to` is above `seq` only for a gap frame, which stands for several."""

    seq: int
    seq_to: int


class SendWindow:
    """Frames go out in order, at most `credit` of them unacknowledged; acks are cumulative.

    A frame is never skipped: whatever is lost or refused is sent again from the seq that the hub names.
    """

    def __init__(self, *, expected_seq: int, credit_frames: int) -> None:
        self.next_seq = expected_seq
        self.acked_seq = expected_seq - 1
        self.credit_frames = credit_frames
        # Counts rewinds, so that a batch read from the outbox before one is not sent after it.
        self.generation = 0
        self._in_flight: deque[InFlight] = deque()
        self._rewound_to: int | None = None
        self._stale_nacks = 0

    @property
    def in_flight(self) -> int:
        """How many frames are sent and not acknowledged."""
        return len(self._in_flight)

    @property
    def room(self) -> int:
        """How many frames may be sent now."""
        return max(0, self.credit_frames - len(self._in_flight))

    def sent(self, seq: int, seq_to: int) -> None:
        """Note that frame `seq` was handed to the link. Raises ValueError when it was not its turn."""
        if seq != self.next_seq:
            raise ValueError(f"frame {seq} sent, {self.next_seq} was next")
        self._in_flight.append(InFlight(seq, seq_to))
        self.next_seq = seq_to + 1

    def on_ack(self, seq: int) -> int | None:
        """Take a cumulative ack; return the seq up to which all is delivered, None when that is nothing new.

        Raises `LinkLost` when the hub acknowledges what was never sent: both sides must start over.
        """
        if seq >= self.next_seq:
            raise LinkLost(f"the hub acknowledged frame {seq}, the last one sent is {self.next_seq - 1}")
        if seq <= self.acked_seq:
            return None
        self._stale_nacks = 0
        self.acked_seq = seq
        while self._in_flight and self._in_flight[0].seq <= seq:
            # An ack inside a gap frame means the whole of it: the frame is one unit.
            self.acked_seq = max(self.acked_seq, self._in_flight.popleft().seq_to)
        return self.acked_seq

    def on_nack(self, expected: int) -> bool:
        """Take the seq with which the hub goes on; return whether the window was rewound to it.

        Each frame that was on its way behind a lost one is refused with the same `expected`; only the first
        of these refusals rewinds. Raises `LinkLost` when `expected` was never sent, or is acknowledged already.
        """
        if not self.acked_seq < expected <= self.next_seq:
            raise LinkLost(f"the hub expects frame {expected}, this link is at {self.acked_seq + 1}..{self.next_seq}")
        if self._stale_nacks and expected == self._rewound_to:
            self._stale_nacks -= 1
            return False
        if expected == self.next_seq:
            return False
        behind = sum(frame.seq > expected for frame in self._in_flight)
        self._in_flight = deque(frame for frame in self._in_flight if frame.seq_to < expected)
        self._rewound_to = expected
        self._stale_nacks = max(0, behind - 1)
        self.next_seq = expected
        self.generation += 1
        return True

    def on_credit(self, frames: int) -> None:
        """Take how many frames may be on their way from now on; 0 pauses."""
        self.credit_frames = max(0, frames)
