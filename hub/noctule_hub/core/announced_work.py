"""Maintenance as the public status page announces it: when, and of which components. A window's name stays inside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from noctule_hub.core.maintenance import DAY_MS, MaintenanceWindow, Span, occurrences
from noctule_hub.core.records import Device

AHEAD_MS: Final = 14 * DAY_MS
MAX_ANNOUNCED: Final = 20


@dataclass(frozen=True, slots=True)
class Announced:
    """Components, by their ids, that are under maintenance in a span."""

    span: Span
    component_ids: tuple[int, ...]


def announced(
    windows: Iterable[MaintenanceWindow],
    members: Mapping[int, tuple[int, ...]],
    devices: Mapping[int, Device],
    now_ms: int,
) -> list[Announced]:
    """Return what runs now or begins within `AHEAD_MS`, the soonest first and at most `MAX_ANNOUNCED`.

    `members` are the devices of each component. Windows at the same time are one announcement.
    """
    by_span: dict[tuple[int, int], set[int]] = {}
    for window in windows:
        spans = occurrences(window, now_ms, now_ms + AHEAD_MS, MAX_ANNOUNCED)
        if not spans:
            continue
        held = {
            component_id
            for component_id, device_ids in members.items()
            if any(one in devices and window.covers.includes(devices[one]) for one in device_ids)
        }
        for span in spans:
            by_span.setdefault((span.starts_ms, span.ends_ms), set()).update(held)
    chosen = [(span, held) for span, held in sorted(by_span.items()) if held]
    return [
        Announced(Span(*span), tuple(one for one in members if one in held)) for span, held in chosen[:MAX_ANNOUNCED]
    ]
