"""Incidents as HTTP answers show them."""

import msgspec
from noctule_shared.events import AlertEvent, DeviceStatus


class IncidentView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What fell together, called by its probable root cause, of which the alert `root_alert_id` tells.

    `alerts` counts all that were ever part of it, `unreachable` the devices that could not be reached because of it.
    `ended_at` null: something of it still fires. `merged_into` is the incident that took it over, null: none did.
    """

    id: int
    title: str
    root_alert_id: int
    site_id: int | None
    started_at: str
    ended_at: str | None
    alerts: int
    unreachable: int
    merged_into: int | None


class UnreachableView(msgspec.Struct, frozen=True, rename="camel"):
    """A device that could not be reached because of an incident, as it is now; null: it was removed meanwhile."""

    device_id: int
    device_name: str | None
    status: DeviceStatus | None


class IncidentDetailView(IncidentView, frozen=True, rename="camel", kw_only=True):
    """An incident with its alerts, that of the root cause first, else by id, and the devices by id; 1,000 of each."""

    members: list[AlertEvent]
    devices: list[UnreachableView]
