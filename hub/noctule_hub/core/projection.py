"""What each audience sees of an event: a pure allow-list. A field that is not listed as shown is not shown.

Who belongs to which audience, and who may be in a room at all, is left to `rooms`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from noctule_shared.events import EventName

from noctule_hub.core.rooms import Audience


@dataclass(frozen=True, slots=True)
class View:
    """The payload keys of one event that one audience sees, and those that are kept from it on purpose.

    `hidden` decides nothing; it is here so that a new field of a payload must be put on one of the two lists.
    """

    shown: frozenset[str]
    hidden: frozenset[str] = frozenset()


def _view(shown: str, hidden: str = "") -> View:
    return View(frozenset(shown.split()), frozenset(hidden.split()))


_ALERT: Final[Mapping[Audience, View]] = {
    Audience.STAFF: _view(
        "timestamp test id rule title severity state deviceId deviceName interfaceId siteId agentId startedAt "
        "resolvedAt acknowledgedBy note reason"
    ),
    Audience.CUSTOMER: _view(
        "timestamp test id title severity state deviceId deviceName interfaceId startedAt resolvedAt reason",
        "rule siteId agentId acknowledgedBy note",
    ),
}
_ITEMS: Final = _view("timestamp items more test")

# An audience that is missing sees nothing of the event. `detail` and `note` are free text of the NOC and may name
# other customers' devices; a site is never a customer's, because switches are shared.
VIEWS: Final[Mapping[EventName, Mapping[Audience, View]]] = {
    EventName.DEVICE_STATUS: {
        Audience.STAFF: _view(
            "timestamp test deviceId deviceName siteId status previous reason underlying detail components"
        ),
        Audience.CUSTOMER: _view(
            "timestamp test deviceId deviceName status previous reason underlying", "siteId detail components"
        ),
        Audience.PUBLIC: _view(
            "timestamp test components", "deviceId deviceName siteId status previous reason underlying detail"
        ),
    },
    EventName.INTERFACE_STATUS: {
        Audience.STAFF: _view(
            "timestamp test deviceId deviceName interfaceId interfaceName ifAdminStatus ifOperStatus previous "
            "previousAdminStatus reason"
        ),
        Audience.CUSTOMER: _view(
            "timestamp test deviceId deviceName interfaceId interfaceName ifAdminStatus ifOperStatus previous "
            "previousAdminStatus reason"
        ),
    },
    EventName.ALERT_NEW: _ALERT,
    EventName.ALERT_UPDATE: _ALERT,
    EventName.NETWORK_LOG: {
        Audience.STAFF: _view(
            "timestamp test deviceId deviceName interfaceId address severity severityName facility source message "
            "change"
        ),
    },
    EventName.PAYMENT_UPDATE: {
        Audience.STAFF: _view("timestamp test paymentId customerId status amount currency"),
        Audience.CUSTOMER: _view("timestamp test paymentId customerId status amount currency"),
    },
    EventName.CUSTOMER_UPDATE: {
        Audience.STAFF: _view("timestamp test customerId state change"),
        Audience.CUSTOMER: _view("timestamp test customerId state change"),
    },
    EventName.AGENT_STATUS: {Audience.STAFF: _view("timestamp test agentId agentName status backlog reason")},
    EventName.LATENCY_UPDATE: {Audience.STAFF: _ITEMS, Audience.CUSTOMER: _ITEMS},
    EventName.BANDWIDTH_UPDATE: {Audience.STAFF: _ITEMS, Audience.CUSTOMER: _ITEMS},
    EventName.STATS_UPDATE: {
        Audience.STAFF: _view("timestamp test devices alerts agents clients inBps outBps payments"),
        Audience.CUSTOMER: _view("timestamp test devices alerts inBps outBps", "agents clients payments"),
        Audience.PUBLIC: _view("timestamp test devices alerts inBps outBps", "agents clients payments"),
    },
}

_BANDWIDTH_ITEM: Final = _view("deviceId interfaceId inBps outBps inUtilRatio outUtilRatio quality timestamp")
_LATENCY_ITEM: Final = _view("deviceId rttS lossRatio mdevS source timestamp")

# The keys of one element of `items`, by event and audience.
ITEM_VIEWS: Final[Mapping[EventName, Mapping[Audience, View]]] = {
    EventName.LATENCY_UPDATE: {Audience.STAFF: _LATENCY_ITEM, Audience.CUSTOMER: _LATENCY_ITEM},
    EventName.BANDWIDTH_UPDATE: {Audience.STAFF: _BANDWIDTH_ITEM, Audience.CUSTOMER: _BANDWIDTH_ITEM},
}


def project(event_name: EventName, data: Mapping[str, Any], audience: Audience) -> dict[str, Any] | None:
    """Return what `audience` sees of an event's payload, None when it sees nothing of such events."""
    view = VIEWS.get(event_name, {}).get(audience)
    if view is None:
        return None
    seen = {key: value for key, value in data.items() if key in view.shown}
    item_view = ITEM_VIEWS.get(event_name, {}).get(audience)
    if item_view is not None and "items" in seen:
        items = seen["items"] if isinstance(seen["items"], list) else []
        seen["items"] = [
            {key: value for key, value in item.items() if key in item_view.shown}
            for item in items
            if isinstance(item, Mapping)
        ]
    return seen
