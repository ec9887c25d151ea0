"""A device's last hours as a bar of equal steps, one letter each: what a step shows of the statuses in it."""

from collections.abc import Mapping, Sequence
from typing import Final

from noctule_shared.events import DeviceStatus

from noctule_hub.core.availability import StatusSpan

LETTERS: Final[Mapping[DeviceStatus, str]] = {
    DeviceStatus.ONLINE: "+",
    DeviceStatus.DEGRADED: "d",
    DeviceStatus.OFFLINE: "x",
    DeviceStatus.UNREACHABLE: "u",
    DeviceStatus.MAINTENANCE: "m",
    DeviceStatus.UNKNOWN: "?",
}
# A fault is seen however short it was, the worst first; what is none shows by how long it lasted.
_FAULTS: Final = (DeviceStatus.OFFLINE, DeviceStatus.UNREACHABLE, DeviceStatus.DEGRADED)


def status_bar(history: Sequence[StatusSpan], *, from_ms: int, step_ms: int, steps: int) -> str:
    """Return `steps` letters of `LETTERS`, the first of the step that begins at `from_ms`.

    `history` is by time without overlap, as `availability.spans` returns it. A step shows the worst fault in it, else
    what lasted longest; one of which nothing is known is unknown.
    """
    lasted: list[dict[DeviceStatus, int]] = [{} for _ in range(steps)]
    for span in history:
        first = max(0, (span.from_ms - from_ms) // step_ms)
        last = min(steps - 1, (span.to_ms - 1 - from_ms) // step_ms)
        for step in range(first, last + 1):
            begins_ms = from_ms + step * step_ms
            within_ms = min(span.to_ms, begins_ms + step_ms) - max(span.from_ms, begins_ms)
            lasted[step][span.status] = lasted[step].get(span.status, 0) + within_ms
    return "".join(LETTERS[_shown(found)] for found in lasted)


def _shown(lasted: Mapping[DeviceStatus, int]) -> DeviceStatus:
    for fault in _FAULTS:
        if fault in lasted:
            return fault
    return max(lasted, key=lambda status: lasted[status], default=DeviceStatus.UNKNOWN)
