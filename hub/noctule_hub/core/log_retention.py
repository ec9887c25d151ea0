"""How long the log's rows are kept, and how many are deleted at a time; deleting is left to the store."""

from dataclasses import dataclass
from typing import Final

DAY_MS: Final = 86_400_000
# hub.db holds the newest network logs for replay; the files beside it hold all.
REPLAYABLE_LOGS: Final = 50_000
# Past this, network logs that could not be copied are given up: they must not fill the disk of what matters more.
MAX_UNCOPIED_LOGS: Final = 1_000_000
# A deletion shares the writer with commits, which must not wait for it. A row takes 0.8 us where nothing else runs.
STEP_GOAL_S: Final = 0.02
MIN_STEP_ROWS: Final = 100
MAX_STEP_ROWS: Final = 5_000


@dataclass(frozen=True, slots=True)
class LogLimits:
    """What is kept of each class: events by days and rows, network logs by days and bytes on the disk."""

    event_days: int = 30
    event_rows: int = 5_000_000
    log_days: int = 7
    log_bytes: int = 2_000_000_000


def next_step(rows: int, took_s: float) -> int:
    """Return how many rows to delete next, when `rows` took so long."""
    fitting = int(rows * STEP_GOAL_S / max(took_s, 1e-6))
    return max(MIN_STEP_ROWS, min(MAX_STEP_ROWS, fitting, rows * 2))
