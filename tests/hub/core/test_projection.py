import msgspec
import pytest
from noctule_hub.core.projection import ITEM_VIEWS, VIEWS, customer_title, project
from noctule_hub.core.rooms import Audience
from noctule_shared.events import (
    EVENT_CLASSES,
    AgentStatusEvent,
    AlertEvent,
    CustomerUpdateEvent,
    DeviceStatusEvent,
    EventClass,
    EventName,
    InterfaceStatusEvent,
    NetworkLogEvent,
    PaymentUpdateEvent,
)
from noctule_shared.updates import BandwidthItem, BandwidthUpdate, LatencyItem, LatencyUpdate, StatsUpdate

PAYLOADS: dict[EventName, type[msgspec.Struct]] = {
    EventName.DEVICE_STATUS: DeviceStatusEvent,
    EventName.INTERFACE_STATUS: InterfaceStatusEvent,
    EventName.ALERT_NEW: AlertEvent,
    EventName.ALERT_UPDATE: AlertEvent,
    EventName.NETWORK_LOG: NetworkLogEvent,
    EventName.PAYMENT_UPDATE: PaymentUpdateEvent,
    EventName.CUSTOMER_UPDATE: CustomerUpdateEvent,
    EventName.AGENT_STATUS: AgentStatusEvent,
    EventName.LATENCY_UPDATE: LatencyUpdate,
    EventName.BANDWIDTH_UPDATE: BandwidthUpdate,
    EventName.STATS_UPDATE: StatsUpdate,
}
ITEMS: dict[EventName, type[msgspec.Struct]] = {
    EventName.LATENCY_UPDATE: LatencyItem,
    EventName.BANDWIDTH_UPDATE: BandwidthItem,
}


def keys(struct: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(struct)}


def test_every_event_and_measurement_is_decided_upon() -> None:
    assert set(VIEWS) == set(PAYLOADS)
    assert set(PAYLOADS) == {name for name, kind in EVENT_CLASSES.items() if kind is not EventClass.CONTROL}
    assert set(ITEM_VIEWS) == set(ITEMS)


@pytest.mark.parametrize(
    ("name", "audience"), [(name, audience) for name, views in VIEWS.items() for audience in views]
)
def test_each_payload_field_is_shown_or_hidden_on_purpose(name: EventName, audience: Audience) -> None:
    view = VIEWS[name][audience]
    assert not view.shown & view.hidden
    # Measurement structs have no `test` of their own; a test of them carries it all the same.
    assert view.shown | view.hidden == keys(PAYLOADS[name]) | {"test"}


@pytest.mark.parametrize(
    ("name", "audience"), [(name, audience) for name, views in ITEM_VIEWS.items() for audience in views]
)
def test_each_item_field_is_shown_or_hidden_on_purpose(name: EventName, audience: Audience) -> None:
    view = ITEM_VIEWS[name][audience]
    assert not view.shown & view.hidden
    assert view.shown | view.hidden == keys(ITEMS[name])


def test_staff_sees_every_field_but_whose_services_an_event_is_about() -> None:
    # Viewers belong to staff and learn nothing of customers.
    assert {field for name in VIEWS for field in VIEWS[name][Audience.STAFF].hidden} == {"services"}


@pytest.mark.parametrize(
    ("audience", "events"),
    [
        (Audience.PUBLIC, {EventName.DEVICE_STATUS, EventName.STATS_UPDATE}),
        (Audience.CUSTOMER, set(VIEWS) - {EventName.NETWORK_LOG, EventName.AGENT_STATUS}),
    ],
)
def test_audience_sees_no_other_events_at_all(audience: Audience, events: set[EventName]) -> None:
    assert {name for name in VIEWS if project(name, {"timestamp": "t"}, audience) is not None} == events


def test_unknown_field_is_shown_to_nobody() -> None:
    for audience in Audience:
        seen = project(EventName.DEVICE_STATUS, {"deviceId": 1, "community": "secret"}, audience)
        # The public is told of components of the status page, never of devices.
        assert seen == ({} if audience is Audience.PUBLIC else {"deviceId": 1})


def test_customer_learns_neither_site_nor_words_of_the_noc() -> None:
    payload = {"deviceId": 1, "siteId": 4, "detail": "its parent core-1 is offline", "status": "unreachable"}
    assert project(EventName.DEVICE_STATUS, payload, Audience.CUSTOMER) == {"deviceId": 1, "status": "unreachable"}


def test_items_are_projected_one_by_one_and_what_is_no_item_is_dropped() -> None:
    payload = {"timestamp": "t", "more": False, "items": [{"deviceId": 1, "inBps": None, "secret": 1}, "text"]}
    assert project(EventName.BANDWIDTH_UPDATE, payload, Audience.STAFF) == {
        "timestamp": "t",
        "more": False,
        "items": [{"deviceId": 1, "inBps": None}],
    }
    assert project(EventName.BANDWIDTH_UPDATE, payload, Audience.PUBLIC) is None


def test_projection_leaves_the_row_as_it_was() -> None:
    payload = {"items": [{"deviceId": 1, "secret": 1}], "extra": 1}
    project(EventName.LATENCY_UPDATE, payload, Audience.STAFF)
    assert payload == {"items": [{"deviceId": 1, "secret": 1}], "extra": 1}


SERVICES = [
    {"customerId": 4, "serviceId": 1, "label": "fibre"},
    {"customerId": 5, "serviceId": 2, "label": "other's"},
    {"customerId": 4, "serviceId": 3, "label": "radio"},
]


def test_customer_sees_its_own_services_in_place_of_names() -> None:
    payload = {"deviceId": 1, "deviceName": "sw1", "status": "offline", "reason": "agent a1 says", "services": SERVICES}
    seen = project(EventName.DEVICE_STATUS, payload, Audience.CUSTOMER, {4})
    assert seen == {"deviceId": 1, "status": "offline", "services": [SERVICES[0], SERVICES[2]]}
    assert project(EventName.DEVICE_STATUS, payload, Audience.CUSTOMER) == {"deviceId": 1, "status": "offline"}
    for audience in (Audience.STAFF, Audience.PUBLIC):
        assert "services" not in (project(EventName.DEVICE_STATUS, payload, audience, {4}) or {})


def test_customers_alert_is_called_after_its_services() -> None:
    payload = {"id": 7, "title": "sw1 is offline", "note": "for bruno", "trouble": "is down", "services": SERVICES}
    seen = project(EventName.ALERT_NEW, payload, Audience.CUSTOMER, {5})
    assert seen == {"id": 7, "title": "other's is down", "services": [SERVICES[1]]}
    nameless = project(EventName.ALERT_NEW, payload | {"trouble": None}, Audience.CUSTOMER, ())
    assert nameless == {"id": 7, "title": "Your service has an alert"}


def test_title_of_many_services_stays_short() -> None:
    assert customer_title(["a", "b", "c", "d", "e"], "is down") == "a, b, c and 2 more is down"
