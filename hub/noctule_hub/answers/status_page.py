"""The status page as HTTP answers show it: to admins what it is made of, to the public what it says."""

import msgspec
from noctule_shared.events import ComponentState


class ComponentView(msgspec.Struct, frozen=True, rename="camel"):
    """A component and what it stands for."""

    id: int
    label: str
    device_ids: list[int]
    site_ids: list[int]
    tags: list[str]


class StatusPageView(msgspec.Struct, frozen=True, rename="camel"):
    """The status page with its components from top to bottom."""

    title: str
    message: str
    published: bool
    components: list[ComponentView]
    revision: int


class PublicComponent(msgspec.Struct, frozen=True, rename="camel"):
    """A component as anybody sees it. `since` null: nothing is known of it yet.

    `days`: a letter for each of the last 90 days, the oldest first, today last: `+` worked, `d` degraded, `x` out, `m`
    under maintenance, `?` unknown; empty when it cannot be told. `availability` of those days, null: nothing is known.
    """

    id: int
    label: str
    state: ComponentState
    since: str | None
    availability: float | None
    days: str


class PublicDisturbance(msgspec.Struct, frozen=True, rename={"from_": "from", "component_id": "componentId"}):
    """A component was in trouble, `state` being the worst of it. `to` null: it still is."""

    component_id: int
    state: ComponentState
    from_: str
    to: str | None


class PublicWork(msgspec.Struct, frozen=True, rename="camel"):
    """Components that are under maintenance from `starts_at` on and before `ends_at`."""

    component_ids: list[int]
    starts_at: str
    ends_at: str


class PublicStatus(msgspec.Struct, frozen=True, rename="camel"):
    """What the status page says; `state` is the worst of its components'.

    `disturbances` of the last 90 days, the newest first; `maintenance` that runs now or begins within 14 days.
    """

    title: str
    message: str
    state: ComponentState
    components: list[PublicComponent]
    disturbances: list[PublicDisturbance]
    maintenance: list[PublicWork]
