"""Behind which devices the rows of an import stand: named, at the hub or among the rows, and in which order written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import Final

from msgspec import UNSET
from noctule_shared.errors import Refused, invalid

from noctule_hub.api.import_rows import DeviceIndex, ImportRow, Step, refused

SHOWN_CHARS: Final = 40


@dataclass(slots=True)
class _Named:
    """What a name may mean: positions of rows by site and name and by name alone, casefolded; sites and devices."""

    sites: Mapping[str, int]
    index: DeviceIndex
    in_site: dict[tuple[str, str], int] = field(default_factory=dict)
    anywhere: dict[str, list[int]] = field(default_factory=dict)


def set_parents(rows: Sequence[ImportRow], steps: list[Step], sites: Mapping[str, int], index: DeviceIndex) -> None:
    """Let each step know its parents. A name means a row or device of the same site before one elsewhere.

    A step whose parent is not found, or could be several, becomes refused; one that is refused already, by that too.
    """
    named = _Named(sites, index)
    for position, row in enumerate(rows):
        name = row.name.strip().casefold()
        named.in_site[row.site.strip().casefold(), name] = position
        named.anywhere.setdefault(name, []).append(position)
    for position, row in enumerate(rows):
        step = steps[position]
        if row.parents is UNSET or (step.checked is None and not step.refusals):
            continue
        try:
            found = [_parent(text, row, steps, named) for text in row.parents]
        except Refused as refusal:
            steps[position] = refused(*step.refusals, refusal, device=step.device)
            continue
        if step.checked is None:
            continue
        ids = {device_id for device_id, _ in found if device_id is not None}
        step.behind = tuple(sorted({other for _, other in found if other is not None}))
        step.checked = replace(step.checked, device=replace(step.checked.device, parents=tuple(sorted(ids))))


def order(steps: list[Step]) -> list[int]:
    """Return the positions of the rows to be written, those first behind which others stand.

    Rows that stand behind each other in a circle become refused.
    """
    while True:
        written = {position for position, step in enumerate(steps) if step.checked is not None}
        graph = {position: written.intersection(steps[position].behind) for position in sorted(written)}
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            for position in set(error.args[1]):
                refusal = invalid("parents", "this row stands behind itself, by way of other rows")
                steps[position] = refused(refusal, device=steps[position].device)


def _parent(text: str, row: ImportRow, steps: Sequence[Step], named: _Named) -> tuple[int | None, int | None]:
    """Return a parent's id, None while it has none, and its row's position, None when it is not to be written."""
    site, name = row.site.strip().casefold(), text.strip().casefold()
    own = named.in_site.get((site, name))
    site_id = named.sites.get(site)
    here = None if site_id is None else named.index.by_name.get((site_id, name))
    if own is None and here is not None:
        return here.id, None
    positions = [own] if own is not None else named.anywhere.get(name, [])
    # A device at the hub that is also a row counts once.
    ids = {step.device.id for step in (steps[position] for position in positions) if step.device is not None}
    devices = [] if own is not None else [one for one in named.index.everywhere.get(name, []) if one.id not in ids]
    if len(positions) + len(devices) > 1:
        raise invalid("parents", f"{text[:SHOWN_CHARS]!r} is the name of several devices, none of them at {row.site}")
    if devices:
        return devices[0].id, None
    if not positions:
        raise invalid("parents", f"there is no device {text[:SHOWN_CHARS]!r}, neither at the hub nor in this import")
    step = steps[positions[0]]
    return (
        step.device.id if step.device is not None else None,
        positions[0] if step.device is None or step.checked is not None else None,
    )
