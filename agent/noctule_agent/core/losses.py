"""What was measured and never kept, added up until the hub can be told of it as one gap per reason."""

from dataclasses import dataclass, field

from noctule_shared.observations import Gap


@dataclass(slots=True)
class Losses:
    """Rows and events that were dropped before they had a seq, by reason."""

    _gaps: dict[str, Gap] = field(default_factory=dict)

    def add(self, reason: str, rows: int, *, from_ms: int, to_ms: int) -> None:
        """Count `rows` that were measured between `from_ms` and `to_ms` (epoch milliseconds)."""
        known = self._gaps.get(reason)
        if known is None:
            # Seq 0 is no frame's: the gap is beside the frames, and moves no cursor.
            self._gaps[reason] = Gap(0, 0, from_ms, to_ms, rows, reason)
        else:
            self._gaps[reason] = Gap(
                0, 0, min(known.from_ms, from_ms), max(known.to_ms, to_ms), (known.samples or 0) + rows, reason
            )

    def take(self) -> list[Gap]:
        """Return what was lost, and forget it."""
        gaps = list(self._gaps.values())
        self._gaps.clear()
        return gaps
