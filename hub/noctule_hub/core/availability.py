"""A device's statuses over time, and how available it was: what counts as known, up and down is decided here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from noctule_shared.events import DeviceStatus

UP: Final = frozenset({DeviceStatus.ONLINE, DeviceStatus.DEGRADED})
# Who is behind a fallen parent cannot be reached either, whatever the cause.
DOWN: Final = frozenset({DeviceStatus.OFFLINE, DeviceStatus.UNREACHABLE})
BEFORE_HISTORY: Final = "nothing is known of that time"


@dataclass(frozen=True, slots=True)
class StatusChange:
    """From `at_ms`, when it was observed, a device has `status`; `late`: it became known long afterwards."""

    at_ms: int
    status: DeviceStatus
    reason: str
    underlying: DeviceStatus | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class StatusSpan:
    """A device had `status` in `[from_ms, to_ms)`, for the reason that it began with."""

    from_ms: int
    to_ms: int
    status: DeviceStatus
    reason: str
    underlying: DeviceStatus | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Availability:
    """Seconds by status and what they come to.

    `ratio` is up / (up + down): time that is unknown or under maintenance is no part of it. None: nothing else was.
    `outages` are the spans without interruption in which the device was down, each with its first reason.
    """

    seconds: Mapping[DeviceStatus, float]
    ratio: float | None
    outages: Sequence[StatusSpan]


def spans(changes: Sequence[StatusChange], *, from_ms: int, to_ms: int) -> list[StatusSpan]:
    """Return the statuses of `[from_ms, to_ms)` without hole or overlap, from changes in the order of observation.

    Equal statuses one after the other are one span. Before the first change nothing is known.
    """
    found: list[StatusSpan] = []
    if from_ms >= to_ms:
        return found
    if not changes or changes[0].at_ms > from_ms:
        changes = [StatusChange(from_ms, DeviceStatus.UNKNOWN, BEFORE_HISTORY), *changes]
    ends = [change.at_ms for change in changes[1:]] + [to_ms]
    for change, end_ms in zip(changes, ends, strict=True):
        start_ms, end_ms = max(from_ms, change.at_ms), min(to_ms, end_ms)  # noqa: PLW2901  cut to the range
        if start_ms >= end_ms:
            continue
        last = found[-1] if found else None
        if last is not None and (last.status, last.underlying) == (change.status, change.underlying):
            found[-1] = replace(last, to_ms=end_ms)
        else:
            found.append(StatusSpan(start_ms, end_ms, change.status, change.reason, change.underlying, change.late))
    return found


def availability(history: Sequence[StatusSpan]) -> Availability:
    """Return what a device's spans come to."""
    milliseconds = dict.fromkeys(DeviceStatus, 0)
    outages: list[StatusSpan] = []
    for span in history:
        milliseconds[span.status] += span.to_ms - span.from_ms
        if span.status not in DOWN:
            continue
        if outages and outages[-1].to_ms == span.from_ms:
            outages[-1] = replace(outages[-1], to_ms=span.to_ms)
        else:
            outages.append(span)
    up, down = (sum(milliseconds[status] for status in statuses) for statuses in (UP, DOWN))
    return Availability(
        seconds={status: value / 1000 for status, value in milliseconds.items()},
        ratio=up / (up + down) if up + down else None,
        outages=outages,
    )
