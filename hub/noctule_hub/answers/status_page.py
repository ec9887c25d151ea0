"""The status page as HTTP answers show it: to admins what it is made of, to the public what it says."""

import msgspec
from noctule_shared.events import ComponentState


class ComponentView(msgspec.Struct, frozen=True, rename="camel"):
    """A component and what it stands for."""

    id: int
    label: str
    device_ids: list[int]
    site_ids: list[int]


class StatusPageView(msgspec.Struct, frozen=True, rename="camel"):
    """The status page with its components from top to bottom."""

    title: str
    message: str
    published: bool
    components: list[ComponentView]
    revision: int


class PublicComponent(msgspec.Struct, frozen=True, rename="camel"):
    """A component as anybody sees it. `since` null: nothing is known of it yet."""

    id: int
    label: str
    state: ComponentState
    since: str | None


class PublicStatus(msgspec.Struct, frozen=True, rename="camel"):
    """What the status page says; `state` is the worst of its components'."""

    title: str
    message: str
    state: ComponentState
    components: list[PublicComponent]
