import pytest
from noctule_hub.core.log_classes import LogClass, class_of, classes_heard, classes_in
from noctule_hub.core.rooms import RoomKind, rooms_of_event
from noctule_shared.events import EVENT_CLASSES, EventClass, EventName

EVENTS, LOGS = LogClass.EVENTS, LogClass.LOGS


def test_network_logs_alone_are_logs() -> None:
    logged = [name for name in EventName if EVENT_CLASSES[name] is EventClass.EVENT]
    data = {"deviceId": 7, "siteId": 4, "customerId": 9}
    assert [name for name in logged if class_of(name, rooms_of_event(name, data)) is LOGS] == [EventName.NETWORK_LOG]


def test_network_log_that_was_sent_elsewhere_is_kept_as_an_event() -> None:
    assert class_of(EventName.NETWORK_LOG, ("logs", "device:7")) is LOGS
    assert class_of(EventName.NETWORK_LOG, ("logs", "site:4")) is EVENTS
    assert class_of(EventName.NETWORK_LOG, ("user:3",)) is EVENTS


@pytest.mark.parametrize(
    ("room", "classes"),
    [
        ("devices", {EVENTS}),
        ("device:7", {EVENTS, LOGS}),
        ("logs", {LOGS}),
        ("site:4", {EVENTS}),
        ("nowhere", {EVENTS}),
    ],
)
def test_room_hears_these_classes(room: str, classes: set[LogClass]) -> None:
    assert classes_in(room) == classes


def test_no_other_room_hears_network_logs() -> None:
    hearing = {kind for kind in RoomKind for room in (kind.value, f"{kind.value}:1") if LOGS in classes_in(room)}
    assert hearing == {RoomKind.LOGS, RoomKind.DEVICE}
    assert classes_heard([]) == frozenset()
    assert classes_heard(["logs", "devices"]) == {EVENTS, LOGS}
