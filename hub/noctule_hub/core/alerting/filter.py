"""Which alerts somebody wants to read; who may see them is left to the API."""

from dataclasses import dataclass
from typing import Final

from noctule_shared.events import Severity

SEVERITIES: Final = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """None: any. `open_only`: the pending and the firing, else those that are over too, but for those that never fired.

    `severity`: of that and above; `assignee`: the user to whom it is assigned.
    """

    open_only: bool = False
    severity: Severity | None = None
    site_id: int | None = None
    device_id: int | None = None
    rule: str | None = None
    acknowledged: bool | None = None
    assignee: int | None = None


def at_least(severity: Severity) -> tuple[Severity, ...]:
    """Return that severity and those above it."""
    return SEVERITIES[SEVERITIES.index(severity) :]
