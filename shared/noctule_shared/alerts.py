"""What alerts name beside devices: who is to take care of them, and the incident they are part of."""

import msgspec


class Assignee(msgspec.Struct, frozen=True, rename="camel"):
    """The user who is to take care of an alert, with the name of that moment."""

    user_id: int
    name: str


class IncidentRef(msgspec.Struct, frozen=True, rename="camel"):
    """What fell together, named by its probable root cause, as it was when the alert was told.

    `root_alert_id` is the alert of the root cause, 0 where it is not told. `alerts` counts those that were ever in it,
    `unreachable` the devices that could not be reached because of it.
    """

    id: int
    title: str
    root_alert_id: int = 0
    alerts: int = 0
    unreachable: int = 0
