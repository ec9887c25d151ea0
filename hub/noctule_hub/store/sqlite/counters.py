"""What the writer of hub.db counts, for `/metrics`."""

from dataclasses import dataclass, field

from noctule_hub.core.histogram import Histogram


@dataclass(slots=True)
class WriterCounters:
    """What the writer did since the start; read by /metrics."""

    commits: int = 0
    jobs: int = 0
    failed_jobs: int = 0
    failed_commits: int = 0
    checkpoints: int = 0
    failed_hooks: int = 0
    durations: Histogram = field(default_factory=Histogram)
