"""What each audience sees of an event: a pure allow-list. A field that is not listed as shown is not shown.

Who belongs to which audience, and who may be in a room at all, is left to `rooms`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from noctule_shared.events import EventName

from noctule_hub.core.rooms import Audience

# Of a customer's services in one alert's title.
MAX_LABELS: Final = 3


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
        "resolvedAt acknowledgedBy acknowledgedAt acknowledgedUntil note reason inhibitedBy silencedBy trouble "
        "assignee incident",
        "services",
    ),
    Audience.CUSTOMER: _view(
        "timestamp test id title severity state deviceId interfaceId startedAt resolvedAt services",
        "rule deviceName siteId agentId acknowledgedBy acknowledgedAt acknowledgedUntil note reason inhibitedBy "
        "silencedBy trouble assignee incident",
    ),
}
_ITEMS: Final = _view("timestamp items more test")

# An audience that is missing sees nothing of the event. A customer may have one port of a switch that others have
# too: names, reasons and free text of the NOC may name others, so it sees its own service in their place. `services`
# holds whose services an event is about: of each customer's part, see `project`; viewers of staff see no customers.
VIEWS: Final[Mapping[EventName, Mapping[Audience, View]]] = {
    EventName.DEVICE_STATUS: {
        Audience.STAFF: _view(
            "timestamp test deviceId deviceName siteId status previous reason underlying detail components",
            "services",
        ),
        Audience.CUSTOMER: _view(
            "timestamp test deviceId status previous underlying services components",
            "deviceName siteId reason detail",
        ),
        Audience.PUBLIC: _view(
            "timestamp test components",
            "deviceId deviceName siteId status previous reason underlying detail services",
        ),
    },
    EventName.INTERFACE_STATUS: {
        Audience.STAFF: _view(
            "timestamp test deviceId deviceName interfaceId interfaceName ifAdminStatus ifOperStatus previous "
            "previousAdminStatus reason",
            "services",
        ),
        Audience.CUSTOMER: _view(
            "timestamp test deviceId interfaceId ifAdminStatus ifOperStatus previous previousAdminStatus services",
            "deviceName interfaceName reason",
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
        Audience.STAFF: _view("timestamp test customerId state change suspensionReason serviceId"),
        Audience.CUSTOMER: _view("timestamp test customerId state change suspensionReason serviceId"),
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


_ALERTS: Final = frozenset({EventName.ALERT_NEW, EventName.ALERT_UPDATE})


def project(
    event_name: EventName, data: Mapping[str, Any], audience: Audience, customer_ids: Collection[int] = ()
) -> dict[str, Any] | None:
    """Return what `audience` sees of an event's payload, None when it sees nothing of such events.

    Of `services` those of `customer_ids` are left; a customer's alert is called after them.
    """
    view = VIEWS.get(event_name, {}).get(audience)
    if view is None:
        return None
    seen = {key: value for key, value in data.items() if key in view.shown}
    if "services" in view.shown:
        own = own_services(data, customer_ids)
        seen.pop("services", None)
        if own:
            seen["services"] = own
        if event_name in _ALERTS:
            seen["title"] = customer_title([str(service.get("label")) for service in own], data.get("trouble"))
    item_view = ITEM_VIEWS.get(event_name, {}).get(audience)
    if item_view is not None and "items" in seen:
        items = seen["items"] if isinstance(seen["items"], list) else []
        seen["items"] = [
            {key: value for key, value in item.items() if key in item_view.shown}
            for item in items
            if isinstance(item, Mapping)
        ]
    return seen


def own_services(data: Mapping[str, Any], customer_ids: Collection[int]) -> list[dict[str, Any]]:
    """Return the services in a payload that are of these customers."""
    services = data.get("services")
    if not isinstance(services, list):
        return []
    return [dict(one) for one in services if isinstance(one, Mapping) and one.get("customerId") in customer_ids]


def customer_title(labels: Sequence[str], trouble: object) -> str:
    """Return what an alert is called for a customer: its services' labels and what is the matter with them."""
    named = ", ".join(labels[:MAX_LABELS]) or "Your service"
    more = f" and {len(labels) - MAX_LABELS} more" if len(labels) > MAX_LABELS else ""
    return f"{named}{more} {trouble if isinstance(trouble, str) else 'has an alert'}"
