"""What a rule would have done with what was measured: when it would have fired, on what, and for how long.

Works on columns: at each time a condition holds, does not, or nobody knows. How these are found is left to the kinds of
history: statuses and events here, measurements in `levels`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from noctule_shared.axes import IfStatus
from noctule_shared.events import AgentLinkStatus, DeviceStatus, EventName

from noctule_hub.core.alerting.conditions import (
    AgentSilent,
    ConditionKind,
    DeviceDegraded,
    DeviceOffline,
    DeviceUnreachable,
    InterfaceDown,
)
from noctule_hub.core.availability import StatusSpan
from noctule_hub.core.records import EventRow
from noctule_hub.core.series import Ints

Signs = npt.NDArray[np.int8]
# What `Signs` say of a condition.
HOLDS: Final = 1
OVER: Final = 0
UNKNOWN: Final = -1

_UP: Final = frozenset({DeviceStatus.ONLINE, DeviceStatus.DEGRADED})
# By condition: the statuses in which it holds, and those in which it is over; in all others nobody knows.
_STATUSES: Final[Mapping[ConditionKind, tuple[frozenset[DeviceStatus], frozenset[DeviceStatus]]]] = {
    DeviceOffline: (frozenset({DeviceStatus.OFFLINE}), _UP),
    DeviceUnreachable: (frozenset({DeviceStatus.UNREACHABLE}), _UP | {DeviceStatus.OFFLINE}),
    DeviceDegraded: (
        frozenset({DeviceStatus.DEGRADED}),
        frozenset({DeviceStatus.ONLINE, DeviceStatus.OFFLINE, DeviceStatus.UNREACHABLE}),
    ),
}
STATUS_KINDS: Final[frozenset[ConditionKind]] = frozenset(_STATUSES)
# By condition: the events of the log that tell of it.
EVENT_KINDS: Final[dict[ConditionKind, EventName]] = {
    InterfaceDown: EventName.INTERFACE_STATUS,
    AgentSilent: EventName.AGENT_STATUS,
}


@dataclass(frozen=True, slots=True)
class Track:
    """At `at_ms`, in order, the condition is as `signs` says, and stays so until the next."""

    at_ms: Ints
    signs: Signs


@dataclass(frozen=True, slots=True)
class Occasion:
    """A time for which an alert would have fired; `ended_ms` None: it still would."""

    started_ms: int
    fired_ms: int
    ended_ms: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """What occasions come to: how many, how long they fired together and the longest, when the last began."""

    times: int
    seconds: float
    longest_s: float
    last_ms: int


def track_of(moments: Iterable[tuple[int, int]]) -> Track:
    """Return a track of times with signs, which are sorted by time; of one time the last counts."""
    latest = dict(sorted(moments, key=lambda moment: moment[0]))
    return Track(np.fromiter(latest, np.int64, len(latest)), np.fromiter(latest.values(), np.int8, len(latest)))


def of_statuses(kind: ConditionKind, history: Sequence[StatusSpan]) -> Track:
    """Return the track of a condition about a device's status."""
    met, over = _STATUSES[kind]
    return track_of(
        (span.from_ms, HOLDS if span.status in met else OVER if span.status in over else UNKNOWN) for span in history
    )


def of_events(rows: Iterable[EventRow]) -> dict[int, Track]:
    """Return the tracks of interface-down by interface and of agent-silent by agent, from their events."""
    moments: dict[int, list[tuple[int, int]]] = {}
    for row in rows:
        data = row.data
        if row.name is EventName.AGENT_STATUS:
            sign = HOLDS if data.get("status") == AgentLinkStatus.SILENT else OVER
            moments.setdefault(int(data["agentId"]), []).append((row.observed_ms, sign))
            continue
        up = data.get("ifOperStatus") == IfStatus.UP or data.get("ifAdminStatus") != IfStatus.UP
        # Only a port that was seen up has fallen: see `inventory`.
        sign = OVER if up else HOLDS if data.get("previous") == IfStatus.UP else UNKNOWN
        moments.setdefault(int(data["interfaceId"]), []).append((row.observed_ms, sign))
    return {object_id: track_of(found) for object_id, found in moments.items()}


def occasions(track: Track, *, for_ms: int, until_ms: int) -> list[Occasion]:
    """Return when an alert whose condition must hold for `for_ms` would have fired, up to `until_ms`.

    Where nobody knows, it stays as it was, as alerts do; so does the time since it was met.
    """
    known = track.signs != UNKNOWN
    at_ms, holds = track.at_ms[known], track.signs[known] == HOLDS
    edges = np.diff(np.concatenate(([False], holds)).astype(np.int8))
    starts, ends = at_ms[edges == 1], at_ms[edges == -1]
    found = []
    for number, started_ms in enumerate(starts.tolist()):
        ended_ms = int(ends[number]) if number < len(ends) else None
        if (until_ms if ended_ms is None else ended_ms) - started_ms >= for_ms:
            found.append(Occasion(started_ms, started_ms + for_ms, ended_ms))
    return found


def tally(found: Sequence[Occasion], *, until_ms: int) -> Tally | None:
    """Return what occasions come to, None for none."""
    if not found:
        return None
    seconds = [((until_ms if one.ended_ms is None else one.ended_ms) - one.fired_ms) / 1000 for one in found]
    return Tally(len(found), sum(seconds), max(seconds), found[-1].fired_ms)
