"""Silences: alerts that match ring nobody for a time, while they stay in all lists.

When a silence begins or ends, what follows for the alerts that are open is left to `findings`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec
from noctule_shared.events import Severity
from noctule_shared.silences import SilenceRef

from noctule_hub.core.alerting.filter import at_least
from noctule_hub.core.alerting.selectors import EVERYTHING, Selector, Target
from noctule_hub.core.records import Alert

# Each that holds is held against every open alert when one begins or ends: 1 us a pair.
MAX_SILENCES: Final = 200
MAX_SILENCE_MS: Final = 90 * 86_400_000
_FOREVER_MS: Final = 2**62


class Matchers(msgspec.Struct, frozen=True, rename="camel"):
    """Which alerts a silence is about: those that every member that is not empty, or not None, fits.

    `rules` are names of rules; of `severity` and above, None: of any.
    """

    rules: tuple[str, ...] = ()
    severity: Severity | None = None
    selector: Selector = EVERYTHING

    def is_empty(self) -> bool:
        """Return whether they would match every alert."""
        return not self.rules and self.severity is None and self.selector.is_empty()


@dataclass(frozen=True, slots=True)
class NewSilence:
    """A silence as it shall be: from `starts_ms` on and before `ends_ms`, at most 90 days."""

    matchers: Matchers
    comment: str
    starts_ms: int
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence; see `NewSilence`. `created_by` is the name of who made it."""

    id: int
    matchers: Matchers
    comment: str
    starts_ms: int
    ends_ms: int
    created_by: str
    created_ms: int
    revision: int = 1

    @property
    def ref(self) -> SilenceRef:
        """How alerts name it."""
        return SilenceRef(self.id, self.comment)

    def holds_at(self, at_ms: int) -> bool:
        """Return whether it holds at that moment."""
        return self.starts_ms <= at_ms < self.ends_ms

    def matches(self, alert: Alert, target: Target) -> bool:
        """Return whether it is about an alert, which is about `target`."""
        wanted = self.matchers
        return (
            (not wanted.rules or alert.rule in wanted.rules)
            and (wanted.severity is None or alert.severity in at_least(wanted.severity))
            and wanted.selector.matches(target)
        )


@dataclass(frozen=True, slots=True)
class Quiet:
    """The silences that hold, by id; valid from `from_ms` on and before `until_ms`."""

    silences: tuple[Silence, ...] = ()
    from_ms: int = 0
    until_ms: int = 0

    def holds_at(self, at_ms: int) -> bool:
        """Return whether this tells of that moment."""
        return self.from_ms <= at_ms < self.until_ms

    def of(self, alert: Alert, target: Target) -> SilenceRef | None:
        """Return the silence of an alert, that with the lowest id of several; None: it is not silenced."""
        return next((one.ref for one in self.silences if one.matches(alert, target)), None)


def quiet_at(silences: Iterable[Silence], at_ms: int) -> Quiet:
    """Return the silences that hold at that moment, and until when that stays so."""
    ordered = sorted(silences, key=lambda silence: silence.id)
    edges = [edge for one in ordered for edge in (one.starts_ms, one.ends_ms) if edge > at_ms]
    return Quiet(tuple(one for one in ordered if one.holds_at(at_ms)), at_ms, min(edges, default=_FOREVER_MS))
