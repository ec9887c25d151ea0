"""The public status page: its components, and what each is, from the states of the devices that it stands for.

Nothing of a device itself is told here. Who sees the page, and how it looks, is left to the API.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from noctule_shared.events import ComponentState, DeviceStatus

from noctule_hub.core.maintenance import Covers
from noctule_hub.core.records import Device, DeviceState

MAX_COMPONENTS: Final = 100
_DOWN: Final = frozenset({DeviceStatus.OFFLINE, DeviceStatus.UNREACHABLE})
# The worst first.
_RANK: Final = (
    ComponentState.OUTAGE,
    ComponentState.DEGRADED,
    ComponentState.UNKNOWN,
    ComponentState.MAINTENANCE,
    ComponentState.OPERATIONAL,
)


@dataclass(frozen=True, slots=True)
class NewComponent:
    """A component as it shall be. `id` None: it is new."""

    id: int | None
    label: str
    covers: Covers


@dataclass(frozen=True, slots=True)
class Component:
    """A line of the status page: what the public knows as `label` stands for devices, whole sites and tags."""

    id: int
    label: str
    covers: Covers = field(default_factory=Covers)


@dataclass(frozen=True, slots=True)
class NewStatusPage:
    """The status page as it shall be."""

    title: str
    message: str
    published: bool
    components: tuple[NewComponent, ...]


@dataclass(frozen=True, slots=True)
class StatusPage:
    """The status page with its components from top to bottom. `message` is a note of the NOC, empty for none."""

    title: str = "Network status"
    message: str = ""
    published: bool = False
    components: tuple[Component, ...] = ()
    revision: int = 1


@dataclass(frozen=True, slots=True)
class ComponentNow:
    """A component as the public sees it. `since_ms` None: nothing is known of it yet."""

    id: int
    label: str
    state: ComponentState
    since_ms: int | None


def component_state(statuses: Counter[DeviceStatus]) -> ComponentState:
    """Return what a component is whose devices have these statuses, each counted.

    Unknown is never shown as working: one device of which nothing is known makes the whole unknown, unless another
    is known to be in trouble.
    """
    known = statuses.total() - statuses[DeviceStatus.UNKNOWN]
    down = sum(statuses[status] for status in _DOWN)
    if not known:
        return ComponentState.UNKNOWN
    if down == known:
        return ComponentState.OUTAGE
    if down or statuses[DeviceStatus.DEGRADED]:
        return ComponentState.DEGRADED
    if statuses[DeviceStatus.UNKNOWN]:
        return ComponentState.UNKNOWN
    return ComponentState.MAINTENANCE if statuses[DeviceStatus.MAINTENANCE] else ComponentState.OPERATIONAL


def overall(states: Iterable[ComponentState]) -> ComponentState:
    """Return the state of the whole page: the worst of its components', unknown for none."""
    present = set(states)
    return next((state for state in _RANK if state in present), ComponentState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Board:
    """The published components with the devices that they stand for now; empty when the page is not published."""

    page: StatusPage = field(default_factory=StatusPage)
    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    of_device: Mapping[int, tuple[Component, ...]] = field(default_factory=dict)

    def counted(self, component_id: int, status_of: Callable[[int], DeviceStatus]) -> Counter[DeviceStatus]:
        """Return how many of a component's devices have each status."""
        return Counter(status_of(device_id) for device_id in self.members.get(component_id, ()))

    def now(self, state_of: Callable[[int], DeviceState | None]) -> list[ComponentNow]:
        """Return all components in the page's order, by the states of devices as `state_of` tells them."""
        shown = []
        for component in self.page.components if self.page.published else ():
            states = {device_id: state_of(device_id) for device_id in self.members.get(component.id, ())}
            statuses = Counter(DeviceStatus.UNKNOWN if row is None else row.status for row in states.values())
            state = component_state(statuses)
            rows = [row for row in states.values() if row is not None]
            shown.append(ComponentNow(component.id, component.label, state, _since_ms(state, rows)))
        return shown


def board(page: StatusPage, devices: Iterable[Device]) -> Board:
    """Return a page's board over the devices that there are."""
    if not page.published:
        return Board(page)
    known = sorted(devices, key=lambda device: device.id)
    members = {
        component.id: tuple(row.id for row in known if component.covers.includes(row)) for component in page.components
    }
    of_device: dict[int, tuple[Component, ...]] = {}
    for component in page.components:
        for device_id in members[component.id]:
            of_device[device_id] = (*of_device.get(device_id, ()), component)
    return Board(page, members, of_device)


def _since_ms(state: ComponentState, rows: Sequence[DeviceState]) -> int | None:
    """Return since when a component is what it is, as far as the present states of its devices tell.

    It works, or is out, since the last of its devices is; other states last since the first device that makes them so.
    """
    match state:
        case ComponentState.OPERATIONAL:
            return max((row.since_ms for row in rows), default=None)
        case ComponentState.OUTAGE:
            return max((row.since_ms for row in rows if row.status in _DOWN), default=None)
        case ComponentState.DEGRADED:
            made = _DOWN | {DeviceStatus.DEGRADED}
        case ComponentState.MAINTENANCE:
            made = frozenset({DeviceStatus.MAINTENANCE})
        case ComponentState.UNKNOWN:
            made = frozenset({DeviceStatus.UNKNOWN})
    return min((row.since_ms for row in rows if row.status in made), default=None)
